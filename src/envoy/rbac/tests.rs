use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::diag::Spanned;
use crate::policy::CustomEngine;
use crate::policy::CustomOutcome;

fn value(pattern: Pattern) -> PolicyValue {
    PolicyValue { pattern, written: Spanned::default() }
}

fn text(written: &str) -> PolicyValue {
    value(Pattern::Text(TextPattern::parse(written)))
}

fn texts(written: &[&str]) -> Vec<PolicyValue> {
    written.iter().map(|written| text(written)).collect()
}

fn cidr(address: &str, length: u8) -> PolicyValue {
    value(Pattern::Cidr(address.parse().unwrap(), length))
}

fn test_of(attribute: Attribute, values: Vec<PolicyValue>, not_values: Vec<PolicyValue>) -> Test {
    Test { attribute, field: String::new(), values, not_values, place: Spanned::default() }
}

fn entry(tests: Vec<Test>) -> Entry {
    Entry { tests }
}

fn rule(name: &str, from: Vec<Entry>, to: Vec<Entry>) -> EngineRule {
    EngineRule { name: name.to_owned(), policy: 0, rule: 0, from, to, place: Spanned::default() }
}

fn engine(rules: Vec<EngineRule>) -> Engine {
    Engine { rules }
}

/// A claim named by its keys, as a text or in a list.
fn claim_of(keys: &[&str], one: &Value) -> Value {
    let path: Vec<Value> = ["payload"].iter().chain(keys).map(|key| json!({"key": key})).collect();
    json!({"metadata": {
        "filter": "envoy.filters.http.jwt_authn",
        "path": path,
        "value": {"orMatch": {"valueMatchers": [{"listMatch": {"oneOf": one}}, one]}},
    }})
}

fn subject_and_issuer(issuer: &Value, subject: &Value) -> Value {
    let one = |claim: &str, matcher: &Value| {
        json!({"metadata": {
            "filter": "envoy.filters.http.jwt_authn",
            "path": [{"key": "payload"}, {"key": claim}],
            "value": {"stringMatch": matcher},
        }})
    };
    json!({"andIds": {"ids": [one("iss", issuer), one("sub", subject)]}})
}

fn named(regex: &str) -> Value {
    json!({"authenticated": {"principalName": {"safeRegex": {"regex": regex}}}})
}

fn request_principal(issuer: &str, subject: &str) -> PolicyValue {
    let (issuer, subject) = (TextPattern::parse(issuer), TextPattern::parse(subject));
    value(Pattern::RequestPrincipal { issuer, subject })
}

