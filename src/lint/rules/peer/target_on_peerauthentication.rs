use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS232"),
    name: "target-on-peerauthentication",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A PeerAuthentication with `targetRef` or `targetRefs`.",
    why: "The API does not have the field: a client that does not ask for strict validation loses it, and the policy is then for the whole namespace.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {targetRefs: [{kind: Service, name: cart}], mtls: {mode: STRICT}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference",
    check: Check::Admission(&[Cause::TargetOnPeerAuthentication]),
};
