use super::*;

const DISABLE: &str = "trafficPolicy: {tls: {mode: DISABLE}}";
const MUTUAL: &str = "trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}";

fn strict(rules: &[(&str, &str, &str)]) -> String {
    let mut yaml = stage() + &peer_authentications("mesh:STRICT");
    for (second, (namespace, name, spec)) in rules.iter().enumerate() {
        yaml += &aged_rule(namespace, name, &format!("2026-01-01T00:00:{second:02}Z"), spec);
    }
    yaml
}

/// Whether this client is told to send plaintext by the rules, given oldest first.
fn plain(client: &str, rules: &[(&str, &str, &str)]) -> bool {
    let connection = ask(&built(&strict(rules)), &format!("{client} web.foo:80"));
    connection.client_tls == ClientTls::Plaintext
}

#[test]
fn rules_are_looked_up_in_three_places() {
    let host = |more: &str| format!("host: web.foo.svc.cluster.local, {more}");
    let exported = |to: &str, more: &str| format!("host: web.foo.svc.cluster.local, exportTo: [{to}], {more}");
    let wild = |to: &str, more: &str| format!("host: \"*\", exportTo: [{to}], {more}");
    for (name, client, rules, expected) in [
        ("own namespace first", "bar/cli", vec![("bar", "a", host(DISABLE)), ("foo", "a", host(MUTUAL))], true),
        ("then the service's", "bar/cli", vec![("foo", "a", host(DISABLE)), ("istio-system", "a", host(MUTUAL))], true),
        ("then the root", "bar/cli", vec![("istio-system", "a", host(DISABLE))], true),
        ("nobody else's", "bar/cli", vec![("plain", "a", host(DISABLE))], false),
        ("exported to the client", "bar/cli", vec![("foo", "a", exported("bar", DISABLE))], true),
        ("exported to another", "bar/cli", vec![("foo", "a", exported("plain", DISABLE))], false),
        ("own rule not for its own namespace", "bar/cli", vec![("bar", "a", exported("plain", DISABLE))], false),
        ("own rule for itself", "bar/cli", vec![("bar", "a", exported(".", DISABLE))], true),
        (
            "one host only: an exact rule that is not exported hides a wildcard",
            "bar/cli",
            vec![("foo", "a", exported("plain", MUTUAL)), ("foo", "b", wild("\"*\"", DISABLE))],
            false,
        ),
        (
            "but a private one is not in the list of exported rules",
            "bar/cli",
            vec![("foo", "a", exported(".", MUTUAL)), ("foo", "b", wild("\"*\"", DISABLE))],
            true,
        ),
        (
            "a rule of the client without TLS hides the others",
            "bar/cli",
            vec![("bar", "a", host("trafficPolicy: {loadBalancer: {simple: RANDOM}}")), ("foo", "a", host(DISABLE))],
            false,
        ),
    ] {
        let rules: Vec<_> = rules.iter().map(|(namespace, name, spec)| (*namespace, *name, spec.as_str())).collect();
        assert_eq!(plain(client, &rules), expected, "{name}");
    }
}

#[test]
fn rules_for_one_host_are_joined() {
    for (name, client, rules, expected) in [
        (
            "the oldest policy is kept",
            "bar/cli",
            vec![
                ("foo", "b", "host: web, trafficPolicy: {tls: {mode: DISABLE}}"),
                ("foo", "a", "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"),
            ],
            true,
        ),
        (
            "a policy fills a gap",
            "bar/cli",
            vec![("foo", "b", "host: web"), ("foo", "a", "host: web, trafficPolicy: {tls: {mode: DISABLE}}")],
            true,
        ),
        (
            "a policy is kept whole",
            "bar/cli",
            vec![
                ("foo", "b", "host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}"),
                ("foo", "a", "host: web, trafficPolicy: {tls: {mode: DISABLE}}"),
            ],
            false,
        ),
        (
            "different exportTo: the newest visible",
            "bar/cli",
            vec![
                ("foo", "b", "host: web, exportTo: [bar, plain], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"),
                ("foo", "a", "host: web, exportTo: [bar], trafficPolicy: {tls: {mode: DISABLE}}"),
            ],
            true,
        ),
        (
            "a superset is joined to the older",
            "bar/cli",
            vec![
                ("foo", "b", "host: web, exportTo: [bar], trafficPolicy: {tls: {mode: DISABLE}}"),
                ("foo", "a", "host: web, exportTo: [bar, foo], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"),
            ],
            true,
        ),
        (
            "and seen alone where the older is not",
            "foo/near",
            vec![
                ("foo", "b", "host: web, exportTo: [bar], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"),
                ("foo", "a", "host: web, exportTo: [bar, foo], trafficPolicy: {tls: {mode: DISABLE}}"),
            ],
            true,
        ),
        (
            "full and short host are one",
            "bar/cli",
            vec![
                ("foo", "b", "host: web.foo.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}"),
                ("foo", "a", "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"),
            ],
            true,
        ),
    ] {
        assert_eq!(plain(client, &rules), expected, "{name}");
    }
}

