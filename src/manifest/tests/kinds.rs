use std::sync::Arc;

use super::at;
use super::pairs;
use super::read_one;
use super::read_spec;
use super::values;
use crate::manifest::Body;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::Location;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::PodTemplate;
use crate::manifest::kinds::Resolution;
use crate::manifest::kinds::TargetPort;

/// The body of the expected kind.
macro_rules! body {
    ($kind:ident, $body:expr) => {
        match $body {
            Body::$kind(body) => body,
            other => panic!("expected {}, found {other:?}", stringify!($kind)),
        }
    };
}

/// The same for kinds whose bodies the mesh shares.
macro_rules! shared {
    ($kind:ident, $body:expr) => {
        Arc::unwrap_or_clone(body!($kind, $body))
    };
}

fn policy(spec: &str) -> AuthorizationPolicy {
    shared!(AuthorizationPolicy, read_spec("security.istio.io/v1", "AuthorizationPolicy", spec))
}

#[test]
fn peer_authentication() {
    let text = "apiVersion: security.istio.io/v1beta1\nkind: PeerAuthentication\nmetadata:\n  name: x\nspec:\n  selector:\n    \
                matchLabels:\n      app: cart\n  mtls:\n    mode: STRICT\n  portLevelMtls:\n    8080:\n      mode: DISABLE\n    \
                \"9090\": {}\n    7070:\n";
    let peer = shared!(PeerAuthentication, read_one(text));
    let selector = peer.selector.unwrap();
    assert_eq!(pairs(&selector.match_labels), [("app", "cart")]);
    assert_eq!((selector.place.span.line, selector.place.span.column), (7, 5));
    assert_eq!((peer.mode.unwrap().value, at(&peer.mode.unwrap())), (MutualTlsMode::Strict, (10, 11)));
    let ports: Vec<_> = peer.port_level.iter().map(|(port, mode)| (*port, mode.value, at(mode))).collect();
    assert_eq!(
        ports,
        [(7070, MutualTlsMode::Unset, (15, 5)), (8080, MutualTlsMode::Disable, (13, 13)), (9090, MutualTlsMode::Unset, (14, 5))]
    );

    for (spec, mode) in [
        ("{}", None),
        ("", None),
        ("{mtls: {}}", None),
        ("{mtls: null}", None),
        ("{mtls: {mode: UNSET}}", Some(MutualTlsMode::Unset)),
        ("{mtls: {mode: PERMISSIVE}}", Some(MutualTlsMode::Permissive)),
    ] {
        let peer = shared!(PeerAuthentication, read_spec("security.istio.io/v1", "PeerAuthentication", spec));
        assert_eq!(peer.mode.map(|mode| mode.value), mode, "{spec}");
    }
}

#[test]
fn authorization_policy() {
    let text = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: x}\nspec:\n  action: CUSTOM\n  \
                provider:\n    name: opa\n  targetRefs:\n  - {group: gateway.networking.k8s.io, kind: Gateway, name: g}\n  rules:\n  \
                - from:\n    - source:\n        principals: [\"a\", b]\n        notIpBlocks:\n        - 10.0.0.0/8\n    to:\n    \
                - operation:\n        paths: [/x]\n        notMethods: [GET]\n    when:\n    - key: source.ip\n      values: \
                [1.2.3.4]\n";
    let policy = shared!(AuthorizationPolicy, read_one(text));
    assert_eq!((policy.action.value, at(&policy.action)), (Action::Custom, (5, 11)));
    assert_eq!(policy.provider.unwrap().value, "opa");
    let target = &policy.target_refs[0];
    assert_eq!(
        (target.group.as_ref().unwrap().as_str(), target.kind.as_str(), target.name.as_str()),
        ("gateway.networking.k8s.io", "Gateway", "g")
    );
    let rules = policy.rules.unwrap();
    let rule = rules[0].as_ref().unwrap();
    assert_eq!(at(&rule.place), (11, 5));
    let source = rule.from[0].as_ref().unwrap();
    assert_eq!(values(&source.principals), ["a", "b"]);
    assert_eq!((at(&source.principals[0]), at(&source.principals[1])), ((13, 22), (13, 27)));
    assert_eq!((values(&source.not_ip_blocks), at(&source.not_ip_blocks[0])), (vec!["10.0.0.0/8"], (15, 11)));
    let operation = rule.to[0].as_ref().unwrap();
    assert_eq!((values(&operation.paths), values(&operation.not_methods)), (vec!["/x"], vec!["GET"]));
    assert_eq!((rule.when[0].key.as_str(), at(&rule.when[0].key)), ("source.ip", (21, 12)));
    assert_eq!(values(&rule.when[0].values), ["1.2.3.4"]);
}

