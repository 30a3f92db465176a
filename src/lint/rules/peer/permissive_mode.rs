use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::MutualTlsMode;

pub(super) const RULE: Rule = Rule {
    code: Code("MS222"),
    name: "permissive-mode",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "Mode PERMISSIVE written out.",
    why: "Whoever reaches the port is served in plaintext, without an identity. The mode is meant for the time of a migration.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: PERMISSIVE}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference, MutualTLS.Mode",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.peer_authentication() else { return };
    // Holes in a STRICT policy have a rule of their own.
    let is_strict = policy.mode.is_some_and(|mode| mode.value == MutualTlsMode::Strict);
    let ports = policy.port_level.values().filter(|_| !is_strict);
    for mode in policy.mode.iter().chain(ports).filter(|mode| mode.value == MutualTlsMode::Permissive) {
        found.push(
            RULE.at(mode.span, "plaintext is accepted beside mutual TLS")
                .with_label("callers without a certificate are served, and have no identity")
                .with_help("write STRICT once every caller has a sidecar; until then say why and until when in an ignore comment"),
        );
    }
}
