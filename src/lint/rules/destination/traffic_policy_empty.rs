use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS405"),
    name: "traffic-policy-empty",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A traffic policy that sets nothing, one for no port, or two settings that exclude each other.",
    why: "istiod refuses it.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    specification: "DestinationRule reference, TrafficPolicy",
    check: Check::Admission(&[Cause::TrafficPolicyEmpty]),
};
