use super::*;
use crate::diag::SourceMap;
use crate::manifest;
use crate::mesh::Protocol;
use crate::mesh::Proxy;
use crate::mesh::Service;
use crate::mesh::ServiceKind;
use crate::mesh::Workload;

fn read(yaml: &str) -> Manifests {
    let mut sources = SourceMap::default();
    let id = sources.add("test.yaml", yaml);
    let manifests = manifest::read(&sources, &[id]);
    let errors: Vec<_> = manifests.findings.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{yaml}");
    manifests
}

fn built(yaml: &str) -> (Mesh, Vec<Finding>) {
    build(&read(yaml), &BuildOptions::default())
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code.0).collect()
}

fn namespace(name: &str, labels: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n---\n")
}

fn pod(name: &str, labels: &str, annotations: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: a, labels: {{{labels}}}, annotations: {{{annotations}}}}}\nspec: {{{spec}}}\n---\n"
    )
}

const PLAIN_SPEC: &str = "containers: [{name: main, image: x}]";

fn only(mesh: &Mesh) -> &Workload {
    assert_eq!(mesh.workloads.len(), 1);
    &mesh.workloads[0]
}

fn service<'m>(mesh: &'m Mesh, host: &str) -> &'m Service {
    mesh.services.iter().find(|service| service.hostname == host).unwrap_or_else(|| panic!("no {host}"))
}

#[test]
fn what_stands_in_front_of_a_pod() {
    let on = "istio-injection: enabled";
    let with_proxy = "containers: [{name: main, image: x}, {name: istio-proxy, image: y}]";
    let only_proxy = "initContainers: [{name: istio-init, image: y}], containers: [{name: istio-proxy, image: y}]";
    // namespace labels, pod labels, pod annotations, spec, proxy, tlsMode label
    for (namespace_labels, labels, annotations, spec, proxy, tls_mode) in [
        (on, "app: a", "", PLAIN_SPEC, Proxy::Sidecar, Some("istio")),
        (on, "security.istio.io/tlsMode: disabled", "", PLAIN_SPEC, Proxy::Sidecar, Some("disabled")),
        (on, "security.istio.io/tlsMode: \"\"", "", PLAIN_SPEC, Proxy::Sidecar, Some("istio")),
        ("", "app: a", "", PLAIN_SPEC, Proxy::None, None),
        ("", "security.istio.io/tlsMode: istio", "", PLAIN_SPEC, Proxy::None, Some("istio")),
        ("", "app: a", "", with_proxy, Proxy::Sidecar, None),
        ("", "app: a", "", only_proxy, Proxy::Gateway, None),
        (on, "istio: ingressgateway", "", PLAIN_SPEC, Proxy::Gateway, None),
        (on, "app: a", "inject.istio.io/templates: gateway", PLAIN_SPEC, Proxy::Gateway, None),
        (on, "app: a", "inject.istio.io/templates: \"sidecar,custom\"", PLAIN_SPEC, Proxy::Sidecar, Some("istio")),
        (on, "app: a", "inject.istio.io/templates: grpc-agent", PLAIN_SPEC, Proxy::None, None),
        (on, "gateway.networking.k8s.io/gateway-name: g", "", PLAIN_SPEC, Proxy::Sidecar, Some("istio")),
        (on, "gateway.networking.k8s.io/gateway-name: g, sidecar.istio.io/inject: \"false\"", "", PLAIN_SPEC, Proxy::None, None),
        (
            on,
            "gateway.networking.k8s.io/gateway-name: g, sidecar.istio.io/inject: \"false\"",
            "",
            "containers: [{name: istio-proxy, image: x}]",
            Proxy::Gateway,
            None,
        ),
        (
            "",
            "gateway.networking.k8s.io/gateway-name: g, gateway.istio.io/managed: istio.io-mesh-controller",
            "",
            PLAIN_SPEC,
            Proxy::Waypoint,
            None,
        ),
        ("istio.io/dataplane-mode: ambient", "app: a", "", PLAIN_SPEC, Proxy::Ambient, None),
        ("istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: none", "", PLAIN_SPEC, Proxy::None, None),
        ("", "istio.io/dataplane-mode: ambient", "", PLAIN_SPEC, Proxy::Ambient, None),
        ("istio-injection: enabled, istio.io/dataplane-mode: ambient", "app: a", "", PLAIN_SPEC, Proxy::Sidecar, Some("istio")),
        ("istio.io/dataplane-mode: ambient", "app: a", "", "hostNetwork: true, containers: []", Proxy::None, None),
        (on, "app: a", "", "hostNetwork: true, containers: []", Proxy::None, None),
    ] {
        let case = format!("{namespace_labels} | {labels} | {annotations} | {spec}");
        let (mesh, _) = built(&(namespace("a", namespace_labels) + &pod("p", labels, annotations, spec)));
        let workload = only(&mesh);
        assert_eq!(workload.proxy, proxy, "{case}: {}", workload.proxy_reason);
        assert_eq!(workload.labels.get("security.istio.io/tlsMode").map(String::as_str), tls_mode, "{case}");
        assert_eq!(workload.proxyless, annotations.contains("grpc-agent"), "{case}");
        assert!(!workload.proxy_reason.is_empty(), "{case}");
    }
}

