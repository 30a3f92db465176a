//! The tables of behaviour, cell by cell.
use super::*;

/// `foo/web` with a port of this class, whose policy is this mode.
fn server(class: &str, mode: &str) -> String {
    let port = match class {
        "http" => "name: http, port: 80, targetPort: 8080",
        "tcp" => "name: tcp, port: 80, targetPort: 8080",
        "auto" => "port: 80, targetPort: 8080",
        other => panic!("{other}"),
    };
    let policy = peer_authentications(&format!("mesh:{mode}"));
    BASE.to_owned() + &deployment("foo", "web", "", "") + &service("foo", "web", "app: web", port, "") + &clients() + &policy
}

#[test]
fn what_a_sidecar_accepts_on_each_port() {
    const MESH_CLIENT: &str = "spiffe://cluster.local/ns/bar/sa/c web.foo:80 tls=istio-mutual";
    const HELD: &str = "held:spiffe://cluster.local/ns/bar/sa/c web.foo:80";
    // mode, class, plaintext HTTP, plaintext TCP, Istio's ALPN, TLS of a certificate holder, TLS without a certificate
    let rows = [
        ("DISABLE", "http", "http", "http", "F3 503", "F3 curl35", "F3 curl35"),
        ("DISABLE", "tcp", "tcp", "tcp", "tcp then F3 503", "tcp then F3 curl35", "tcp then F3 curl35"),
        ("DISABLE", "auto", "http", "tcp", "tcp then F3 503", "tcp then F3 curl35", "tcp then F3 curl35"),
        ("PERMISSIVE", "http", "http", "http", "http P", "F2 curl35", "F2 curl35"),
        ("PERMISSIVE", "tcp", "tcp", "tcp", "tcp P", "tcp then F3 curl35", "tcp then F3 curl35"),
        ("PERMISSIVE", "auto", "http", "tcp", "http P", "tcp then F3 curl35", "tcp then F3 curl35"),
        ("STRICT", "http", "F1 mtls-required curl56", "F1 mtls-required", "http P", "http P", "F6 mtls-required curl56"),
        ("STRICT", "tcp", "F1 mtls-required curl56", "F1 mtls-required", "tcp P", "tcp P", "F6 mtls-required curl56"),
        ("STRICT", "auto", "F1 mtls-required curl56", "F1 mtls-required", "http P", "tcp P", "F6 mtls-required curl56"),
    ];
    let held_mutual = format!("{HELD} tls=mutual");
    for (mode, class, plain_http, plain_tcp, istio, held, anonymous) in rows {
        let yaml = server(class, mode);
        let case = format!("{mode} {class}");
        let case = case.as_str();
        check([
            (case, yaml.clone(), "outside web.foo:80", format!("plaintext: {plain_http}").as_str()),
            (case, yaml.clone(), "outside web.foo:80 tcp", format!("plaintext: {plain_tcp}").as_str()),
            (case, yaml.clone(), MESH_CLIENT, format!("istio-mutual: {istio}").as_str()),
            (case, yaml.clone(), HELD, format!("mutual: {held}").as_str()),
            (case, yaml.clone(), held_mutual.as_str(), format!("mutual: {held}").as_str()),
            (case, yaml, "outside web.foo:80 tls=simple", format!("simple: {anonymous}").as_str()),
        ]);
    }
}

#[test]
fn opaque_traffic_between_sidecars_uses_the_tcp_chain_of_a_sniffed_port() {
    let tcp = "bar/cli web.foo:80 tcp";
    check([
        ("permissive", server("auto", "PERMISSIVE"), tcp, "istio-mutual: tcp P"),
        ("strict", server("auto", "STRICT"), tcp, "istio-mutual: tcp P"),
        ("undeclared", server("http", "STRICT"), "bar/cli foo/web:9999 tcp tls=istio-mutual", "istio-mutual: tcp P"),
    ]);
}

