use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Raw;
use crate::lint::Rule;
use crate::lint::tree;
use crate::manifest::yaml::Node;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    code: Code("MS841"),
    name: "network-policy-blocks-hbone",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A NetworkPolicy that lets the port of the application in to a pod of the ambient mesh, but not port 15008.",
    why: "What comes from the mesh arrives at port 15008, whatever port it is for: all of it is blocked.",
    example: concat!(
        ambient!(),
        "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: cart, namespace: shop}
spec:
  podSelector: {matchLabels: {app: cart}}
  policyTypes: [Ingress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 8080}]
"
    ),
    instead: concat!(
        ambient!(),
        "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: cart, namespace: shop}
spec:
  podSelector: {matchLabels: {app: cart}}
  policyTypes: [Ingress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 8080}, {port: 15008}]
"
    ),
    specification: "Istio ambient mode and Kubernetes NetworkPolicy",
    check: Check::Mesh(check),
};

const HBONE: i64 = 15008;

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut by_namespace: BTreeMap<&str, Vec<&Raw>> = BTreeMap::new();
    for policy in view.raw_of("networking.k8s.io", "NetworkPolicy").filter(|policy| is_for_ingress(&policy.node)) {
        by_namespace.entry(&policy.namespace).or_default().push(policy);
    }
    let mut told = BTreeSet::new();
    for (namespace, policies) in by_namespace {
        for workload in view.workloads_in(namespace).iter().filter(|workload| workload.proxy == Proxy::Ambient) {
            let Some(span) = blocked(&policies, workload) else { continue };
            if !told.insert((span.source, span.offset)) {
                continue;
            }
            found.push(
                RULE.at(
                    span,
                    format!("no connection of the mesh reaches `{}`: port 15008 is not let in", workload.display_name()),
                )
                .with_label("the mesh does not use these")
                .with_help("add `{port: 15008}`")
                .likely(),
            );
        }
    }
}

fn is_for_ingress(policy: &Node) -> bool {
    let types = tree::items_at(policy, &["spec", "policyTypes"]);
    types.is_empty() || types.iter().any(|kind| kind.as_str() == Some("Ingress"))
}

/// The first list of ports for a pod, when some are let in and 15008 is in none.
fn blocked(policies: &[&Raw], workload: &Workload) -> Option<Span> {
    let mut first = None;
    for policy in policies {
        let Some(selector) = tree::at(&policy.node, &["spec", "podSelector"]) else { continue };
        if !tree::items(selector, "matchExpressions").is_empty() {
            // Whether it selects the pod is not looked into.
            return None;
        }
        let labels = selector.get("matchLabels").map_or(&[][..], tree::entries);
        if !labels.iter().all(|(name, value)| workload.labels.get(&name.value).map(String::as_str) == value.as_str()) {
            continue;
        }
        for rule in tree::items_at(&policy.node, &["spec", "ingress"]) {
            let ports = tree::items(rule, "ports");
            if ports.is_empty() || ports.iter().any(is_hbone) {
                return None;
            }
            first = first.or(rule.get("ports").map(|ports| ports.span));
        }
    }
    first
}

fn is_hbone(port: &Node) -> bool {
    if tree::text(port, "protocol").is_some_and(|protocol| protocol != "TCP") {
        return false;
    }
    match (port.get("port"), tree::integer(port, "port"), tree::integer(port, "endPort")) {
        (None, ..) => true,
        (_, Some(start), Some(end)) => (start..=end).contains(&HBONE),
        (_, Some(only), None) => only == HBONE,
        // A named port of a container is the application's.
        (Some(_), None, _) => false,
    }
}
