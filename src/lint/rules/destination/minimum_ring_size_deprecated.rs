use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS426"),
    name: "minimum-ring-size-deprecated",
    severity: Severity::Warning,
    peers: &["istiod-warn"],
    needs: Needs::Document,
    finds: "The setting `minimumRingSize` of a consistent hash.",
    why: "It is deprecated: it belongs under `ringHash`.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, minimumRingSize: 1024}}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, ringHash: {minimumRingSize: 1024}}}}}
"#,
    specification: "DestinationRule reference, ConsistentHashLB",
    check: Check::Admission(&[Cause::MinimumRingSizeDeprecated]),
};
