use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS427"),
    name: "failover-without-outlier-detection",
    severity: Severity::Warning,
    peers: &["istiod-warn"],
    needs: Needs::Document,
    finds: "Failover between localities without outlier detection.",
    why: "Nothing notices that a locality fails, so traffic never moves.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: us-east, to: us-west}]}}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: us-east, to: us-west}]}}, outlierDetection: {consecutive5xxErrors: 5}}}
"#,
    specification: "DestinationRule reference, LocalityLoadBalancerSetting",
    check: Check::Admission(&[Cause::FailoverWithoutOutlierDetection]),
};
