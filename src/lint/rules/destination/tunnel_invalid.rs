use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS423"),
    name: "tunnel-invalid",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "A tunnel to no target that can be reached, or by an unknown protocol.",
    why: "The object is refused.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tunnel: {protocol: SOCKS, targetHost: proxy.example.com, targetPort: 443}}}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tunnel: {protocol: CONNECT, targetHost: proxy.example.com, targetPort: 443}}}
"#,
    specification: "DestinationRule reference, TunnelSettings",
    check: Check::Admission(&[Cause::TunnelInvalid]),
};
