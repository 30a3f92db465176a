use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS403"),
    name: "skip-verify-conflict",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "Verification of the server both skipped and configured.",
    why: "istiod refuses it: one of the two is not meant.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [cart.example.com]}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    specification: "DestinationRule reference, ClientTLSSettings.insecureSkipVerify",
    check: Check::Admission(&[Cause::SkipVerifyConflict]),
};
