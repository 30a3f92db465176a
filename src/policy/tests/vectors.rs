//! Policies, a request, the verdict: the cases every translation has to get right. `T` rows are the surprising ones.

use serde_json::Value;

use crate::mesh::Proxy;
use crate::policy::ChainKind;
use crate::policy::Known;
use crate::policy::lower;
use crate::policy::tests::facts::Request;
use crate::policy::tests::facts::verdict;
use crate::policy::tests::notation::list;
use crate::policy::tests::notation::mesh;
use crate::policy::tests::notation::workload;
use crate::policy::tests::notation::yaml;

/// A claim that token verification splits at spaces.
fn split_words(claims: &mut Value, name: &str) {
    if let Some(words) = claims.get(name).and_then(Value::as_str) {
        let words: Vec<Value> = words.split(' ').filter(|word| !word.is_empty()).map(Value::from).collect();
        claims[name] = Value::Array(words);
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        other => list(other).into_iter().map(|text| text.value).collect(),
    }
}

/// The plain request with what a case changes; a sidecar trusts the last bare address of X-Forwarded-For.
fn request(case: &Value) -> Request {
    let mut request = Request::plain();
    if let Some(changes) = case.as_object() {
        for (field, value) in changes {
            let text = || value.as_str().unwrap().to_owned();
            match field.as_str() {
                "peer" => request.peer = texts(value),
                "method" => request.method = text(),
                "host" => request.authority = text(),
                "path" => request.path = Some(text()),
                "sni" => request.sni = Ok(text()),
                "sip" => {
                    request.source_ip = Known::Yes(text().parse().unwrap());
                    request.remote_ip = request.source_ip;
                }
                "headers" => {
                    for (name, values) in value.as_object().unwrap() {
                        for value in texts(values) {
                            request.headers.append(name, value);
                        }
                    }
                }
                "jwt" => {
                    let mut claims = value.clone();
                    split_words(&mut claims, "scope");
                    request.claims = Some(claims);
                }
                "mode" => request.is_http = value != "tcp",
                "tds" => {}
                other => panic!("{other}"),
            }
        }
    }
    let forwarded = request.headers.first("x-forwarded-for").and_then(|value| value.rsplit(',').next());
    if let Some(Ok(address)) = forwarded.map(|last| last.trim().parse())
        && request.is_http
    {
        request.remote_ip = Known::Yes(address);
    }
    request
}

