use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::PeerAuthentication;
use crate::mesh::Object;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS828"),
    name: "port-disable-under-strict",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A port with DISABLE, without a mode of the policy itself, for pods of the ambient mesh under an inherited STRICT.",
    why: "There only PERMISSIVE opens a port: the exception does not work, and plaintext is refused.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, portLevelMtls: {8080: {mode: DISABLE}}}
"
    ),
    instead: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
"
    ),
    specification: "PeerAuthentication reference, portLevelMtls",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let root = &view.mesh.settings.root_namespace;
    for policy in view.mesh.peer_authentications.iter().filter(|policy| policy.id.namespace != *root) {
        let spec = &policy.spec;
        let is_selective = spec.selector.as_ref().is_some_and(|selector| !selector.match_labels.is_empty());
        let is_unset = spec.mode.is_none_or(|mode| mode.value == MutualTlsMode::Unset);
        let has = |wanted: MutualTlsMode| spec.port_level.values().any(|mode| mode.value == wanted);
        // One PERMISSIVE port makes ztunnel look at the others too.
        if !is_selective || !is_unset || !has(MutualTlsMode::Disable) || has(MutualTlsMode::Permissive) {
            continue;
        }
        let Some(strict) = inherited(view, &policy.id.namespace) else { continue };
        let workloads = view.workloads_of_peer(policy);
        let Some(pod) = workloads.iter().find(|workload| workload.proxy == Proxy::Ambient) else { continue };
        for (port, mode) in spec.port_level.iter().filter(|(_, mode)| mode.value == MutualTlsMode::Disable) {
            found.push(
                RULE.at(
                    mode.span,
                    format!("port {port} of `{}` stays STRICT: DISABLE opens no port in the ambient mesh", pod.display_name()),
                )
                .with_secondary(strict.header.name.span, "says STRICT")
                .with_help("write PERMISSIVE")
                .with_edit(Safety::Unsafe, mode.span, "PERMISSIVE"),
            );
        }
    }
}

/// The policy of the namespace, or else of the mesh, when it says STRICT.
fn inherited<'v>(view: &MeshView<'v>, namespace: &str) -> Option<&'v Object<PeerAuthentication>> {
    let of = |namespace: &str| {
        view.mesh.peer_authentications.iter().find(|policy| {
            let is_whole = policy.spec.selector.as_ref().is_none_or(|selector| selector.match_labels.is_empty());
            is_whole && policy.id.namespace == namespace
        })
    };
    let says = |policy: &Object<PeerAuthentication>| {
        policy.spec.mode.map(|mode| mode.value).filter(|mode| *mode != MutualTlsMode::Unset)
    };
    let deciding = of(namespace).filter(|policy| says(policy).is_some()).or_else(|| of(&view.mesh.settings.root_namespace))?;
    (says(deciding) == Some(MutualTlsMode::Strict)).then_some(deciding)
}
