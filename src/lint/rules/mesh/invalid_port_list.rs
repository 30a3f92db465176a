use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS551"),
    name: "invalid-port-list",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A list of ports in an annotation that holds something that is no port.",
    why: "The injector refuses the pod.",
    example: r#"apiVersion: v1
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
    metadata: {labels: {app: cart}, annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "http"}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
"#,
    instead: r#"apiVersion: v1
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
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
"#,
    specification: "Istio annotations reference, traffic.sidecar.istio.io",
    check: Check::Told,
};
