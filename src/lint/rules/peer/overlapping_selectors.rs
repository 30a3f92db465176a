use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::peer::levels;
use crate::manifest::Labels;
use crate::manifest::kinds::PeerAuthentication;
use crate::mesh::Object;

pub(super) const RULE: Rule = Rule {
    code: Code("MS206"),
    name: "overlapping-selectors",
    severity: Severity::Error,
    peers: &["KIA0003"],
    needs: Needs::Inventory,
    finds: "Two PeerAuthentications of a namespace whose selectors match one workload.",
    why: "Only the oldest that matches counts, with its mode and its ports: nothing is merged, and what the other one says of the workload is lost.",
    example: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart, tier: web}}
  template:
    metadata: {labels: {app: cart, tier: web}}
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}]}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: by-app, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: by-tier, namespace: shop}
spec: {selector: {matchLabels: {tier: web}}, mtls: {mode: STRICT}}
",
    instead: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart, tier: web}}
  template:
    metadata: {labels: {app: cart, tier: web}}
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}]}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: by-app, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference; istiod keeps the oldest policy of each level",
    check: Check::Mesh(check),
};

/// Without workloads every pair is compared, up to this many policies of a namespace.
const COMPARED: usize = 100;

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let modes = view.mesh.peer_modes();
    for (namespace, policies) in modes.by_namespace() {
        let selective: Vec<_> = policies.iter().map(|(_, policy)| *policy).filter(|policy| levels::is_selective(&policy.spec)).collect();
        // Policies with a selector are ignored in the root namespace, which another rule says.
        if selective.len() < 2 || namespace == view.mesh.settings.root_namespace {
            continue;
        }
        if view.knows_namespace(namespace) {
            by_workload(view, namespace, &selective, found);
        } else {
            by_labels(namespace, &selective, found);
        }
    }
}

/// Which policies lose a workload to which others.
fn by_workload(view: &MeshView<'_>, namespace: &str, policies: &[&Object<PeerAuthentication>], found: &mut Vec<Finding>) {
    // By one label of each selector, so that a workload is compared with few policies.
    let mut by_label: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, policy) in policies.iter().enumerate() {
        if let Some((name, value)) = labels_of(policy).and_then(|labels| labels.iter().next()) {
            by_label.entry((name, &value.value)).or_default().push(index);
        }
    }
    let mut lost: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
    for workload in view.workloads_in(namespace) {
        let candidates = workload.labels.iter().filter_map(|(name, value)| by_label.get(&(name.as_str(), value.as_str())));
        let mut matching: Vec<usize> = candidates
            .flatten()
            .copied()
            .filter(|index| {
                policies
                    .get(*index)
                    .and_then(|policy| labels_of(policy))
                    .is_some_and(|labels| labels.iter().all(|(name, value)| workload.labels.get(name) == Some(&value.value)))
            })
            .collect();
        matching.sort_unstable();
        if let Some((kept, ignored)) = matching.split_first() {
            for index in ignored {
                lost.entry((*kept, *index)).or_default().push(&workload.name);
            }
        }
    }
    for ((kept, ignored), workloads) in lost {
        let (Some(kept), Some(ignored)) = (policies.get(kept), policies.get(ignored)) else { continue };
        let names = crate::lint::first_few(&workloads);
        let headline = format!("`{}` does not count for {names}: `{}` selects the same and is older", ignored.id.name, kept.id.name);
        found.push(
            RULE.at(selector_place(ignored), headline)
                .with_label("for one workload only the oldest policy counts; modes and ports are not merged")
                .with_secondary(selector_place(kept), "this one counts")
                .with_help("write one policy for these workloads"),
        );
    }
}

/// Without workloads: selectors that one workload could satisfy.
fn by_labels(namespace: &str, policies: &[&Object<PeerAuthentication>], found: &mut Vec<Finding>) {
    for (index, policy) in policies.iter().enumerate().take(COMPARED) {
        let Some(labels) = labels_of(policy) else { continue };
        let overlaps = |other: &&&Object<PeerAuthentication>| {
            labels_of(other).is_some_and(|known| known.iter().all(|(name, value)| labels.get(name).is_none_or(|own| own == value)))
        };
        let Some(other) = policies.iter().take(index).find(overlaps) else { continue };
        let headline = format!("one workload could be selected by `{}` and by `{}`", other.id.name, policy.id.name);
        found.push(
            RULE.at(selector_place(policy), headline)
                .with_label("for one workload only the oldest policy counts; modes and ports are not merged")
                .with_secondary(selector_place(other), "the other one")
                .with_help("write one policy for each set of workloads")
                .cannot_tell(format!("the workloads of namespace `{namespace}`")),
        );
    }
}

fn labels_of(policy: &Object<PeerAuthentication>) -> Option<&Labels> {
    policy.spec.selector.as_ref().map(|selector| &selector.match_labels)
}

fn selector_place(policy: &Object<PeerAuthentication>) -> Span {
    policy.spec.selector.as_ref().map_or(policy.header.name.span, levels::place_of)
}
