use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS402"),
    name: "client-mutual-incomplete",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "Mutual TLS without a certificate or key of the client.",
    why: "istiod refuses it: the client has nothing to show.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: MUTUAL, caCertificates: /etc/certs/ca.pem, subjectAltNames: [cart.example.com]}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    specification: "DestinationRule reference, ClientTLSSettings",
    check: Check::Admission(&[Cause::ClientMutualIncomplete]),
};
