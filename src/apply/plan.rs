use std::collections::BTreeMap;

use serde::Serialize;

use crate::apply::Action;
use crate::apply::Change;
use crate::apply::Item;
use crate::apply::order;
use crate::apply::order::Constraint;
use crate::apply::order::Effect;
use crate::apply::order::Node;
use crate::apply::order::Policies;
use crate::apply::order::Servers;
use crate::apply::order::Strength;
use crate::manifest::Body;
use crate::manifest::kinds;

/// What is done, in order.
#[derive(Debug)]
pub struct Plan {
    /// One step per object that changes.
    pub steps: Vec<Step>,
    /// Where no order keeps every request that is refused before and after refused, or let in, on the way.
    pub gaps: Vec<Gap>,
}

/// One object that is written or removed.
#[derive(Debug)]
pub struct Step {
    /// The object before and after.
    pub change: Change,
    /// Why it stands where it stands.
    pub reason: String,
    /// Steps that have to be done before, with the reason; of many for one reason the last ones.
    pub after: Vec<After>,
    /// It may be done at the same time as the step before, and as those beside that one: nothing decides between them.
    pub is_beside: bool,
}

/// A step that has to be done before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct After {
    /// Its index in [`Plan::steps`].
    pub step: usize,
    /// Why.
    pub because: &'static str,
}

/// Steps whose order is wrong whichever way round they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Index of the step that is done first.
    pub from: usize,
    /// Index of the step that should have been done before it.
    pub to: usize,
    /// What may happen between the two.
    pub what: &'static str,
    /// Whether requests may be let in that are refused before and after.
    pub is_hole: bool,
}

