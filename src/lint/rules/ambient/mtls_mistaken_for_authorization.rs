use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::waypoint;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Proxy;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    code: Code("MS844"),
    name: "mtls-mistaken-for-authorization",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A namespace of the ambient mesh with STRICT mutual TLS, without an authorization policy and without a waypoint.",
    why: "Mutual TLS shows who calls; it keeps out nobody who is in the mesh.",
    example: concat!(open_ambient!(), ""),
    instead: concat!(ambient!(), ""),
    specification: "Istio ambient mode, layer 4 authorization policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let root = mesh.settings.root_namespace.as_str();
    let with_policy: BTreeSet<&str> = mesh.authorization_policies.iter().map(|policy| policy.id.namespace.as_str()).collect();
    if with_policy.contains(root) {
        return;
    }
    for (name, namespace) in &mesh.namespaces {
        let Some(span) = namespace.span.filter(|_| !with_policy.contains(name.as_str())) else { continue };
        let is_ambient = view.workloads_in(name).iter().any(|workload| workload.proxy == Proxy::Ambient);
        if !is_ambient || waypoint::of_namespace(view, name).is_some() {
            continue;
        }
        let strict = |of: &str| {
            mesh.peer_authentications.iter().find_map(|policy| {
                let mode = policy.spec.mode.filter(|mode| mode.value == MutualTlsMode::Strict)?;
                (policy.id.namespace == *of && policy.spec.selector.is_none()).then_some(mode.span)
            })
        };
        let Some(mode) = strict(name).or_else(|| strict(root)) else { continue };
        found.push(
            RULE.at(span, format!("every workload of the mesh may call the pods of namespace `{name}`"))
                .with_secondary(mode, "asks for an identity, whichever it is")
                .with_help("add an AuthorizationPolicy with `spec: {}`, and one for each caller that is meant")
                .likely(),
        );
    }
}