#[test]
fn every_list_of_a_rule_goes_where_it_belongs() {
    let sources = [
        "principals",
        "notPrincipals",
        "requestPrincipals",
        "notRequestPrincipals",
        "namespaces",
        "notNamespaces",
        "serviceAccounts",
        "notServiceAccounts",
        "trustDomains",
        "notTrustDomains",
        "ipBlocks",
        "notIpBlocks",
        "remoteIpBlocks",
        "notRemoteIpBlocks",
    ];
    let written: Vec<String> = sources.iter().map(|name| format!("{name}: [{name}]")).collect();
    let rules = policy(&format!("{{rules: [{{from: [{{source: {{{}}}}}]}}]}}", written.join(", "))).rules.unwrap();
    let source = rules[0].as_ref().unwrap().from[0].as_ref().unwrap();
    let found = [
        &source.principals,
        &source.not_principals,
        &source.request_principals,
        &source.not_request_principals,
        &source.namespaces,
        &source.not_namespaces,
        &source.service_accounts,
        &source.not_service_accounts,
        &source.trust_domains,
        &source.not_trust_domains,
        &source.ip_blocks,
        &source.not_ip_blocks,
        &source.remote_ip_blocks,
        &source.not_remote_ip_blocks,
    ];
    assert_eq!(found.map(|list| values(list)), sources.map(|name| vec![name]));

    let operations = ["hosts", "notHosts", "ports", "notPorts", "methods", "notMethods", "paths", "notPaths"];
    let written: Vec<String> = operations.iter().map(|name| format!("{name}: [{name}]")).collect();
    let rules = policy(&format!("{{rules: [{{to: [{{operation: {{{}}}}}]}}]}}", written.join(", "))).rules.unwrap();
    let operation = rules[0].as_ref().unwrap().to[0].as_ref().unwrap();
    let found = [
        &operation.hosts,
        &operation.not_hosts,
        &operation.ports,
        &operation.not_ports,
        &operation.methods,
        &operation.not_methods,
        &operation.paths,
        &operation.not_paths,
    ];
    assert_eq!(found.map(|list| values(list)), operations.map(|name| vec![name]));
}

#[test]
fn absent_null_and_empty_rules_stay_apart() {
    for (spec, rules) in [
        ("", None),
        ("{}", None),
        ("{rules: null}", None),
        ("{rules: []}", Some(vec![])),
        ("{rules: [null]}", Some(vec![false])),
        ("{rules: [{}]}", Some(vec![true])),
        ("{rules: [{}, ~]}", Some(vec![true, false])),
    ] {
        let found = policy(spec).rules.map(|rules| rules.iter().map(Option::is_some).collect::<Vec<_>>());
        assert_eq!(found, rules, "{spec}");
    }
    let rules =
        policy("{rules: [{from: [null, {}, {source: null}, {source: {}}], to: [~, {operation: {}}], when: [null, {key: a}]}]}")
            .rules
            .unwrap();
    let rule = rules[0].as_ref().unwrap();
    assert_eq!(rule.from.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, false, true]);
    assert_eq!(rule.to.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    assert_eq!(rule.when.len(), 1);

    // An action that is not written stands at the spec, or at the object when there is none.
    assert_eq!(at(&policy("{rules: []}").action), (4, 7));
    assert_eq!(at(&policy("").action), (1, 1));
    assert_eq!(policy("{provider: {}}").provider.unwrap().value, "");
}

