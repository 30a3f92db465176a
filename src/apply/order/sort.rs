//! An order of steps that keeps to as many constraints as can be kept.
//!
//! Steps that wait for each other, directly or through others, form a knot. Between knots there is an order that keeps to everything. In a
//! knot the weakest constraints give way first; where all are alike, the step with least to wait for and most that waits for it goes first
//! ([Eades, Lin and Smyth](https://doi.org/10.1016/0020-0190(93)90079-O)).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::BinaryHeap;

use crate::apply::order::constraint::Constraint;

/// The steps in order, and the constraints that it does not keep to because they contradict others.
///
/// `ranks` decides where constraints do not.
pub(in crate::apply) fn sort<'c>(ranks: &[u8], constraints: &'c [Constraint]) -> (Vec<usize>, Vec<&'c Constraint>) {
    let mut given_up = Vec::new();
    let steps: Vec<usize> = (0..ranks.len()).collect();
    let order = order(&steps, &constraints.iter().collect::<Vec<_>>(), ranks, &mut given_up);
    (order, given_up)
}

fn order<'c>(steps: &[usize], constraints: &[&'c Constraint], ranks: &[u8], given_up: &mut Vec<&'c Constraint>) -> Vec<usize> {
    let knot_of = knots(steps, constraints);
    let mut knots: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for step in steps {
        knots.entry(knot_of.get(step).copied().unwrap_or_default()).or_default().push(*step);
    }
    let mut within: BTreeMap<usize, Vec<&'c Constraint>> = BTreeMap::new();
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut missing: BTreeMap<usize, usize> = BTreeMap::new();
    for constraint in constraints {
        let (Some(before), Some(after)) = (knot_of.get(&constraint.before), knot_of.get(&constraint.after)) else { continue };
        if before == after {
            within.entry(*before).or_default().push(constraint);
        } else {
            next.entry(*before).or_default().push(*after);
            *missing.entry(*after).or_default() += 1;
        }
    }
    let rank = |knot: &usize| {
        let of_step = |step: &usize| (ranks.get(*step).copied().unwrap_or_default(), *step);
        knots.get(knot).into_iter().flatten().map(of_step).min().unwrap_or_default()
    };
    let mut ready: BinaryHeap<Reverse<((u8, usize), usize)>> =
        knots.keys().filter(|knot| !missing.contains_key(knot)).map(|knot| Reverse((rank(knot), *knot))).collect();
    let mut ordered = Vec::with_capacity(steps.len());
    while let Some(Reverse((_, knot))) = ready.pop() {
        let members = knots.get(&knot).map(Vec::as_slice).unwrap_or_default();
        if members.len() == 1 {
            ordered.extend_from_slice(members);
        } else {
            ordered.extend(untie(members, &within.remove(&knot).unwrap_or_default(), ranks, given_up));
        }
        for after in next.get(&knot).into_iter().flatten() {
            if let Some(missing) = missing.get_mut(after) {
                *missing = missing.saturating_sub(1);
                if *missing == 0 {
                    ready.push(Reverse((rank(after), *after)));
                }
            }
        }
    }
    ordered
}

/// An order of steps that wait for each other.
fn untie<'c>(steps: &[usize], constraints: &[&'c Constraint], ranks: &[u8], given_up: &mut Vec<&'c Constraint>) -> Vec<usize> {
    let weakest = constraints.iter().map(|constraint| constraint.strength).min();
    let (weak, strong): (Vec<&Constraint>, Vec<&Constraint>) =
        constraints.iter().copied().partition(|constraint| Some(constraint.strength) == weakest);
    if strong.is_empty() {
        return greedy(steps, constraints, ranks, given_up);
    }
    let ordered = order(steps, &strong, ranks, given_up);
    let place: BTreeMap<usize, usize> = ordered.iter().enumerate().map(|(place, step)| (*step, place)).collect();
    given_up.extend(weak.into_iter().filter(|constraint| place.get(&constraint.before) > place.get(&constraint.after)));
    ordered
}

/// Constraints by the step at one of their ends.
type Neighbours<'c> = BTreeMap<usize, Vec<&'c Constraint>>;

fn greedy<'c>(steps: &[usize], constraints: &[&'c Constraint], ranks: &[u8], given_up: &mut Vec<&'c Constraint>) -> Vec<usize> {
    let mut waits: BTreeMap<usize, i64> = steps.iter().map(|step| (*step, 0)).collect();
    let mut awaited = waits.clone();
    let (mut before, mut after) = (Neighbours::new(), Neighbours::new());
    for constraint in constraints {
        *waits.entry(constraint.after).or_default() += 1;
        *awaited.entry(constraint.before).or_default() += 1;
        before.entry(constraint.after).or_default().push(constraint);
        after.entry(constraint.before).or_default().push(constraint);
    }
    let mut open: BTreeSet<usize> = steps.iter().copied().collect();
    let mut ordered = Vec::with_capacity(steps.len());
    while let Some(step) = open.iter().copied().min_by_key(|step| {
        let (waits, awaited) = (waits.get(step).copied().unwrap_or_default(), awaited.get(step).copied().unwrap_or_default());
        (waits > 0, waits - awaited, ranks.get(*step).copied().unwrap_or_default(), *step)
    }) {
        open.remove(&step);
        ordered.push(step);
        for constraint in after.get(&step).into_iter().flatten() {
            *waits.entry(constraint.after).or_default() -= 1;
        }
        for constraint in before.get(&step).into_iter().flatten().filter(|constraint| open.contains(&constraint.before)) {
            *awaited.entry(constraint.before).or_default() -= 1;
            given_up.push(constraint);
        }
    }
    ordered
}

/// For each step the knot it is in, by Kosaraju's algorithm without recursion.
fn knots(steps: &[usize], constraints: &[&Constraint]) -> BTreeMap<usize, usize> {
    let (mut forward, mut backward): (BTreeMap<usize, Vec<usize>>, BTreeMap<usize, Vec<usize>>) = Default::default();
    for constraint in constraints {
        forward.entry(constraint.before).or_default().push(constraint.after);
        backward.entry(constraint.after).or_default().push(constraint.before);
    }
    let neighbours = |graph: &BTreeMap<usize, Vec<usize>>, step: usize, index: usize| graph.get(&step)?.get(index).copied();
    let mut seen = BTreeSet::new();
    let mut finished = Vec::with_capacity(steps.len());
    for start in steps {
        if !seen.insert(*start) {
            continue;
        }
        let mut path = vec![(*start, 0)];
        while let Some((step, index)) = path.last_mut() {
            if let Some(next) = neighbours(&forward, *step, *index) {
                *index += 1;
                if seen.insert(next) {
                    path.push((next, 0));
                }
            } else {
                finished.push(*step);
                path.pop();
            }
        }
    }
    let mut knot_of = BTreeMap::new();
    for start in finished.into_iter().rev() {
        let mut path = vec![start];
        while let Some(step) = path.pop() {
            if knot_of.contains_key(&step) {
                continue;
            }
            knot_of.insert(step, start);
            path.extend(backward.get(&step).into_iter().flatten().filter(|step| !knot_of.contains_key(step)));
        }
    }
    knot_of
}
