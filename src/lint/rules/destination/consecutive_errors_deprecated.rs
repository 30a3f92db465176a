use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS425"),
    name: "consecutive-errors-deprecated",
    severity: Severity::Warning,
    peers: &["istiod-warn"],
    needs: Needs::Document,
    finds: "The setting `consecutiveErrors` of outlier detection.",
    why: "It is deprecated: `consecutive5xxErrors` and `consecutiveGatewayErrors` say which errors count.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {outlierDetection: {consecutiveErrors: 5}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}}
"#,
    specification: "DestinationRule reference, OutlierDetection",
    check: Check::Admission(&[Cause::ConsecutiveErrorsDeprecated]),
};
