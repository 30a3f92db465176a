use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::mesh::PortClass;
use crate::mesh::Service;
use crate::mesh::ServicePort;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;

pub(super) const RULE: Rule = Rule {
    code: Code("MS512"),
    name: "port-protocol-conflict",
    severity: Severity::Error,
    peers: &["IST0116", "IST0137"],
    needs: Needs::Inventory,
    finds: "One port of a workload that two Services declare with different protocols.",
    why: "The oldest Service decides for the proxy, and with it whether rules about HTTP count at all.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart-raw, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: tcp, port: 9000, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart-raw, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 9000, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
"#,
    specification: "Istio application requirements, pod requirements",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut known: BTreeMap<(WorkloadId, u16), (&Service, &ServicePort)> = BTreeMap::new();
    // The same pair of ports says the same of every workload behind it.
    let mut told = BTreeSet::new();
    for service in &view.mesh.services {
        for endpoint in &service.endpoints {
            let Some(workload) = endpoint.workload else { continue };
            for port in service.ports.iter().filter(|port| port.transport == "TCP") {
                let Some(&target) = endpoint.ports.get(&port.number) else { continue };
                let (first, first_port) = *known.entry((workload, target)).or_insert((service, port));
                if first_port.protocol.class() == port.protocol.class() || !told.insert((port.span.source, port.span.offset)) {
                    continue;
                }
                let name = view.mesh.workload(workload).map(Workload::display_name).unwrap_or_default();
                let word = |port: &ServicePort| match port.protocol.class() {
                    PortClass::Http => "as HTTP",
                    PortClass::Tcp => "as bytes",
                    PortClass::Auto => "without a protocol",
                };
                found.push(
                    RULE.at(
                        port.span,
                        format!("port {target} of `{name}` is declared {} here and {} elsewhere", word(port), word(first_port)),
                    )
                    .with_secondary(first_port.span, format!("Service `{}`", first.id.name))
                    .with_help("declare the same protocol in both Services"),
                );
            }
        }
    }
}
