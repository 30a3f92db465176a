use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS401"),
    name: "client-credential-conflict",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A credential name beside certificate files in client TLS settings.",
    why: "istiod refuses it: certificates come from one place.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: MUTUAL, credentialName: cart, caCertificates: /etc/certs/ca.pem, subjectAltNames: [cart.example.com]}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    specification: "DestinationRule reference, ClientTLSSettings",
    check: Check::Admission(&[Cause::ClientCredentialConflict]),
};
