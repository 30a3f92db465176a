use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS116"),
    name: "ip-or-cidr-invalid",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A value that is neither an IP address nor a CIDR range.",
    why: "istiod refuses it: there are no ranges of addresses, no names, and no `*` for any address.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {ipBlocks: [10.0.0.1-20]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {ipBlocks: [10.0.0.0/27]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Source.ipBlocks",
    check: Check::Admission(&[Cause::IpOrCidrInvalid]),
};
