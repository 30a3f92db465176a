use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::peer::unused_port::for_each_unused_port;

pub(super) const RULE: Rule = Rule {
    code: Code("MS226"),
    name: "port-mode-service-port",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A port in `portLevelMtls` that is the port of a Service and not the port of the workload behind it.",
    why: "The keys are ports of the workload: the entry does nothing, and the port it was meant for keeps the mode of the policy.",
    example: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}, portLevelMtls: {80: {mode: STRICT}}}
",
    instead: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: STRICT}}}
",
    specification: "PeerAuthentication reference, portLevelMtls",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for_each_unused_port(view, &mut |unused| {
        let Some((service, target)) = unused.service else { return };
        let headline = format!("port {} is a port of service `{}`, the workload listens on {target}", unused.port, service.id.name);
        let mut finding = RULE
            .at(unused.span, headline)
            .with_label("the keys are ports of the workload, so this entry does nothing")
            .with_help(format!("write `{target}`"))
            .likely();
        if let Some(key) = unused.key {
            finding = finding.with_edit(Safety::Unsafe, key, target.to_string());
        }
        if let Some(port) = service.ports.iter().find(|port| port.number == unused.port) {
            finding = finding.with_secondary(port.span, format!("leads to port {target}"));
        }
        found.push(finding);
    });
}
