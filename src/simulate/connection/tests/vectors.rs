//! The numbered cases of the behaviour this room reproduces: policies, rules, a client, and what it sees.
use super::*;

const SIDECAR: &str = "bar/cli web.foo:80";
const PLAIN: &str = "plain/raw web.foo:80";

fn with(policies: &str, more: &str) -> String {
    stage() + &peer_authentications(policies) + more
}

fn web_rule(policy: &str) -> String {
    rule("foo", "web", &format!("host: web, trafficPolicy: {{{policy}}}"))
}

fn tls(mode: &str) -> String {
    web_rule(&format!("tls: {{mode: {mode}}}"))
}

#[test]
fn policies_decide_what_a_client_sees() {
    let two_of_one_second = "
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: b, namespace: foo}
spec: {selector: {matchLabels: {app: web}}, mtls: {mode: DISABLE}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: a, namespace: foo}
spec: {selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}
";
    let refused = "plaintext: F1 mtls-required curl56";
    let mutual = "istio-mutual: http P";
    let terminated = "plaintext: F1 mtls-required 503";
    let auto_off = mesh_config("enableAutoMtls: false");
    check([
        ("1", with("-", ""), SIDECAR, mutual),
        ("2", with("-", ""), PLAIN, "plaintext: http"),
        ("3", with("mesh:STRICT", ""), SIDECAR, mutual),
        ("4", with("mesh:STRICT", ""), PLAIN, refused),
        ("5", with("mesh:STRICT", ""), "plain/raw web.foo:80 tls=simple", "simple: F6 mtls-required curl56"),
        ("6", with("mesh:STRICT ns:PERMISSIVE", ""), PLAIN, "plaintext: http"),
        ("7", with("mesh:STRICT ns:UNSET", ""), PLAIN, refused),
        ("8", with("mesh:UNSET", ""), PLAIN, "plaintext: http"),
        ("9", with("ns:STRICT wl:DISABLE", ""), SIDECAR, "plaintext: http"),
        ("10", with("ns:STRICT wl:UNSET,p8080:PERMISSIVE", ""), PLAIN, "plaintext: http"),
        ("11", with("ns:STRICT wl:UNSET,p80:PERMISSIVE", ""), PLAIN, refused),
        ("12", with("ns:PERMISSIVE wl:UNSET,p8080:STRICT", ""), PLAIN, refused),
        ("13", with("wl:STRICT,p8080:UNSET", ""), PLAIN, refused),
        ("14", with("wl:UNSET wl:STRICT", ""), PLAIN, "plaintext: http"),
        ("15", with("wl:STRICT wl:DISABLE", ""), PLAIN, refused),
        ("16", stage() + two_of_one_second, PLAIN, refused),
        ("17", with("rootwl:STRICT", ""), PLAIN, "plaintext: http"),
        ("18", with("ns:DISABLE wl:STRICT", ""), SIDECAR, terminated),
        ("19", with("ns:DISABLE wl:STRICT", &tls("ISTIO_MUTUAL")), SIDECAR, mutual),
        ("20", with("mesh:STRICT", &auto_off), SIDECAR, terminated),
        ("21", with("mesh:PERMISSIVE", &auto_off), SIDECAR, "plaintext: http"),
        ("22", with("mesh:STRICT", &tls("DISABLE")), SIDECAR, terminated),
        ("23", with("mesh:PERMISSIVE", &tls("DISABLE")), SIDECAR, "plaintext: http"),
        ("24", with("mesh:DISABLE", &tls("ISTIO_MUTUAL")), SIDECAR, "istio-mutual: F3 503"),
        ("25", with("mesh:DISABLE", ""), SIDECAR, "plaintext: http"),
        ("26", with("mesh:STRICT", &tls("SIMPLE")), SIDECAR, "simple: F5 mtls-required 503"),
        ("27", with("mesh:PERMISSIVE", &tls("SIMPLE")), SIDECAR, "simple: F2 503"),
        ("28", with("mesh:DISABLE", &tls("SIMPLE")), SIDECAR, "simple: F3 503"),
        ("30", with("mesh:PERMISSIVE", ""), "plain/raw web.foo:80 tls=simple", "simple: F2 curl35"),
        ("32", with("mesh:DISABLE", ""), "plain/raw web.foo:80 tls=simple", "simple: F3 curl35"),
    ]);
}

fn stage_with_port(port: &str, policies: &str, more: &str) -> String {
    let web = deployment("foo", "web", "", "");
    BASE.to_owned() + &web + &service("foo", "web", "app: web", port, "") + &clients() + &peer_authentications(policies) + more
}

