use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS204"),
    name: "port-mode-key-not-number",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "A mode for something that is no number, such as the name of a port.",
    why: "The object is refused: keys are numbers of ports of the workload.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}, portLevelMtls: {http: {mode: STRICT}}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference, portLevelMtls",
    check: Check::Admission(&[Cause::PortModeKeyNotNumber]),
};
