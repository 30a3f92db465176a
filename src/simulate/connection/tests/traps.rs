use super::*;
use crate::simulate::connection::naming::Expected;

fn web(labels: &str, annotations: &str, more: &str) -> String {
    BASE.to_owned()
        + &deployment("foo", "web", labels, annotations)
        + &service("foo", "web", "app: web", HTTP_PORT, "")
        + &clients()
        + more
}

#[test]
fn auto_mutual_tls_follows_the_label_and_not_the_capture() {
    let strict = peer_authentications("mesh:STRICT");
    let named = rule(
        "foo",
        "web",
        "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: [\"spiffe://cluster.local/ns/foo/sa/old\"]}}",
    );
    let excluded = "traffic.sidecar.istio.io/excludeInboundPorts: \"9000,8080\"";
    let included = "traffic.sidecar.istio.io/includeInboundPorts: \"9000\"";
    let none_included = "traffic.sidecar.istio.io/includeInboundPorts: \"\"";
    let both = "traffic.sidecar.istio.io/includeInboundPorts: \"8080\", traffic.sidecar.istio.io/excludeInboundPorts: \"8080\"";
    check([
        ("24", web("", "", &named), "bar/cli web.foo:80", "istio-mutual: F4 503"),
        ("25", web("", excluded, &strict), "bar/cli web.foo:80", "istio-mutual: F3 503"),
        ("not included", web("", included, &strict), "outside web.foo:80", "plaintext: passthrough"),
        ("nothing included", web("", none_included, &strict), "outside web.foo:80", "plaintext: passthrough"),
        ("included and excluded: included", web("", both, &strict), "outside web.foo:80", "plaintext: F1 mtls-required curl56"),
        (
            "36",
            web(", security.istio.io/tlsMode: disabled", "", &strict),
            "bar/cli web.foo:80",
            "plaintext: F1 mtls-required 503",
        ),
        ("36, permissive", web(", security.istio.io/tlsMode: disabled", "", ""), "bar/cli web.foo:80", "plaintext: http"),
        (
            "35",
            web("", "", &rule("foo", "web", "host: web, trafficPolicy: {tls: {mode: MUTUAL}}")),
            "bar/cli web.foo:80",
            "plaintext: http",
        ),
        ("metrics", web("", "", &strict), "outside foo/web:15020", "plaintext: passthrough"),
        ("the listener itself", web("", "", ""), "outside foo/web:15006", "plaintext: not-listening curl7"),
    ]);
}

#[test]
fn a_tunnel_that_ambient_would_use_is_undetermined() {
    let labelled = web(", networking.istio.io/tunnel: http", "", "");
    let disabled = labelled.replace("tunnel: http", "tunnel: http, security.istio.io/tlsMode: disabled");
    let ask_with = |yaml: &str, features: &[(&str, &str)]| summary(&ask(&build_with(yaml, features).0, "bar/cli web.foo:80"));
    let ambient = ("PILOT_ENABLE_AMBIENT", "true");
    assert_eq!(ask_with(&labelled, &[]), "istio-mutual: http P");
    assert_eq!(ask_with(&labelled, &[ambient]), "istio-mutual: http P", "it speaks mutual TLS, which is kept");
    assert_eq!(ask_with(&disabled, &[ambient]), "plaintext: undetermined");
    assert_eq!(ask_with(&labelled, &[ambient, ("PILOT_PREFER_SENDING_HBONE", "true")]), "plaintext: undetermined");
}

#[test]
fn a_host_with_a_dot_is_taken_as_written_and_mutual_tls_is_never_retried_as_plaintext() {
    let dotted = rule("bar", "dotted", "host: web.foo, trafficPolicy: {tls: {mode: DISABLE}}");
    let namespace_ports = "
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: ports, namespace: foo}
spec: {mtls: {mode: PERMISSIVE}, portLevelMtls: {8080: {mode: STRICT}}}
";
    check([
        ("4", web("", "", namespace_ports), "outside web.foo:80", "plaintext: http"),
        ("15", web("", "", &dotted), "bar/cli web.foo:80", "istio-mutual: http P"),
        ("20", web("", "", ""), "spiffe://elsewhere/ns/a/sa/b web.foo:80", "istio-mutual: F7 503"),
    ]);
}