#[test]
fn a_namespace_says_whether_its_pods_are_injected() {
    let yaml = namespace("a", "istio-injection: enabled")
        + &namespace("b", "istio.io/rev: x")
        + &namespace("kube-system", "istio-injection: enabled");
    let (mesh, _) = built(&(yaml + &pod("p", "", "", PLAIN_SPEC).replace("namespace: a", "namespace: c")));
    let injecting: Vec<_> =
        mesh.namespaces.iter().filter(|(_, namespace)| namespace.injects).map(|(name, _)| name.as_str()).collect();
    assert_eq!(injecting, ["a", "b"]);
    assert_eq!(mesh.namespaces.len(), 4);
}

#[test]
fn ports_that_are_captured() {
    let annotated = |annotations: &str| {
        let (mesh, findings) =
            built(&(namespace("a", "istio-injection: enabled") + &pod("p", "app: a", annotations, PLAIN_SPEC)));
        let captured: Vec<u16> =
            [8080, 9000, 15008, 15020, 15021, 15090, 16000].into_iter().filter(|port| only(&mesh).intercepts(*port)).collect();
        (captured, codes(&findings))
    };
    let prefix = "traffic.sidecar.istio.io/";
    assert_eq!(annotated(""), (vec![8080, 9000, 16000], vec![]));
    assert_eq!(annotated(&format!("{prefix}excludeInboundPorts: \"9000, 1\"")), (vec![8080, 16000], vec![]));
    assert_eq!(annotated(&format!("{prefix}includeInboundPorts: \"9000\"")), (vec![9000], vec![]));
    assert_eq!(annotated(&format!("{prefix}includeInboundPorts: \"\"")), (vec![], vec![]));
    assert_eq!(annotated(&format!("{prefix}includeInboundPorts: \"*\"")), (vec![8080, 9000, 16000], vec![]));
    assert_eq!(annotated("status.sidecar.istio.io/port: \"16000\""), (vec![8080, 9000, 15020], vec![]));
    assert_eq!(annotated(&format!("{prefix}excludeInboundPorts: \"9000,x\"")), (vec![8080, 16000], vec!["MS551"]));
}

