use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::peer::levels;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Level;

pub(super) const RULE: Rule = Rule {
    code: Code("MS229"),
    name: "same-as-parent",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A PeerAuthentication that says what the level above says already.",
    why: "It changes nothing today, and hides it when the level above is weakened or made stronger tomorrow.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference: the policy of a workload overrides that of its namespace, which overrides that of the mesh",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let modes = view.mesh.peer_modes();
    let root = &view.mesh.settings.root_namespace;
    for (_, policies) in modes.by_namespace().filter(|(namespace, _)| namespace != root) {
        for (_, policy) in policies {
            let Some(own) = policy.spec.mode.filter(|mode| mode.value != MutualTlsMode::Unset) else { continue };
            let parent = levels::parent(&modes, root, policy);
            let Some(from) = parent.from else { continue };
            let ports = || policy.spec.port_level.values().map(|mode| mode.value);
            if own.value != parent.mode || ports().any(|mode| mode != MutualTlsMode::Unset && mode != own.value) {
                continue;
            }
            let above = if from.level == Level::Mesh { "the mesh" } else { "the namespace" };
            found.push(
                RULE.at(own.span, format!("`{}` changes nothing: {above} says {} already", policy.id.name, own.value.as_str()))
                    .with_secondary(from.span, "the mode above")
                    .with_help("remove the policy, unless it is there to keep the mode when the one above changes"),
            );
        }
    }
}
