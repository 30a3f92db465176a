//! An order of steps that keeps to as many constraints as can be kept.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::BinaryHeap;

use crate::apply::order::constraint::Constraint;
use crate::apply::order::constraint::Strength;

/// The steps in order, and the constraints that no order keeps together with the others.
///
/// `ranks` decides where constraints do not. Where constraints contradict each other, the weakest give way.
pub(in crate::apply) fn sort<'c>(ranks: &'c [u8], constraints: &'c [Constraint]) -> (Vec<usize>, Vec<&'c Constraint>) {
    let mut graph = Graph::new(ranks, constraints);
    let mut order = Vec::with_capacity(ranks.len());
    let mut given_up = Vec::new();
    while order.len() < ranks.len() {
        let next = match graph.ready.pop() {
            Some(Reverse((_, next))) => next,
            None => match graph.least_bound() {
                Some(next) => {
                    given_up.extend(graph.waiting_for(next));
                    next
                }
                // Every step is done or can be; this is not reached.
                None => break,
            },
        };
        if graph.open.remove(&next) {
            order.push(next);
            graph.release(next);
        }
    }
    (order, given_up)
}

struct Graph<'c> {
    ranks: &'c [u8],
    /// What has to go before each step.
    before: BTreeMap<usize, Vec<&'c Constraint>>,
    after: BTreeMap<usize, Vec<&'c Constraint>>,
    /// How many of those are still to be done.
    missing: BTreeMap<usize, usize>,
    /// Steps that are not done.
    open: BTreeSet<usize>,
    ready: BinaryHeap<Reverse<(u8, usize)>>,
}

impl<'c> Graph<'c> {
    fn new(ranks: &'c [u8], constraints: &'c [Constraint]) -> Self {
        let mut graph = Self {
            ranks,
            before: BTreeMap::new(),
            after: BTreeMap::new(),
            missing: BTreeMap::new(),
            open: (0..ranks.len()).collect(),
            ready: BinaryHeap::new(),
        };
        for constraint in constraints {
            graph.before.entry(constraint.after).or_default().push(constraint);
            graph.after.entry(constraint.before).or_default().push(constraint);
            *graph.missing.entry(constraint.after).or_default() += 1;
        }
        for (step, rank) in ranks.iter().enumerate() {
            if !graph.missing.contains_key(&step) {
                graph.ready.push(Reverse((*rank, step)));
            }
        }
        graph
    }

    fn release(&mut self, step: usize) {
        for constraint in self.after.get(&step).into_iter().flatten() {
            if let Some(missing) = self.missing.get_mut(&constraint.after) {
                *missing = missing.saturating_sub(1);
                if *missing == 0
                    && self.open.contains(&constraint.after)
                    && let Some(rank) = self.ranks.get(constraint.after)
                {
                    self.ready.push(Reverse((*rank, constraint.after)));
                }
            }
        }
    }

    /// Constraints of a step whose first step is still to be done.
    fn waiting_for(&self, step: usize) -> Vec<&'c Constraint> {
        let all = self.before.get(&step).into_iter().flatten();
        all.filter(|constraint| constraint.before != step && self.open.contains(&constraint.before)).copied().collect()
    }

    /// Of steps that wait for each other and for nothing else, the one with least to lose.
    fn least_bound(&self) -> Option<usize> {
        let mut here = *self.open.first()?;
        let mut knot = self.upstream(here);
        // Upward as long as there is something that does not wait for this.
        while let Some((higher, above)) =
            knot.iter().map(|step| (*step, self.upstream(*step))).find(|(_, above)| !above.contains(&here))
        {
            (here, knot) = (higher, above);
        }
        knot.insert(here);
        knot.into_iter().min_by_key(|step| {
            let count = |strength| self.waiting_for(*step).iter().filter(|constraint| constraint.strength == strength).count();
            let rank = self.ranks.get(*step).copied().unwrap_or_default();
            (count(Strength::Hole), count(Strength::HoleOutsideHttp), count(Strength::Outage), rank, *step)
        })
    }

    /// Every step that has to go before this one, directly or not.
    fn upstream(&self, step: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut next = vec![step];
        while let Some(step) = next.pop() {
            for constraint in self.waiting_for(step) {
                if found.insert(constraint.before) {
                    next.push(constraint.before);
                }
            }
        }
        found
    }
}
