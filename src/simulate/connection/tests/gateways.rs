use super::*;

fn gateway(servers: &str, more: &str) -> String {
    stage()
        + &deployment(
            "foo",
            "edge",
            ", istio: ingressgateway, sidecar.istio.io/inject: \"true\"",
            "inject.istio.io/templates: gateway",
        )
        + &service("foo", "edge", "app: edge", "name: http, port: 80, targetPort: 8080", "")
        + &format!(
            "
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: edge, namespace: foo}}
spec: {{selector: {{istio: ingressgateway}}, servers: [{servers}]}}
{more}"
        )
}

fn server(port: u16, protocol: &str, hosts: &str, tls: &str) -> String {
    format!("{{port: {{number: {port}, name: p{port}-{protocol}, protocol: {protocol}}}, hosts: [{hosts}]{tls}}}")
}

#[test]
fn a_gateways_servers_decide_and_not_peer_authentication() {
    let strict = peer_authentications("ns:STRICT");
    let http = gateway(&server(80, "HTTP", "\"*\"", ""), &strict);
    let tls = |mode: &str| gateway(&server(443, "HTTPS", "\"*\"", &format!(", tls: {{mode: {mode}, credentialName: c}}")), "");
    let mutual = gateway(&server(443, "HTTPS", "\"*\"", ", tls: {mode: ISTIO_MUTUAL}"), "");
    let passing = gateway(&server(443, "TLS", "a.example", ", tls: {mode: PASSTHROUGH}"), "");
    let foreign = "spiffe://elsewhere/ns/a/sa/b foo/edge:443 tls=istio-mutual";
    check([
        ("78", http.clone(), "outside edge.foo:80", "plaintext: http"),
        ("https to http", http.clone(), "outside edge.foo:80 tls=simple", "simple: F3 curl35"),
        ("a sidecar sends plaintext", http.clone(), "bar/cli edge.foo:80", "plaintext: http"),
        ("no such port", http, "outside foo/edge:9999", "plaintext: not-listening curl7"),
        ("SIMPLE", tls("SIMPLE"), "outside foo/edge:443 tls=simple", "simple: http"),
        ("SIMPLE, plaintext", tls("SIMPLE"), "outside foo/edge:443", "plaintext: F1 curl56"),
        ("SIMPLE, between proxies", tls("SIMPLE"), "bar/cli foo/edge:443 tls=istio-mutual", "istio-mutual: F5 503"),
        ("MUTUAL, no certificate", tls("MUTUAL"), "outside foo/edge:443 tls=simple", "simple: F6 curl56"),
        ("MUTUAL, a certificate", tls("MUTUAL"), "held:cluster.local/ns/a/sa/b foo/edge:443", "mutual: undetermined"),
        ("ISTIO_MUTUAL", mutual.clone(), "bar/cli foo/edge:443 tls=istio-mutual", "istio-mutual: http P"),
        ("ISTIO_MUTUAL, foreign trust domain", mutual.clone(), foreign, "istio-mutual: http P"),
        ("ISTIO_MUTUAL, no certificate", mutual, "outside foo/edge:443 tls=simple", "simple: F6 curl56"),
        ("PASSTHROUGH", passing.clone(), "outside foo/edge:443 tls=simple sni=a.example", "simple: tcp"),
        ("PASSTHROUGH, another name", passing, "outside foo/edge:443 tls=simple sni=b.example", "simple: F2 curl35"),
    ]);
}

#[test]
fn several_servers_are_told_apart_by_server_name() {
    let yaml = gateway(
        &[
            server(443, "HTTPS", "a.example", ", tls: {mode: SIMPLE, credentialName: c}"),
            server(443, "TLS", "foo/b.example", ", tls: {mode: PASSTHROUGH}"),
            server(80, "HTTP", "\"*\"", ", tls: {httpsRedirect: true}"),
        ]
        .join(", "),
        "",
    );
    check([
        ("a", yaml.clone(), "outside foo/edge:443 tls=simple sni=a.example", "simple: http"),
        ("b", yaml.clone(), "outside foo/edge:443 tls=simple sni=b.example", "simple: tcp"),
        ("c", yaml.clone(), "outside foo/edge:443 tls=simple sni=c.example", "simple: F2 curl35"),
        ("redirect", yaml, "outside edge.foo:80", "plaintext: http"),
    ]);
}

#[test]
fn a_gateway_as_a_client_behaves_like_a_sidecar_except_for_headless_services() {
    let headless = |policies: &str| {
        gateway(&server(80, "HTTP", "\"*\"", ""), &peer_authentications(policies))
            + &service("foo", "bare", "app: web", "name: http, port: 8080", ", clusterIP: None")
    };
    check([
        ("a service", headless("mesh:STRICT"), "foo/edge web.foo:80", "istio-mutual: http P"),
        ("a headless one", headless("wl:DISABLE"), "foo/edge bare.foo:8080", "plaintext: http"),
        ("the same for a sidecar", headless("wl:DISABLE"), "bar/cli bare.foo:8080", "istio-mutual: F3 503"),
    ]);
}

#[test]
fn a_gateway_of_the_gateway_api() {
    let yaml = stage()
        + &deployment("foo", "gw-istio", ", gateway.networking.k8s.io/gateway-name: gw, sidecar.istio.io/inject: \"false\"", "").replace("name: main", "name: istio-proxy")
        + &deployment("foo", "way", ", gateway.networking.k8s.io/gateway-name: way, sidecar.istio.io/inject: \"false\"", "").replace("name: main", "name: istio-proxy")
        + "
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: foo}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}, {name: tls, port: 443, protocol: TLS, hostname: a.example, tls: {mode: Passthrough}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: way, namespace: foo}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
";
    check([
        ("http", yaml.clone(), "outside foo/gw-istio:80", "plaintext: http"),
        ("tls", yaml.clone(), "outside foo/gw-istio:443 tls=simple sni=a.example", "simple: tcp"),
        ("waypoint", yaml, "outside foo/way:80", "plaintext: undetermined"),
    ]);
}
