//! A short notation for policies and requests, as the case tables write them: YAML without the `source` and `operation` wrappers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Header;
use crate::manifest::Labels;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::Condition;
use crate::manifest::kinds::ExtensionProvider;
use crate::manifest::kinds::ExtensionProviderKind;
use crate::manifest::kinds::GrpcExtAuthz;
use crate::manifest::kinds::HttpExtAuthz;
use crate::manifest::kinds::Operation;
use crate::manifest::kinds::Rule;
use crate::manifest::kinds::RuleSource;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::TargetRef;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::ObjectRef;
use crate::mesh::Proxy;
use crate::mesh::Service;
use crate::mesh::ServiceKind;
use crate::mesh::Workload;

pub(super) fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn spanned(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Span::default())
}

pub(super) fn list(value: &Value) -> Vec<Spanned<String>> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements.iter().map(|element| spanned(element.as_str().unwrap())).collect(),
        other => panic!("not a list: {other}"),
    }
}

fn labels(value: &Value) -> Labels {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), spanned(value.as_str().unwrap()))).collect()
}

fn source(value: &Value) -> Option<RuleSource> {
    (!value.is_null()).then(|| RuleSource {
        principals: list(&value["principals"]),
        not_principals: list(&value["notPrincipals"]),
        request_principals: list(&value["requestPrincipals"]),
        not_request_principals: list(&value["notRequestPrincipals"]),
        namespaces: list(&value["namespaces"]),
        not_namespaces: list(&value["notNamespaces"]),
        service_accounts: list(&value["serviceAccounts"]),
        not_service_accounts: list(&value["notServiceAccounts"]),
        trust_domains: list(&value["trustDomains"]),
        not_trust_domains: list(&value["notTrustDomains"]),
        ip_blocks: list(&value["ipBlocks"]),
        not_ip_blocks: list(&value["notIpBlocks"]),
        remote_ip_blocks: list(&value["remoteIpBlocks"]),
        not_remote_ip_blocks: list(&value["notRemoteIpBlocks"]),
        ..RuleSource::default()
    })
}

fn operation(value: &Value) -> Option<Operation> {
    (!value.is_null()).then(|| Operation {
        hosts: list(&value["hosts"]),
        not_hosts: list(&value["notHosts"]),
        ports: list(&value["ports"]),
        not_ports: list(&value["notPorts"]),
        methods: list(&value["methods"]),
        not_methods: list(&value["notMethods"]),
        paths: list(&value["paths"]),
        not_paths: list(&value["notPaths"]),
        ..Operation::default()
    })
}