#[test]
fn a_port_that_is_no_http_lets_tls_through() {
    let unnamed = "port: 80, targetPort: 8080";
    let tcp = "name: tcp, port: 80, targetPort: 8080";
    let plain = "plain/raw web.foo:80 tls=simple app-tls";
    check([
        ("29", stage_with_port(unnamed, "mesh:PERMISSIVE", &tls("SIMPLE")), "bar/cli web.foo:80 app-tls", "simple: tcp"),
        ("31", stage_with_port(tcp, "mesh:PERMISSIVE", ""), plain, "simple: tcp"),
        (
            "31, plain application",
            stage_with_port(tcp, "mesh:PERMISSIVE", ""),
            "plain/raw web.foo:80 tls=simple",
            "simple: tcp then F3 curl35",
        ),
        ("trap 18, auto", stage_with_port(unnamed, "mesh:PERMISSIVE", ""), plain, "simple: tcp"),
        ("trap 18, http", stage_with_port(HTTP_PORT, "mesh:PERMISSIVE", ""), plain, "simple: F2 curl35"),
    ]);
}

/// Two workloads behind one service, of which `old` has no sidecar.
fn half_injected(policies: &str, headless: bool, more: &str) -> String {
    let headless = if headless { ", clusterIP: None" } else { "" };
    BASE.to_owned()
        + &deployment("foo", "web", ", tier: web", "")
        + &deployment("foo", "old", ", tier: web, sidecar.istio.io/inject: \"false\"", "")
        + &service("foo", "web", "tier: web", "name: http, port: 8080", headless)
        + &clients()
        + &peer_authentications(policies)
        + more
}

fn headless(policies: &str) -> String {
    BASE.to_owned()
        + &deployment("foo", "web", "", "")
        + &service("foo", "web", "app: web", "name: http, port: 8080", ", clusterIP: None")
        + &clients()
        + &peer_authentications(policies)
}

#[test]
fn workloads_without_a_sidecar() {
    let bare = BASE.to_owned()
        + &deployment("foo", "web", ", sidecar.istio.io/inject: \"false\"", "")
        + &service("foo", "web", "app: web", HTTP_PORT, "")
        + &clients();
    let strict = peer_authentications("mesh:STRICT");
    let new = "bar/cli web.foo:8080@foo/web";
    let old = "bar/cli web.foo:8080@foo/old";
    let mutual = tls("ISTIO_MUTUAL");
    check([
        ("33", bare.clone() + &strict, SIDECAR, "plaintext: no-proxy"),
        ("34", bare.clone() + &mutual, SIDECAR, "istio-mutual: F3 503"),
        ("35, injected", half_injected("mesh:STRICT", false, ""), new, "istio-mutual: http P"),
        ("35, not injected", half_injected("mesh:STRICT", false, ""), old, "plaintext: no-proxy"),
        ("36, injected", half_injected("mesh:STRICT", true, ""), new, "plaintext: F1 mtls-required 503"),
        ("36, not injected", half_injected("mesh:STRICT", true, ""), old, "plaintext: no-proxy"),
        ("trap 11", half_injected("-", false, &mutual), old, "istio-mutual: F3 503"),
        ("37", headless("wl:DISABLE"), "bar/cli web.foo:8080", "istio-mutual: F3 503"),
        ("38", headless("ns:DISABLE"), "bar/cli web.foo:8080", "plaintext: http"),
        ("headless, all injected", headless("mesh:STRICT"), "bar/cli web.foo:8080", "istio-mutual: http P"),
    ]);
}

#[test]
fn the_destination_rule_that_counts() {
    let disable = "tls: {mode: DISABLE}";
    let of_root = |policy: &str| rule("istio-system", "all", &format!("host: \"*\", trafficPolicy: {{{policy}}}"));
    let own = |policy: &str| rule("bar", "own", &format!("host: web.foo.svc.cluster.local, trafficPolicy: {{{policy}}}"));
    let strict = |more: &str| with("mesh:STRICT", more);
    let port = |top: &str, number: u16, entry: &str| {
        web_rule(&format!("tls: {{mode: {top}}}, portLevelSettings: [{{port: {{number: {number}}}, {entry}}}]"))
    };
    let balanced = "loadBalancer: {simple: RANDOM}";
    let private = rule("foo", "web", &format!("host: web, exportTo: [.], trafficPolicy: {{{disable}}}"));
    let wildcard = rule("foo", "wild", &format!("host: \"*.foo.svc.cluster.local\", trafficPolicy: {{{disable}}}"));
    let exact = rule("foo", "exact", "host: web.foo.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}");
    let older = aged_rule("foo", "z-older", "2026-01-01T00:00:00Z", &format!("host: web, trafficPolicy: {{{disable}}}"));
    let newer = aged_rule("foo", "a-newer", "2026-01-01T00:00:01Z", "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}");
    let subset = |top: &str, policy: &str| {
        rule(
            "foo",
            "web",
            &format!("host: web, trafficPolicy: {{tls: {{mode: {top}}}}}, subsets: [{{name: v1, labels: {{app: web}}{policy}}}]"),
        )
    };
    let short = rule("bar", "short", &format!("host: web, trafficPolicy: {{{disable}}}"));
    let named = web_rule("tls: {mode: ISTIO_MUTUAL, subjectAltNames: [\"spiffe://cluster.local/ns/foo/sa/other\"]}");
    let mutual = "istio-mutual: http P";
    let terminated = "plaintext: F1 mtls-required 503";
    check([
        ("39", strict(&(own(balanced) + &of_root(disable))), SIDECAR, mutual),
        ("40", strict(&of_root(disable)), SIDECAR, terminated),
        ("41", strict(&private), SIDECAR, mutual),
        ("42", strict(&private), "foo/near web.foo:80", terminated),
        ("43", strict(&(tls("ISTIO_MUTUAL") + &own(disable))), SIDECAR, terminated),
        ("44", strict(&(wildcard + &exact)), SIDECAR, mutual),
        ("45", strict(&(newer + &older)), SIDECAR, terminated),
        ("46", strict(&port("DISABLE", 80, "tls: {mode: ISTIO_MUTUAL}")), SIDECAR, mutual),
        ("47", strict(&port("DISABLE", 8080, "tls: {mode: ISTIO_MUTUAL}")), SIDECAR, terminated),
        ("48", strict(&port("DISABLE", 80, balanced)), SIDECAR, terminated),
        (
            "49",
            strict(&subset("ISTIO_MUTUAL", ", trafficPolicy: {tls: {mode: DISABLE}}")),
            "bar/cli web.foo:80 subset=v1",
            terminated,
        ),
        ("50", strict(&subset("DISABLE", "")), "bar/cli web.foo:80 subset=v1", terminated),
        ("51", strict(&short), SIDECAR, mutual),
        ("52", strict(&named), SIDECAR, "istio-mutual: F4 503"),
    ]);
}

