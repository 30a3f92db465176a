use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use super::parse_object;

fn parsed(text: &[u8]) -> Option<Value> {
    parse_object(text).ok().map(Value::Object)
}

#[test]
fn refused() {
    let texts: &[&[u8]] = &[
        b"",
        b" ",
        b"null",
        b"1",
        b"\"a\"",
        b"[]",
        b"[{}]",
        b"{",
        b"}",
        b"{}{}",
        b"{} x",
        b"{},",
        b"\xef\xbb\xbf{}",
        b"\x0b{}",
        b"\x0c{}",
        b"\xc2\xa0{}",
        b"/**/{}",
        b"{}//",
        b"{\"a\":1 /* */}",
        b"{,}",
        b"{\"a\":1,,}",
        b"{\"a\":[,]}",
        b"{\"a\":[1,,]}",
        b"{\"a\":[1 2]}",
        b"{\"a\":1 \"b\":2}",
        b"{\"a\"}",
        b"{\"a\":}",
        b"{\"a\" 1}",
        b"{\"a\":1,\"a\":1}",
        b"{\"a\":1,'a':2}",
        b"{a:1,\"\\u0061\":2}",
        b"{\"x\":{\"b\":1,\"b\":1}}",
        b"{\"x\":[{\"b\":1,\"b\":1}]}",
        b"{true:1}",
        b"{false:1}",
        b"{null:1}",
        b"{$n:1}",
        b"{1n:1}",
        b"{n-x:1}",
        b"{a.b:1}",
        b"{\xc3\xa9:1}",
        b"{\"a\":NaN}",
        b"{\"a\":Infinity}",
        b"{\"a\":-Infinity}",
        b"{\"a\":TRUE}",
        b"{\"a\":True}",
        b"{\"a\":truex}",
        b"{\"a\":nul}",
        b"{\"a\":x}",
        b"{\"a\":01}",
        b"{\"a\":-01}",
        b"{\"a\":00}",
        b"{\"a\":+1}",
        b"{\"a\":.5}",
        b"{\"a\":-.5}",
        b"{\"a\":1.}",
        b"{\"a\":1.e5}",
        b"{\"a\":-}",
        b"{\"a\":--1}",
        b"{\"a\":1e}",
        b"{\"a\":1e+}",
        b"{\"a\":1e+-5}",
        b"{\"a\":1e5.0}",
        b"{\"a\":0x10}",
        b"{\"a\":1e400}",
        b"{\"a\":-1e400}",
        b"{\"a\":1_000}",
        b"{\"a\":\"\\x41\"}",
        b"{\"a\":\"\\0\"}",
        b"{\"a\":\"\\\n\"}",
        b"{\"a\":\"\\u12\"}",
        b"{\"a\":\"\\u12g4\"}",
        b"{\"a\":\"\\u+123\"}",
        b"{\"a\":\"\\ud800\"}",
        b"{\"a\":\"\\ud800x\"}",
        b"{\"a\":\"\\ud800\\u0041\"}",
        b"{\"a\":\"\\ud800\\ud800\"}",
        b"{\"a\":\"\\udc00\"}",
        b"{\"a\":\"\\udc00\\ud800\"}",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\xc3\"}",
        b"{\"a\":\"\xc3\\u0041\"}",
        b"{\"a\":\"\xc0\x80\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\"a\":\"x}",
        b"{\"a\":\"x'}",
        b"{\"a\":'x\"}",
        b"{\"a\":\"\\",
        b"{\"a\":\"\\u",
    ];
    let accepted: Vec<_> =
        texts.iter().filter(|text| parsed(text).is_some()).map(|text| text.escape_ascii().to_string()).collect();
    assert!(accepted.is_empty(), "accepted: {accepted:#?}");
}

#[test]
fn accepted() {
    let cases: &[(&[u8], Value)] = &[
        (b"{}", json!({})),
        (b" \t\r\n{ }\n", json!({})),
        (b"{'iss':'https://a.example',}", json!({"iss": "https://a.example"})),
        (b"{iss:\"x\",_a1:[1,],B:{}}", json!({"iss": "x", "_a1": [1.0], "B": {}})),
        (b"{trues:1,nul:2,nullx:3}", json!({"trues": 1.0, "nul": 2.0, "nullx": 3.0})),
        (b"{\"\":1}", json!({"": 1.0})),
        (b"{\"a\":'say \"hi\"',b:\"it's\"}", json!({"a": "say \"hi\"", "b": "it's"})),
        (b"{a:\"\\'\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", json!({"a": "'\"\\/\u{8}\u{c}\n\r\t"})),
        (b"{a:\"x\ny\x00\x1f\x7f\"}", json!({"a": "x\ny\0\u{1f}\u{7f}"})),
        (b"{a:\"\\u00e9\\U00E9\\ud83d\\ude00\\u0000\"}", json!({"a": "éé😀\0"})),
        (b"{a:\"\\ud83d \\ude00\"}", json!({"a": "😀"})),
        ("{a:\"é😀\"}".as_bytes(), json!({"a": "é😀"})),
        (b"{a:[true,false,null]}", json!({"a": [true, false, null]})),
        (b"{a:[0,-0,1,-1.5,1e3,1E+2,2.5e-1,1e-400]}", json!({"a": [0.0, -0.0, 1.0, -1.5, 1000.0, 100.0, 0.25, 0.0]})),
        (b"{a:9007199254740993}", json!({"a": 9_007_199_254_740_992.0})),
        (b"{a : { b : [ [ ] , { } ] } }", json!({"a": {"b": [[], {}]}})),
    ];
    for (text, expected) in cases {
        assert_eq!(parsed(text).as_ref(), Some(expected), "{}", text.escape_ascii());
    }
}

#[test]
fn a_hundred_levels_and_no_more() {
    let nested = |inner: usize| format!("{{\"a\":{}{}}}", "[".repeat(inner), "]".repeat(inner));
    assert!(parsed(nested(99).as_bytes()).is_some());
    assert!(parsed(nested(100).as_bytes()).is_none());
    let objects = |levels: usize| format!("{}{}", "{a:".repeat(levels - 1) + "{", "}".repeat(levels));
    assert!(parsed(objects(100).as_bytes()).is_some());
    assert!(parsed(objects(101).as_bytes()).is_none());
    let side_by_side = format!("{{a:[{}]}}", "[[]],".repeat(200));
    assert!(parsed(side_by_side.as_bytes()).is_some());
    assert!(parsed("[".repeat(1_000_000).as_bytes()).is_none());
}

#[test]
fn an_error_says_where() {
    assert_eq!(parse_object(b"{a:1}x").unwrap_err().offset, 5);
    assert_eq!(parse_object(b"{\"a\":tru}").unwrap_err().to_string(), "not a JSON object as Envoy reads it, at byte 5");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_object(&bytes);
    }

    #[test]
    fn texts_of_json_characters_are_read_without_panic(text in r#"\{[\{\}\[\]:,"'\\ua-f0-9dDe+. _tn\n-]{0,80}\}?"#) {
        let _ = parse_object(text.as_bytes());
    }

    /// What a strict reader accepts, this one accepts too and understands the same, apart from numbers beyond doubles.
    #[test]
    fn strict_json_is_a_subset(names in proptest::collection::btree_map(".*", ".*", 0..5), number in any::<i32>()) {
        let value = json!({"names": names, "number": f64::from(number), "list": [null, true, {"x": []}]});
        prop_assert_eq!(parsed(value.to_string().as_bytes()), Some(value));
    }
}