#[test]
fn services_lead_to_the_ports_of_their_workloads() {
    let yaml = namespace("a", "")
        + &pod(
            "one",
            "app: w",
            "",
            "serviceAccountName: one, containers: [{name: c, image: x, ports: [{name: web, containerPort: 8081}]}]",
        )
        + &pod(
            "two",
            "app: w",
            "",
            "containers: [{name: c, image: x, ports: [{name: web, containerPort: 8082}, {name: dns, containerPort: 53, protocol: UDP}]}]",
        )
        + "apiVersion: v1
kind: Service
metadata: {name: s, namespace: a}
spec:
  selector: {app: w}
  ports:
  - {name: http, port: 80, targetPort: web}
  - {name: tcp-x, port: 81, targetPort: 9000}
  - {port: 82, name: u}
  - {port: 83, name: z, targetPort: dns}
  - {port: 53, name: d, targetPort: dns, protocol: UDP}
";
    let (mesh, findings) = built(&yaml);
    let service = service(&mesh, "s.a.svc.cluster.local");
    let ports: Vec<_> = service.endpoints.iter().map(|endpoint| endpoint.ports.clone()).collect();
    assert_eq!(ports[0], [(80, 8081), (81, 9000), (82, 82)].into());
    assert_eq!(ports[1], [(53, 53), (80, 8082), (81, 9000), (82, 82)].into());
    assert_eq!(codes(&findings), ["MS543", "MS543", "MS543"], "`dns` is UDP in one pod and nothing in the other");
    let identities: Vec<_> = service.endpoints.iter().filter_map(|endpoint| endpoint.identity.as_deref()).collect();
    assert_eq!(identities, ["spiffe://cluster.local/ns/a/sa/one", "spiffe://cluster.local/ns/a/sa/default"]);
    let protocols: Vec<_> = service.ports.iter().map(|port| port.protocol).collect();
    assert_eq!(protocols, [Protocol::Http, Protocol::Tcp, Protocol::Unset, Protocol::Unset, Protocol::Udp]);
}