#[test]
fn what_is_true_but_surprising_is_said() {
    let warned = |yaml: &str, question: &str, word: &str| {
        ask(&built(yaml), question).warnings.iter().any(|warning| warning.contains(word))
    };
    let database = |policies: &str| {
        web("", "", "") + &service("foo", "db", "app: web", "name: mysql, port: 3306", "") + &peer_authentications(policies)
    };
    let plain = web("", "", "");
    assert!(warned(&plain, "outside web.foo:80", "PERMISSIVE"));
    assert!(!warned(&plain, "bar/cli web.foo:80", "PERMISSIVE"));
    assert!(!warned(&(plain.clone() + &peer_authentications("ns:DISABLE")), "outside web.foo:80", "PERMISSIVE"));
    assert!(warned(&database("-"), "outside db.foo:3306 tcp", "speaks first"), "34");
    assert!(!warned(&database("ns:DISABLE"), "outside db.foo:3306 tcp", "speaks first"), "34, without detection");
    assert!(!warned(&database("-"), "bar/cli db.foo:3306 tcp", "speaks first"), "34, mutual TLS");
    assert!(warned(&plain, "bar/cli foo/web:8080", "addressed directly"));
    assert!(warned(
        &(plain + &peer_authentications("ns:STRICT")),
        "held:cluster.local/ns/a/sa/b foo/web:9999",
        "HTTP rules do not apply"
    ));
}

#[test]
fn naming_belongs_to_the_service() {
    let two = BASE.to_owned()
        + &deployment("foo", "web", ", tier: web", "")
        + &deployment("foo", "other", ", tier: web", "")
        + &service("foo", "web", "tier: web", HTTP_PORT, "")
        + &clients();
    let connection = ask(&built(&two), "bar/cli web.foo:80@foo/other");
    assert_eq!(connection.secure_naming, SecureNaming::Ok, "an account of any endpoint is accepted");
    let mesh = built(&two);
    let expected = naming::accounts(&mesh, &mesh.services[0]);
    let both = ["spiffe://cluster.local/ns/foo/sa/other", "spiffe://cluster.local/ns/foo/sa/web"].map(str::to_owned);
    assert_eq!(expected, Expected::OneOf(both.to_vec()));
    let aliased = built(&(two + &mesh_config("{trustDomain: new, trustDomainAliases: [old]}")));
    let Expected::OneOf(names) = naming::accounts(&aliased, &aliased.services[0]) else { panic!("no names") };
    assert_eq!(names.len(), 4);
    assert!(names.contains(&"spiffe://old/ns/foo/sa/web".to_owned()), "{names:?}");
    let mut nameless = aliased.clone();
    nameless.services[0].endpoints.iter_mut().for_each(|endpoint| endpoint.identity = None);
    assert_eq!(ask(&nameless, "bar/cli web.foo:80@foo/other").secure_naming, SecureNaming::NotChecked);
    let connection = ask(
        &built(&web("", "", &rule("foo", "web", "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: [x]}}"))),
        "bar/cli web.foo:80",
    );
    let got = "spiffe://cluster.local/ns/foo/sa/web".to_owned();
    assert_eq!(connection.secure_naming, SecureNaming::Mismatch { expected: vec!["x".to_owned()], got });
}

#[test]
fn a_service_entry_endpoint_speaks_mutual_tls_when_it_has_an_account() {
    let entry = |location: &str, endpoint: &str| {
        web("", "", "")
            + &format!(
                "
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {{name: vm, namespace: foo}}
spec: {{address: 10.0.0.1, labels: {{app: vm}}{endpoint}}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: vm, namespace: foo}}
spec: {{hosts: [vm.example], location: {location}, resolution: STATIC, ports: [{{number: 80, name: http, protocol: HTTP}}], workloadSelector: {{labels: {{app: vm}}}}}}
"
            )
    };
    let ask_it = "bar/cli vm.example:80";
    check([
        ("37, nothing", entry("MESH_INTERNAL", ""), ask_it, "plaintext: no-proxy"),
        ("37, account", entry("MESH_INTERNAL", ", serviceAccount: vm"), ask_it, "istio-mutual: http P"),
        ("external", entry("MESH_EXTERNAL", ", serviceAccount: vm"), ask_it, "plaintext: http"),
    ]);
}