#[test]
fn rules_with_a_selector() {
    for (name, client, rules, expected) in [
        (
            "a selector wins",
            "foo/near",
            vec![
                ("foo", "b", "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"),
                ("foo", "a", "host: web, workloadSelector: {matchLabels: {app: near}}, trafficPolicy: {tls: {mode: DISABLE}}"),
            ],
            true,
        ),
        (
            "a selector of others does not",
            "foo/near",
            vec![("foo", "a", "host: web, workloadSelector: {matchLabels: {app: far}}, trafficPolicy: {tls: {mode: DISABLE}}")],
            false,
        ),
        (
            "joined to an equal one, but also kept apart when another follows",
            "bar/cli",
            vec![
                ("foo", "c", "host: web, exportTo: [bar], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"),
                ("foo", "b", "host: web, exportTo: [plain], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"),
                ("foo", "a", "host: web, exportTo: [bar], trafficPolicy: {tls: {mode: DISABLE}}"),
            ],
            true,
        ),
        (
            "a private rule for all is lost in one with a selector",
            "foo/near",
            vec![
                (
                    "foo",
                    "b",
                    "host: web, workloadSelector: {matchLabels: {app: far}}, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}",
                ),
                ("foo", "a", "host: web, exportTo: [.], trafficPolicy: {tls: {mode: DISABLE}}"),
            ],
            false,
        ),
        (
            "a selector is never exported",
            "bar/cli",
            vec![("foo", "a", "host: web, workloadSelector: {matchLabels: {app: cli}}, trafficPolicy: {tls: {mode: DISABLE}}")],
            false,
        ),
    ] {
        assert_eq!(plain(client, &rules), expected, "{name}");
    }
}

#[test]
fn the_port_and_subset_of_a_rule() {
    let port = |top: &str, entry: &str| {
        format!("host: web, trafficPolicy: {{{top}portLevelSettings: [{{port: {{number: 80}}{entry}}}]}}")
    };
    let rr = ", loadBalancer: {simple: RANDOM}";
    let with = |spec: &str, policies: &str| stage() + &peer_authentications(policies) + &rule("foo", "web", spec);
    let subset = |top: &str, own: &str| {
        format!("host: web, trafficPolicy: {{{top}}}, subsets: [{{name: v1, labels: {{app: web}}, trafficPolicy: {{{own}}}}}]")
    };
    let own_port = "portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]";
    check([
        ("trap 16", with(&port("tls: {mode: DISABLE}, ", rr), "-"), "bar/cli web.foo:80", "plaintext: http"),
        ("SIMPLE, none at the port", with(&port("tls: {mode: SIMPLE}, ", rr), "-"), "bar/cli web.foo:80", "plaintext: http"),
        (
            "ISTIO_MUTUAL, none at the port",
            with(&port("tls: {mode: ISTIO_MUTUAL}, ", rr), "wl:DISABLE"),
            "bar/cli web.foo:80",
            "istio-mutual: F3 503",
        ),
        (
            "the same, service level off",
            with(&port("tls: {mode: ISTIO_MUTUAL}, ", rr), "ns:DISABLE"),
            "bar/cli web.foo:80",
            "plaintext: http",
        ),
        ("nothing above the port", with(&port("", rr), "-"), "bar/cli web.foo:80", "istio-mutual: http P"),
        ("trap 17", with(&subset("tls: {mode: DISABLE}", own_port), "-"), "bar/cli web.foo:80 subset=v1", "plaintext: http"),
        (
            "a subset's port without TLS under SIMPLE",
            with(&subset("tls: {mode: SIMPLE}", own_port), "-"),
            "bar/cli web.foo:80 subset=v1",
            "plaintext: http",
        ),
        (
            "a subset's port without TLS under ISTIO_MUTUAL, service level off",
            with(&subset("tls: {mode: ISTIO_MUTUAL}", own_port), "ns:DISABLE"),
            "bar/cli web.foo:80 subset=v1",
            "plaintext: http",
        ),
        (
            "a subset overrides",
            with(&subset("tls: {mode: DISABLE}", "tls: {mode: ISTIO_MUTUAL}"), "-"),
            "bar/cli web.foo:80 subset=v1",
            "istio-mutual: http P",
        ),
        (
            "a subset without TLS inherits",
            with(&subset("tls: {mode: DISABLE}", "loadBalancer: {simple: RANDOM}"), "-"),
            "bar/cli web.foo:80 subset=v1",
            "plaintext: http",
        ),
        ("an unknown subset", with("host: web", "-"), "bar/cli web.foo:80 subset=v9", "plaintext: unknown-subset 503"),
    ]);
}

