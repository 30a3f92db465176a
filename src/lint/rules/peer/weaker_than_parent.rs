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
    code: Code("MS228"),
    name: "weaker-than-parent",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A PeerAuthentication that lets plaintext in where the level above says STRICT.",
    why: "What the mesh or the namespace guarantees does not hold there, and nobody who reads the policy above sees it.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: PERMISSIVE}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference: the policy of a workload overrides that of its namespace, which overrides that of the mesh",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let modes = view.mesh.peer_modes();
    let root = &view.mesh.settings.root_namespace;
    for (namespace, policies) in modes.by_namespace().filter(|(namespace, _)| namespace != root) {
        for (_, policy) in policies {
            let parent = levels::parent(&modes, root, policy);
            let (Some(from), MutualTlsMode::Strict) = (parent.from, parent.mode) else { continue };
            let above = if from.level == Level::Mesh { "the mesh".to_owned() } else { format!("namespace `{namespace}`") };
            let own = policy.spec.mode.filter(|mode| mode.value != MutualTlsMode::Unset);
            // DISABLE is told wherever it stands, and so are holes in a policy that is itself STRICT.
            let weak = match own {
                Some(mode) => (mode.value == MutualTlsMode::Permissive).then_some((mode.span, String::new())),
                None => policy
                    .spec
                    .port_level
                    .iter()
                    .find(|(_, mode)| mode.value == MutualTlsMode::Permissive)
                    .map(|(port, mode)| (mode.span, format!(" at port {port}"))),
            };
            let Some((span, place)) = weak else { continue };
            found.push(
                RULE.at(span, format!("`{}` lets plaintext in{place}, {above} says STRICT", policy.id.name))
                    .with_label(format!("weaker than {above}"))
                    .with_secondary(from.span, "the mode above")
                    .with_help("remove the policy; if a migration needs it, say why and until when in an ignore comment"),
            );
        }
    }
}