fn run(cases: &[(&str, &str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (name, policies, changes, wanted) in cases {
        let changes = yaml(changes);
        let trust_domains = texts(&changes["tds"]);
        let request = request(&changes);
        let chain = if request.is_http { ChainKind::Http } else { ChainKind::Tcp };
        let lowered = lower(&mesh(&yaml(policies), &trust_domains), &workload(Proxy::Sidecar, None), chain);
        let found = verdict(&lowered.engines, &request);
        if found != *wanted {
            wrong.push(format!("{name}: {found}, not {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn cases() {
    run(CASES);
}

#[test]
fn surprises() {
    run(SURPRISES);
}

/// Group letters: A presence and combination, C identity, D hosts to ports, E templates, G headers and claims, H connection, J TCP,
/// K CUSTOM, L translation errors.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("A1", "[]", "{}", "allowed"),
    ("A2", "[{rules: []}]", "{}", "denied"),
    ("A3", "[{action: DENY, rules: []}]", "{}", "allowed"),
    ("A4", "[{action: DENY, rules: [{}]}]", "{}", "denied"),
    ("A5", "[{rules: [{}]}, {action: DENY, rules: [{from: [{namespaces: [bar]}]}]}]", "{}", "denied"),
    ("A6", "[{action: AUDIT, rules: [{}]}]", "{}", "allowed"),
    ("A7", "[{action: AUDIT, rules: [{}]}, {}]", "{}", "denied"),
    ("A8", "[{rules: [{from: [{namespaces: [bar]}], to: [{methods: [GET]}]}]}]", "{method: POST}", "denied"),
    ("A9", "[{rules: [{from: [{namespaces: [bar]}]}, {to: [{methods: [GET]}]}]}]", "{method: POST}", "allowed"),
    ("A10", "[{rules: [{to: [{methods: [POST]}, {paths: [/x]}]}]}]", "{path: /x}", "allowed"),
    ("A11", "[{rules: [{to: [{methods: [POST], paths: [/x]}]}]}]", "{path: /x}", "denied"),
    ("A12", r#"[{rules: [{to: [{paths: ["/a*"], notPaths: ["/a/b"]}]}]}]"#, "{path: /a/b}", "denied"),
    ("A13", r#"[{rules: [{to: [{paths: ["/a*"], notPaths: ["/a/b"]}]}]}]"#, "{path: /a/c}", "allowed"),
    ("A14", "[{rules: [{from: [{}]}]}]", "{}", "allowed"),
    ("A15", "[{rules: [{from: [{namespaces: []}]}]}]", "{}", "allowed"),
    ("A16", "[{rules: [{from: [{namespaces: [x]}, {}]}]}]", "{}", "allowed"),
    (
        "A17",
        "[{rules: [{when: [{key: source.namespace, values: [bar]}, {key: source.namespace, notValues: [bar]}]}]}]",
        "{}",
        "denied",
    ),
    ("A18", r#"[{dry: "true", action: DENY, rules: [{}]}]"#, "{}", "allowed"),
    ("A19", r#"[{dry: "true"}, {rules: [{to: [{methods: [POST]}]}]}]"#, "{}", "denied"),
    ("A20", r#"[{dry: "false"}]"#, "{}", "denied"),
    ("C1", "[{rules: [{from: [{principals: [cluster.local/ns/bar/sa/cli]}]}]}]", "{}", "allowed"),
    ("C2", r#"[{rules: [{from: [{principals: ["cluster.local/ns/bar/*"]}]}]}]"#, "{}", "allowed"),
    ("C3", r#"[{rules: [{from: [{principals: ["*/sa/cli"]}]}]}]"#, "{}", "allowed"),
    ("C4", r#"[{rules: [{from: [{principals: ["*/sa/cl"]}]}]}]"#, "{}", "denied"),
    ("C5", "[{rules: [{from: [{namespaces: [bar]}]}]}]", "{}", "allowed"),
    ("C6", "[{rules: [{from: [{namespaces: [BAR]}]}]}]", "{}", "denied"),
    ("C7", "[{rules: [{from: [{namespaces: [ba]}]}]}]", "{}", "denied"),
    ("C8", r#"[{rules: [{from: [{namespaces: ["ba*"]}]}]}]"#, "{}", "allowed"),
    ("C9", r#"[{rules: [{from: [{namespaces: ["*"]}]}]}]"#, "{peer: null}", "denied"),
    ("C10", "[{rules: [{from: [{namespaces: [cli]}]}]}]", "{}", "denied"),
    ("C11", "[{rules: [{from: [{serviceAccounts: [bar/cli]}]}]}]", "{}", "allowed"),
    ("C12", "[{rules: [{from: [{serviceAccounts: [cli]}]}]}]", "{}", "denied"),
    ("C13", "[{rules: [{from: [{serviceAccounts: [cli]}]}]}]", r#"{peer: "spiffe://cluster.local/ns/foo/sa/cli"}"#, "allowed"),
    ("C14", "[{rules: [{from: [{serviceAccounts: [bar/cli]}]}]}]", r#"{peer: "spiffe://any.example/ns/bar/sa/cli"}"#, "allowed"),
    (
        "C15",
        "[{rules: [{from: [{serviceAccounts: [bar/cli]}]}]}]",
        r#"{peer: "spiffe://cluster.local/ns/bar/sa/client"}"#,
        "denied",
    ),
    ("C16", "[{rules: [{from: [{trustDomains: [cluster.local]}]}]}]", "{}", "allowed"),
    ("C17", "[{rules: [{from: [{trustDomains: [cluster]}]}]}]", "{}", "denied"),
    ("C18", r#"[{rules: [{from: [{trustDomains: ["*.local"]}]}]}]"#, "{}", "allowed"),
    ("C19", r#"[{rules: [{from: [{trustDomains: ["clus*"]}]}]}]"#, "{peer: null}", "denied"),
    ("C20", "[{rules: [{from: [{notTrustDomains: [cluster.local]}]}]}]", "{peer: null}", "allowed"),
    (
        "C21",
        "[{rules: [{from: [{principals: [old.example/ns/bar/sa/cli]}]}]}]",
        r#"{tds: [new.example, old.example], peer: "spiffe://new.example/ns/bar/sa/cli"}"#,
        "allowed",
    ),
    (
        "C22",
        "[{action: DENY, rules: [{from: [{notPrincipals: [old.example/ns/bar/sa/cli]}]}]}]",
        r#"{tds: [new.example, old.example], peer: "spiffe://new.example/ns/bar/sa/cli"}"#,
        "allowed",
    ),
    (
        "C23",
        "[{rules: [{from: [{trustDomains: [old.example]}]}]}]",
        r#"{tds: [new.example, old.example], peer: "spiffe://new.example/ns/bar/sa/cli"}"#,
        "allowed",
    ),
    (
        "C24",
        "[{rules: [{from: [{principals: [foreign.example/ns/bar/sa/cli]}]}]}]",
        r#"{peer: "spiffe://foreign.example/ns/bar/sa/cli"}"#,
        "allowed",
    ),
    (
        "C25",
        r#"[{rules: [{from: [{principals: ["*-td/ns/bar/sa/cli"]}]}]}]"#,
        r#"{tds: [a-td, b.example], peer: "spiffe://b.example/ns/bar/sa/cli"}"#,
        "allowed",
    ),
    (
        "C26",
        "[{rules: [{from: [{principals: [cluster.local/ns/b/sa/two]}]}]}]",
        r#"{peer: ["spiffe://cluster.local/ns/a/sa/one", "spiffe://cluster.local/ns/b/sa/two"]}"#,
        "allowed",
    ),
    (
        "C27",
        "[{rules: [{from: [{notPrincipals: [cluster.local/ns/b/sa/two]}]}]}]",
        r#"{peer: ["spiffe://cluster.local/ns/a/sa/one", "spiffe://cluster.local/ns/b/sa/two"]}"#,
        "denied",
    ),
    ("C28", "[{action: DENY, rules: [{from: [{notNamespaces: [bar]}]}]}]", "{peer: null}", "denied"),
    ("D1", r#"[{rules: [{to: [{hosts: ["*.example.com"]}]}]}]"#, "{host: A.b.Example.com}", "allowed"),
    ("D2", r#"[{rules: [{to: [{hosts: ["*.example.com"]}]}]}]"#, "{host: example.com}", "denied"),
    ("D3", r#"[{rules: [{to: [{hosts: ["example.*"]}]}]}]"#, "{host: example.evil.org}", "allowed"),
    ("D4", r#"[{rules: [{to: [{hosts: ["example.com:*"]}]}]}]"#, r#"{host: "example.com:8080"}"#, "allowed"),
    ("D5", "[{rules: [{to: [{notHosts: [EVIL.example.com]}]}]}]", "{host: evil.example.com}", "denied"),
    ("D6", r#"[{rules: [{to: [{methods: ["*"]}]}]}]"#, "{}", "allowed"),
    ("D7", r#"[{rules: [{to: [{notMethods: ["*"]}]}]}]"#, "{}", "denied"),
    ("D8", r#"[{rules: [{to: [{methods: ["P*"]}]}]}]"#, "{method: PATCH}", "allowed"),
    ("D9", "[{rules: [{to: [{paths: [/foo]}]}]}]", "{path: /foo/}", "denied"),
    ("D10", "[{rules: [{to: [{paths: [/FOO]}]}]}]", "{path: /foo}", "denied"),
    ("D11", r#"[{rules: [{to: [{paths: ["*.png"]}]}]}]"#, r#"{path: "/i/x.png?v=2"}"#, "allowed"),
    ("D12", r#"[{rules: [{to: [{paths: ["/a*"]}]}]}]"#, "{path: /a}", "allowed"),
    ("D13", r#"[{rules: [{to: [{paths: ["/a?x=1"]}]}]}]"#, r#"{path: "/a?x=1"}"#, "denied"),
    ("D14", "[{rules: [{to: [{paths: [/a]}]}]}]", r#"{path: "/a;v=1"}"#, "denied"),
    ("D15", r#"[{rules: [{to: [{ports: ["8080"]}]}]}]"#, "{}", "allowed"),
    ("D16", r#"[{rules: [{to: [{ports: ["08080"]}]}]}]"#, "{}", "allowed"),
    ("D17", r#"[{rules: [{to: [{notPorts: ["8080"]}]}]}]"#, "{}", "denied"),
    ("D18", r#"[{rules: [{to: [{ports: ["80-90"]}]}]}]"#, "{}", "denied"),
    ("D19", r#"[{action: DENY, rules: [{to: [{ports: ["http"]}]}]}]"#, "{}", "denied"),
    ("E1", r#"[{rules: [{to: [{paths: ["/allow/admin/{**}"]}]}]}]"#, "{path: /allow/admin/}", "allowed"),
    ("E2", r#"[{rules: [{to: [{paths: ["/allow/admin/{**}"]}]}]}]"#, "{path: /allow/admin}", "denied"),
    ("E3", r#"[{rules: [{to: [{paths: ["/allow/admin/{**}"]}]}]}]"#, "{path: /allow/admin/a/b/c}", "allowed"),
    ("E4", r#"[{rules: [{to: [{paths: ["/foo/{*}/bar/{**}"]}]}]}]"#, "{path: /foo/buzz/bar/bat}", "allowed"),
    ("E5", r#"[{rules: [{to: [{paths: ["/foo/{*}/bar/{**}"]}]}]}]"#, "{path: /foo//bar/bat.txt}", "denied"),
    ("E6", r#"[{rules: [{to: [{paths: ["/store/{**}/cart"]}]}]}]"#, "{path: /store//cart}", "allowed"),
    ("E7", r#"[{rules: [{to: [{paths: ["/store/{**}/cart"]}]}]}]"#, "{path: /store/cart}", "denied"),
    ("E8", r#"[{rules: [{to: [{paths: ["/store/{**}/cart"]}]}]}]"#, "{path: /store/foo/bar/cart}", "allowed"),
    ("E9", r#"[{rules: [{to: [{paths: ["/a/{*}"]}]}]}]"#, "{path: /a/b/c}", "denied"),
    ("E10", r#"[{rules: [{to: [{paths: ["/a/{*}"]}]}]}]"#, "{path: /a/}", "denied"),
    ("E11", r#"[{rules: [{to: [{paths: ["/a/{*}"]}]}]}]"#, r#"{path: "/a/b?q=/c"}"#, "allowed"),
    ("E12", r#"[{rules: [{to: [{paths: ["/A/{*}"]}]}]}]"#, "{path: /a/b}", "denied"),
    ("E13", r#"[{rules: [{to: [{paths: ["/a/{*}"]}]}]}]"#, r#"{path: "/a/x*y"}"#, "allowed"),
    ("E14", r#"[{rules: [{to: [{paths: ["/a/{*}"]}]}]}]"#, r#"{path: "/a/x[y"}"#, "denied"),
    ("E15", r#"[{rules: [{to: [{paths: ["/a/b.c/{*}"]}]}]}]"#, "{path: /a/bxc/d}", "denied"),
    ("E16", r#"[{rules: [{to: [{paths: ["/{**}"], notPaths: ["/x/{*}"]}]}]}]"#, "{path: /x/y}", "denied"),
    ("E17", r#"[{rules: [{to: [{paths: ["/a/{**}/"]}]}]}]"#, "{path: /a/b/}", "allowed"),
    ("G1", r#"[{rules: [{when: [{key: "request.headers[X-Foo]", values: [foo]}]}]}]"#, "{headers: {x-foo: foo}}", "allowed"),
    ("G2", r#"[{rules: [{when: [{key: "request.headers[x-foo]", values: [foo]}]}]}]"#, "{headers: {x-foo: FOO}}", "denied"),
    ("G3", r#"[{rules: [{when: [{key: "request.headers[x-foo]", notValues: [foo]}]}]}]"#, "{headers: {x-foo: foo}}", "denied"),
    ("G4", r#"[{rules: [{when: [{key: "request.headers[x-foo]", notValues: [a]}]}]}]"#, "{headers: {x-foo: [b, a]}}", "denied"),
    ("G5", r#"[{rules: [{when: [{key: "request.headers[x-foo]", values: [a]}]}]}]"#, r#"{headers: {x-foo: "a, b"}}"#, "denied"),
    (
        "G6",
        r#"[{rules: [{when: [{key: "request.headers[:authority]", values: [web.foo.svc.cluster.local]}]}]}]"#,
        "{}",
        "allowed",
    ),
    ("G7", r#"[{rules: [{when: [{key: "request.headers[host]", values: [web.foo.svc.cluster.local]}]}]}]"#, "{}", "allowed"),
    ("G8", r#"[{rules: [{when: [{key: "request.headers[:method]", values: [GET]}]}]}]"#, "{}", "allowed"),
    ("G9", r#"[{rules: [{from: [{requestPrincipals: ["*"]}]}]}]"#, "{}", "denied"),
    ("G10", r#"[{rules: [{from: [{requestPrincipals: ["*"]}]}]}]"#, "{jwt: {iss: i, sub: s}}", "allowed"),
    ("G11", "[{rules: [{from: [{requestPrincipals: [i/s]}]}]}]", "{jwt: {iss: i, sub: s}}", "allowed"),
    (
        "G12",
        r#"[{rules: [{from: [{requestPrincipals: ["https://i.example/*"]}]}]}]"#,
        r#"{jwt: {iss: "https://i.example", sub: anyone}}"#,
        "allowed",
    ),
    ("G13", r#"[{rules: [{from: [{requestPrincipals: ["*/s"]}]}]}]"#, r#"{jwt: {iss: "https://i.example", sub: s}}"#, "allowed"),
    ("G14", r#"[{rules: [{from: [{requestPrincipals: ["i/a*"]}]}]}]"#, "{jwt: {iss: i, sub: abc}}", "allowed"),
    (
        "G15",
        r#"[{rules: [{from: [{requestPrincipals: ["*.example/s"]}]}]}]"#,
        r#"{jwt: {iss: "https://i.example", sub: s}}"#,
        "allowed",
    ),
    ("G16", r#"[{rules: [{from: [{notRequestPrincipals: ["*"]}]}]}]"#, "{}", "allowed"),
    ("G17", r#"[{action: DENY, rules: [{from: [{notRequestPrincipals: ["*"]}]}]}]"#, "{jwt: {iss: i, sub: s}}", "allowed"),
    (
        "G18",
        r#"[{rules: [{when: [{key: "request.auth.claims[groups]", values: [g2]}]}]}]"#,
        "{jwt: {iss: i, sub: s, groups: [g1, g2]}}",
        "allowed",
    ),
    (
        "G19",
        r#"[{rules: [{when: [{key: "request.auth.claims[groups]", values: [g1]}]}]}]"#,
        "{jwt: {iss: i, sub: s, groups: g1}}",
        "allowed",
    ),
    (
        "G20",
        r#"[{rules: [{when: [{key: "request.auth.claims[groups]", notValues: [g2]}]}]}]"#,
        "{jwt: {iss: i, sub: s, groups: [g1, g2]}}",
        "denied",
    ),
    (
        "G21",
        r#"[{rules: [{when: [{key: "request.auth.claims[scope]", values: [write]}]}]}]"#,
        "{jwt: {iss: i, sub: s, scope: read write}}",
        "allowed",
    ),
    (
        "G22",
        r#"[{rules: [{when: [{key: "request.auth.claims[other]", values: ["read write"]}]}]}]"#,
        "{jwt: {iss: i, sub: s, other: read write}}",
        "allowed",
    ),
    (
        "G23",
        r#"[{rules: [{when: [{key: "request.auth.claims[n1][n2]", values: [v]}]}]}]"#,
        "{jwt: {iss: i, sub: s, n1: {n2: v}}}",
        "allowed",
    ),
    (
        "G24",
        r#"[{rules: [{when: [{key: "request.auth.claims[n1][n2]", values: [v]}]}]}]"#,
        "{jwt: {iss: i, sub: s, n1: {n2: [u, v]}}}",
        "allowed",
    ),
    (
        "G25",
        r#"[{rules: [{when: [{key: "request.auth.claims[n1]", values: ["*"]}]}]}]"#,
        "{jwt: {iss: i, sub: s, n1: {n2: v}}}",
        "denied",
    ),
    (
        "G26",
        r#"[{rules: [{when: [{key: "request.auth.claims[a.b]", values: [c]}]}]}]"#,
        "{jwt: {iss: i, sub: s, a.b: c}}",
        "allowed",
    ),
    (
        "G27",
        r#"[{rules: [{when: [{key: "request.auth.claims[b]", notValues: ["true"]}]}]}]"#,
        "{jwt: {iss: i, sub: s, b: true}}",
        "allowed",
    ),
    (
        "G28",
        "[{rules: [{when: [{key: request.auth.audiences, values: [aud2]}]}]}]",
        "{jwt: {iss: i, sub: s, aud: [aud1, aud2]}}",
        "allowed",
    ),
    (
        "G29",
        "[{rules: [{when: [{key: request.auth.audiences, values: [aud1]}]}]}]",
        "{jwt: {iss: i, sub: s, aud: aud1}}",
        "allowed",
    ),
    (
        "G30",
        r#"[{rules: [{when: [{key: request.auth.presenter, values: ["p*"]}]}]}]"#,
        "{jwt: {iss: i, sub: s, azp: pres}}",
        "allowed",
    ),
    ("G31", "[{rules: [{when: [{key: request.auth.principal, values: [i/s]}]}]}]", "{jwt: {iss: i, sub: s}}", "allowed"),
    ("H1", "[{rules: [{from: [{ipBlocks: [10.0.0.0/24]}]}]}]", "{}", "allowed"),
    ("H2", "[{rules: [{from: [{ipBlocks: [10.0.0.5/24]}]}]}]", "{}", "allowed"),
    ("H3", "[{rules: [{from: [{notIpBlocks: [10.0.0.9]}]}]}]", "{}", "denied"),
    ("H4", r#"[{rules: [{from: [{ipBlocks: ["::/0"]}]}]}]"#, "{}", "denied"),
    ("H5", r#"[{rules: [{from: [{ipBlocks: ["::ffff:10.0.0.9"]}]}]}]"#, "{}", "denied"),
    ("H6", "[{rules: [{from: [{ipBlocks: [10.0.0.09]}]}]}]", "{}", "denied"),
    ("H7", "[{rules: [{from: [{ipBlocks: [10.0.0.9]}]}]}]", "{headers: {x-forwarded-for: 203.0.113.7}}", "allowed"),
    ("H8", "[{rules: [{from: [{remoteIpBlocks: [203.0.113.7]}]}]}]", "{headers: {x-forwarded-for: 203.0.113.7}}", "allowed"),
    (
        "H9",
        "[{rules: [{from: [{remoteIpBlocks: [10.0.0.9]}]}]}]",
        r#"{headers: {x-forwarded-for: "203.0.113.7:443"}}"#,
        "allowed",
    ),
    (
        "H10",
        "[{rules: [{from: [{remoteIpBlocks: [10.0.0.9]}]}]}]",
        r#"{headers: {x-forwarded-for: "203.0.113.7, unknown"}}"#,
        "allowed",
    ),
    (
        "H11",
        "[{rules: [{when: [{key: remote.ip, values: [203.0.113.0/24]}]}]}]",
        "{headers: {x-forwarded-for: 203.0.113.7}, mode: tcp}",
        "denied",
    ),
    ("H12", "[{rules: [{when: [{key: destination.ip, values: [10.0.1.1]}]}]}]", "{}", "allowed"),
    ("H13", r#"[{rules: [{when: [{key: destination.port, values: ["8080"], notValues: ["8080"]}]}]}]"#, "{}", "denied"),
    ("H14", r#"[{rules: [{when: [{key: connection.sni, values: ["*"]}]}]}]"#, "{peer: null}", "denied"),
    ("H15", r#"[{rules: [{when: [{key: connection.sni, notValues: ["*.evil"]}]}]}]"#, "{peer: null}", "allowed"),
    ("H16", r#"[{rules: [{when: [{key: connection.sni, values: ["web.*"]}]}]}]"#, "{sni: web.example}", "allowed"),
    ("H17", r#"[{rules: [{when: [{key: "experimental.envoy.filters.a.b[c]", values: [x]}]}]}]"#, "{}", "denied"),
    ("H18", r#"[{rules: [{when: [{key: "experimental.envoy.filters.a.b[c]", notValues: [x]}]}]}]"#, "{}", "allowed"),
    ("J1", r#"[{rules: [{to: [{ports: ["8080"]}]}]}]"#, "{mode: tcp}", "allowed"),
    ("J2", "[{rules: [{to: [{methods: [GET]}]}]}]", "{mode: tcp}", "denied"),
    ("J3", r#"[{rules: [{to: [{ports: ["8080"]}]}, {to: [{methods: [GET]}]}]}]"#, "{mode: tcp}", "allowed"),
    ("J4", r#"[{rules: [{to: [{ports: ["8080"], notMethods: [DELETE]}]}]}]"#, "{mode: tcp}", "denied"),
    ("J5", r#"[{rules: [{from: [{requestPrincipals: ["*"]}]}]}]"#, "{mode: tcp}", "denied"),
    ("J6", r#"[{action: DENY, rules: [{to: [{ports: ["9090"], methods: [GET]}]}]}]"#, "{mode: tcp}", "allowed"),
    ("J7", r#"[{action: DENY, rules: [{to: [{ports: ["8080"], methods: [GET]}]}]}]"#, "{mode: tcp}", "denied"),
    ("J8", r#"[{action: DENY, rules: [{to: [{ports: ["9090"]}, {methods: [GET]}]}]}]"#, "{mode: tcp}", "denied"),
    ("J9", "[{action: DENY, rules: [{from: [{namespaces: [x]}], to: [{methods: [GET]}]}]}]", "{mode: tcp}", "allowed"),
    ("J10", r#"[{action: DENY, rules: [{from: [{requestPrincipals: ["*"]}]}]}]"#, "{mode: tcp}", "denied"),
    ("J11", r#"[{action: DENY, rules: [{when: [{key: "request.headers[x]", values: ["y"]}]}]}]"#, "{mode: tcp}", "denied"),
    ("J12", "[{action: AUDIT, rules: [{to: [{methods: [GET]}]}]}]", "{mode: tcp}", "allowed"),
    (
        "J13",
        r#"[{rules: [{from: [{namespaces: [bar]}], when: [{key: destination.port, values: ["8080"]}]}]}]"#,
        "{mode: tcp}",
        "allowed",
    ),
    ("J14", "[{rules: [{from: [{namespaces: [bar]}]}]}]", "{mode: tcp, peer: null}", "denied"),
    ("K1", "[{action: CUSTOM, provider: authz-grpc, rules: [{to: [{paths: [/x]}]}]}]", "{}", "allowed"),
    ("K2", "[{action: CUSTOM, provider: authz-grpc, rules: [{to: [{paths: [/x]}]}]}]", "{path: /x}", "custom-dependent"),
    ("K3", "[{action: CUSTOM, provider: authz-grpc, rules: [{}]}, {action: DENY, rules: [{}]}]", "{}", "denied"),
    ("K4", "[{action: CUSTOM, provider: authz-grpc, rules: [{}]}, {}]", "{}", "denied"),
    ("K5", "[{action: CUSTOM, provider: authz-grpc}]", "{}", "allowed"),
    (
        "K6",
        "[{action: CUSTOM, provider: authz-grpc, rules: [{to: [{paths: [/a]}]}]}, {action: CUSTOM, provider: authz-grpc, rules: [{to: [{paths: [/b]}]}]}]",
        "{path: /c}",
        "allowed",
    ),
    (
        "K7",
        "[{action: CUSTOM, provider: authz-grpc, rules: [{to: [{paths: [/a]}]}]}, {action: CUSTOM, provider: authz-http, rules: [{to: [{paths: [/b]}]}]}]",
        "{path: /c}",
        "allowed",
    ),
    ("K8", "[{action: CUSTOM, provider: missing, rules: [{}]}]", "{}", "denied"),
    ("K9", r#"[{action: CUSTOM, provider: missing, dry: "true", rules: [{}]}]"#, "{}", "allowed"),
    ("K10", "[{action: CUSTOM, provider: authz-grpc, rules: [{to: [{methods: [GET]}]}]}]", "{mode: tcp}", "custom-dependent"),
    ("L1", "[{rules: [{when: [{key: foo, values: [x]}]}, {from: [{namespaces: [bar]}]}]}]", "{}", "allowed"),
    ("L2", "[{rules: [{when: [{key: foo, values: [x]}]}]}]", "{}", "denied"),
    ("L3", "[{action: DENY, rules: [{from: [{ipBlocks: [bad]}], to: [{methods: [POST]}]}]}]", "{}", "allowed"),
    ("L4", "[{action: DENY, rules: [{from: [{notIpBlocks: [bad]}]}]}]", "{}", "denied"),
    ("L5", r#"[{action: DENY, rules: [{when: [{key: "request.headersX[a]", values: [b]}]}]}]"#, "{}", "denied"),
    ("L6", r#"[{rules: [{when: [{key: "request.headersX[a]", notValues: [b]}]}]}]"#, "{}", "denied"),
    // istiod's own decoder reads a null rule as an empty one (seen in istiod and Envoy).
    ("L7", "[{action: DENY, rules: [null]}]", "{}", "denied"),
    ("L8", "[{rules: [null, {}]}]", "{}", "allowed"),
];

const SURPRISES: &[(&str, &str, &str, &str)] = &[
    ("T1", "[{action: DENY, rules: [{to: [{methods: [POST]}]}]}]", "{}", "allowed"),
    ("T2", "[{}]", "{}", "denied"),
    ("T3", "[{rules: [{}]}]", "{}", "allowed"),
    ("T4", "[{}, {rules: [{from: [{namespaces: [bar]}]}]}]", "{}", "allowed"),
    ("T5", "[{ns: istio-system, rules: [{}]}, {rules: [{to: [{methods: [POST]}]}]}]", "{}", "allowed"),
    ("T6", r#"[{dry: "true"}]"#, "{}", "allowed"),
    ("T7", r#"[{dry: "yes"}]"#, "{}", "denied"),
    ("T8", r#"[{action: CUSTOM, provider: authz-grpc, dry: "true", rules: [{}]}]"#, "{}", "denied"),
    ("T9", "[{rules: [{from: [{notNamespaces: [evil]}]}]}]", "{peer: null}", "allowed"),
    ("T10", r#"[{rules: [{from: [{principals: ["*"]}]}]}]"#, "{peer: null}", "denied"),
    ("T11", r#"[{action: DENY, rules: [{from: [{notPrincipals: ["*"]}]}]}]"#, "{peer: null}", "denied"),
    ("T12", r#"[{rules: [{from: [{principals: ["*"]}]}]}]"#, r#"{peer: "client.example"}"#, "allowed"),
    ("T13", r#"[{rules: [{from: [{principals: ["spiffe://cluster.local/ns/bar/sa/cli"]}]}]}]"#, "{}", "denied"),
    ("T14", "[{rules: [{from: [{principals: [cluster.local/ns/bar/sa/cli]}]}]}]", "{tds: [mesh.example]}", "denied"),
    (
        "T15",
        "[{rules: [{from: [{principals: [cluster.local/ns/bar/sa/cli]}]}]}]",
        r#"{tds: [mesh.example], peer: "spiffe://mesh.example/ns/bar/sa/cli"}"#,
        "allowed",
    ),
    (
        "T16",
        r#"[{rules: [{from: [{principals: ["cluster.local/ns/bar/*"]}]}]}]"#,
        r#"{tds: [mesh.example], peer: "spiffe://mesh.example/ns/bar/sa/cli"}"#,
        "denied",
    ),
    (
        "T17",
        r#"[{rules: [{from: [{principals: ["cluster.local/ns/bar/sa/*"]}]}]}]"#,
        r#"{tds: [mesh.example], peer: "spiffe://mesh.example/ns/bar/sa/cli"}"#,
        "allowed",
    ),
    (
        "T18",
        "[{rules: [{from: [{trustDomains: [cluster.local]}]}]}]",
        r#"{tds: [mesh.example], peer: "spiffe://mesh.example/ns/bar/sa/cli"}"#,
        "denied",
    ),
    ("T19", r#"[{rules: [{from: [{namespaces: ["*a"]}]}]}]"#, "{}", "allowed"),
    ("T21", r#"[{rules: [{from: [{namespaces: ["b*r"]}]}]}]"#, "{}", "allowed"),
    ("T22", r#"[{rules: [{from: [{principals: ["cluster.local/ns/*/sa/cli"]}]}]}]"#, "{}", "denied"),
    ("T23", r#"[{rules: [{to: [{paths: ["*admin*"]}]}]}]"#, "{path: /x/admin/y}", "denied"),
    ("T24", "[{ns: istio-system, rules: [{from: [{serviceAccounts: [cli]}]}]}]", "{}", "denied"),
    ("T25", "[{rules: [{to: [{hosts: [WEB.example.com]}]}]}]", "{host: web.EXAMPLE.com}", "allowed"),
    ("T26", "[{rules: [{to: [{hosts: [example.com]}]}]}]", r#"{host: "example.com:8080"}"#, "denied"),
    ("T27", "[{rules: [{to: [{methods: [get]}]}]}]", "{}", "denied"),
    ("T28", r#"[{action: DENY, rules: [{to: [{paths: ["/foo*"]}]}]}]"#, "{path: /foobar}", "denied"),
    ("T29", "[{rules: [{to: [{paths: [/a]}]}]}]", r#"{path: "/a?x=1"}"#, "allowed"),
    ("T30", r#"[{rules: [{when: [{key: "request.headers[:path]", values: [/a]}]}]}]"#, r#"{path: "/a?x=1"}"#, "denied"),
    ("T31", r#"[{rules: [{when: [{key: "request.headers[x-a]", values: ["*"]}]}]}]"#, r#"{headers: {x-a: ""}}"#, "allowed"),
    (
        "T32",
        r#"[{rules: [{when: [{key: "request.auth.claims[g]", values: ["*"]}]}]}]"#,
        r#"{jwt: {iss: i, sub: s, g: ""}}"#,
        "denied",
    ),
    ("T33", r#"[{rules: [{when: [{key: "request.headers[x-a]", values: ["a,b"]}]}]}]"#, "{headers: {x-a: [a, b]}}", "denied"),
    ("T34", r#"[{rules: [{when: [{key: "request.headers[x-a]", values: [b]}]}]}]"#, "{headers: {x-a: [a, b]}}", "allowed"),
    ("T35", r#"[{rules: [{when: [{key: "request.headers[x-a]", notValues: [bad]}]}]}]"#, "{}", "allowed"),
    ("T36", r#"[{rules: [{when: [{key: "request.auth.claims[group]", notValues: [admin]}]}]}]"#, "{}", "allowed"),
    ("T37", r#"[{rules: [{to: [{paths: ["/a/{**}"]}]}]}]"#, "{path: /a}", "denied"),
    ("T38", r#"[{rules: [{to: [{paths: ["/foo/{**}/"]}]}]}]"#, "{path: /foo/bar/baz.txt}", "denied"),
    ("T39", r#"[{rules: [{to: [{paths: ["/a/{*}"]}]}]}]"#, "{path: /a/b%2Fc}", "allowed"),
    ("T40", r#"[{rules: [{from: [{requestPrincipals: ["*/*"]}]}]}]"#, "{jwt: {iss: i, sub: s}}", "denied"),
    ("T41", r#"[{rules: [{from: [{requestPrincipals: ["*"]}]}]}]"#, "{jwt: {iss: i}}", "denied"),
    (
        "T42",
        r#"[{rules: [{from: [{requestPrincipals: ["https://i.example/a/b"]}]}]}]"#,
        r#"{jwt: {iss: "https://i.example", sub: a/b}}"#,
        "denied",
    ),
    (
        "T43",
        r#"[{rules: [{from: [{requestPrincipals: ["https://i.exa*"]}]}]}]"#,
        r#"{jwt: {iss: "https://i.example", sub: s}}"#,
        "denied",
    ),
    (
        "T44",
        r#"[{rules: [{when: [{key: "request.auth.claims[n]", values: ["1", "*"]}]}]}]"#,
        "{jwt: {iss: i, sub: s, n: 1}}",
        "denied",
    ),
    (
        "T45",
        r#"[{rules: [{when: [{key: "request.auth.claims[scope]", values: ["read write"]}]}]}]"#,
        "{jwt: {iss: i, sub: s, scope: read write}}",
        "denied",
    ),
    (
        "T46",
        r#"[{rules: [{when: [{key: "request.auth.claims[a.b]", values: [c]}]}]}]"#,
        "{jwt: {iss: i, sub: s, a: {b: c}}}",
        "denied",
    ),
    ("T47", r#"[{action: DENY, rules: [{when: [{key: "destination.labels[v]", values: [x]}]}]}]"#, "{}", "allowed"),
    ("T48", "[{action: DENY, rules: [{from: [{ipBlocks: [bad]}]}]}]", "{}", "denied"),
    ("T49", "[{action: DENY, rules: [{from: [{ipBlocks: [bad, 10.9.9.9]}]}]}]", "{}", "allowed"),
    ("T50", "[{rules: [{from: [{ipBlocks: [10.0.0.9, bad]}]}]}]", "{}", "denied"),
    ("T51", r#"[{rules: [{to: [{ports: ["8080"]}, {methods: [GET]}]}]}]"#, "{mode: tcp}", "denied"),
    ("T52", "[{action: DENY, rules: [{to: [{methods: [POST]}]}]}]", "{mode: tcp}", "denied"),
    ("T58", "[{rules: [{from: [{remoteIpBlocks: [10.0.0.9]}]}]}]", "{mode: tcp}", "allowed"),
    (
        "T60",
        "[{action: DENY, rules: [{from: [{remoteIpBlocks: [203.0.113.7]}]}]}]",
        r#"{headers: {x-forwarded-for: "203.0.113.7, 198.51.100.1"}}"#,
        "allowed",
    ),
    ("T61", "[{rules: [{from: [{ipBlocks: [0.0.0.0/0]}]}]}]", r#"{sip: "2001:db8::1"}"#, "denied"),
    (
        "T64",
        "[{action: CUSTOM, provider: authz-grpc, rules: [{to: [{paths: [/a]}]}]}, {action: CUSTOM, provider: authz-http, rules: [{to: [{paths: [/b]}]}]}]",
        "{path: /a}",
        "denied",
    ),
    ("T65", "[{action: CUSTOM, provider: missing, rules: [{to: [{paths: [/a]}]}]}]", "{path: /b}", "allowed"),
    ("T66", "[{action: CUSTOM, provider: authz-http, rules: [{}]}]", "{mode: tcp}", "allowed"),
    ("T68", "[{action: DENY, refs: [{kind: Service, name: web}], rules: [{}]}]", "{}", "allowed"),
    ("T70", "[{sel: {}}]", "{}", "denied"),
    ("T73", r#"[{action: DENY, rules: [{to: [{paths: ["/admin*"]}]}]}]"#, "{path: //admin}", "allowed"),
    ("T74", r#"[{action: DENY, rules: [{to: [{paths: ["/admin/*"]}]}]}]"#, "{path: /admin%2Fx}", "allowed"),
    ("T75", "[{rules: [{to: [{paths: [/a]}]}]}]", r#"{path: "/a#b"}"#, "allowed"),
];
