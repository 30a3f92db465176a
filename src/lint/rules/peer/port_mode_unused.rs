use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::first_few;
use crate::lint::rules::peer::unused_port::for_each_unused_port;

pub(super) const RULE: Rule = Rule {
    code: Code("MS225"),
    name: "port-mode-unused",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A port in `portLevelMtls` that no selected workload listens on, as far as containers and services declare their ports.",
    why: "The exception is dead, or the port that was meant is not protected. It is a warning only, because containers may listen on ports that they do not declare.",
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
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}, portLevelMtls: {9999: {mode: STRICT}}}
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
        // The port of a service that leads elsewhere is told by another rule.
        if unused.service.is_some() {
            return;
        }
        let headline = format!("no workload that `{}` selects listens on port {}", unused.policy.id.name, unused.port);
        let mut finding = RULE.at(unused.span, headline).with_label("this entry does nothing").likely();
        let known: Vec<String> = unused.known.iter().map(u16::to_string).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        finding = finding.with_help(format!("the ports declared there: {}", first_few(&known)));
        found.push(finding);
    });
}