#[test]
fn request_authentication() {
    let spec = "{selector: {matchLabels: {app: a}}, jwtRules: [{issuer: i, audiences: [a, b], jwks_uri: u, jwks: k, fromHeaders: \
                [{name: h, prefix: 'P '}, {name: g}], fromParams: [p], fromCookies: [c], outputPayloadToHeader: o, \
                forwardOriginalToken: true, outputClaimToHeaders: [{header: x, claim: y.z}], spaceDelimitedClaims: [s], timeout: 5s}, \
                {jwksUri: v, jwks_uri: u}]}";
    let authentication = shared!(RequestAuthentication, read_spec("security.istio.io/v1", "RequestAuthentication", spec));
    let rule = &authentication.jwt_rules[0];
    assert_eq!((rule.issuer.as_str(), values(&rule.audiences)), ("i", vec!["a", "b"]));
    assert_eq!(rule.jwks_uri.as_ref().unwrap().value, "u");
    assert_eq!(rule.jwks.as_ref().unwrap().value, "k");
    let headers: Vec<_> = rule.from_headers.iter().map(|header| (header.name.as_str(), header.prefix.as_str())).collect();
    assert_eq!(headers, [("h", "P "), ("g", "")]);
    assert_eq!((values(&rule.from_params), values(&rule.from_cookies)), (vec!["p"], vec!["c"]));
    assert_eq!(rule.output_payload_to_header.as_ref().unwrap().value, "o");
    assert!(rule.forward_original_token);
    let claim = &rule.output_claim_to_headers[0];
    assert_eq!((claim.header.as_str(), claim.claim.as_str()), ("x", "y.z"));
    assert_eq!(values(&rule.space_delimited_claims), ["s"]);
    assert_eq!(rule.timeout.as_ref().unwrap().value, "5s");
    let second = &authentication.jwt_rules[1];
    assert_eq!((second.issuer.as_str(), second.jwks_uri.as_ref().unwrap().as_str()), ("", "v"));
}

#[test]
fn destination_rule() {
    let spec = "{host: a.b, exportTo: [.], workloadSelector: {matchLabels: {app: c}}, trafficPolicy: {connectionPool: {tcp: {}}, tls: \
                {mode: MUTUAL, clientCertificate: c, privateKey: k, caCertificates: r, subjectAltNames: [s], sni: s.n, \
                insecureSkipVerify: true}, loadBalancer: {simple: PASSTHROUGH}, portLevelSettings: [{port: {number: 80}, tls: \
                {mode: ISTIO_MUTUAL}}, {loadBalancer: {simple: RANDOM}}]}, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: \
                {tls: {}}}]}";
    for version in ["v1", "v1beta1", "v1alpha3"] {
        let rule = shared!(DestinationRule, read_spec(&format!("networking.istio.io/{version}"), "DestinationRule", spec));
        assert_eq!((rule.host.as_str(), values(&rule.export_to)), ("a.b", vec!["."]));
        assert_eq!(pairs(&rule.workload_selector.unwrap().match_labels), [("app", "c")]);
        let policy = rule.traffic_policy.unwrap();
        let tls = policy.tls.unwrap();
        assert_eq!((tls.mode.value, tls.sni.unwrap().as_str(), tls.insecure_skip_verify), (ClientTlsMode::Mutual, "s.n", true));
        assert_eq!(values(&tls.subject_alt_names), ["s"]);
        assert!(policy.pass_through);
        let ports: Vec<_> = policy
            .port_level
            .iter()
            .map(|port| (port.port.value, port.tls.as_ref().map(|tls| tls.mode.value), port.pass_through))
            .collect();
        assert_eq!(ports, [(80, Some(ClientTlsMode::IstioMutual), false), (0, None, false)]);
        assert_eq!((rule.subsets[0].name.as_str(), pairs(&rule.subsets[0].labels)), ("v1", vec![("version", "v1")]));
        assert_eq!(rule.subsets[0].traffic_policy.as_ref().unwrap().tls.as_ref().unwrap().mode.value, ClientTlsMode::Disable);
    }
}