#[test]
fn trust_domains_of_clients() {
    let of_td1 = "spiffe://td1/ns/bar/sa/c web.foo:80";
    let alias = with("mesh:STRICT", &mesh_config("{trustDomain: td2, trustDomainAliases: [td1]}"));
    let mesh = built(&alias);
    let connection = ask(&mesh, of_td1);
    assert_eq!(summary(&connection), "istio-mutual: http P", "53");
    assert_eq!(connection.peer, ["spiffe://td1/ns/bar/sa/c"], "53");
    let foreign = with("mesh:STRICT", &mesh_config("trustDomain: td2"));
    check([("54", foreign.clone(), of_td1, "istio-mutual: F7 503")]);
    let (skipping, _) = build_with(&foreign, &[("PILOT_SKIP_VALIDATE_TRUST_DOMAIN", "true")]);
    assert_eq!(summary(&ask(&skipping, of_td1)), "istio-mutual: http P", "55");
}

#[test]
fn ports_that_no_policy_sees() {
    let excluding = BASE.to_owned()
        + &deployment("foo", "web", "", "traffic.sidecar.istio.io/excludeInboundPorts: \"8080\"")
        + &service("foo", "web", "app: web", HTTP_PORT, "")
        + &clients()
        + &peer_authentications("mesh:STRICT");
    let keeping_probes = BASE.to_owned()
        + &deployment("foo", "web", "", "sidecar.istio.io/rewriteAppHTTPProbers: \"false\"")
        + &service("foo", "web", "app: web", HTTP_PORT, "")
        + &clients()
        + &peer_authentications("mesh:STRICT");
    check([
        ("56", excluding.clone(), PLAIN, "plaintext: passthrough"),
        ("57", excluding, SIDECAR, "istio-mutual: F3 503"),
        ("58", with("mesh:STRICT", ""), "bar/cli foo/web:8080", "plaintext: F1 mtls-required 503"),
        ("59", with("mesh:STRICT", ""), "plain/raw foo/web:9999", "plaintext: F1 mtls-required curl56"),
        ("60", with("wl:STRICT,p9999:DISABLE", ""), "plain/raw foo/web:9999", "plaintext: http"),
        ("61", with("mesh:STRICT", ""), "kubelet foo/web:8080", "plaintext: passthrough"),
        ("62", keeping_probes, "kubelet foo/web:8080", "plaintext: F1 mtls-required curl56"),
        ("79, the connection", with("mesh:STRICT", ""), "spiffe://cluster.local/ns/bar/sa/c web.foo:80", "istio-mutual: http P"),
        ("80, the connection", with("mesh:PERMISSIVE", ""), PLAIN, "plaintext: http"),
        ("81, the connection", with("mesh:STRICT", ""), PLAIN, "plaintext: F1 mtls-required curl56"),
    ]);
}

#[test]
fn ambient_is_undetermined() {
    let ambient = BASE.to_owned()
        + "
---
apiVersion: v1
kind: Namespace
metadata: {name: am, labels: {istio.io/dataplane-mode: ambient}}
" + &deployment("am", "web", "", "")
        + &service("am", "web", "app: web", HTTP_PORT, "")
        + &deployment("foo", "web", "", "")
        + &clients();
    check([
        ("65", ambient.clone(), "plain/raw web.am:80", "plaintext: undetermined"),
        ("68", ambient.clone(), "bar/cli web.am:80", "plaintext: undetermined"),
        ("63", ambient, "am/web foo/web:80", "plaintext: undetermined"),
    ]);
}
