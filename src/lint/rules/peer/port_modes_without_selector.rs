use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS201"),
    name: "port-modes-without-selector",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "Modes of single ports in a policy that selects no workload by label.",
    why: "The object is refused: a port belongs to a workload.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example, namespace: shop}
spec: {mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: STRICT}}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference, portLevelMtls",
    check: Check::Admission(&[Cause::PortModesWithoutSelector]),
};
