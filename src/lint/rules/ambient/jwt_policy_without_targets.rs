use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::waypoint;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS803"),
    name: "jwt-policy-without-targets",
    severity: Severity::Error,
    peers: &["KIA1110", "KIA1115"],
    needs: Needs::Inventory,
    finds: "A RequestAuthentication without `targetRefs` for pods of the ambient mesh.",
    why: "ztunnel knows no tokens and a waypoint follows only policies with `targetRefs`: nobody looks at the token.",
    example: concat!(
        behind_waypoint!(),
        r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, jwtRules: [{issuer: "https://login.example.com", jwksUri: "https://login.example.com/keys", audiences: [cart]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: cart}], action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}], to: [{operation: {ports: ["8080"]}}]}]}
"#
    ),
    instead: concat!(
        behind_waypoint!(),
        r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: cart}], jwtRules: [{issuer: "https://login.example.com", jwksUri: "https://login.example.com/keys", audiences: [cart]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: cart}], action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}], to: [{operation: {ports: ["8080"]}}]}]}
"#
    ),
    specification: "Istio ambient mode, layer 7 features",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.mesh.workloads.iter().any(|workload| workload.proxy == Proxy::Ambient) {
        return;
    }
    for policy in &view.mesh.request_authentications {
        let spec = &policy.spec;
        if spec.target_ref.is_some() || !spec.target_refs.is_empty() || spec.jwt_rules.is_empty() {
            continue;
        }
        let workloads = view.workloads_of_authentication(policy);
        let Some(ambient) = workloads.iter().copied().find(|workload| workload.proxy == Proxy::Ambient) else { continue };
        let span = spec.selector.as_ref().map_or(policy.header.name.span, |selector| selector.place.span);
        let mut finding = RULE
            .at(span, format!("nobody looks at tokens in front of `{}`", ambient.display_name()))
            .with_label("a policy without `targetRefs` does not reach a waypoint")
            .with_help(match waypoint::any_for(view, ambient) {
                Some(_) => "write `targetRefs: [{group: \"\", kind: Service, name: ..}]` instead of the selector",
                None => "put a waypoint in front of the workload and name its Service in `targetRefs`",
            });
        // Elsewhere it does its work.
        if let Some(other) = workloads.iter().find(|workload| matches!(workload.proxy, Proxy::Sidecar | Proxy::Gateway)) {
            finding.severity = Severity::Warning;
            finding = finding.with_note(format!("it does work for `{}`", other.display_name()));
        }
        found.push(finding);
    }
}
