use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::peer::levels;
use crate::manifest::kinds::MutualTlsMode;

pub(super) const RULE: Rule = Rule {
    code: Code("MS221"),
    name: "mtls-disabled",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A PeerAuthentication that says DISABLE: an error for a mesh or a namespace, a warning for some workloads or a port.",
    why: "Connections are neither encrypted nor authenticated, policies see no identity, and clients cannot even choose mutual TLS.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: DISABLE}}
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
    if let Some(mode) = policy.mode.filter(|mode| mode.value == MutualTlsMode::Disable) {
        let mut finding = RULE
            .at(mode.span, "mutual TLS is switched off")
            .with_label("plaintext only, from anybody; policies see no identity")
            .with_help("write STRICT, or PERMISSIVE for the one port that is being migrated");
        if levels::is_selective(policy) {
            finding.severity = Severity::Warning;
        }
        found.push(finding);
    }
    // Holes in a STRICT policy have a rule of their own.
    if policy.mode.is_some_and(|mode| matches!(mode.value, MutualTlsMode::Strict | MutualTlsMode::Disable)) {
        return;
    }
    for (port, mode) in policy.port_level.iter().filter(|(_, mode)| mode.value == MutualTlsMode::Disable) {
        let mut finding = RULE
            .at(mode.span, format!("mutual TLS is switched off at port {port}"))
            .with_label("plaintext only, from anybody; policies see no identity")
            .with_help("write PERMISSIVE while clients are migrated, then STRICT");
        finding.severity = Severity::Warning;
        found.push(finding);
    }
}
