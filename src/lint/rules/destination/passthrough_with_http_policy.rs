use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::gateways;
use crate::lint::rules::destination::gateways::Pods;
use crate::lint::value_lists;
use crate::manifest::kinds::Action;
use crate::mesh::PortClass;
use crate::mesh::Protocol;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS449"),
    name: "passthrough-with-http-policy",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A policy about HTTP, or about tokens, on a gateway that passes TLS on.",
    why: "The gateway sees encrypted bytes only: an ALLOW about paths or hosts admits nobody, a DENY about them denies everybody, and tokens are not looked at.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, istio: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: "edge:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: tls, protocol: TLS}, hosts: ["shop.example.com"], tls: {mode: PASSTHROUGH}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: edge, namespace: edge}
spec: {action: ALLOW, selector: {matchLabels: {app: edge}}, rules: [{to: [{operation: {paths: ["/shop/*"]}}]}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, istio: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: "edge:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: tls, protocol: TLS}, hosts: ["shop.example.com"], tls: {mode: PASSTHROUGH}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: edge, namespace: edge}
spec: {action: ALLOW, selector: {matchLabels: {app: edge}}, rules: [{to: [{operation: {ports: ["443"]}}]}]}
"#,
    specification: "Gateway reference, ServerTLSSettings.TLSmode",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    // Gateways all of whose servers pass TLS on, with the place that says so.
    let mut passing: BTreeMap<String, Option<Span>> = BTreeMap::new();
    let pods = Pods::new(view);
    for gateway in &view.mesh.gateways {
        for (_, workload) in pods.of(gateway) {
            let entry = passing.entry(workload.display_name()).or_insert(Some(gateway.span));
            for server in &gateway.spec.servers {
                let tls = server.tls.as_ref().filter(|tls| matches!(gateways::mode(tls), "PASSTHROUGH" | "AUTO_PASSTHROUGH"));
                let passes = tls.is_some() && Protocol::parse(&server.protocol.value).class() == PortClass::Tcp;
                match (tls.and_then(|tls| tls.mode.as_ref()), passes) {
                    (Some(mode), true) if entry.is_some() => *entry = Some(mode.span),
                    (_, true) => {}
                    (_, false) => *entry = None,
                }
            }
        }
    }
    if passing.values().all(Option::is_none) {
        return;
    }
    let place = |workloads: Vec<&Workload>| {
        let places: Option<Vec<Span>> =
            workloads.iter().map(|workload| passing.get(&workload.display_name()).copied().flatten()).collect();
        places?.first().copied()
    };
    for policy in &view.mesh.authorization_policies {
        let lists = value_lists(&policy.spec);
        let Some(list) = lists.iter().find(|list| is_http_only(&list.attribute)) else { continue };
        let (Some(value), Some(mode)) = (list.values.first(), place(view.workloads_of(policy))) else { continue };
        let effect = match policy.spec.action.value {
            Action::Allow => "the rule admits nobody",
            Action::Deny => "the rule denies whatever the rest of it fits",
            Action::Audit | Action::Custom => "this part does not count",
        };
        found.push(
            RULE.at(value.span, format!("the gateway passes TLS on and sees no HTTP: {effect}"))
                .with_secondary(mode, "passes TLS on")
                .with_help("put the policy on the workload behind the gateway, or decide by `connection.sni`"),
        );
    }
    for policy in &view.mesh.request_authentications {
        let Some(mode) = place(view.workloads_of_authentication(policy)) else { continue };
        found.push(
            RULE.at(policy.header.name.span, "the gateway passes TLS on, so it sees no tokens")
                .with_secondary(mode, "passes TLS on")
                .with_help("put the RequestAuthentication on the workload behind the gateway"),
        );
    }
}

fn is_http_only(attribute: &Attribute) -> bool {
    match attribute {
        Attribute::RequestPrincipals
        | Attribute::Hosts
        | Attribute::Methods
        | Attribute::Paths
        | Attribute::Header(_)
        | Attribute::Claims(_)
        | Attribute::Audiences
        | Attribute::Presenter => true,
        Attribute::Principals
        | Attribute::Namespaces
        | Attribute::ServiceAccounts
        | Attribute::TrustDomains
        | Attribute::IpBlocks
        | Attribute::RemoteIpBlocks
        | Attribute::Ports
        | Attribute::DestinationIp
        | Attribute::Sni
        | Attribute::Other(_) => false,
    }
}