#[test]
fn service_entry_and_workload_entry() {
    let spec = "{hosts: [a.b], addresses: [10.0.0.0/8], location: MESH_INTERNAL, resolution: STATIC, ports: [{number: 80, name: http, \
                protocol: HTTP, targetPort: 8080}], endpoints: [{address: 1.2.3.4, ports: {http: 81}, labels: {app: a}, serviceAccount: \
                s, locality: l, network: n, weight: 1}], workloadSelector: {labels: {app: b}}, exportTo: ['*'], subjectAltNames: [x]}";
    let entry = body!(ServiceEntry, read_spec("networking.istio.io/v1", "ServiceEntry", spec));
    assert_eq!((entry.location, entry.resolution), (Location::MeshInternal, Resolution::Static));
    assert_eq!(
        (values(&entry.hosts), values(&entry.addresses), values(&entry.export_to)),
        (vec!["a.b"], vec!["10.0.0.0/8"], vec!["*"])
    );
    assert_eq!(pairs(&entry.workload_selector.unwrap().match_labels), [("app", "b")]);
    let port = &entry.ports[0];
    assert_eq!((port.number.value, port.name.as_str(), port.target_port.unwrap().value), (80, "http", 8080));
    let endpoint = &entry.endpoints[0];
    assert_eq!((endpoint.ports["http"].value, endpoint.service_account.as_ref().unwrap().as_str()), (81, "s"));

    let outside = body!(ServiceEntry, read_spec("networking.istio.io/v1", "ServiceEntry", "{hosts: [a]}"));
    assert_eq!((outside.location, outside.resolution), (Location::MeshExternal, Resolution::None));

    let workload = body!(WorkloadEntry, read_spec("networking.istio.io/v1alpha3", "WorkloadEntry", "{address: 1.1.1.1}"));
    assert_eq!(workload.address.unwrap().value, "1.1.1.1");
    let group = "{metadata: {labels: {app: g}, annotations: {a: b}}, probe: {}, template: {serviceAccount: s}}";
    let group = body!(WorkloadGroup, read_spec("networking.istio.io/v1", "WorkloadGroup", group));
    assert_eq!((pairs(&group.labels), group.template.service_account.unwrap().as_str()), (vec![("app", "g")], "s"));
}

#[test]
fn sidecar_and_gateways() {
    let spec = "{workloadSelector: {labels: {app: a}}, ingress: [{port: {number: 9080, name: http, protocol: HTTP}, defaultEndpoint: \
                '127.0.0.1:8080', tls: {mode: SIMPLE}}, {port: {number: 1}}], egress: [{hosts: ['./*'], port: {number: 2}}, {hosts: []}]}";
    let sidecar = shared!(Sidecar, read_spec("networking.istio.io/v1", "Sidecar", spec));
    assert_eq!(pairs(&sidecar.workload_selector.unwrap().match_labels), [("app", "a")]);
    let ingress: Vec<_> = sidecar.ingress.iter().map(|listener| (listener.port.value, listener.tls.is_some())).collect();
    assert_eq!(ingress, [(9080, true), (1, false)]);
    assert_eq!(sidecar.ingress[0].default_endpoint.as_ref().unwrap().value, "127.0.0.1:8080");
    assert_eq!((values(&sidecar.egress[0].hosts), sidecar.egress[0].port.unwrap().value), (vec!["./*"], 2));

    let spec = "{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a/b.c], tls: \
                {mode: MUTUAL, httpsRedirect: true, credentialName: c, subjectAltNames: [s], minProtocolVersion: TLSV1_2}}]}";
    let gateway = shared!(Gateway, read_spec("networking.istio.io/v1", "Gateway", spec));
    assert_eq!(pairs(&gateway.selector), [("istio", "ingressgateway")]);
    let server = &gateway.servers[0];
    assert_eq!((server.port.value, server.protocol.as_str(), values(&server.hosts)), (443, "HTTPS", vec!["a/b.c"]));
    let tls = server.tls.as_ref().unwrap();
    assert_eq!((tls.mode.as_ref().unwrap().as_str(), tls.https_redirect), ("MUTUAL", true));

    let spec = "{gatewayClassName: istio, listeners: [{name: l, hostname: a.b, port: 80, protocol: TLS, tls: {mode: Passthrough}, \
                allowedRoutes: {}}]}";
    let gateway = shared!(KubernetesGateway, read_spec("gateway.networking.k8s.io/v1", "Gateway", spec));
    assert_eq!(gateway.class.value, "istio");
    let listener = &gateway.listeners[0];
    assert_eq!((listener.port.value, listener.tls_mode.as_ref().unwrap().as_str()), (80, "Passthrough"));
}