fn condition(value: &Value) -> Condition {
    Condition {
        key: spanned(value["key"].as_str().unwrap()),
        values: list(&value["values"]),
        not_values: list(&value["notValues"]),
        ..Condition::default()
    }
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn rule(value: &Value) -> Option<Rule> {
    (!value.is_null()).then(|| Rule {
        from: elements(&value["from"]).map(source).collect(),
        to: elements(&value["to"]).map(operation).collect(),
        when: elements(&value["when"]).map(condition).collect(),
        ..Rule::default()
    })
}

fn reference(value: &Value) -> TargetRef {
    let text = |field: &str| value[field].as_str().map(spanned);
    TargetRef {
        group: text("group"),
        kind: text("kind").unwrap(),
        name: text("name").unwrap(),
        namespace: text("namespace"),
        ..TargetRef::default()
    }
}

/// One policy, named `p0`, `p1`, ..
pub(super) fn policy(number: usize, value: &Value) -> Object<AuthorizationPolicy> {
    let action = match value["action"].as_str() {
        None | Some("ALLOW") => Action::Allow,
        Some("DENY") => Action::Deny,
        Some("AUDIT") => Action::Audit,
        Some("CUSTOM") => Action::Custom,
        Some(other) => panic!("{other}"),
    };
    let selector = &value["sel"];
    let spec = AuthorizationPolicy {
        selector: (!selector.is_null()).then(|| Selector { match_labels: labels(selector), ..Selector::default() }),
        target_ref: None,
        target_refs: elements(&value["refs"]).map(reference).collect(),
        action: Spanned::new(action, Span::default()),
        rules: value["rules"].as_array().map(|rules| rules.iter().map(rule).collect()),
        provider: value["provider"].as_str().map(spanned),
    };
    let mut header = Header { labels: labels(&value["labels"]), ..Header::default() };
    if let Some(dry_run) = value["dry"].as_str() {
        header.annotations.insert("istio.io/dry-run".to_owned(), spanned(dry_run));
    }
    object(value["ns"].as_str().unwrap_or("foo"), &format!("p{number}"), header, spec)
}

pub(super) fn object<T>(namespace: &str, name: &str, header: Header, spec: T) -> Object<T> {
    let id = ObjectRef { kind: "AuthorizationPolicy", namespace: namespace.to_owned(), name: name.to_owned() };
    Object { id, header: header.into(), spec: spec.into(), span: Span::default() }
}

pub(super) fn provider(name: &str, kind: ExtensionProviderKind) -> ExtensionProvider {
    ExtensionProvider { name: spanned(name), kind, place: Spanned::default() }
}

/// A gRPC provider that calls `ext-authz.foo`, port 9000.
pub(super) fn grpc() -> GrpcExtAuthz {
    GrpcExtAuthz {
        service: spanned("ext-authz.foo.svc.cluster.local"),
        port: Spanned::new(9000, Span::default()),
        ..GrpcExtAuthz::default()
    }
}

/// An HTTP provider that calls the same service.
pub(super) fn http() -> HttpExtAuthz {
    let GrpcExtAuthz { service, port, .. } = grpc();
    HttpExtAuthz { service, port, ..HttpExtAuthz::default() }
}

pub(super) fn service(kind: ServiceKind, namespace: &str, name: &str) -> Service {
    Service {
        id: ObjectRef { kind: "Service", namespace: namespace.to_owned(), name: name.to_owned() },
        kind,
        labels: Labels::new(),
        hostname: format!("{name}.{namespace}.svc.cluster.local"),
        ports: Vec::new(),
        headless: false,
        mesh_external: false,
        endpoints: Vec::new(),
        extra_identities: Vec::new(),
        creation_timestamp: None,
        address: None,
        original_destination: false,
        is_exposed: false,
        keeps_client_address: false,
        is_dual_stack: false,
        annotations: Labels::new(),
        export_to: Vec::new(),
        span: Span::default(),
    }
}

/// A mesh with these policies, two good providers, and a trust domain followed by its aliases.
pub(super) fn mesh(policies: &Value, trust_domains: &[String]) -> Mesh {
    let authorization_policies = elements(policies).enumerate().map(|(number, value)| policy(number, value)).collect();
    let mut mesh = Mesh { authorization_policies, ..Mesh::default() };
    mesh.services = vec![service(ServiceKind::Kubernetes, "foo", "ext-authz"), service(ServiceKind::Kubernetes, "foo", "web")];
    mesh.settings.extension_providers = vec![
        provider("authz-grpc", ExtensionProviderKind::GrpcExtAuthz(Box::new(grpc()))),
        provider("authz-http", ExtensionProviderKind::HttpExtAuthz(Box::new(http()))),
    ];
    if let Some((own, aliases)) = trust_domains.split_first() {
        mesh.settings.trust_domain.clone_from(own);
        mesh.settings.trust_domain_aliases = aliases.to_vec();
    }
    mesh
}

/// A workload in `foo` with the label `app: web`; a gateway name when it is one of the Gateway API.
pub(super) fn workload(proxy: Proxy, gateway: Option<&str>) -> Workload {
    let mut labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
    if let Some(gateway) = gateway {
        labels.insert("gateway.networking.k8s.io/gateway-name".to_owned(), gateway.to_owned());
    }
    Workload {
        namespace: "foo".to_owned(),
        name: "web".to_owned(),
        kind: "Deployment".to_owned(),
        labels,
        annotations: BTreeMap::new(),
        annotation_places: BTreeMap::new(),
        label_places: BTreeMap::new(),
        service_account: "web".to_owned(),
        proxy,
        proxy_reason: String::new(),
        proxyless: false,
        container_ports: Vec::new(),
        ip: None,
        probes: Vec::new(),
        excluded_inbound_ports: std::collections::BTreeSet::new(),
        included_inbound_ports: None,
        interception_none: false,
        span: Span::default(),
    }
}