#[test]
fn what_the_callers_proxy_does_not_see_goes_out_as_it_is() {
    let strict = peer_authentications("mesh:STRICT");
    let exported = |to: &str| {
        web("", "", &strict).replace("metadata: {name: web, namespace: foo}\nspec: {selector", &format!("metadata: {{name: web, namespace: foo, annotations: {{networking.istio.io/exportTo: \"{to}\"}}}}\nspec: {{selector"))
    };
    let sidecar = |hosts: &str| {
        web("", "", &strict)
            + &format!(
                "
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {{name: default, namespace: bar}}
spec: {{egress: [{{hosts: [{hosts}]}}]}}
"
            )
    };
    let call = "bar/cli web.foo:80";
    let (seen, unseen) = ("istio-mutual: http P", "plaintext: F1 mtls-required 503");
    let excluding =
        web("", "", &strict) + &deployment("bar", "careful", "", "traffic.sidecar.istio.io/excludeOutboundPorts: \"80\"");
    check([
        ("exported to all", exported("*"), call, seen),
        ("exported to its namespace", exported("."), call, unseen),
        ("exported to its namespace, from there", exported("."), "foo/near web.foo:80", seen),
        ("exported to the client", exported("bar,plain"), call, seen),
        ("exported to none", exported("~"), "foo/near web.foo:80", unseen),
        ("imported", sidecar("\"foo/*\""), call, seen),
        ("imported by name", sidecar("\"*/web.foo.svc.cluster.local\""), call, seen),
        ("not imported", sidecar("\"./*\", \"istio-system/*\""), call, unseen),
        ("outbound port excluded", excluding, "bar/careful web.foo:80", unseen),
    ]);
}

#[test]
fn two_services_on_one_port_the_oldest_decides() {
    let pair = |tcp: &str, http: &str| {
        let service = |name: &str, created: &str| {
            format!(
                "
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: foo, creationTimestamp: \"2026-01-01T00:00:{created}Z\"}}
spec: {{selector: {{app: web}}, ports: [{{name: {name}, port: 80, targetPort: 8080}}]}}
"
            )
        };
        BASE.to_owned() + &deployment("foo", "web", "", "") + &service("tcp", tcp) + &service("http", http) + &clients()
    };
    check([
        ("tcp older", pair("01", "02"), "outside http.foo:80", "plaintext: tcp"),
        ("http older", pair("02", "01"), "outside tcp.foo:80", "plaintext: http"),
        ("one second: by name", pair("01", "01"), "outside tcp.foo:80", "plaintext: http"),
    ]);
}

#[test]
fn a_sidecar_with_ingress_declares_the_ports() {
    let ingress = |more: &str| {
        web("", "", "")
            + &format!(
                "
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {{name: web, namespace: foo}}
spec: {{workloadSelector: {{labels: {{app: web}}}}, ingress: [{{port: {{number: 9090, name: tcp, protocol: TCP}}, defaultEndpoint: 127.0.0.1:9090}}]}}
{more}"
            )
    };
    check([
        ("declared", ingress(""), "outside foo/web:9090", "plaintext: tcp"),
        ("the service's port is sniffed", ingress(""), "outside web.foo:80 tcp", "plaintext: tcp"),
        ("the service's port is sniffed as HTTP", ingress(""), "outside web.foo:80", "plaintext: http"),
    ]);
}

#[test]
fn questions_about_nothing_are_undetermined() {
    let mesh = built(&stage());
    let caller = Caller::outside();
    let destination = Destination { workload: WorkloadId(99), port: 1, service: Some((99, 1)), subset: None, app_tls: false };
    let question = Question {
        caller: &caller,
        destination: &destination,
        protocol: ApplicationProtocol::Http,
        tls: ClientTlsOverride::Auto,
        sni: None,
        host: None,
    };
    assert_eq!(summary(&connect(&mesh, &question)), "plaintext: undetermined");
}
