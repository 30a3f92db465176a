use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::MutualTlsMode;

pub(super) const RULE: Rule = Rule {
    code: Code("MS227"),
    name: "port-hole-in-strict",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A STRICT PeerAuthentication with a port at PERMISSIVE or DISABLE.",
    why: "Whoever reaches that port is served without an identity: rules that rely on principals or namespaces do not protect it.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}, portLevelMtls: {9090: {mode: PERMISSIVE}}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference, portLevelMtls",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.peer_authentication() else { return };
    let Some(strict) = policy.mode.filter(|mode| mode.value == MutualTlsMode::Strict) else { return };
    for (port, mode) in &policy.port_level {
        let label = match mode.value {
            MutualTlsMode::Disable => "plaintext only, from anybody",
            MutualTlsMode::Permissive => "callers without a certificate are served",
            MutualTlsMode::Strict | MutualTlsMode::Unset => continue,
        };
        found.push(
            RULE.at(mode.span, format!("port {port} is a hole in a STRICT policy"))
                .with_label(label)
                .with_secondary(strict.span, "every other port wants mutual TLS")
                .with_help("limit who reaches the port (`ipBlocks`, a NetworkPolicy), or remove the entry; kubelet probes are rewritten and need none"),
        );
    }
}
