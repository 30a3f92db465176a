use serde_json::json;

use crate::mesh::Proxy;
use crate::policy::ChainKind;
use crate::policy::CompiledEngine;
use crate::policy::Engine;
use crate::policy::Known;
use crate::policy::Outcome;
use crate::policy::Scratch;
use crate::policy::Truth;
use crate::policy::lower;
use crate::policy::tests::facts::Request;
use crate::policy::tests::facts::evaluate;
use crate::policy::tests::notation::mesh;
use crate::policy::tests::notation::workload;
use crate::policy::tests::notation::yaml;

fn allow(policies: &str) -> Engine {
    lower(&mesh(&yaml(policies), &[]), &workload(Proxy::Sidecar, None), ChainKind::Http).engines.allow.unwrap()
}

/// The nearest miss in words: the rule's name and what failed.
fn miss(policies: &str, change: impl FnOnce(&mut Request)) -> Vec<String> {
    let engine = allow(policies);
    let mut request = Request::plain();
    change(&mut request);
    let found = CompiledEngine::new(&engine).nearest_miss(&request.facts(), &mut Scratch::default()).unwrap();
    let mut words = vec![engine.rules[found.rule].name.clone()];
    words.extend(found.failed.iter().map(ToString::to_string));
    words
}

/// Policies, a change of the plain request, what failed.
type Case = (&'static str, fn(&mut Request), &'static [&'static str]);

#[test]
fn the_nearest_miss_names_field_seen_and_wanted() {
    let cases: Vec<Case> = vec![
        (
            "[{rules: [{to: [{methods: [GET, HEAD]}]}]}]",
            |request| request.method = "POST".into(),
            &["methods: POST is not in GET, HEAD"],
        ),
        (
            r#"[{rules: [{when: [{key: "request.headers[hello]", values: [world]}]}]}]"#,
            |request| request.headers.append("hello", "test"),
            &["request.headers[hello]: test is not world"],
        ),
        (
            r#"[{rules: [{when: [{key: "request.headers[hello]", values: [world]}]}]}]"#,
            |_| {},
            &["request.headers[hello]: no such header; wants world"],
        ),
        (
            "[{rules: [{from: [{principals: [cluster.local/ns/a/sa/b]}]}]}]",
            |request| request.peer.clear(),
            &["principals: no peer certificate; wants cluster.local/ns/a/sa/b"],
        ),
        (
            "[{rules: [{from: [{principals: [cluster.local/ns/a/sa/b]}]}]}]",
            |_| {},
            &["principals: cluster.local/ns/bar/sa/cli is not cluster.local/ns/a/sa/b"],
        ),
        (
            "[{rules: [{to: [{notPaths: ['/admin*']}]}]}]",
            |request| request.path = Some("/admin/x?y".into()),
            &["notPaths: /admin/x is excluded by /admin*"],
        ),
        ("[{rules: [{to: [{paths: [/a, /b, /c, /d, /e]}]}]}]", |_| {}, &["paths: / is not in /a, /b, /c, ... and 2 more"]),
        (
            "[{rules: [{when: [{key: source.ip, notValues: [10.0.0.0/8]}]}]}]",
            |_| {},
            &["source.ip notValues: 10.0.0.9 is excluded by 10.0.0.0/8"],
        ),
        (
            "[{rules: [{from: [{ipBlocks: [10.0.0.0/8]}]}]}]",
            |request| request.source_ip = Known::No("source address"),
            &["ipBlocks: source address is not known; wants 10.0.0.0/8"],
        ),
        (
            r#"[{rules: [{when: [{key: "request.auth.claims[n]", values: ["1"]}]}]}]"#,
            |request| request.claims = Some(json!({"n": 1})),
            &["request.auth.claims[n]: 1, which is not text, is not 1"],
        ),
        ("[{rules: [{from: [{requestPrincipals: ['*']}]}]}]", |_| {}, &["requestPrincipals: no token; wants *"]),
    ];
    for (policies, change, wanted) in cases {
        assert_eq!(miss(policies, change)[1..], *wanted, "{policies}");
    }
}

#[test]
fn the_nearest_rule_has_the_fewest_failed_tests() {
    let policies = "[{rules: [
        {from: [{namespaces: [x]}], to: [{methods: [POST], paths: [/x]}]},
        {from: [{namespaces: [bar]}], to: [{methods: [POST], paths: [/x]}, {methods: [GET], hosts: [other]}]},
        {from: [{namespaces: [bar]}], to: [{methods: [POST]}]}]}]";
    assert_eq!(miss(policies, |_| {}), ["ns[foo]-policy[p0]-rule[1]", "hosts: web.foo.svc.cluster.local is not other"]);
}

