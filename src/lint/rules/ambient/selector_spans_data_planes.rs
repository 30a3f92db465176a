use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::bits;
use crate::lint::rules::ambient::ztunnel;
use crate::manifest::kinds::Action;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS839"),
    name: "selector-spans-data-planes",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy for pods with sidecars and pods of the ambient mesh at once, with something in it that ztunnel does not read.",
    why: "One object means two things: what a sidecar does with it is not what ztunnel does.",
    example: concat!(
        ambient!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {team: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], methods: [POST]}}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart-old, namespace: shop}
spec:
  selector: {matchLabels: {app: cart-old}}
  template:
    metadata: {labels: {app: cart-old, team: cart, sidecar.istio.io/inject: "true", istio.io/dataplane-mode: none}}
    spec: {serviceAccountName: cart-old, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart-new, namespace: shop}
spec:
  selector: {matchLabels: {app: cart-new}}
  template:
    metadata: {labels: {app: cart-new, team: cart}}
    spec: {serviceAccountName: cart-new, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
"#
    ),
    instead: concat!(
        ambient!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart-old}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], methods: [POST]}}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart-old, namespace: shop}
spec:
  selector: {matchLabels: {app: cart-old}}
  template:
    metadata: {labels: {app: cart-old, team: cart, sidecar.istio.io/inject: "true", istio.io/dataplane-mode: none}}
    spec: {serviceAccountName: cart-old, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart-new, namespace: shop}
spec:
  selector: {matchLabels: {app: cart-new}}
  template:
    metadata: {labels: {app: cart-new, team: cart}}
    spec: {serviceAccountName: cart-new, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
"#
    ),
    specification: "Istio ambient mode, layer 4 authorization policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.mesh.workloads.iter().any(|workload| workload.proxy == Proxy::Sidecar) {
        return;
    }
    for read in ztunnel::read(view) {
        let policy = read.policy;
        let is_told = matches!(policy.spec.action.value, Action::Audit | Action::Custom);
        let differs = read.rules().any(|rule| {
            let has_domains =
                rule.from.iter().flatten().any(|source| !source.trust_domains.is_empty() || !source.not_trust_domains.is_empty());
            has_domains || !bits::is_kept(rule)
        });
        if is_told || !differs {
            continue;
        }
        let workloads = view.workloads_of(policy);
        let Some(sidecar) = workloads.iter().find(|workload| workload.proxy == Proxy::Sidecar) else { continue };
        let span = policy.spec.selector.as_ref().map_or(policy.header.name.span, |selector| selector.place.span);
        let (pod, sidecar) = (read.workload.display_name(), sidecar.display_name());
        found.push(
            RULE.at(
                span,
                format!(
                    "the policy means one thing for `{sidecar}`, which has a sidecar, and another for `{pod}`, which has none"
                ),
            )
            .with_help("write one policy for each: labels for the pods with sidecars, `targetRefs` for those behind a waypoint"),
        );
    }
}
