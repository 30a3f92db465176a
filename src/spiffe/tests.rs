//! The grammar as a table: each text, the rule it breaks, and what istiod's parser makes of it.

use crate::spiffe::IstioIdentity;
use crate::spiffe::SpiffeId;
use crate::spiffe::SpiffeRule;
use crate::spiffe::SpiffeRule::*;
use crate::spiffe::TrustDomain;

type Parts = Option<(&'static str, &'static str, &'static str)>;

/// Text, broken rule with the byte it is broken at, and the parts istiod reads.
#[expect(clippy::type_complexity, reason = "a row of the table below")]
const TABLE: &[(&str, Option<(SpiffeRule, usize)>, Parts)] = &[
    ("", Some((Empty, 0)), None),
    ("spiffe://", Some((TrustDomainMissing, 9)), None),
    ("spiffe:///a", Some((TrustDomainMissing, 9)), None),
    ("spiffe:///", Some((TrustDomainMissing, 9)), None),
    ("spiffe://example.org/", Some((TrailingSlash, 20)), None),
    ("spiffe://example.org/a/", Some((TrailingSlash, 22)), None),
    ("spiffe://example.org//", Some((EmptySegment, 21)), None),
    ("spiffe://example.org//a", Some((EmptySegment, 21)), None),
    ("spiffe://example.org/a//b", Some((EmptySegment, 23)), None),
    ("spiffe://example.org/./a", Some((DotSegment, 21)), None),
    ("spiffe://example.org/a/..", Some((DotSegment, 23)), None),
    ("spiffe://example.org/../a b", Some((DotSegment, 21)), None),
    ("spiffe://example.org/a b/..", Some((SegmentCharacter, 22)), None),
    ("SPIFFE://example.org/a", Some((Scheme, 0)), None),
    ("Spiffe://example.org/a", Some((Scheme, 0)), None),
    ("spiffe:/example.org/a", Some((Scheme, 0)), None),
    ("spiffe:example.org", Some((Scheme, 0)), None),
    ("https://example.org/a", Some((Scheme, 0)), None),
    ("example.org", Some((Scheme, 0)), None),
    (" spiffe://td/a", Some((Scheme, 0)), None),
    ("spiffe://Example.org/a", Some((TrustDomainCharacter, 9)), None),
    ("spiffe://example.org:443/a", Some((TrustDomainCharacter, 20)), None),
    ("spiffe://u@example.org/a", Some((TrustDomainCharacter, 10)), None),
    ("spiffe://[::1]/a", Some((TrustDomainCharacter, 9)), None),
    ("spiffe://ex%61mple.org/a", Some((TrustDomainCharacter, 11)), None),
    ("spiffe://ex\u{e4}mple.org/a", Some((TrustDomainCharacter, 11)), None),
    ("spiffe://example.org\\a", Some((TrustDomainCharacter, 20)), None),
    ("spiffe://example.org?x", Some((TrustDomainCharacter, 20)), None),
    ("spiffe://example.org\n", Some((TrustDomainCharacter, 20)), None),
    ("spiffe://example.org/a?b=c", Some((SegmentCharacter, 22)), None),
    ("spiffe://example.org/a#f", Some((SegmentCharacter, 22)), None),
    ("spiffe://example.org/%41", Some((SegmentCharacter, 21)), None),
    ("spiffe://example.org/\u{fc}", Some((SegmentCharacter, 21)), None),
    ("spiffe://td/a b", Some((SegmentCharacter, 13)), None),
    ("spiffe://td/~x", Some((SegmentCharacter, 12)), None),
    ("spiffe://td/a:b", Some((SegmentCharacter, 13)), None),
    ("spiffe://td/a@b", Some((SegmentCharacter, 13)), None),
    ("spiffe://td/a;b=c", Some((SegmentCharacter, 13)), None),
    ("spiffe://td/a\n", Some((SegmentCharacter, 13)), None),
    ("spiffe:///ns/a/sa/b", Some((TrustDomainMissing, 9)), Some(("", "a", "b"))),
    ("spiffe://td/ns//sa/x", Some((EmptySegment, 15)), Some(("td", "", "x"))),
    ("spiffe://td/ns/a/sa/", Some((TrailingSlash, 19)), Some(("td", "a", ""))),
    ("spiffe://Td/ns/a/sa/b", Some((TrustDomainCharacter, 9)), Some(("Td", "a", "b"))),
    ("spiffe://td/ns/a/sa/b?q", Some((SegmentCharacter, 21)), Some(("td", "a", "b?q"))),
    ("spiffe://td/ns/kube-system/sa/system:node", Some((SegmentCharacter, 36)), Some(("td", "kube-system", "system:node"))),
    ("spiffe://example.org", None, None),
    ("spiffe://example.org/a", None, None),
    ("spiffe://example.org/A", None, None),
    ("spiffe://cluster.local/ns/default/sa/bookinfo", None, Some(("cluster.local", "default", "bookinfo"))),
    ("spiffe://10.1.2.3/a", None, None),
    ("spiffe://ex_ample/a", None, None),
    ("spiffe://-/a", None, None),
    ("spiffe://a..b/a", None, None),
    ("spiffe://./a", None, None),
    ("spiffe://example.org/...", None, None),
    ("spiffe://example.org/.a", None, None),
    ("spiffe://td/ns/a/sa/b/c", None, None),
    ("spiffe://td/NS/a/SA/b", None, None),
    ("spiffe://td/A_b.c-d", None, None),
];

#[test]
fn each_text_breaks_its_rule_at_its_place_or_prints_back() {
    let mut wrong = Vec::new();
    for (text, broken, parts) in TABLE {
        let read = text.parse::<SpiffeId>();
        let found = read.as_ref().err().map(|error| (error.rule(), error.offset()));
        if found != *broken {
            wrong.push(format!("{text:?}: {found:?}, not {broken:?}"));
        }
        if read.is_ok_and(|id| id.to_string() != *text) {
            wrong.push(format!("{text:?} does not print back"));
        }
        let istio = IstioIdentity::parse(text).map(|id| (id.trust_domain, id.namespace, id.service_account));
        if istio != *parts {
            wrong.push(format!("{text:?}: istiod reads {istio:?}, not {parts:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lengths_are_limited_in_the_trust_domain_and_when_an_identity_is_made() {
    let domain = |length: usize| format!("spiffe://{}", "a".repeat(length));
    assert!(domain(255).parse::<SpiffeId>().is_ok());
    let error = domain(256).parse::<SpiffeId>().unwrap_err();
    assert_eq!((error.rule(), error.offset()), (TrustDomainLength, 9 + 255));
    assert_eq!("a".repeat(256).parse::<TrustDomain>().unwrap_err().rule(), TrustDomainLength);
    for (length, issuable) in [(2048, Ok(())), (2049, Err(Length)), (100_000, Err(Length))] {
        let text = format!("spiffe://td/{}", "a".repeat(length - 12));
        let id: SpiffeId = text.parse().unwrap_or_else(|error| panic!("{length}: {error}"));
        assert_eq!(id.require_issuable().map_err(|error| error.rule()), issuable, "{length}");
    }
    let bare: SpiffeId = "spiffe://td".parse().unwrap();
    assert_eq!(bare.require_issuable().map_err(|error| error.rule()), Err(PathMissing));
}

#[test]
fn of_all_bytes_only_the_allowed_ones_are() {
    let in_domain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    for byte in 0..128_u8 {
        let c = char::from(byte);
        let domain = format!("spiffe://x{c}y").parse::<SpiffeId>();
        assert_eq!(domain.is_ok(), in_domain(byte) || c == '/', "{c:?} in a trust domain");
        let path = format!("spiffe://td/x{c}y").parse::<SpiffeId>();
        assert_eq!(path.is_ok(), in_domain(byte) || byte.is_ascii_uppercase() || c == '/', "{c:?} in a path");
    }
}

#[test]
fn a_trust_domain_is_typed_as_a_name_or_as_an_identity() {
    for (text, wanted) in [
        ("", Err(TrustDomainMissing)),
        ("x:y", Err(TrustDomainCharacter)),
        ("x:/y", Err(Scheme)),
        ("spiffe:/td", Err(Scheme)),
        ("spiffe://", Err(TrustDomainMissing)),
        ("spiffe://td/", Err(TrailingSlash)),
        ("Td", Err(TrustDomainCharacter)),
        ("td/a", Err(TrustDomainCharacter)),
        (" td", Err(TrustDomainCharacter)),
        ("td", Ok("td")),
        ("spiffe://td", Ok("td")),
        ("spiffe://td/a", Ok("td")),
        ("a..b", Ok("a..b")),
    ] {
        let read = TrustDomain::from_argument(text);
        assert_eq!(read.as_ref().map(TrustDomain::as_str).map_err(crate::spiffe::SpiffeError::rule), wanted, "{text:?}");
    }
    assert!("spiffe://td".parse::<TrustDomain>().is_err(), "a name is a name");
    assert_eq!("td".parse::<TrustDomain>().unwrap().to_uri(), "spiffe://td");
}

#[test]
fn errors_say_what_and_where() {
    let long = format!("spiffe://td/{}?{}", "a".repeat(100), "b".repeat(100));
    for (text, says) in [
        ("", "the text is empty"),
        ("SPIFFE://td", "the scheme must be `spiffe://`, in exactly these letters, before `SPIFFE://td`"),
        ("spiffe://Td/a", "not `T` (character 10 of `spiffe://Td/a`)"),
        ("spiffe://\u{e4}\u{f6}/a", "not `\u{e4}` (character 10 of"),
        ("spiffe://td/a\n", "not `\\n` (character 14 of `spiffe://td/a\\n`)"),
        (&long, "not `?` (character 113 of `..aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb..`)"),
        ("spiffe://td/", "a path does not end in a slash (character 12 of `spiffe://td/`)"),
    ] {
        let error = text.parse::<SpiffeId>().unwrap_err().to_string();
        assert!(error.contains(says), "{text:?}: {error}");
    }
}

#[test]
fn parts_of_a_service_account_identity() {
    let id = SpiffeId::for_service_account("cluster.local", "shop", "web").unwrap();
    assert_eq!(id.to_string(), "spiffe://cluster.local/ns/shop/sa/web");
    assert_eq!(id.as_istio_principal(), "cluster.local/ns/shop/sa/web");
    assert_eq!((id.trust_domain(), id.path()), ("cluster.local", "/ns/shop/sa/web"));
    assert_eq!((id.namespace(), id.service_account_parts()), (Some("shop"), Some(("shop", "web"))));
    for (parts, rule) in [
        (("td/ns/x/sa/y", "a", "b"), TrustDomainCharacter),
        (("td", "a/sa/b", "c"), SegmentCharacter),
        (("td", "a", "b/c"), SegmentCharacter),
        (("td", "", "b"), EmptySegment),
        (("td", "a", ""), TrailingSlash),
        (("", "a", "b"), TrustDomainMissing),
    ] {
        let error = SpiffeId::for_service_account(parts.0, parts.1, parts.2).unwrap_err();
        assert_eq!(error.rule(), rule, "{parts:?}");
    }
    assert_eq!("spiffe://td/ns/a/sa/b/c".parse::<SpiffeId>().unwrap().service_account_parts(), None);
}
