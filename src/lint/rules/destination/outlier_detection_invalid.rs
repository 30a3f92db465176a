use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS421"),
    name: "outlier-detection-invalid",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "Outlier detection settings that are out of range or exclude each other.",
    why: "The object is refused.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {outlierDetection: {maxEjectionPercent: 150}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {outlierDetection: {maxEjectionPercent: 50}}}
"#,
    specification: "DestinationRule reference, OutlierDetection",
    check: Check::Admission(&[Cause::OutlierDetectionInvalid]),
};