/// Puts changes in an order that never opens a hole on the way, where there is one.
///
/// `staying` are the live objects that do not change. Objects that are as wanted are no steps.
#[must_use]
pub fn plan(changes: Vec<Change>, staying: &[Item], root_namespace: &str) -> Plan {
    let (unchanged, changes): (Vec<Change>, Vec<Change>) =
        changes.into_iter().partition(|change| change.action == Action::Unchanged);
    let kept = || staying.iter().chain(unchanged.iter().filter_map(|change| change.before.as_ref()));
    let (order, ranks, strict, given_up, reasons) = {
        let policies = Policies::new(&changes, kept(), root_namespace);
        let servers = Servers::new(&changes, kept(), root_namespace);
        let nodes: Vec<Node> = changes
            .iter()
            .map(|change| {
                let (effects, traits) = order::effects(change, &servers, &policies);
                Node { rank: rank(change, traits), effects, traits }
            })
            .collect();
        let constraints = order::constraints(&nodes);
        let ranks: Vec<u8> = nodes.iter().map(|node| node.rank).collect();
        let (order, given_up) = order::sort(&ranks, &constraints);
        let given_up: Vec<Constraint> = given_up.into_iter().cloned().collect();
        let reasons: Vec<String> = changes.iter().zip(&nodes).map(|(change, node)| reason(change, node)).collect();
        (order, ranks, constraints, given_up, reasons)
    };
    let place: BTreeMap<usize, usize> = order.iter().enumerate().map(|(place, index)| (*index, place)).collect();
    let place_of = |index: usize| place.get(&index).copied().unwrap_or_default();
    let mut after: BTreeMap<usize, Vec<After>> = BTreeMap::new();
    for constraint in &strict {
        let (first, second) = (place_of(constraint.before), place_of(constraint.after));
        if first < second {
            after.entry(constraint.after).or_default().push(After { step: first, because: constraint.why });
        }
    }
    let places = |constraint: &Constraint| (place_of(constraint.before), place_of(constraint.after));
    let sorted: Vec<u8> = order.iter().map(|index| ranks.get(*index).copied().unwrap_or_default()).collect();
    let beside = beside(&sorted, strict.iter().chain(&given_up).map(places));
    // Of the gaps that begin with one step the widest tells of the others.
    let mut gaps: BTreeMap<(usize, &'static str), Gap> = BTreeMap::new();
    for constraint in &given_up {
        let gap = gap(constraint, place_of(constraint.after), place_of(constraint.before));
        let widest = gaps.entry((gap.from, gap.what)).or_insert_with(|| gap.clone());
        widest.to = widest.to.max(gap.to);
    }
    let mut gaps: Vec<Gap> = gaps.into_values().collect();
    gaps.sort_by_key(|gap| (!gap.is_hole, gap.from, gap.to));
    let mut open: BTreeMap<usize, (Change, String)> = changes.into_iter().zip(reasons).enumerate().collect();
    let steps = order.iter().zip(beside).filter_map(|(index, is_beside)| {
        let (change, reason) = open.remove(index)?;
        let after = nearest(after.remove(index).unwrap_or_default());
        Some(Step { change, reason, after, is_beside })
    });
    Plan { steps: steps.collect(), gaps }
}

/// For each step in order, whether it may be done at the same time as those before it that are not done for certain: when none of them has
/// another rank, or has to be done before it, or should have been done after it.
fn beside(ranks: &[u8], constraints: impl Iterator<Item = (usize, usize)>) -> Vec<bool> {
    // For each step the place behind the last one before it that it may not be beside.
    let mut earliest = vec![0; ranks.len()];
    for (one, other) in constraints {
        if let Some(earliest) = earliest.get_mut(one.max(other)) {
            *earliest = one.min(other).saturating_add(1).max(*earliest);
        }
    }
    let (mut start, mut rank) = (0, None);
    let places = ranks.iter().zip(earliest).enumerate().map(|(place, (own, earliest))| {
        let is_beside = rank == Some(own) && earliest <= start;
        if !is_beside {
            (start, rank) = (place, Some(own));
        }
        is_beside
    });
    places.collect()
}

/// Of the steps that have to be done before for one reason, the nearest few.
fn nearest(mut after: Vec<After>) -> Vec<After> {
    const TOLD: usize = 10;
    after.sort_by_key(|after| std::cmp::Reverse(after.step));
    let mut told: BTreeMap<&'static str, usize> = BTreeMap::new();
    after.retain(|after| {
        let count = told.entry(after.because).or_default();
        *count += 1;
        *count <= TOLD
    });
    after.reverse();
    after
}

fn gap(constraint: &Constraint, first: usize, second: usize) -> Gap {
    let (what, is_hole) = match constraint.strength {
        Strength::Hole => ("requests that are refused before and after may be let in in between", true),
        Strength::HoleOutsideHttp => {
            ("on ports that carry no HTTP, requests that are refused before and after may be let in in between", true)
        }
        Strength::Outage => ("requests that are let in before and after may be refused in between", false),
    };
    Gap { from: first.min(second), to: first.max(second), what, is_hole }
}

/// Where steps go when nothing else decides: what closes, what is allowed, what is called, and what opens.
fn rank(change: &Change, traits: order::Traits) -> u8 {
    let removes = change.action.removes();
    let body =
        change.before.as_ref().or(change.after.as_ref()).and_then(|item| item.document.as_ref()).map(|document| &document.body);
    match body {
        Some(Body::Namespace) => {
            if removes {
                19
            } else {
                0
            }
        }
        Some(Body::ServiceAccount) => {
            if removes {
                18
            } else {
                1
            }
        }
        Some(Body::Other) | None if change.key.kind == "CustomResourceDefinition" => {
            if removes {
                20
            } else {
                0
            }
        }
        Some(Body::Other | Body::MeshConfig(_)) | None => {
            if removes {
                17
            } else {
                2
            }
        }
        Some(Body::RequestAuthentication(_)) => match (traits.brings_claims, traits.takes_claims) {
            (true, false) => 3,
            (false, true) => 16,
            _ => 9,
        },
        Some(Body::AuthorizationPolicy(policy)) => {
            let closes = policy.action.value != kinds::Action::Allow;
            match (change.action, closes) {
                (Action::Create, true) => 4,
                (Action::Create, false) => 7,
                (Action::Prune | Action::Delete, true) => 13,
                (Action::Prune | Action::Delete, false) => 12,
                (Action::Configure | Action::Unchanged, true) => 5,
                (Action::Configure | Action::Unchanged, false) => 8,
            }
        }
        Some(Body::DestinationRule(_)) => {
            if traits.clients_from_mutual() {
                15
            } else {
                5
            }
        }
        Some(Body::PeerAuthentication(_)) => {
            if traits.takes_plaintext() {
                14
            } else {
                6
            }
        }
        Some(
            Body::Workload(_)
            | Body::Istiod(_)
            | Body::Service(_)
            | Body::ServiceEntry(_)
            | Body::WorkloadEntry(_)
            | Body::WorkloadGroup(_)
            | Body::Sidecar(_)
            | Body::Gateway(_)
            | Body::KubernetesGateway(_),
        ) => 10,
    }
}

/// Why a step stands where it stands, in one sentence.
fn reason(change: &Change, node: &Node) -> String {
    let removes = change.action.removes();
    let side = if removes { &change.before } else { &change.after };
    let body = side.as_ref().and_then(|item| item.document.as_ref()).map(|document| &document.body);
    let text = match body {
        Some(Body::Namespace) if removes => "a namespace goes after what lives in it",
        Some(Body::Namespace) => "a namespace comes before what lives in it",
        Some(Body::ServiceAccount) if removes => "identities go after the rules that name them",
        Some(Body::ServiceAccount) => "identities come before the rules that name them",
        Some(Body::RequestAuthentication(_)) if removes => "tokens are verified as long as rules want their claims",
        Some(Body::RequestAuthentication(_)) => "tokens are verified before rules want their claims",
        Some(Body::AuthorizationPolicy(policy)) => return policy_reason(change, policy.action.value, node),
        Some(Body::DestinationRule(_)) if node.traits.clients_from_mutual() => {
            "clients turn from mutual TLS after servers take what they will send"
        }
        Some(Body::DestinationRule(_)) if node.traits.clients_to_mutual() => "clients speak mutual TLS before servers demand it",
        Some(Body::DestinationRule(_)) => "how clients connect stays as it is",
        Some(Body::PeerAuthentication(_)) if node.traits.refuses_plaintext() => {
            "servers demand mutual TLS after their clients speak it"
        }
        Some(Body::PeerAuthentication(_)) if node.traits.takes_plaintext() => {
            "servers take plaintext before their clients send it, and after what else refuses it is there"
        }
        Some(Body::PeerAuthentication(_)) if node.traits.refuses_mutual() => {
            "servers stop taking mutual TLS after their clients stop speaking it"
        }
        Some(Body::PeerAuthentication(_)) => "what servers demand stays as it is, or is taken besides",
        Some(Body::Workload(_) | Body::Istiod(_) | Body::WorkloadEntry(_) | Body::WorkloadGroup(_)) if removes => {
            "workloads go before what guards them"
        }
        Some(Body::Workload(_) | Body::Istiod(_) | Body::WorkloadEntry(_) | Body::WorkloadGroup(_)) => {
            "workloads come after what guards them"
        }
        Some(Body::MeshConfig(_)) => "the mesh's configuration comes before what is read by it",
        Some(Body::Service(_) | Body::ServiceEntry(_) | Body::Sidecar(_) | Body::Gateway(_) | Body::KubernetesGateway(_)) => {
            "what leads to workloads comes after what guards them"
        }
        Some(Body::Other) | None if removes => "it decides about no request, and goes last",
        Some(Body::Other) | None => "it decides about no request, and comes first",
    };
    text.to_owned()
}

fn policy_reason(change: &Change, action: kinds::Action, node: &Node) -> String {
    let word = action.as_str();
    let was = match change.before.as_ref().and_then(|item| item.document.as_ref()).map(|document| &document.body) {
        Some(Body::AuthorizationPolicy(policy)) => Some(policy.action.value),
        _ => None,
    };
    if node.effects.is_empty() {
        return format!("{word}: no request is let in or refused by it");
    }
    match (change.action, action) {
        (Action::Configure, _) if was.is_some_and(|was| was != action) => {
            format!("it turns from {} to {word}: after what closes, before what opens", was.unwrap_or_default().as_str())
        }
        (Action::Create, kinds::Action::Allow) if node.effects.iter().any(Effect::is_first_allow) => {
            format!("{word}: the first one on its workloads, from here on what no ALLOW matches is refused")
        }
        (Action::Create, kinds::Action::Allow) => format!("{word}: it lets in more, so it comes after what refuses more"),
        (Action::Create, _) => format!("{word}: it refuses more, so it comes before anything that lets in more"),
        (Action::Prune | Action::Delete, kinds::Action::Allow) => {
            format!("{word}: it goes after the ALLOWs that come, and before the DENYs that go")
        }
        (Action::Prune | Action::Delete, _) => {
            format!("{word}: it refuses less once it is gone, so it goes after everything that closes")
        }
        (Action::Configure | Action::Unchanged, _) => {
            match (node.effects.iter().any(Effect::closes), node.effects.iter().any(Effect::opens)) {
                (true, false) => format!("{word}: it refuses more, so it is changed before anything that lets in more"),
                (false, true) => format!("{word}: it lets in more, so it is changed after what refuses more"),
                _ => format!("{word}: it refuses more and lets in more"),
            }
        }
    }
}