fn check(side: Side, cases: Vec<(&str, Attribute, Vec<PolicyValue>, Value)>) {
    let mut failures = Vec::new();
    for (name, attribute, values, expected) in cases {
        let found = side.values(&attribute, &values);
        if found.as_ref() != Some(&expected) {
            failures.push(format!("{name}:\n  expected {expected}\n  found    {}", found.unwrap_or_default()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn callers_are_written_as_istiod_writes_them() {
    let or = |node: Value| json!({"orIds": {"ids": [node]}});
    let account = |namespace: &str, name: &str| {
        vec![value(Pattern::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() })]
    };
    let namespace = |glob: &str| vec![value(Pattern::NamespaceGlob(glob.to_owned()))];
    let domain = |glob: &str| vec![value(Pattern::TrustDomainGlob(glob.to_owned()))];
    let exact = |text: &str| json!({"exact": text});
    let name = |matcher: Value| json!({"authenticated": {"principalName": matcher}});
    check(
        Side::Principal,
        vec![
            ("exact principal", Attribute::Principal, texts(&["td/ns/a/sa/b"]), or(name(exact("spiffe://td/ns/a/sa/b")))),
            ("principal by prefix", Attribute::Principal, texts(&["td/*"]), or(name(json!({"prefix": "spiffe://td/"})))),
            ("principal by suffix", Attribute::Principal, texts(&["*/sa/b.c"]), or(named(r"spiffe://.*/sa/b\.c"))),
            ("any principal", Attribute::Principal, texts(&["*"]), or(named(".+"))),
            (
                "two principals",
                Attribute::Principal,
                texts(&["a", "b"]),
                json!({"orIds": {"ids": [name(exact("spiffe://a")), name(exact("spiffe://b"))]}}),
            ),
            ("namespace", Attribute::Namespace, namespace("foo"), or(named(".*/ns/foo/.*"))),
            ("namespace with stars", Attribute::Namespace, namespace("a*b.*"), or(named(r".*/ns/a.*b\..*/.*"))),
            ("any namespace", Attribute::Namespace, namespace("*"), or(named(".*/ns/.*/.*"))),
            (
                "service account",
                Attribute::ServiceAccount,
                account("n.s", "s+a"),
                or(named(r"spiffe://.+/ns/n\.s/(.+/|)sa/s\+a(/.+)?")),
            ),
            ("trust domain", Attribute::TrustDomain, domain("td"), or(name(json!({"prefix": "spiffe://td/"})))),
            ("any trust domain", Attribute::TrustDomain, domain("*"), or(name(json!({"prefix": "spiffe://"})))),
            ("trust domain by suffix", Attribute::TrustDomain, domain("*.com"), or(named(r"spiffe://[^/]*\.com/.*"))),
            ("second star is literal", Attribute::TrustDomain, domain("a*b*"), or(named(r"spiffe://a[^/]*b\*/.*"))),
            (
                "source address keeps host bits",
                Attribute::SourceIp,
                vec![cidr("10.0.0.5", 24)],
                or(json!({"directRemoteIp": {"addressPrefix": "10.0.0.5", "prefixLen": 24}})),
            ),
            (
                "remote address",
                Attribute::RemoteIp,
                vec![cidr("2001:db8::", 32)],
                or(json!({"remoteIp": {"addressPrefix": "2001:db8::", "prefixLen": 32}})),
            ),
            (
                "every address",
                Attribute::RemoteIp,
                vec![cidr("0.0.0.0", 0)],
                or(json!({"remoteIp": {"addressPrefix": "0.0.0.0", "prefixLen": 0}})),
            ),
            (
                "header",
                Attribute::Header("X-Team".to_owned()),
                texts(&["a", "*b", "c*", "*"]),
                json!({"orIds": {"ids": [
                    {"header": {"name": "X-Team", "stringMatch": {"exact": "a"}}},
                    {"header": {"name": "X-Team", "stringMatch": {"suffix": "b"}}},
                    {"header": {"name": "X-Team", "stringMatch": {"prefix": "c"}}},
                    {"header": {"name": "X-Team", "presentMatch": true}},
                ]}}),
            ),
        ],
    );
}

#[test]
fn tokens_are_read_from_metadata() {
    let exact = |text: &str| json!({"stringMatch": {"exact": text}});
    let both = json!({"orMatch": {"valueMatchers": [exact("a"), exact("b")]}});
    let any = json!({"safeRegex": {"regex": ".+"}});
    let first = subject_and_issuer(&json!({"exact": "i"}), &json!({"exact": "s"}));
    let second = subject_and_issuer(&any, &json!({"prefix": "x"}));
    check(
        Side::Principal,
        vec![
            ("one claim value", Attribute::Claim(vec!["g".to_owned()]), texts(&["a"]), claim_of(&["g"], &exact("a"))),
            ("two claim values", Attribute::Claim(vec!["g".to_owned()]), texts(&["a", "b"]), claim_of(&["g"], &both)),
            (
                "nested claim",
                Attribute::Claim(vec!["a".to_owned(), "b.c".to_owned()]),
                texts(&["*"]),
                claim_of(&["a", "b.c"], &json!({"stringMatch": any})),
            ),
            ("audiences", Attribute::Audiences, texts(&["a"]), claim_of(&["aud"], &exact("a"))),
            ("presenter", Attribute::Presenter, texts(&["*p"]), claim_of(&["azp"], &json!({"stringMatch": {"suffix": "p"}}))),
            ("one request principal", Attribute::RequestPrincipal, vec![request_principal("i", "s")], first.clone()),
            (
                "two request principals",
                Attribute::RequestPrincipal,
                vec![request_principal("i", "s"), request_principal("*", "x*")],
                json!({"orIds": {"ids": [first, second]}}),
            ),
        ],
    );
}

#[test]
fn operations_are_written_as_istiod_writes_them() {
    let or = |node: Value| json!({"orRules": {"rules": [node]}});
    let host = |matcher: Value| or(json!({"header": {"name": ":authority", "stringMatch": matcher}}));
    let path = |matcher: Value| or(json!({"urlPath": {"path": matcher}}));
    let template = |text: &str| vec![value(Pattern::Template(text.to_owned()))];
    let written_template = |text: &str| {
        or(json!({"uriTemplate": {"name": "uri-template", "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
            "pathTemplate": text,
        }}}))
    };
    let metadata = |value: Value| json!({"metadata": {"filter": "envoy.filters.a.b", "path": [{"key": "c"}], "value": value}});
    let metadata_attribute = || Attribute::Metadata("envoy.filters.a.b".to_owned(), "c".to_owned());
    let metadata_value = |in_list: bool| value(Pattern::Metadata(TextPattern::Exact("v".to_owned()), in_list));
    let exact_v = json!({"stringMatch": {"exact": "v"}});
    let list_v = json!({"listMatch": {"oneOf": exact_v}});
    check(
        Side::Permission,
        vec![
            ("host", Attribute::Host, texts(&["A.com"]), host(json!({"exact": "A.com", "ignoreCase": true}))),
            ("host by suffix", Attribute::Host, texts(&["*.com"]), host(json!({"suffix": ".com", "ignoreCase": true}))),
            ("host by prefix", Attribute::Host, texts(&["a.*"]), host(json!({"prefix": "a.", "ignoreCase": true}))),
            ("any host", Attribute::Host, texts(&["*"]), or(json!({"header": {"name": ":authority", "presentMatch": true}}))),
            (
                "method",
                Attribute::Method,
                texts(&["GET"]),
                or(json!({"header": {"name": ":method", "stringMatch": {"exact": "GET"}}})),
            ),
            ("path", Attribute::Path, texts(&["/a"]), path(json!({"exact": "/a"}))),
            ("path by prefix", Attribute::Path, texts(&["/a*"]), path(json!({"prefix": "/a"}))),
            ("leading star wins", Attribute::Path, texts(&["*a*"]), path(json!({"suffix": "a*"}))),
            ("any path", Attribute::Path, texts(&["*"]), path(json!({"safeRegex": {"regex": ".+"}}))),
            ("template", Attribute::Path, template("/a/{*}/{**}/b"), written_template("/a/*/**/b")),
            ("port zero", Attribute::DestinationPort, vec![value(Pattern::Port(0))], or(json!({"destinationPort": 0}))),
            (
                "destination address",
                Attribute::DestinationIp,
                vec![cidr("10.0.0.1", 32)],
                or(json!({"destinationIp": {"addressPrefix": "10.0.0.1", "prefixLen": 32}})),
            ),
            ("server name", Attribute::Sni, texts(&["*"]), or(json!({"requestedServerName": {"safeRegex": {"regex": ".+"}}}))),
            ("metadata", metadata_attribute(), vec![metadata_value(false)], metadata(exact_v.clone())),
            (
                "metadata in a list or not",
                metadata_attribute(),
                vec![metadata_value(true), metadata_value(false)],
                metadata(json!({"orMatch": {"valueMatchers": [list_v, exact_v]}})),
            ),
        ],
    );
}

#[test]
fn a_rule_joins_entries_by_or_and_tests_by_and() {
    let get = test_of(Attribute::Method, texts(&["GET"]), texts(&["*T"]));
    let port = test_of(Attribute::DestinationPort, Vec::new(), vec![value(Pattern::Port(80))]);
    let claims = test_of(Attribute::Claim(vec!["g".to_owned()]), Vec::new(), texts(&["a"]));
    let written = policy(&rule("r", vec![entry(vec![claims]), entry(Vec::new())], vec![entry(vec![get, port])]));
    let method = |matcher: Value| json!({"orRules": {"rules": [{"header": {"name": ":method", "stringMatch": matcher}}]}});
    let expected = json!({
        "permissions": [{"andRules": {"rules": [
            method(json!({"exact": "GET"})),
            {"notRule": method(json!({"suffix": "T"}))},
            {"notRule": {"orRules": {"rules": [{"destinationPort": 80}]}}},
        ]}}],
        "principals": [
            {"andIds": {"ids": [{"notId": claim_of(&["g"], &json!({"stringMatch": {"exact": "a"}}))}]}},
            {"andIds": {"ids": [{"any": true}]}},
        ],
    });
    assert_eq!(written, expected);
}

#[test]
fn a_policy_without_rules_is_a_rule_that_never_matches() {
    let expected = json!({
        "permissions": [{"notRule": {"any": true}}],
        "principals": [{"notId": {"any": true}}],
    });
    assert_eq!(policy(&rule("r", Vec::new(), Vec::new())), expected);
}

fn everything(name: &str) -> Engine {
    engine(vec![rule(name, vec![Entry::default()], vec![Entry::default()])])
}

fn everything_written(name: &str) -> Value {
    json!({name: {
        "permissions": [{"andRules": {"rules": [{"any": true}]}}],
        "principals": [{"andIds": {"ids": [{"any": true}]}}],
    }})
}

#[test]
fn an_engine_without_rules_is_still_there() {
    let engines = Engines { allow: Some(Engine::default()), ..Engines::default() };
    let expected = json!([{
        "name": "envoy.filters.http.rbac",
        "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
            "rules": {},
            "shadowRulesStatPrefix": "istio_dry_run_allow_",
        },
    }]);
    assert_eq!(Value::from(filters(&engines, Layer::Http)), expected);
    assert_eq!(filters(&Engines::default(), Layer::Http), Vec::<Value>::new());
}

#[test]
fn audit_deny_and_allow_follow_each_other_with_their_dry_runs() {
    let engines = Engines {
        audit: Some(everything("audit")),
        deny: Some(everything("deny")),
        allow: None,
        dry_run_deny: Some(everything("dry-deny")),
        dry_run_allow: Some(everything("dry-allow")),
        ..Engines::default()
    };
    let filter = |fields: Value| {
        let mut config =
            json!({"@type": "type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC", "statPrefix": "tcp."});
        for (name, value) in fields.as_object().unwrap() {
            config[name] = value.clone();
        }
        json!({"name": "envoy.filters.network.rbac", "typedConfig": config})
    };
    let expected = json!([
        filter(json!({
            "rules": {"action": "LOG", "policies": everything_written("audit")},
            "shadowRulesStatPrefix": "istio_dry_run_allow_",
        })),
        filter(json!({
            "rules": {"action": "DENY", "policies": everything_written("deny")},
            "shadowRules": {"action": "DENY", "policies": everything_written("dry-deny")},
            "shadowRulesStatPrefix": "istio_dry_run_deny_",
        })),
        filter(json!({
            "shadowRules": {"policies": everything_written("dry-allow")},
            "shadowRulesStatPrefix": "istio_dry_run_allow_",
        })),
    ]);
    assert_eq!(Value::from(filters(&engines, Layer::Network)), expected);
}

#[test]
fn audit_in_dry_run_has_no_prefix() {
    let engines = Engines { dry_run_audit: Some(everything("a")), ..Engines::default() };
    let expected = json!([{
        "name": "envoy.filters.http.rbac",
        "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
            "shadowRules": {"action": "LOG", "policies": everything_written("a")},
        },
    }]);
    assert_eq!(Value::from(filters(&engines, Layer::Http)), expected);
}

#[test]
fn a_provider_is_found_out_by_rules_that_do_not_decide() {
    let written = provider_matcher(&everything("a"), &Engine::default(), Layer::Http);
    let expected = json!({
        "name": "envoy.filters.http.rbac",
        "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
            "shadowRules": {"action": "DENY", "policies": everything_written("a")},
            "shadowRulesStatPrefix": "istio_ext_authz_",
        },
    });
    assert_eq!(written, expected);
    let denies = provider_matcher(&everything("a"), &everything("b"), Layer::Http);
    assert_eq!(denies["typedConfig"]["rules"], json!({"action": "DENY", "policies": everything_written("b")}));
    let broken = provider_denial(&everything("a"), Layer::Network);
    let expected = json!({
        "name": "envoy.filters.network.rbac",
        "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC",
            "rules": {"action": "DENY", "policies": everything_written("a")},
            "statPrefix": "tcp.",
        },
    });
    assert_eq!(broken, expected);
}

