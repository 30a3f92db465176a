use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS024"),
    name: "missing-field",
    severity: Severity::Error,
    peers: &["api"],
    needs: Needs::Document,
    finds: "A field that the kind cannot do without is missing.",
    why: "The object is refused, or does nothing.",
    example: r#"apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: idp, namespace: shop}
spec: {ports: [{number: 443, name: tls, protocol: TLS}]}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: idp, namespace: shop}
spec: {hosts: [idp.example.com], ports: [{number: 443, name: tls, protocol: TLS}]}
"#,
    specification: "The resource definition of the kind",
    check: Check::Told,
};
