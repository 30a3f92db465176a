use std::fmt::Write;

use proptest::prelude::*;

use super::*;

/// A tree with places, one value a line, and the findings.
fn outline(text: &str) -> String {
    fn write_node(node: &Node, name: &str, depth: usize, out: &mut String) {
        let Span { line, column, offset, length, .. } = node.span;
        let shown = match &node.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.text.clone(),
            Value::String(text) => format!("{text:?}"),
            Value::Sequence(_) => "[]".to_owned(),
            Value::Mapping(_) => "{}".to_owned(),
        };
        writeln!(out, "{}{name}{shown} @{line}:{column} {offset}+{length}", "  ".repeat(depth)).unwrap();
        if let Value::Sequence(items) = &node.value {
            for item in items {
                write_node(item, "- ", depth + 1, out);
            }
        }
        if let Value::Mapping(entries) = &node.value {
            for (key, value) in entries {
                write_node(value, &format!("{}@{}:{}: ", key.value, key.span.line, key.span.column), depth + 1, out);
            }
        }
    }
    let mut out = String::new();
    for parsed in documents(SourceId::default(), text) {
        for finding in &parsed.findings {
            writeln!(out, "{}", summary(finding)).unwrap();
        }
        if let Some(root) = parsed.root {
            write_node(&root, "", 0, &mut out);
        }
    }
    out
}

fn summary(finding: &Finding) -> String {
    let span = finding.primary.as_ref().map_or_else(Span::default, |label| label.span.0);
    format!("{} {}:{} {}", finding.code, span.line, span.column, finding.headline)
}

fn to_json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.value {
            NumberValue::Integer(value) => value.into(),
            NumberValue::Unsigned(value) => value.into(),
            NumberValue::Float(value) => value.into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Sequence(items) => items.iter().map(to_json).collect(),
        Value::Mapping(entries) => entries.iter().map(|(key, value)| (key.value.clone(), to_json(value))).collect(),
    }
}

/// All documents as JSON; a document that is refused is its first headline.
fn read(text: &str) -> Vec<serde_json::Value> {
    documents(SourceId::default(), text)
        .map(|parsed| match parsed.findings.first() {
            Some(finding) => summary(finding).into(),
            None => parsed.root.as_ref().map_or(serde_json::Value::Null, to_json),
        })
        .collect()
}

