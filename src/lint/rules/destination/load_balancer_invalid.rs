use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS422"),
    name: "load-balancer-invalid",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "Load balancer settings that are out of range or exclude each other.",
    why: "The object is refused.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 100}}}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}}
"#,
    specification: "DestinationRule reference, LoadBalancerSettings",
    check: Check::Admission(&[Cause::LoadBalancerInvalid]),
};