#[test]
fn service() {
    let spec = "{selector: {app: a}, ports: [{name: http, port: 80, targetPort: 8080, appProtocol: grpc}, {port: 81, targetPort: web, \
                protocol: UDP}, {port: 82}], clusterIP: None}";
    let service = body!(Service, read_spec("v1", "Service", spec));
    assert!(service.is_headless() && !service.is_external_name());
    let ports: Vec<_> = service
        .ports
        .iter()
        .map(|port| (port.port.value, port.target_port.as_ref().map(|target| target.value.clone()), port.protocol.as_str()))
        .collect();
    assert_eq!(
        ports,
        [(80, Some(TargetPort::Number(8080)), "TCP"), (81, Some(TargetPort::Name("web".to_owned())), "UDP"), (82, None, "TCP")]
    );
    let external = body!(Service, read_spec("v1", "Service", "{type: ExternalName, externalName: a.b}"));
    assert!(external.is_external_name());
}

#[test]
fn every_workload_kind_makes_a_pod() {
    let pod = "{serviceAccountName: s, hostNetwork: true, initContainers: [{name: i, ports: [{containerPort: 1}]}, {name: proxy, \
               restartPolicy: Always, ports: [{containerPort: 2}]}], containers: [{name: c, ports: [{name: web, containerPort: 8080}, \
               {containerPort: 53, protocol: UDP}], env: [{name: A, value: b}, {name: B, valueFrom: {}}, {name: C}]}]}";
    let template = format!("{{metadata: {{labels: {{app: a}}, annotations: {{x: y1}}}}, spec: {pod}}}");
    let check = |template: PodTemplate, kind: &str| {
        assert_eq!((pairs(&template.labels), pairs(&template.annotations)), (vec![("app", "a")], vec![("x", "y1")]), "{kind}");
        assert_eq!(template.service_account.unwrap().value, "s", "{kind}");
        assert!(template.host_network, "{kind}");
        let ports: Vec<_> = template.ports.iter().map(|port| (port.port.value, port.protocol.as_str())).collect();
        assert_eq!(ports, [(8080, "TCP"), (53, "UDP"), (2, "TCP")], "{kind}");
        assert_eq!(values(&template.containers), ["c", "i", "proxy"], "{kind}");
        let environment: Vec<_> =
            template.environment.iter().map(|variable| (variable.name.as_str(), variable.value.as_str())).collect();
        assert_eq!(environment, [("A", "b"), ("C", "")], "{kind}");
    };
    for kind in ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"] {
        check(body!(Workload, read_spec("apps/v1", kind, &format!("{{selector: {{}}, template: {template}}}"))), kind);
    }
    check(body!(Workload, read_spec("batch/v1", "Job", &format!("{{template: {template}}}"))), "Job");
    let spec = format!("{{schedule: '* * * * *', jobTemplate: {{spec: {{template: {template}}}}}}}");
    check(body!(Workload, read_spec("batch/v1", "CronJob", &spec)), "CronJob");
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, labels: {{app: a}}, annotations: {{x: y1}}}}\nspec: {pod}\nstatus: {{podIP: \
         10.0.0.1, other: 1}}\n"
    );
    let workload = body!(Workload, read_one(&text));
    assert_eq!(workload.pod_ip.as_ref().unwrap().value, "10.0.0.1");
    check(workload, "Pod");
}

#[test]
fn istiod_is_known_by_its_label() {
    let spec = "{template: {metadata: {labels: {app: istiod}}, spec: {containers: [{name: discovery, env: [{name: F, value: \"true\"}]}]}}}";
    let istiod = body!(Istiod, read_spec("apps/v1", "Deployment", spec));
    assert_eq!((istiod.environment[0].name.as_str(), istiod.environment[0].value.as_str()), ("F", "true"));
}
