use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::targets;
use crate::lint::rules::ambient::targets::Kind;

pub(super) const RULE: Rule = Rule {
    code: Code("MS832"),
    name: "gateway-class-target",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A reference to a GatewayClass from a namespace other than the root namespace, or to another class than `istio-waypoint`.",
    why: "Only `istio-waypoint` in the root namespace is looked at; every other reference to a class is without effect.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: waypoints, namespace: shop}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: GatewayClass, name: istio-waypoint}], action: DENY, rules: [{to: [{operation: {ports: ["9090"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: waypoints, namespace: istio-system}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: GatewayClass, name: istio-waypoint}], action: DENY, rules: [{to: [{operation: {ports: ["9090"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, targetRefs",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let root = &view.mesh.settings.root_namespace;
    for target in targets::all(view).into_iter().filter(|target| target.kind == Kind::GatewayClass) {
        let name = &target.reference.name;
        if name.value != "istio-waypoint" {
            found.push(
                RULE.at(name.span, format!("a reference to the class `{}` has no effect", name.value))
                    .with_help("the only class that policies can name is `istio-waypoint`"),
            );
        } else if target.policy.namespace != *root {
            let finding = RULE
                .at(name.span, format!("a reference to a class has no effect in namespace `{}`", target.policy.namespace))
                .with_help(format!("move the policy to the root namespace `{root}`"));
            // The root namespace has another name in few meshes.
            found.push(if view.has_mesh_configuration { finding } else { finding.likely() });
        }
    }
}
