use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS424"),
    name: "proxy-protocol-invalid",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A version of the proxy protocol that does not exist.",
    why: "Both gates know `V1` and `V2` only; by number istiod takes what the API server refuses.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {proxyProtocol: {version: 3}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {proxyProtocol: {version: V2}}}
"#,
    specification: "DestinationRule reference, ProxyProtocol",
    check: Check::Admission(&[Cause::ProxyProtocolInvalid]),
};
