use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

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
use crate::manifest::kinds::TargetPort;
use crate::manifest::yaml::Node;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS841"),
    name: "network-policy-blocks-hbone",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A NetworkPolicy that lets the port of the application in to a pod of the ambient mesh, but not port 15008, or that does not let in its probes from 169.254.7.127.",
    why: "What comes from the mesh arrives at port 15008, whatever port it is for: all of it is blocked. Probes of the kubelet arrive from an address that the network plugin does not know as the node's.",
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
        for workload in view.workloads_in(namespace).iter().filter(|workload| workload.proxy == Proxy::Ambient) {
            found.extend(blocked_probe(&policies, workload).filter(|finding| {
                let span = finding.span();
                told.insert((span.source, span.offset))
            }));
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
        // Whether one with expressions selects the pod is not looked into.
        if !selects(policy, workload)? {
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

/// Whether a policy selects a pod; `None` when it says so by expressions.
fn selects(policy: &Raw, workload: &Workload) -> Option<bool> {
    let Some(selector) = tree::at(&policy.node, &["spec", "podSelector"]) else { return Some(false) };
    if !tree::items(selector, "matchExpressions").is_empty() {
        return None;
    }
    let labels = selector.get("matchLabels").map_or(&[][..], tree::entries);
    Some(labels.iter().all(|(name, value)| workload.labels.get(&name.value).map(String::as_str) == value.as_str()))
}

/// Where the node's ztunnel takes probes of the kubelet from.
const PROBES: Ipv4Addr = Ipv4Addr::new(169, 254, 7, 127);

/// A probe that no policy lets in to a pod which some policy selects.
fn blocked_probe(policies: &[&Raw], workload: &Workload) -> Option<Finding> {
    let probe = workload.probes.first()?;
    let mut first: Option<&Raw> = None;
    for policy in policies {
        if !selects(policy, workload)? {
            continue;
        }
        for rule in tree::items_at(&policy.node, &["spec", "ingress"]) {
            let (from, ports) = (tree::items(rule, "from"), tree::items(rule, "ports"));
            let lets_address = from.is_empty() || from.iter().any(holds_probes);
            if lets_address && (ports.is_empty() || ports.iter().any(|port| is_port(port, &probe.port.value))) {
                return None;
            }
        }
        first = first.or(Some(policy));
    }
    let name = first?.header.name.span;
    let mut finding = RULE
        .at(name, format!("the {} of `{}` is not let in", probe.name, workload.display_name()))
        .with_label(format!("probes of pods in the ambient mesh come from {PROBES}"))
        .with_secondary(probe.port.span, "the probe")
        .with_help(format!("add `from: [{{ipBlock: {{cidr: {PROBES}/32}}}}]`"))
        .likely();
    // Some network plugins let them in all the same.
    finding.severity = Severity::Warning;
    Some(finding)
}

/// Whether a peer of a rule is a block that holds the address of probes.
fn holds_probes(peer: &Node) -> bool {
    let Some(block) = peer.get("ipBlock") else { return false };
    let holds = |text: &str| {
        let (address, length) = text.split_once('/').unwrap_or((text, "32"));
        let (Ok(address), Ok(length)) = (address.parse::<Ipv4Addr>(), length.parse::<u32>()) else { return false };
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
        address.to_bits() & mask == PROBES.to_bits() & mask
    };
    tree::text(block, "cidr").is_some_and(holds) && !tree::texts(block, "except").any(|(text, _)| holds(text))
}

/// Whether a port of a rule is the port of a probe.
fn is_port(port: &Node, probe: &TargetPort) -> bool {
    let (start, end) = (tree::integer(port, "port"), tree::integer(port, "endPort"));
    match (port.get("port"), probe) {
        (None, _) => true,
        (Some(_), TargetPort::Number(probe)) => {
            let probe = i64::from(*probe);
            start.is_some_and(|start| (start..=end.unwrap_or(start)).contains(&probe))
        }
        // A number may be the named port, and is taken for it.
        (Some(written), TargetPort::Name(name)) => written.as_str().is_none_or(|written| written == name),
    }
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