#[test]
fn kinds_of_services() {
    let yaml = namespace("a", "")
        + "apiVersion: v1
kind: Service
metadata: {name: out, namespace: a}
spec: {type: ExternalName, externalName: example.com, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata:
  name: bare
  namespace: a
  annotations: {alpha.istio.io/kubernetes-serviceaccounts: \"x,y\", alpha.istio.io/canonical-serviceaccounts: \"spiffe://td/z\"}
spec: {clusterIP: None, selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: manual, namespace: a}
spec: {clusterIP: 10.0.0.9, ports: [{port: 80}]}
";
    let (mesh, findings) = built(&yaml);
    assert_eq!(codes(&findings), ["MS542"]);
    let out = service(&mesh, "out.a.svc.cluster.local");
    assert_eq!((out.kind, out.mesh_external), (ServiceKind::ExternalName, true));
    let bare = service(&mesh, "bare.a.svc.cluster.local");
    assert!(bare.headless && bare.endpoints.is_empty());
    let named = ["spiffe://td/z", "spiffe://cluster.local/ns/a/sa/x", "spiffe://cluster.local/ns/a/sa/y"];
    assert_eq!(bare.extra_identities, named);
    assert_eq!(service(&mesh, "manual.a.svc.cluster.local").address, "10.0.0.9".parse().ok());
}

#[test]
fn service_entries_and_workload_entries() {
    let yaml = namespace("a", "istio-injection: enabled")
        + &pod("p", "app: vm", "", PLAIN_SPEC)
        + "apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: vm, namespace: a, labels: {app: vm}}
spec: {address: 10.0.0.1, serviceAccount: vm, ports: {http: 9001}, labels: {app: hidden}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: selected, namespace: a}
spec:
  hosts: [one.example, two.example]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
  workloadSelector: {labels: {app: vm}}
  subjectAltNames: [spiffe://td/x]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: inline, namespace: a}
spec:
  hosts: [three.example]
  addresses: [192.0.2.1/32]
  ports: [{number: 443, name: tls, protocol: TLS}, {number: 9, name: x}]
  resolution: STATIC
  endpoints: [{address: 10.0.0.1}, {address: 10.9.9.9, serviceAccount: q, ports: {tls: 8443}}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: again, namespace: a}
spec:
  hosts: [three.example]
  ports: [{number: 443, name: tcp, protocol: TCP}]
  resolution: STATIC
  endpoints: [{address: 10.7.7.7}]
---
apiVersion: v1
kind: Service
metadata: {name: k, namespace: a}
spec: {selector: {app: vm}, ports: [{name: http, port: 80, targetPort: 8080}]}
";
    let (mesh, findings) = built(&yaml);
    let names: Vec<_> = mesh.workloads.iter().map(|workload| (workload.name.as_str(), workload.proxy)).collect();
    assert_eq!(names, [("p", Proxy::Sidecar), ("vm", Proxy::Sidecar)]);
    for host in ["one.example", "two.example"] {
        let service = service(&mesh, host);
        assert_eq!((service.mesh_external, service.endpoints.len()), (false, 2));
        assert_eq!(service.endpoints[0].ports, [(80, 8080)].into(), "a pod: the target port");
        assert_eq!(service.endpoints[1].ports, [(80, 9001)].into(), "an entry: its own port of that name");
        assert_eq!(service.extra_identities, ["spiffe://td/x"]);
    }
    let kubernetes = service(&mesh, "k.a.svc.cluster.local");
    let ports: Vec<_> = kubernetes.endpoints.iter().map(|endpoint| endpoint.ports[&80]).collect();
    assert_eq!(ports, [8080, 9001], "a Kubernetes service selects entries as well");
    let three = service(&mesh, "three.example");
    assert_eq!(three.id.name, "again", "of one age, by name: the first owns the host");
    let endpoints: Vec<_> = three.endpoints.iter().map(|endpoint| (endpoint.tls_ready, endpoint.workload.is_some())).collect();
    assert_eq!(endpoints, [(false, false), (false, true), (true, false)]);
    assert_eq!(three.endpoints[2].identity.as_deref(), Some("spiffe://cluster.local/ns/a/sa/q"));
    assert_eq!(codes(&findings), ["MS546"]);
}

#[test]
fn settings_come_from_configuration_environment_and_user() {
    let config = |name: &str, text: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: istio-system}}\ndata: {{mesh: \"{text}\"}}\n---\n"
        )
    };
    let istiod = |revision: &str, more: &str| {
        format!(
            "apiVersion: apps/v1
kind: Deployment
metadata: {{name: istiod, namespace: istio-system, labels: {{app: istiod}}}}
spec:
  selector: {{matchLabels: {{app: istiod}}}}
  template:
    metadata: {{labels: {{app: istiod}}}}
    spec: {{containers: [{{name: discovery, image: x, env: [{{name: REVISION, value: {revision}}}{more}]}}]}}
---
"
        )
    };
    let (mesh, findings) = built("");
    assert_eq!(mesh.settings.trust_domain, "cluster.local");
    assert!(findings.is_empty());

    let two = config("istio", "trustDomain: one") + &config("istio-canary", "trustDomain: two");
    let (mesh, findings) = built(&two);
    assert_eq!(mesh.settings.trust_domain, "one", "the one without a revision");
    assert_eq!(codes(&findings), ["MS541"]);

    let (mesh, _) = built(&(two.clone() + &istiod("canary", "")));
    assert_eq!(mesh.settings.trust_domain, "two", "the one of istiod's revision");
    assert_eq!(mesh.settings.revision, "canary");

    let environment = istiod("default", ", {name: PILOT_SKIP_VALIDATE_TRUST_DOMAIN, value: \"true\"}");
    let (mesh, _) = built(&environment);
    assert!(mesh.settings.feature("PILOT_SKIP_VALIDATE_TRUST_DOMAIN", false));
    assert_eq!(mesh.settings.revision, "");
    assert_eq!(mesh.workloads[0].name, "istiod", "istiod is a workload, too");

    let given = MeshConfig {
        trust_domain: Some(crate::diag::Spanned::new("given".to_owned(), crate::diag::Span::default())),
        ..MeshConfig::default()
    };
    let options = BuildOptions {
        features: vec![("PILOT_SKIP_VALIDATE_TRUST_DOMAIN".to_owned(), "false".to_owned())],
        mesh_config: Some(&given),
        default_namespace: None,
        unread: Vec::new(),
    };
    let (mesh, findings) = build(&read(&(two + &environment)), &options);
    assert_eq!(mesh.settings.trust_domain, "given");
    assert!(!mesh.settings.feature("PILOT_SKIP_VALIDATE_TRUST_DOMAIN", true));
    assert!(codes(&findings).iter().all(|code| *code != "MS541"), "{findings:?}");
}

const POLICY: &str = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n";

#[test]
fn objects_stand_in_istiods_order() {
    let policy = |namespace: &str, name: &str, created: &str| {
        let created =
            if created.is_empty() { String::new() } else { format!(", creationTimestamp: \"2026-01-01T00:00:{created}Z\"") };
        format!("{POLICY}metadata: {{name: {name}, namespace: {namespace}{created}}}\nspec: {{}}\n---\n")
    };
    let yaml = policy("b", "x", "02")
        + &policy("a", "z", "01")
        + &policy("b", "w", "01")
        + &policy("c", "w", "01")
        + &policy("c", "q", "")
        + &policy("c", "a-b", "01")
        + &policy("c", "a", "01");
    let (mesh, _) = built(&yaml);
    let order: Vec<_> =
        mesh.peer_authentications.iter().map(|object| format!("{}/{}", object.id.namespace, object.id.name)).collect();
    assert_eq!(order, ["c/q", "c/a", "c/a-b", "b/w", "c/w", "a/z", "b/x"]);
}

#[test]
fn a_document_that_lands_on_another_counts_in_its_place() {
    let policy = |namespace: &str, mode: &str| {
        format!("{POLICY}metadata: {{name: x{namespace}}}\nspec: {{mtls: {{mode: {mode}}}}}\n---\n")
    };
    let (mesh, findings) = built(&(policy(", namespace: default", "STRICT") + &policy("", "DISABLE")));
    assert_eq!(mesh.peer_authentications.len(), 1);
    assert_eq!(mesh.peer_authentications[0].spec.mode.as_ref().map(|mode| mode.value.as_str()), Some("DISABLE"));
    assert_eq!(codes(&findings), ["MS904"]);
    assert_eq!(findings[0].secondary.len(), 1);
}

#[test]
fn documents_without_a_namespace_land_in_the_default_one() {
    let yaml = format!("{POLICY}metadata: {{name: x}}\nspec: {{}}\n");
    assert_eq!(built(&yaml).0.peer_authentications[0].id.namespace, "default");
    let options = BuildOptions { default_namespace: Some("shop".to_owned()), ..BuildOptions::default() };
    let (mesh, _) = build(&read(&yaml), &options);
    assert_eq!(mesh.peer_authentications[0].id.namespace, "shop");
    assert!(mesh.namespaces.contains_key("shop"));
}

#[test]
fn what_istiod_does_not_read_is_left_out_and_said() {
    let istiod = "apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod}}
    spec: {containers: [{name: discovery, image: x, env: [{name: REVISION, value: default}]}]}
---
";
    let labelled = format!("{POLICY}metadata: {{name: x, namespace: a, labels: {{istio.io/rev: canary}}}}\nspec: {{}}\n---\n");
    let (mesh, findings) = built(&(istiod.to_owned() + &labelled));
    assert!(mesh.peer_authentications.is_empty());
    assert!(codes(&findings).contains(&"MS545"));
    assert_eq!(built(&labelled).0.peer_authentications.len(), 1, "without istiod every revision may be the right one");

    let selecting = "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: \"discoverySelectors: [{matchLabels: {mesh: 'yes'}}]\"}
---
";
    let policy = |namespace: &str| format!("{POLICY}metadata: {{name: x, namespace: {namespace}}}\nspec: {{}}\n---\n");
    let yaml = namespace("in", "mesh: 'yes'")
        + &namespace("out", "")
        + selecting
        + &policy("in")
        + &policy("out")
        + &policy("istio-system");
    let (mesh, findings) = built(&yaml);
    let left: Vec<_> = mesh.peer_authentications.iter().map(|object| object.id.namespace.as_str()).collect();
    assert_eq!(left, ["in", "istio-system"]);
    assert_eq!(codes(&findings), ["MS549"]);

    let revision = namespace("a", "istio.io/rev: canary") + istiod + &pod("p", "app: a", "", PLAIN_SPEC);
    let (mesh, findings) = built(&revision);
    assert_eq!(mesh.workloads[0].proxy, Proxy::None);
    assert!(codes(&findings).contains(&"MS544"), "{findings:?}");
}

#[test]
fn a_namespace_that_was_not_written_is_mentioned_once() {
    let (mesh, findings) = built(&(pod("p", "app: a", "", PLAIN_SPEC) + &pod("q", "app: a", "", PLAIN_SPEC)));
    assert_eq!(codes(&findings), ["MS552"]);
    assert!(mesh.namespaces["a"].span.is_none());
    let (_, findings) = built(&pod("p", "sidecar.istio.io/inject: \"true\"", "", PLAIN_SPEC));
    assert!(findings.is_empty(), "the pod's own label settles it: {findings:?}");
}
