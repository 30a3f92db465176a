use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::first_few;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS223"),
    name: "mesh-default-not-strict",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A mesh whose root namespace has no PeerAuthentication with STRICT, while not every namespace has one of its own.",
    why: "The default is PERMISSIVE: every new namespace starts with its ports open to plaintext.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: PERMISSIVE}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference; Istio security best practices",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let (modes, root) = (mesh.peer_modes(), mesh.settings.root_namespace.as_str());
    let of_mesh = modes.mesh_policy();
    let written = of_mesh.and_then(|(_, policy)| policy.spec.mode);
    // DISABLE and a mode that is not said have rules of their own.
    let is_permissive = written.is_some_and(|mode| mode.value == MutualTlsMode::Permissive);
    if of_mesh.is_some() && !is_permissive {
        return;
    }
    let open: Vec<&str> = mesh
        .namespaces
        .iter()
        .filter(|(name, namespace)| name.as_str() != root && namespace.span.is_some() && is_in_mesh(view, name))
        .map(|(name, _)| name.as_str())
        .filter(|name| modes.namespace_policy(name).is_none())
        .collect();
    let has_namespaces = mesh.namespaces.iter().any(|(name, namespace)| name != root && namespace.span.is_some());
    if open.is_empty() && has_namespaces {
        return;
    }
    let help = format!("write a PeerAuthentication `default` in namespace `{root}` with mode STRICT");
    if let Some(mode) = written {
        found.push(
            RULE.at(mode.span, "plaintext is accepted wherever no other policy says otherwise")
                .with_label("this is the default of the whole mesh, new namespaces included")
                .with_help("write STRICT here, and PERMISSIVE only where a migration needs it"),
        );
    } else if !open.is_empty() && shows_root_policies(view, root) {
        let place = view.namespace_span(root).or_else(|| view.namespace_span(open.first()?));
        let Some(span) = place else { return };
        let headline = format!("no PeerAuthentication in the root namespace: {} accept plaintext", first_few(&open));
        found.push(RULE.at(span, headline).with_label("the default of the mesh is PERMISSIVE").with_help(help).likely());
    }
}

/// Whether the policies of the root namespace can be taken to be among what was given.
fn shows_root_policies(view: &MeshView<'_>, root: &str) -> bool {
    let has_policies = !view.mesh.peer_authentications.is_empty();
    view.known_namespaces.contains(root) || (has_policies && view.namespace_span(root).is_some())
}

fn is_in_mesh(view: &MeshView<'_>, namespace: &str) -> bool {
    view.mesh.namespaces.get(namespace).is_some_and(|namespace| namespace.injects)
        || view.workloads_in(namespace).iter().any(|workload| matches!(workload.proxy, Proxy::Sidecar | Proxy::Ambient))
}