#[test]
fn calls_that_go_to_the_original_destination() {
    let passing = rule("foo", "web", "host: web, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}");
    let stage = |policies: &str| stage() + &peer_authentications(policies) + &passing;
    let half = BASE.to_owned()
        + &deployment("foo", "web", ", tier: web", "")
        + &deployment("foo", "old", ", tier: web, sidecar.istio.io/inject: \"false\"", "")
        + &service("foo", "web", "tier: web", HTTP_PORT, "")
        + &clients()
        + &rule("foo", "web", "host: web, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}, subsets: [{name: v1}]");
    check([
        ("one endpoint without a sidecar", half.clone(), "bar/cli web.foo:80@foo/web", "plaintext: http"),
        ("which a subset does not look at", half, "bar/cli web.foo:80@foo/web subset=v1", "istio-mutual: http P"),
        ("no choice per endpoint", stage("wl:DISABLE"), "bar/cli web.foo:80", "istio-mutual: F3 503"),
        ("service level", stage("ns:DISABLE"), "bar/cli web.foo:80", "plaintext: http"),
        ("strict", stage("mesh:STRICT"), "bar/cli web.foo:80", "istio-mutual: http P"),
    ]);
}

#[test]
fn the_deciding_places_are_named() {
    let yaml = strict(&[("foo", "web", "host: web, trafficPolicy: {tls: {mode: DISABLE}}")]);
    let mesh = built(&yaml);
    let connection = ask(&mesh, "bar/cli web.foo:80");
    let from = connection.client_tls_from.unwrap();
    assert_eq!(mesh.destination_rules[from.rule].id.name, "web");
    let line = yaml.lines().nth(from.span.line as usize - 1).unwrap();
    assert!(line.contains("mode: DISABLE"), "{line}");
    let origin = connection.server_mode_from.unwrap();
    assert_eq!(connection.server_mode, Some(MutualTlsMode::Strict));
    assert_eq!(origin.level, crate::mesh::Level::Mesh);
    assert!(yaml.lines().nth(origin.span.line as usize - 1).unwrap().contains("mode: STRICT"));
    assert_eq!(mesh.peer_authentications[origin.policy].id.namespace, "istio-system");
}

#[test]
fn server_names_between_proxies() {
    let plain = stage();
    assert_eq!(ask(&built(&plain), "bar/cli web.foo:80").sni, "outbound_.80_._.web.foo.svc.cluster.local");
    let subset = plain.clone() + &rule("foo", "web", "host: web, subsets: [{name: v1}]");
    assert_eq!(ask(&built(&subset), "bar/cli web.foo:80 subset=v1").sni, "outbound_.80_.v1_.web.foo.svc.cluster.local");
    let written = plain + &rule("foo", "web", "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, sni: other.example}}");
    assert_eq!(ask(&built(&written), "bar/cli web.foo:80").sni, "other.example");
    assert_eq!(ask(&built(&written), "bar/cli web.foo:80 sni=mine").sni, "mine");
    assert_eq!(ask(&built(&written), "outside web.foo:80 sni=mine").sni, "", "plaintext has no server name");
}
