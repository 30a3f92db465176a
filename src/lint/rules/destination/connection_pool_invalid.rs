use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS420"),
    name: "connection-pool-invalid",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "Connection pool settings that are out of range or exclude each other.",
    why: "The object is refused.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {maxConnections: -1}}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {maxConnections: 100}}}}
"#,
    specification: "DestinationRule reference, ConnectionPoolSettings",
    check: Check::Admission(&[Cause::ConnectionPoolInvalid]),
};
