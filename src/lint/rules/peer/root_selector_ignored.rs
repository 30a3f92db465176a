use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::peer::levels;

pub(super) const RULE: Rule = Rule {
    code: Code("MS220"),
    name: "root-selector-ignored",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A PeerAuthentication with selector labels in the root namespace.",
    why: "istiod ignores it, even for workloads of the root namespace itself: the STRICT or the exception that it seems to set does not exist.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: db, namespace: istio-system}
spec: {selector: {matchLabels: {app: db}}, mtls: {mode: STRICT}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: db, namespace: shop}
spec: {selector: {matchLabels: {app: db}}, mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference, selector; istiod skips policies of the root namespace that have labels",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let root = &view.mesh.settings.root_namespace;
    for policy in view.mesh.peer_authentications.iter().filter(|policy| policy.id.namespace == *root) {
        let Some(selector) = policy.spec.selector.as_ref().filter(|selector| !selector.match_labels.is_empty()) else { continue };
        let finding = RULE
            .at(levels::place_of(selector), format!("`{}` has no effect: policies with a selector are ignored in the root namespace", policy.id.name))
            .with_label(format!("no workload of any namespace is selected from `{root}`"))
            .with_help("move the policy to the namespace of the workloads, or remove the selector to mean the whole mesh");
        // Without a mesh configuration the root namespace is the usual one.
        found.push(if view.has_mesh_configuration { finding } else { finding.likely() });
    }
}
