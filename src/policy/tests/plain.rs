use crate::mesh::Proxy;
use crate::policy::ChainKind;
use crate::policy::Otherwise;
use crate::policy::Scope;
use crate::policy::Step;
use crate::policy::decision_tables;
use crate::policy::explain_policies;
use crate::policy::lower;
use crate::policy::tests::notation::mesh;
use crate::policy::tests::notation::workload;
use crate::policy::tests::notation::yaml;

/// What the one rule of a DENY policy matches.
fn said(rule: &str, chain: ChainKind) -> String {
    let mesh = mesh(&yaml(&format!("[{{action: DENY, rules: [{rule}]}}]")), &[]);
    let engines = lower(&mesh, &workload(Proxy::Sidecar, None), chain).engines;
    engines.deny.unwrap().rules[0].in_english(chain)
}

#[test]
fn every_attribute_has_its_words() {
    let cases = [
        ("{}", "every request"),
        ("{from: [{}]}", "every request"),
        ("{to: [{methods: [GET]}, {}]}", "every request"),
        ("{to: [{methods: [GET]}]}", "requests where the method is `GET`"),
        ("{to: [{methods: [GET, GET, HEAD]}]}", "requests where the method is `GET` or `HEAD`"),
        ("{to: [{methods: ['*']}]}", "requests where the method is there, whatever it is"),
        ("{to: [{notMethods: [GET, HEAD]}]}", "requests where the method is not `GET` or `HEAD`"),
        ("{to: [{paths: ['/a/*', '/b', '*.js']}]}", "requests where the path is `/b` or starts with `/a/` or ends with `.js`"),
        ("{to: [{paths: ['/{*}/x']}]}", "requests where the path matches `/{*}/x`"),
        ("{to: [{paths: ['/a*'], notPaths: [/ab]}]}", "requests where the path starts with `/a` and is not `/ab`"),
        ("{to: [{hosts: [a.example]}]}", "requests where the host is `a.example`"),
        ("{to: [{ports: ['80', '81']}]}", "requests where the port is `80` or `81`"),
        ("{from: [{principals: [td/ns/a/sa/b]}]}", "requests where the caller's principal is `td/ns/a/sa/b`"),
        (
            "{from: [{notPrincipals: [td/ns/a/sa/b]}]}",
            "requests where the caller's principal is not `td/ns/a/sa/b` (also without a mesh identity)",
        ),
        ("{from: [{notPrincipals: ['*']}]}", "requests where the caller's principal is absent"),
        ("{from: [{namespaces: ['a*b']}]}", "requests where the caller's namespace matches `a*b`"),
        ("{from: [{serviceAccounts: [b]}]}", "requests where the caller's service account is `foo/b`"),
        ("{from: [{ipBlocks: [10.0.0.0/8, 1.2.3.4]}]}", "requests where the source address is `1.2.3.4` or is in `10.0.0.0/8`"),
        ("{from: [{notRemoteIpBlocks: [10.0.0.0/8]}]}", "requests where the original client address is not in `10.0.0.0/8`"),
        ("{from: [{requestPrincipals: ['*']}]}", "requests where the token is valid, whoever issued it"),
        ("{from: [{notRequestPrincipals: ['*']}]}", "requests where the token is missing"),
        ("{from: [{requestPrincipals: ['i/*']}]}", "requests where the token has issuer `i` and any subject"),
        (
            "{when: [{key: 'request.headers[x]', notValues: [a]}]}",
            "requests where header `x` is not `a` (also without the header)",
        ),
        ("{when: [{key: 'request.auth.claims[a][b]', values: [c]}]}", "requests where the token's claim `a][b` is or holds `c`"),
        ("{when: [{key: request.auth.audiences, values: [c]}]}", "requests where the token's audience is or holds `c`"),
        ("{when: [{key: connection.sni, values: ['*.x']}]}", "requests where the server name (SNI) ends with `.x`"),
        ("{when: [{key: destination.ip, values: [1.2.3.4]}]}", "requests where the destination address is `1.2.3.4`"),
        (
            "{from: [{namespaces: [a]}, {namespaces: [b], ipBlocks: [1.2.3.4]}], to: [{methods: [GET]}]}",
            "requests where the method is `GET` and (the caller's namespace is `a` or (the caller's namespace is `b` and the source address \
             is `1.2.3.4`))",
        ),
        (
            "{from: [{namespaces: [a]}, {ipBlocks: [1.2.3.4]}]}",
            "requests where the caller's namespace is `a` or the source address is `1.2.3.4`",
        ),
        ("{to: [{methods: [A, B, C, D, E]}]}", "requests where the method is `A`, `B`, `C` or one of 2 more"),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(rule, wanted)| said(rule, ChainKind::Http) != *wanted)
        .map(|(rule, wanted)| format!("{rule}\n  wanted {wanted}\n  said   {}", said(rule, ChainKind::Http)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_tcp_drops_is_not_said() {
    assert_eq!(said("{to: [{methods: [GET], ports: ['80']}]}", ChainKind::Tcp), "connections where the port is `80`");
    assert_eq!(said("{to: [{methods: [GET]}]}", ChainKind::Tcp), "every connection");
}

#[test]
fn a_policy_is_explained_whatever_it_selects() {
    let policies = "[{ns: other, sel: {app: x}, action: DENY, rules: [{to: [{methods: [GET]}]}]}, {rules: []}]";
    let mesh = mesh(&yaml(policies), &[]);
    let explained = explain_policies(&mesh);
    let rule = &explained[0].rules[0];
    assert_eq!(rule.http.matches.as_deref(), Some("requests where the method is `GET`"));
    assert!(rule.tcp.matches_everything && rule.tcp.notes.len() == 1, "{:?}", rule.tcp);
    assert_eq!(explained[1].rules[0].http.matches.as_deref(), Some("no request: the policy has no rules"));
    assert!(!explained[1].rules[0].http.matches_everything);
}

#[test]
fn steps_stand_in_order_and_a_broken_provider_refuses() {
    let policies = "[{rules: [{}]}, {action: AUDIT, rules: [{}]}, {action: DENY, rules: [{}]}, {action: CUSTOM, provider: nobody, rules: [{}]}, \
                    {action: DENY, dry: 'true', rules: [{}]}]";
    let mut mesh = mesh(&yaml(policies), &[]);
    mesh.workloads = vec![workload(Proxy::Sidecar, None), workload(Proxy::None, None)];
    let tables = decision_tables(&mesh);
    let [table] = tables.as_slice() else { panic!("{tables:?}") };
    assert!(matches!(&table.scope, Scope::Workloads(ids) if ids.len() == 1), "a workload without a proxy enforces nothing");
    let steps: Vec<&Step> = table.http.iter().map(|row| &row.step).collect();
    assert!(matches!(steps[0], Step::BrokenProvider(_)), "{steps:?}");
    assert_eq!(steps[1..], [&Step::Deny, &Step::Allow, &Step::Audit, &Step::DryRunDeny]);
    assert_eq!(table.http_otherwise, Otherwise::Refused);
}

#[test]
fn policies_without_a_workload_are_tables_of_their_own() {
    let policies = "[{sel: {app: x}, rules: [{}]}, {action: DENY, rules: [{}]}, {ns: istio-system, action: DENY, rules: [{}]}, \
                    {refs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}], rules: [{}]}, \
                    {refs: [{kind: Service, name: web}], rules: [{}]}]";
    let tables = decision_tables(&mesh(&yaml(policies), &[]));
    let told: Vec<(String, usize)> = tables
        .iter()
        .map(|table| match &table.scope {
            Scope::Described(words) => (words.clone(), table.http.len()),
            Scope::Workloads(_) => (String::new(), 0),
        })
        .collect();
    let wanted = [
        // The policies of its namespace and of the root namespace apply as well.
        ("workloads of namespace `foo` with label app=x", 3),
        ("workloads of namespace `foo` that no selector names", 2),
        ("workloads of every namespace that no selector names", 1),
        ("gateway `foo/edge`", 3),
    ];
    assert_eq!(told, wanted.map(|(words, rows)| (words.to_owned(), rows)));
}
