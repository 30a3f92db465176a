use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::peer::levels;
use crate::manifest::kinds::MutualTlsMode;

pub(super) const RULE: Rule = Rule {
    code: Code("MS224"),
    name: "unset-to-the-top",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A PeerAuthentication that says no mode while no level above it says one either.",
    why: "It reads like a setting, and means PERMISSIVE.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference, MutualTLS.Mode UNSET",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let modes = view.mesh.peer_modes();
    let root = &view.mesh.settings.root_namespace;
    for (namespace, policies) in modes.by_namespace() {
        for (_, policy) in policies {
            let is_selective = levels::is_selective(&policy.spec);
            let is_said = policy.spec.mode.is_some_and(|mode| mode.value != MutualTlsMode::Unset);
            if is_said || (namespace == root && is_selective) {
                continue;
            }
            if levels::parent(&modes, root, policy).from.is_some() {
                continue;
            }
            let span = policy.spec.mode.map_or(policy.header.name.span, |mode| mode.span);
            let finding = RULE
                .at(span, format!("`{}` says no mode, and nothing above it does: plaintext is accepted", policy.id.name))
                .with_label("the mode at the top is PERMISSIVE")
                .with_help("write the mode: `mtls: {mode: STRICT}`");
            found.push(if namespace == root || modes.mesh_policy().is_some() {
                finding
            } else if view.namespace_span(root).is_some() || view.known_namespaces.contains(root) {
                finding.likely()
            } else {
                finding.cannot_tell(format!("the policies of the root namespace `{root}`"))
            });
        }
    }
}
