use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS011"),
    name: "dry-run-on-other-kind",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "The annotation `istio.io/dry-run` on a kind other than AuthorizationPolicy.",
    why: "istiod refuses the object: there is no dry run of mutual TLS, tokens or client settings.",
    example: r#"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example, namespace: shop, annotations: {istio.io/dry-run: "true"}}
spec: {mtls: {mode: STRICT}}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example, namespace: shop}
spec: {mtls: {mode: STRICT}}
"#,
    specification: "Istio annotations reference, istio.io/dry-run",
    check: Check::Admission(&[Cause::DryRunOnOtherKind]),
};