#[test]
fn a_migrated_value_shows_what_was_written() {
    let policies = yaml("[{rules: [{from: [{principals: [cluster.local/ns/a/sa/b]}]}]}]");
    let mesh = mesh(&policies, &["mesh.example".to_owned()]);
    let engine = lower(&mesh, &workload(Proxy::Sidecar, None), ChainKind::Http).engines.allow.unwrap();
    let miss = CompiledEngine::new(&engine).nearest_miss(&Request::plain().facts(), &mut Scratch::default()).unwrap();
    assert_eq!(
        miss.failed[0].to_string(),
        "principals: cluster.local/ns/bar/sa/cli is not mesh.example/ns/a/sa/b (written cluster.local/ns/a/sa/b)"
    );
}

#[test]
fn nothing_is_near_where_nothing_could_match() {
    let engine = allow("[{}]");
    assert!(CompiledEngine::new(&engine).nearest_miss(&Request::plain().facts(), &mut Scratch::default()).is_none());
}

#[test]
fn an_unknown_fact_is_named_and_a_sure_match_beats_it() {
    let mut request = Request::plain();
    request.source_ip = Known::No("source address");
    let waiting = allow("[{rules: [{to: [{methods: [PUT]}]}, {from: [{ipBlocks: [10.0.0.0/8]}]}]}]");
    assert_eq!(evaluate(&waiting, &request), Outcome::Unknown { rule: 1, fact: "source address" });
    let settled = allow("[{rules: [{from: [{ipBlocks: [10.0.0.0/8]}]}, {to: [{methods: [GET]}]}]}]");
    assert_eq!(evaluate(&settled, &request), Outcome::Match { rule: 1 });
    let impossible = allow("[{rules: [{from: [{ipBlocks: [10.0.0.0/8]}], to: [{methods: [PUT]}]}]}]");
    assert_eq!(evaluate(&impossible, &request), Outcome::NoMatch);
    // Of two sources only the second can still match, and it waits for its own fact.
    request.remote_ip = Known::No("client address");
    let second = allow("[{rules: [{from: [{ipBlocks: [10.0.0.0/8], namespaces: [other]}, {remoteIpBlocks: [10.0.0.0/8]}]}]}]");
    assert_eq!(evaluate(&second, &request), Outcome::Unknown { rule: 0, fact: "client address" });
}

#[test]
fn a_trace_shows_every_test() {
    let engine = allow("[{rules: [{from: [{namespaces: [bar], notPrincipals: ['*/sa/x']}, {}], to: [{methods: [POST]}]}]}]");
    let trace = CompiledEngine::new(&engine).trace(&engine, &Request::plain().facts());
    let rule = &trace[0];
    assert_eq!((rule.outcome, rule.from.len(), rule.to.len()), (Truth::No, 2, 1));
    let tests = &rule.from[0].tests;
    let shown: Vec<_> =
        tests.iter().map(|test| (test.field.as_str(), test.wanted.as_str(), test.excluded.as_str(), test.outcome)).collect();
    assert_eq!(shown, [("principals", "", "*/sa/x", Truth::Yes), ("namespaces", "bar", "", Truth::Yes)]);
    assert_eq!((rule.from[1].outcome, rule.to[0].outcome), (Truth::Yes, Truth::No));
    assert_eq!(rule.to[0].tests[0].seen, "GET");
}
