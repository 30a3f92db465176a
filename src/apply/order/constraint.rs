//! Pairs of steps of which one has to go first, and why.
//!
//! Take a request that is refused before everything and after everything. Before, a DENY refuses it, or no ALLOW matches it; after, the
//! same or another one does. Whatever refuses it after has to be there before whatever refuses it before goes away:
//!
//! | refused before by | refused after by | so |
//! |---|---|---|
//! | DENY | DENY | it comes before it goes |
//! | DENY | no ALLOW | ALLOWs that match go, and the first ALLOW comes, before the DENY goes |
//! | no ALLOW | DENY | the DENY comes before an ALLOW that matches comes, and before the last ALLOW goes |
//! | no ALLOW | no ALLOW | an ALLOW comes before the last one goes |
//!
//! What CUSTOM, PeerAuthentication and RequestAuthentication refuse counts as DENY here. Adding before removing in this way is enough: in
//! between, a request is let in only if it is before or after.

use crate::apply::order::connection;
use crate::apply::order::effect::Effect;
use crate::apply::order::effect::Traits;
use crate::apply::order::effect::What;
use crate::apply::order::overlap::Overlap;

/// A step as the order sees it.
#[derive(Debug)]
pub(in crate::apply) struct Node {
    /// What it does.
    pub(in crate::apply) effects: Vec<Effect>,
    /// What it turns.
    pub(in crate::apply) traits: Traits,
    /// Steps with a lower one go first when nothing else decides.
    pub(in crate::apply) rank: u8,
}

/// What happens when a constraint is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::apply) enum Strength {
    /// Requests that are let in before and after may be refused on the way.
    Outage,
    /// Requests may be let in on ports that carry no HTTP.
    HoleOutsideHttp,
    /// Requests may be let in.
    Hole,
}

/// One step before another.
#[derive(Debug, Clone)]
pub(in crate::apply) struct Constraint {
    pub(in crate::apply) before: usize,
    pub(in crate::apply) after: usize,
    pub(in crate::apply) strength: Strength,
    /// Why, in words that fit after "after step 3:".
    pub(in crate::apply) why: &'static str,
}

/// Every constraint between steps; of each pair the strongest.
pub(in crate::apply) fn constraints(nodes: &[Node]) -> Vec<Constraint> {
    let mut constraints = Vec::new();
    for (before, first) in nodes.iter().enumerate() {
        for (after, second) in nodes.iter().enumerate().filter(|(after, _)| *after != before) {
            if let Some((strength, why)) = between(first, second) {
                constraints.push(Constraint { before, after, strength, why });
            }
        }
    }
    constraints
}

/// Whether the first step has to go before the second.
fn between(first: &Node, second: &Node) -> Option<(Strength, &'static str)> {
    let pairs = || first.effects.iter().flat_map(|first| second.effects.iter().map(move |second| (first, second)));
    let is_near = || pairs().any(|(first, second)| first.scope.overlaps(&second.scope));
    let (one, other) = (first.traits, second.traits);
    if one.is_client() && (other.is_client() || other.is_server()) || one.is_server() && other.is_client() {
        let order = connection::clients_first(one.clients, other.servers)
            .or_else(|| connection::servers_first(other.clients, one.servers))
            .or_else(|| connection::comes_before_the_other_goes(one.clients, other.clients));
        return order.filter(|_| is_near());
    }
    let hole = pairs()
        .filter(|(first, second)| first.scope.overlaps(&second.scope))
        .filter_map(|(first, second)| hole(first, second))
        .max();
    let hole = hole.map(|(strength, why)| match (first.traits.is_called, second.traits.is_called) {
        (false, true) => (strength, "what guards a workload is there before it is"),
        (true, false) => (strength, "a workload goes before what guards it"),
        (true, true) | (false, false) => (strength, why),
    });
    hole.or_else(|| token_order(first.traits, second.traits).filter(|_| is_near()).map(|why| (Strength::Outage, why)))
}

fn hole(first: &Effect, second: &Effect) -> Option<(Strength, &'static str)> {
    let is_by_fact = first.is_by_fact || second.is_by_fact;
    let (first, second) = (&first.what, &second.what);
    let strength = |overlap: Overlap| match overlap {
        Overlap::None => None,
        Overlap::OutsideHttp => Some(Strength::HoleOutsideHttp),
        Overlap::Some => Some(Strength::Hole),
    };
    let (strength, why) = match (first, second) {
        (What::DenyMore(more), What::DenyLess(less)) => (
            strength(more.overlap_of_denials(less)),
            "what is refused by the one has to be refused before the other stops refusing it",
        ),
        (What::DenyMore(denied), What::AllowMore(allowed)) => {
            (strength(denied.overlap(allowed)), "what is refused has to be refused before anything that matches it is allowed")
        }
        (What::DenyMore(_), What::AllowLeaves { is_backed: false }) => {
            (Some(Strength::Hole), "without an ALLOW everything is let in that nothing refuses")
        }
        (What::AllowLess(allowed), What::DenyLess(denied)) => {
            (strength(allowed.overlap(denied)), "what is allowed no more has to be so before it stops being refused")
        }
        (What::AllowEnters { is_backed: false }, What::DenyLess(_)) => {
            (Some(Strength::Hole), "the first ALLOW refuses the rest, and has to before something else stops refusing it")
        }
        (What::AllowEnters { is_backed: false }, What::AllowLeaves { is_backed: false }) => {
            (Some(Strength::Hole), "one ALLOW has to be there, or everything is let in")
        }
        // A rule of one side that meets the facts of the other.
        (What::AllowLess(less), What::AllowMore(more)) if is_by_fact && less.share_a_rule(more) => {
            (Some(Strength::Hole), "a rule that goes must not see what becomes known, nor one that comes what is forgotten")
        }
        (
            What::DenyMore(_)
            | What::DenyLess(_)
            | What::AllowMore(_)
            | What::AllowLess(_)
            | What::AllowEnters { .. }
            | What::AllowLeaves { .. },
            _,
        ) => (None, ""),
    };
    strength.map(|strength| (strength, why))
}

/// Tokens are read before rules want what they say, and as long as rules do.
fn token_order(first: Traits, second: Traits) -> Option<&'static str> {
    if first.brings_claims && !first.takes_claims && second.needs_claims {
        return Some("tokens are verified before rules want their claims");
    }
    (first.needs_claims && second.takes_claims && !second.brings_claims)
        .then_some("tokens are verified as long as rules want their claims")
}