fn any_text_pattern() -> impl Strategy<Value = TextPattern> {
    "[*a-z./\\[\\]{}\\\\é-]{0,8}".prop_map(|text| TextPattern::parse(&text))
}

fn any_pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        any_text_pattern().prop_map(Pattern::Text),
        "\\PC{0,10}".prop_map(Pattern::Template),
        (any::<std::net::IpAddr>(), any::<u8>()).prop_map(|(address, length)| Pattern::Cidr(address, length)),
        any::<u16>().prop_map(Pattern::Port),
        "\\PC{0,10}".prop_map(Pattern::NamespaceGlob),
        ("\\PC{0,6}", "\\PC{0,6}").prop_map(|(namespace, name)| Pattern::ServiceAccount { namespace, name }),
        "\\PC{0,10}".prop_map(Pattern::TrustDomainGlob),
        (any_text_pattern(), any_text_pattern()).prop_map(|(issuer, subject)| Pattern::RequestPrincipal { issuer, subject }),
        (any_text_pattern(), any::<bool>()).prop_map(|(text, in_list)| Pattern::Metadata(text, in_list)),
    ]
}

fn any_attribute() -> impl Strategy<Value = Attribute> {
    prop_oneof![
        Just(Attribute::Principal),
        Just(Attribute::Namespace),
        Just(Attribute::ServiceAccount),
        Just(Attribute::TrustDomain),
        Just(Attribute::SourceIp),
        Just(Attribute::DestinationPort),
        Just(Attribute::Sni),
        Just(Attribute::Path),
        Just(Attribute::RequestPrincipal),
        Just(Attribute::Audiences),
        "\\PC{0,6}".prop_map(Attribute::Header),
        proptest::collection::vec("\\PC{0,4}", 0..3).prop_map(Attribute::Claim),
    ]
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let values = || proptest::collection::vec(any_pattern().prop_map(value), 0..3);
    let one = (any_attribute(), values(), values()).prop_map(|(attribute, yes, no)| test_of(attribute, yes, no));
    proptest::collection::vec(one, 0..3).prop_map(entry)
}