#[test]
fn clients_of_an_http_port_behind_a_sidecar() {
    let off = mesh_config("enableAutoMtls: false");
    let told = |tls: &str| rule("foo", "web", &format!("host: web, trafficPolicy: {{tls: {{{tls}}}}}"));
    let own_files = "mode: MUTUAL, clientCertificate: /own/cert.pem, privateKey: /own/key.pem";
    let mesh_files = "mode: MUTUAL, clientCertificate: /etc/certs/cert-chain.pem, privateKey: /etc/certs/key.pem, \
                      caCertificates: /etc/certs/root-cert.pem, subjectAltNames: [\"spiffe://cluster.local/ns/foo/sa/web\"]";
    let sidecar = "bar/cli web.foo:80";
    // what the client is told, question, then the outcome under STRICT, PERMISSIVE, DISABLE
    let rows = [
        (String::new(), sidecar, ["istio-mutual: http P", "istio-mutual: http P", "plaintext: http"]),
        (off, sidecar, ["plaintext: F1 mtls-required 503", "plaintext: http", "plaintext: http"]),
        (told("mode: DISABLE"), sidecar, ["plaintext: F1 mtls-required 503", "plaintext: http", "plaintext: http"]),
        (told("mode: SIMPLE"), sidecar, ["simple: F5 mtls-required 503", "simple: F2 503", "simple: F3 503"]),
        (
            told("mode: SIMPLE, insecureSkipVerify: true"),
            sidecar,
            ["simple: F6 mtls-required 503", "simple: F2 503", "simple: F3 503"],
        ),
        (told(own_files), sidecar, ["mutual: F5 503", "mutual: F2 503", "mutual: F3 503"]),
        (told(mesh_files), sidecar, ["mutual: http P", "mutual: F2 503", "mutual: F3 503"]),
        (told("mode: ISTIO_MUTUAL"), sidecar, ["istio-mutual: http P", "istio-mutual: http P", "istio-mutual: F3 503"]),
        (String::new(), "bar/cli foo/web:8080", ["plaintext: F1 mtls-required 503", "plaintext: http", "plaintext: http"]),
        (String::new(), "plain/raw web.foo:80", ["plaintext: F1 mtls-required curl56", "plaintext: http", "plaintext: http"]),
        (
            String::new(),
            "outside web.foo:80 tls=simple",
            ["simple: F6 mtls-required curl56", "simple: F2 curl35", "simple: F3 curl35"],
        ),
        (
            String::new(),
            "held:cluster.local/ns/bar/sa/c web.foo:80 tls=mutual",
            ["mutual: http P", "mutual: F2 curl35", "mutual: F3 curl35"],
        ),
        (
            String::new(),
            "held:cluster.local/ns/bar/sa/c web.foo:80 tls=istio-mutual",
            ["istio-mutual: http P", "istio-mutual: http P", "istio-mutual: F3 curl35"],
        ),
    ];
    for (more, question, expected) in rows {
        for (mode, expected) in ["STRICT", "PERMISSIVE", "DISABLE"].into_iter().zip(expected) {
            check([(format!("{mode} {more}").as_str(), server("http", mode) + &more, question, expected)]);
        }
    }
}

#[test]
fn a_port_that_is_declared_as_bytes_has_no_host_to_look_for_in_a_certificate() {
    let files = "mode: MUTUAL, clientCertificate: /etc/certs/cert-chain.pem, privateKey: /etc/certs/key.pem, \
                 caCertificates: /etc/certs/root-cert.pem";
    let on =
        |name: &str| server(name, "STRICT") + &rule("foo", "web", &format!("host: web, trafficPolicy: {{tls: {{{files}}}}}"));
    check([
        ("HTTP", on("http"), "bar/cli web.foo:80", "mutual: F4 503"),
        ("bytes", on("tcp"), "bar/cli web.foo:80 tcp", "mutual: tcp P"),
        ("bytes that are HTTP", on("tcp"), "bar/cli web.foo:80", "mutual: tcp P"),
    ]);
}

#[test]
fn clients_of_a_workload_without_a_proxy() {
    let bare =
        BASE.to_owned() + &deployment("plain", "web", "", "") + &service("plain", "web", "app: web", HTTP_PORT, "") + &clients();
    let told = |mode: &str| bare.clone() + &rule("plain", "web", &format!("host: web, trafficPolicy: {{tls: {{mode: {mode}}}}}"));
    let (plain, tls) = ("bar/cli web.plain:80", "bar/cli web.plain:80 app-tls");
    check([
        ("auto", bare.clone(), plain, "plaintext: no-proxy"),
        ("auto, TLS", bare.clone(), tls, "plaintext: app-expects-tls 503"),
        ("ISTIO_MUTUAL", told("ISTIO_MUTUAL"), plain, "istio-mutual: F3 503"),
        ("ISTIO_MUTUAL, TLS", told("ISTIO_MUTUAL"), tls, "istio-mutual: F5 503"),
        ("SIMPLE", told("SIMPLE"), plain, "simple: F3 503"),
        ("SIMPLE, TLS", told("SIMPLE"), tls, "simple: no-proxy"),
        ("plain", bare.clone(), "outside web.plain:80", "plaintext: no-proxy"),
        ("plain, TLS", bare.clone(), "outside web.plain:80 app-tls", "plaintext: app-expects-tls"),
        ("https", bare.clone(), "outside web.plain:80 tls=simple", "simple: F3 curl35"),
        ("https, TLS", bare, "outside web.plain:80 tls=simple app-tls", "simple: no-proxy"),
    ]);
}

#[test]
fn a_tls_application_behind_a_sidecar_fails_only_after_policy() {
    check([
        ("mutual", server("http", "STRICT"), "bar/cli web.foo:80 app-tls", "istio-mutual: http P then app-expects-tls 503"),
        ("plain", server("http", "PERMISSIVE"), "outside web.foo:80 app-tls", "plaintext: http then app-expects-tls"),
    ]);
}
