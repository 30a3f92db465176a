use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::ValueList;
use crate::lint::value_lists;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS156"),
    name: "port-not-on-workload",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A port that none of the workloads in scope has; often the port of the Service.",
    why: "Ports are those of the workload: an ALLOW then denies everything, a DENY never fires, and a `not` form exempts nothing.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: example.com/cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: ["80"]}}]}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: example.com/cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.ports",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for policy in &view.mesh.authorization_policies {
        let lists = value_lists(&policy.spec);
        let lists: Vec<&ValueList<'_>> = lists.iter().filter(|list| list.attribute == Attribute::Ports).collect();
        if lists.is_empty() {
            continue;
        }
        let selected = view.workloads_of(policy);
        let Some(ports) = ports_of(view, &selected) else { continue };
        for value in lists.iter().flat_map(|list| list.values) {
            let Ok(port) = value.value.parse::<u16>() else { continue };
            if port == 0 || ports.contains(&port) {
                continue;
            }
            let finding = RULE.at(value.span, format!("no workload of this policy has port {port}")).likely();
            found.push(if let Some((target, service)) = target_of(view, &selected, port) {
                finding
                    .with_label(format!("port {port} of Service `{service}` is port {target} of the workload"))
                    .with_edit(Safety::Unsafe, value.span, format!("\"{target}\""))
                    .with_help(format!("write `{target}`"))
            } else {
                let known: Vec<String> = ports.iter().take(4).map(u16::to_string).collect();
                let label = format!("they have {}", known.join(", "));
                finding.with_label(label).with_help("write a port of the workload, not of its Service")
            });
        }
    }
}

/// The ports of all workloads; `None` when they are gateways, or of one nothing is known.
fn ports_of(view: &MeshView<'_>, workloads: &[&Workload]) -> Option<BTreeSet<u16>> {
    let mut ports = BTreeSet::new();
    for workload in workloads {
        if !matches!(workload.proxy, Proxy::Sidecar | Proxy::Ambient) {
            return None;
        }
        let before = ports.len();
        let inbound = view.inbound_ports(workload).iter().map(|port| port.port);
        let own = inbound.chain(workload.container_ports.iter().map(|port| port.port.value));
        let mut is_known = false;
        for port in own {
            ports.insert(port);
            is_known = true;
        }
        if before == ports.len() && !is_known {
            return None;
        }
    }
    (!ports.is_empty()).then_some(ports)
}

/// The workload port behind a port of a Service, with the Service's name.
fn target_of<'v>(view: &'v MeshView<'_>, workloads: &[&Workload], port: u16) -> Option<(u16, &'v str)> {
    let ids: BTreeSet<_> = workloads.iter().filter_map(|workload| view.id_of(workload)).collect();
    view.mesh.services.iter().find_map(|service| {
        let endpoint = service.endpoints.iter().find(|endpoint| endpoint.workload.is_some_and(|id| ids.contains(&id)))?;
        let target = *endpoint.ports.get(&port).filter(|target| **target != port)?;
        Some((target, service.id.name.as_str()))
    })
}
