//! From a diagram back to products of classes, which can be told in words.

use std::collections::BTreeMap;

use biodivine_lib_bdd::Bdd;
use biodivine_lib_bdd::BddPointer;

use crate::analysis::space::DomainId;
use crate::analysis::space::Shape;
use crate::analysis::space::Space;

/// What a box says about one attribute. An attribute that is not mentioned may be anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis) enum Part {
    /// It is in one of these classes, in order; never all.
    Classes(Vec<usize>),
    /// These statements hold or do not; the others may or may not.
    Flags(Vec<(usize, bool)>),
}

/// A product of classes: requests that satisfy every part.
pub(in crate::analysis) type Box = BTreeMap<DomainId, Part>;

/// Splits a set of requests into boxes without overlap, at most so many; `true` when there are no more.
pub(in crate::analysis) fn boxes(space: &Space, set: &Bdd, limit: usize) -> (Vec<Box>, bool) {
    let mut reader = Reader { space, set, limit, found: Vec::new(), is_complete: true };
    reader.read(set.root_pointer(), 0, &Box::new());
    (reader.found, reader.is_complete)
}

struct Reader<'s> {
    space: &'s Space,
    set: &'s Bdd,
    limit: usize,
    found: Vec<Box>,
    is_complete: bool,
}

impl Reader<'_> {
    fn read(&mut self, node: BddPointer, domain: usize, so_far: &Box) {
        if node.is_zero() {
            return;
        }
        if self.found.len() >= self.limit {
            self.is_complete = false;
            return;
        }
        let Some(own) = self.space.domains.get(domain).copied() else {
            self.found.push(so_far.clone());
            return;
        };
        let ends_before = own.first + own.bits;
        if node.is_terminal() || self.variable(node) >= ends_before {
            self.read(node, domain + 1, so_far);
            return;
        }
        match own.shape {
            Shape::Choice(count) => {
                let mut by_node: Vec<(BddPointer, Vec<usize>)> = Vec::new();
                for class in 0..count {
                    let to = self.follow(node, own.first, own.bits, class);
                    match by_node.iter_mut().find(|(known, _)| *known == to) {
                        Some((_, classes)) => classes.push(class),
                        None => by_node.push((to, vec![class])),
                    }
                }
                for (to, classes) in by_node {
                    let mut next = so_far.clone();
                    if classes.len() < count {
                        next.insert(DomainId(domain), Part::Classes(classes));
                    }
                    self.read(to, domain + 1, &next);
                }
            }
            Shape::Flags(_) => self.read_flags(node, domain, own.first, ends_before, so_far, &mut Vec::new()),
        }
    }

    fn read_flags(
        &mut self,
        node: BddPointer,
        domain: usize,
        first: usize,
        ends_before: usize,
        so_far: &Box,
        flags: &mut Vec<(usize, bool)>,
    ) {
        if node.is_zero() {
            return;
        }
        if node.is_terminal() || self.variable(node) >= ends_before {
            let mut next = so_far.clone();
            next.insert(DomainId(domain), Part::Flags(flags.clone()));
            self.read(node, domain + 1, &next);
            return;
        }
        let flag = self.variable(node) - first;
        for (to, value) in [(self.set.low_link_of(node), false), (self.set.high_link_of(node), true)] {
            flags.push((flag, value));
            self.read_flags(to, domain, first, ends_before, so_far, flags);
            flags.pop();
        }
    }

    fn variable(&self, node: BddPointer) -> usize {
        self.set.var_of(node).to_index()
    }

    /// Where a class leads.
    fn follow(&self, mut node: BddPointer, first: usize, bits: usize, class: usize) -> BddPointer {
        for bit in 0..bits {
            if node.is_terminal() || self.variable(node) != first + bit {
                continue;
            }
            let is_set = class >> (bits - 1 - bit) & 1 == 1;
            node = if is_set { self.set.high_link_of(node) } else { self.set.low_link_of(node) };
        }
        node
    }
}