fn any_engine() -> impl Strategy<Value = Engine> {
    let entries = || proptest::collection::vec(any_entry(), 0..3);
    let one = ("[a-z]{1,6}", entries(), entries()).prop_map(|(name, from, to)| rule(&name, from, to));
    proptest::collection::vec(one, 0..3).prop_map(engine)
}

proptest! {
    #[test]
    fn every_engine_can_be_written(enforced in any_engine(), dry_run in any_engine(), custom in any_engine()) {
        let engines = Engines {
            custom: vec![CustomEngine {
                provider: "p".to_owned(),
                outcome: CustomOutcome::Deny(String::new()),
                engine: custom,
                dry_run: dry_run.clone(),
            }],
            deny: Some(enforced.clone()),
            dry_run_allow: Some(dry_run),
            ..Engines::default()
        };
        for layer in [Layer::Http, Layer::Network] {
            let written = filters(&engines, layer);
            prop_assert_eq!(written.len(), 2);
            let policies = &written[0]["typedConfig"]["rules"]["policies"];
            let mut names: Vec<&str> = enforced.rules.iter().map(|rule| rule.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            let mut found: Vec<&str> = policies.as_object().map(|policies| policies.keys().map(String::as_str).collect()).unwrap_or_default();
            found.sort_unstable();
            prop_assert_eq!(found, names);
        }
    }

    #[test]
    fn a_quoted_text_matches_itself_alone(text in "[a-z.*+?()|{}^$\\[\\]\\\\]{0,8}", other in "[a-z.*+]{0,8}") {
        let expression = regex_lite::Regex::new(&format!("^{}$", matcher::quote(&text))).unwrap();
        prop_assert!(expression.is_match(&text));
        prop_assert_eq!(expression.is_match(&other), text == other);
    }
}