fn check(cases: &[(&str, &str)]) {
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|(text, expected)| {
            let found = outline(text);
            (found.trim_end() != *expected).then(|| format!("{text}\n  expected:\n{expected}\n  found:\n{found}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_value_knows_its_place() {
    check(&[
        ("a: 1", "{} @1:1 0+4\n  a@1:1: 1 @1:4 3+1"),
        (
            "b:\n  - x\n  -\n  - y1: \"é\"\n    z:\n",
            "{} @1:1 0+31\n  b@1:1: [] @2:3 5+26\n    - \"x\" @2:5 7+1\n    - null @3:4 12+0\n    - {} @4:5 17+14\n      \
             y1@4:5: \"é\" @4:9 21+4\n      z@5:5: null @5:5 30+1",
        ),
        (
            "c: {d: [1, 2], e: ~}\n",
            "{} @1:1 0+20\n  c@1:1: {} @1:4 3+17\n    d@1:5: [] @1:8 7+6\n      - 1 @1:9 8+1\n      - 2 @1:12 11+1\n    e@1:16: null @1:19 18+1",
        ),
        ("f: |\n  one\n  two\ng: x", "{} @1:1 0+21\n  f@1:1: \"one\\ntwo\\n\" @2:3 7+10\n  g@4:1: \"x\" @4:4 20+1"),
        // Columns count characters, offsets count bytes.
        ("ключ: значение # да", "{} @1:1 0+26\n  ключ@1:1: \"значение\" @1:7 10+16"),
        ("a: 'é' \nb: 2", "{} @1:1 0+13\n  a@1:1: \"é\" @1:4 3+4\n  b@2:1: 2 @2:4 12+1"),
        // Lines end with a carriage return too.
        ("a: 1\r\nb:\r\n  c: 2\r\n", "{} @1:1 0+16\n  a@1:1: 1 @1:4 3+1\n  b@2:1: {} @3:3 12+4\n    c@3:3: 2 @3:6 15+1"),
        // A byte order mark takes no column.
        ("\u{feff}a: 1\n", "{} @1:1 3+4\n  a@1:1: 1 @1:4 6+1"),
        // An alias stands at its own place, what is in it where it was written.
        (
            "g: &q\n  h: i\nj: *q\n",
            "{} @1:1 0+18\n  g@1:1: {} @2:3 8+4\n    h@2:3: \"i\" @2:6 11+1\n  j@3:1: {} @3:4 16+2\n    h@2:3: \"i\" @2:6 11+1",
        ),
        // A list stands at its first dash, indented or not.
        ("a:\n- x\n", "{} @1:1 0+6\n  a@1:1: [] @2:1 3+3\n    - \"x\" @2:3 5+1"),
        ("a:\n-\n  b: -5\n", "{} @1:1 0+12\n  a@1:1: [] @2:1 3+9\n    - {} @3:3 7+5\n      b@3:3: -5 @3:6 10+2"),
        ("- - 1\n", "[] @1:1 0+5\n  - [] @1:3 2+3\n    - 1 @1:5 4+1"),
        // Later documents keep counting.
        ("a: 1\n---\nb: 2\n", "{} @1:1 0+4\n  a@1:1: 1 @1:4 3+1\n{} @3:1 9+4\n  b@3:1: 2 @3:4 12+1"),
        ("--- {a: 1}\n", "{} @1:5 4+6\n  a@1:6: 1 @1:9 8+1"),
        // JSON, with tabs for indentation.
        ("{\n\t\"a\": [true]\n}", "{} @1:1 0+16\n  a@2:2: [] @2:7 8+6\n    - true @2:8 9+4"),
    ]);
}

#[test]
fn bad_yaml_is_reported_at_its_place_and_hides_nothing_after_it() {
    check(&[
        (
            "a: 1\n---\nb: [\n---\nc: 3\n",
            "{} @1:1 0+4\n  a@1:1: 1 @1:4 3+1\nMS001 3:4 bad YAML: unclosed bracket '['\n{} @5:1 18+4\n  c@5:1: 3 @5:4 21+1",
        ),
        ("a:\n\tb: 1\n", "MS001 2:2 bad YAML: tabs disallowed within this context (block indentation)"),
        ("a: b: c\n", "MS001 1:5 bad YAML: mapping values are not allowed in this context"),
        ("x: 1\na: \"x\n", "MS001 2:4 bad YAML: unclosed quote"),
        ("a: *x\n", "MS001 1:4 bad YAML: while parsing node, found unknown anchor"),
        ("a: &x [1, *x]\n", "MS001 1:11 an alias inside the value it stands for"),
        ("? [a]\n: 1\n", "MS001 1:3 a key must be a string"),
        ("~: 1\n", "MS001 1:1 this cannot be a key"),
        ("<<: 5\n", "MS001 1:5 `<<` takes a mapping or a list of mappings"),
        ("a: !!int x\n", "MS001 1:10 `x` does not fit its tag"),
        (
            "a: 1\n...\n# x\nb: 2\n---\nc: 3\n...\n---\nd: 4\n",
            "{} @1:1 0+4\n  a@1:1: 1 @1:4 3+1\nMS001 4:1 a document after `...` without `---`: the Kubernetes tools pass over it in \
             silence\n{} @6:1 22+4\n  c@6:1: 3 @6:4 25+1\n{} @9:1 35+4\n  d@9:1: 4 @9:4 38+1",
        ),
        ("a: 1\0b", "MS001 1:5 NUL byte at offset 4: this is no YAML text"),
        ("é: 1\n a\0", "MS001 2:3 NUL byte at offset 8: this is no YAML text"),
    ]);
}

/// Each answer is that of `sigs.k8s.io/yaml` 1.6.0, which is stricter than newer YAML here.
#[test]
fn what_the_kubernetes_tools_do_not_read_is_bad_yaml() {
    let refused = [
        ("a:\n  \tb: 1\n", "MS001 2:3 a tab in indentation"),
        ("a:\n-\tb\n", "MS001 2:2 a tab in indentation"),
        ("a:\n- b\n\t\nc: 1\n", "MS001 3:1 a tab in indentation"),
        ("a: 1\n\t# note\n", "MS001 2:1 a tab in indentation"),
        ("a: '1'\n \t# note\n", "MS001 2:2 a tab in indentation"),
        ("x:\n  a: 1\n \t# note\n", "MS001 3:2 a tab in indentation"),
        ("a:\n  \tb\n", "MS001 2:3 a tab in indentation"),
        ("a: [/x?y=1]\n", "MS001 1:5 a `?` in brackets begins a key, also within a word"),
        ("a: {b?c: 1}\n", "MS001 1:5 a `?` in brackets begins a key, also within a word"),
        ("a: {b\n c: 1}\n", "MS001 1:5 a key must stand on one line"),
        ("a: {\"b\n c\": 1}\n", "MS001 1:5 a key must stand on one line"),
    ];
    for (text, expected) in refused {
        let (_, findings) = parse(SourceId::default(), text);
        assert_eq!(findings.iter().map(summary).collect::<Vec<_>>(), [expected], "{text:?}");
    }
    for text in [
        "a:\tb\n",
        "a: b\t# note\n",
        "a: |\n  b\n  \tc\n",
        "a: 1\n \t# note\n",
        "a: 1\n \t\nb: 2\n",
        "a: [b,\tc]\n",
        "# a\tb\na: 1 # \tc\n",
        "a:\n- /x?y=1\n",
        "a: ['/x?y=1', \"b?c\"]\n",
        "a: {? b : 1}\n",
        "? |\n  a\n  b\n: 1\n",
        "{\n\t\"a\": 1\n}\n",
        "a: \"b\n\tc\"\n",
    ] {
        let (_, findings) = parse(SourceId::default(), text);
        assert!(findings.is_empty(), "{text:?}: {:?}", findings.iter().map(summary).collect::<Vec<_>>());
    }
}

#[test]
fn templates_are_recognised() {
    for text in ["a: {{ .Values.x }}\n", "{{- if .x }}\na: 1\n{{- end }}\n", "a:\n  {{- toYaml . }}\n"] {
        let (_, findings) = parse(SourceId::default(), text);
        let help = findings[0].help.as_deref();
        assert_eq!(help, Some("this is a template: render it first, for example with `helm template`"), "{text}");
    }
}

#[test]
fn every_duplicate_key_is_reported() {
    let (_, findings) = parse(SourceId::default(), "a: 1\nb:\n  c: 1\n  c: 2\na: 2\na: 3\n\"b\": 3\n");
    let found: Vec<_> = findings.iter().map(summary).collect();
    assert_eq!(
        found,
        [
            "MS002 4:3 the key `c` is written twice",
            "MS002 5:1 the key `a` is written twice",
            "MS002 6:1 the key `a` is written twice",
            "MS002 7:1 the key `b` is written twice",
        ]
    );
    assert_eq!(findings[0].secondary[0].span.0.line, 3);

    let many = (0..100).fold(String::new(), |text, index| text + &format!("k{index}: 1\n")) + "k7: 2\n";
    let (_, findings) = parse(SourceId::default(), &many);
    assert_eq!(findings.iter().map(summary).collect::<Vec<_>>(), ["MS002 101:1 the key `k7` is written twice"]);
    assert_eq!(findings[0].secondary[0].span.0.line, 8);
}

/// Each expectation is what `sigs.k8s.io/yaml` 1.6.0 makes of the text.
#[test]
fn scalars_mean_what_the_kubernetes_tools_make_of_them() {
    let cases = [
        ("y", "true"),
        ("Y", "true"),
        ("yes", "true"),
        ("ON", "true"),
        ("True", "true"),
        ("n", "false"),
        ("No", "false"),
        ("off", "false"),
        ("FALSE", "false"),
        ("yEs", "\"yEs\""),
        ("tRue", "\"tRue\""),
        ("oN", "\"oN\""),
        ("", "null"),
        ("~", "null"),
        ("Null", "null"),
        ("nUll", "\"nUll\""),
        ("017", "15"),
        ("-017", "-15"),
        ("08", "8.0"),
        ("0o17", "15"),
        ("0O17", "15"),
        ("0b11", "3"),
        ("0x1F", "31"),
        ("0X1f", "31"),
        ("-0x10", "-16"),
        ("1_000", "1000"),
        ("1__0", "10"),
        ("_1", "\"_1\""),
        ("+12", "12"),
        ("-0", "0"),
        ("0x", "\"0x\""),
        ("0b2", "\"0b2\""),
        ("--1", "\"--1\""),
        ("+-1", "\"+-1\""),
        ("0x-1", "\"0x-1\""),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("1.", "1.0"),
        ("1e3", "1000.0"),
        ("1E3", "1000.0"),
        (".5e3", "500.0"),
        ("5_.3", "5.3"),
        ("1e", "\"1e\""),
        (".e5", "\".e5\""),
        ("._5", "\"._5\""),
        ("1e999", "\"1e999\""),
        ("1.2.3", "\"1.2.3\""),
        ("2024-01-01", "\"2024-01-01\""),
        ("12:30:45", "\"12:30:45\""),
        ("1.2.3.4/32", "\"1.2.3.4/32\""),
        ("'5'", "\"5\""),
        ("\"yes\"", "\"yes\""),
        ("!!str 5", "\"5\""),
        ("! 5", "\"5\""),
        ("!mine 5", "\"5\""),
        ("!!str", "\"\""),
        ("!!int '7'", "7"),
        ("!!bool yes", "true"),
        ("!!null ''", "null"),
        ("!!binary aGVsbG8=", "\"hello\""),
        ("[fe80::, a:]", "[\"fe80::\",\"a:\"]"),
        ("[a: 1]", "[{\"a\":1}]"),
        ("{a:}", "{\"a:\":null}"),
        ("{a: }", "{\"a\":null}"),
        ("|\n  x", "\"x\\n\""),
        ("|-\n  x\n", "\"x\""),
        (">\n  x\n  y\n", "\"x y\\n\""),
    ];
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|(text, expected)| {
            let found = read(&format!("a: {text}\n")).pop().map(|document| document["a"].to_string()).unwrap_or_default();
            (found != *expected).then(|| format!("{text}: expected {expected}, found {found}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn keys_become_strings_as_in_the_kubernetes_tools() {
    let cases = [
        ("on: 2", r#"{"true":2}"#),
        ("n: 2", r#"{"false":2}"#),
        ("8080: a", r#"{"8080":"a"}"#),
        ("0x10: a", r#"{"16":"a"}"#),
        ("1.0: a", r#"{"1":"a"}"#),
        ("1000000.0: a", r#"{"1e+06":"a"}"#),
        ("0.00001: a", r#"{"1e-05":"a"}"#),
        ("1.5: a", r#"{"1.5":"a"}"#),
        ("'on': a", r#"{"on":"a"}"#),
        ("a: &k x\n*k : 1", r#"{"a":"x","x":1}"#),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text)[0].to_string(), expected, "{text}");
    }
}

#[test]
fn merge_keys_follow_the_kubernetes_tools() {
    let cases = [
        ("<<: {a: 2, b: 3}\na: 1\n", r#"{"a":1,"b":3}"#),
        // Unlike newer YAML: what comes later counts, even when it is merged in.
        ("a: 1\n<<: {a: 2, b: 3}\n", r#"{"a":2,"b":3}"#),
        ("<<: [{a: 1}, {a: 2}]\nb: 1\n", r#"{"a":1,"b":1}"#),
        ("x: &x {a: 1}\ny1: {<<: *x, c: 2}\n", r#"{"x":{"a":1},"y1":{"a":1,"c":2}}"#),
        ("'<<': {a: 1}\n", r#"{"<<":{"a":1}}"#),
    ];
    for (text, expected) in cases {
        let found: serde_json::Value = read(text).remove(0);
        assert_eq!(found, serde_json::from_str::<serde_json::Value>(expected).unwrap(), "{text}");
    }
}

#[test]
fn json_reads_as_json() {
    for text in [
        r#"{"a": "\ud83d\ude00\/\u00e9\n", "b": [1.5, true, null, -3, 1e2], "c": {"d": {}}, "e": [], "f": ""}"#,
        "{\"key with spaces\" : \"a: b # c\", \"y\": \"y\"}",
        "[\n\t1,\n\t2\n]",
        r#"{"a":{"b":{"c":["d","e"]}},"f":"-"}"#,
    ] {
        assert_eq!(read(text), [serde_json::from_str::<serde_json::Value>(text).unwrap()], "{text}");
    }
    for text in [r#"{"a": 1"#, r#"{"a": 1,, "b": 2}"#, r#"{"a" 1}"#, "[1, 2", r#"{"a": "\x"}"#, r#"["\ud83d"]"#, "[1] x"] {
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        let (_, findings) = parse(SourceId::default(), text);
        assert!(findings.iter().any(Finding::is_error), "{text}");
    }
}

/// Runs with a stack so small that recursion by depth would end it.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn depth_is_limited_without_recursion() {
    on_a_small_stack(|| {
        let deep = 10_000;
        let block: String = (0..deep).fold(String::new(), |mut text, depth| {
            writeln!(text, "{}a:", " ".repeat(depth)).unwrap();
            text
        });
        for (name, text) in [
            ("block", block),
            ("flow mappings", "{a: ".repeat(deep) + "1" + &"}".repeat(deep)),
            ("flow lists", "[".repeat(deep) + &"]".repeat(deep)),
            ("dashes", "- ".repeat(deep) + "1"),
            ("unclosed", "[".repeat(100_000)),
        ] {
            let (nodes, findings) = parse(SourceId::default(), &text);
            assert!(nodes.is_empty(), "{name}");
            assert_eq!(findings.len(), 1, "{name}");
            assert_eq!(findings[0].code, codes::LIMIT_EXCEEDED, "{name}: {}", summary(&findings[0]));
            assert_eq!(findings[0].headline, "more than 200 mappings and lists inside each other", "{name}");
        }
        let allowed = "[".repeat(limits::DEPTH) + &"]".repeat(limits::DEPTH);
        let (nodes, findings) = parse(SourceId::default(), &allowed);
        assert_eq!((nodes.len(), findings.len()), (1, 0));
    });
}

#[test]
fn alias_bombs_are_refused_and_the_next_document_is_read() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let item = format!("*a{}", level - 1);
        writeln!(bomb, "a{level}: &a{level} [{}]", vec![item; 10].join(", ")).unwrap();
    }
    let found = read(&(bomb + "---\nb: 1\n"));
    assert_eq!(found[0], "MS025 5:9 anchors and aliases make more than 200000 values");
    assert_eq!(found[1].to_string(), r#"{"b":1}"#);

    // The limit holds for a source, not for a document.
    let document = format!("a: &a [{}]\nb: [{}]\n---\n", vec!["1"; 100].join(","), vec!["*a"; 100].join(","));
    let (_, findings) = parse(SourceId::default(), &document.repeat(30));
    assert!(findings.iter().any(|finding| finding.code == codes::LIMIT_EXCEEDED));
}

#[test]
fn large_sources_are_refused() {
    let (nodes, findings) = parse(SourceId::default(), &" ".repeat(limits::SOURCE_BYTES + 1));
    assert!(nodes.is_empty());
    assert_eq!(summary(&findings[0]), "MS025 1:1 the text is 67108865 bytes long, more than the 64 MiB that are read");
}

#[test]
fn documents_without_content_are_passed_over() {
    assert!(read("").is_empty());
    assert!(read("# only a comment\n").is_empty());
    assert!(read("---\n---\n# x\n---\n...\n").is_empty());
    assert_eq!(read("---\n---\na: 1\n---\n").len(), 1);
    assert_eq!(read("%YAML 1.2\n---\na: yes\n").len(), 1);
}

#[test]
fn bytes_are_text_or_say_where_they_are_not() {
    assert_eq!(text_of("a: é".as_bytes()), Ok("a: é"));
    assert_eq!(text_of(b"ab\0c"), Err(NotText::Nul { offset: 2 }));
    assert_eq!(text_of(b"abc\xff\xfe"), Err(NotText::NotUtf8 { offset: 3 }));
    assert_eq!(text_of(b"\x7fELF\0").unwrap_err().to_string(), "not a text file: NUL byte at offset 4");
}

/// Trees that JSON can hold.
fn tree() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        prop::num::f64::NORMAL.prop_map(Into::into),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,6}",
        prop::sample::select(vec![
            "yes", "y", "null", "~", "017", "1e3", "<<", "---", "...", "a: b", "# c", "- d", "\t", "\n", "é"
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,60}") {
        let _ = parse(SourceId::default(), &text);
    }

    #[test]
    fn any_arrangement_of_yaml_signs_is_read_without_a_panic(
        signs in prop::collection::vec(
            prop::sample::select(vec![
                "a", "b: ", "- ", "\n", "\n  ", "  ", "\t", ":", "[", "]", "{", "}", ",", "&x ", "*x", "!!int ", "!y ", "|\n", ">-\n",
                "\"", "'", "#", "? ", "<<: ", "---\n", "...\n", "%YAML 1.1\n", "\r\n", "\r", "é", "\u{feff}", "\u{2028}", "1", "\0",
            ]),
            0..40,
        ),
    ) {
        let text = signs.concat();
        for parsed in documents(SourceId::default(), &text) {
            for finding in &parsed.findings {
                let span = finding.primary.as_ref().unwrap().span.0;
                prop_assert!(span.line >= 1 && span.column >= 1 && span.offset as usize <= text.len(), "{:?} in {:?}", span, text);
            }
        }
    }

    #[test]
    fn every_place_covers_what_stands_there(tree in tree(), pretty in any::<bool>(), before in "(# é\n){0,3}") {
        fn check(node: &Node, text: &str) -> Result<(), TestCaseError> {
            let Span { line, column, offset, length, .. } = node.span;
            let (offset, length) = (offset as usize, length as usize);
            let written = text.get(offset..offset + length).unwrap();
            let is_covered = match &node.value {
                Value::Null => written == "null",
                Value::Bool(value) => written == value.to_string(),
                Value::Number(number) => written == number.text,
                Value::String(value) => serde_json::from_str::<String>(written).unwrap() == *value,
                Value::Sequence(_) => written.starts_with('[') && written.ends_with(']'),
                Value::Mapping(_) => written.starts_with('{') && written.ends_with('}'),
            };
            prop_assert!(is_covered, "{:?} at {:?}", node, written);
            let above = text.get(..offset).unwrap();
            prop_assert_eq!(line as usize, above.matches('\n').count() + 1);
            prop_assert_eq!(column as usize, above.rsplit('\n').next().unwrap().chars().count() + 1);
            match &node.value {
                Value::Sequence(items) => items.iter().try_for_each(|item| check(item, text)),
                Value::Mapping(entries) => entries.iter().try_for_each(|(_, value)| check(value, text)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
            }
        }
        let json = if pretty { serde_json::to_string_pretty(&tree) } else { serde_json::to_string(&tree) }.unwrap();
        let text = before + &json;
        let (nodes, _) = parse(SourceId::default(), &text);
        nodes.iter().try_for_each(|node| check(node, &text))?;
    }

    #[test]
    fn a_tree_printed_as_json_reads_back_the_same(tree in tree(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&tree) } else { serde_json::to_string(&tree) }.unwrap();
        let found = read(&text);
        if tree.is_null() {
            prop_assert!(found.is_empty());
        } else {
            prop_assert_eq!(found, vec![tree]);
        }
    }
}
