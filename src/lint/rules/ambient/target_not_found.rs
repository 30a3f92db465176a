use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::targets;
use crate::lint::rules::ambient::targets::Crossings;
use crate::lint::rules::ambient::targets::Kind;
use crate::simulate::scenario::nearest;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    code: Code("MS834"),
    name: "target-not-found",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy whose `targetRefs` name a Service, ServiceEntry or Gateway that does not exist in its namespace.",
    why: "Nothing enforces the policy.",
    example: concat!(
        behind_waypoint!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart-waypoint, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/waypoint]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: carts}], rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET], ports: ["8080"]}}]}]}
"#
    ),
    instead: concat!(
        behind_waypoint!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart-waypoint, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/waypoint]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: cart}], rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET], ports: ["8080"]}}]}]}
"#
    ),
    specification: "AuthorizationPolicy reference, targetRefs",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let targets = targets::all(view);
    if targets.is_empty() {
        return;
    }
    let mut names: BTreeMap<(Kind, &str), BTreeSet<&str>> = BTreeMap::new();
    for (kind, namespace, name) in targets::services(view).into_keys() {
        names.entry((kind, namespace)).or_default().insert(name);
    }
    for gateway in &view.mesh.kubernetes_gateways {
        names.entry((Kind::Gateway, &gateway.id.namespace)).or_default().insert(&gateway.id.name);
    }
    let crossings = Crossings::new(view);
    for target in targets.iter().filter(|target| target.kind != Kind::GatewayClass) {
        let (name, namespace) = (&target.reference.name, target.policy.namespace.as_str());
        let known = names.get(&(target.kind, namespace));
        if name.value.is_empty() || known.is_some_and(|known| known.contains(name.as_str())) {
            continue;
        }
        // Which namespace it should stand in is another rule's to say.
        if crossings.as_ref().is_some_and(|crossings| crossings.other_namespace(target).is_some()) {
            continue;
        }
        let kind = target.kind.as_str();
        let near = nearest(name.as_str(), known.into_iter().flatten().copied());
        let finding =
            RULE.at(name.span, format!("there is no {kind} `{}` in namespace `{namespace}`", name.value)).with_help(match near {
                Some(near) => format!("did you mean `{near}`"),
                None => format!("name a {kind} of the policy's own namespace"),
            });
        // Others of the kind are there, so this one should be too.
        found.push(if known.is_some() || view.known_namespaces.contains(namespace) {
            finding.likely()
        } else {
            finding.cannot_tell(format!("the manifests of namespace `{namespace}`"))
        });
    }
}
