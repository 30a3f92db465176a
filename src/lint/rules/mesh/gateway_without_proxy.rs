use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS548"),
    name: "gateway-without-proxy",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A gateway by its labels or annotations that gets no proxy.",
    why: "It serves nothing, or something else than a gateway answers.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: disabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: shop}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata: {labels: {istio: ingressgateway}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: auto}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: shop}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata: {labels: {istio: ingressgateway, sidecar.istio.io/inject: "true"}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: auto}]}
"#,
    specification: "Istio installation, gateways",
    check: Check::Told,
};
