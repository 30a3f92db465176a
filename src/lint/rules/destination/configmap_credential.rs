use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS404"),
    name: "configmap-credential",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A `configmap://` reference that is malformed or leaves the namespace.",
    why: "istiod refuses it.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: SIMPLE, credentialName: "configmap://other/ca", subjectAltNames: [cart.example.com]}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    specification: "DestinationRule reference, ClientTLSSettings.credentialName",
    check: Check::Admission(&[Cause::ConfigmapCredential]),
};
