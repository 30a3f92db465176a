//! Spaces: every attribute of a request as a variable over finitely many classes, and sets of requests as decision diagrams.
//!
//! ```text
//! patterns of both meshes --language/blocks--> classes of one attribute   (requests of the same classes get the same verdict)
//! classes --SpaceBuilder--> a few bits per attribute --Space--> diagrams of memberships --boxes--> products of classes again
//! ```
//!
//! What one membership implies about another (an exact path starts with its own prefix, an address in a block is in every block around
//! it) needs no constraint: classes are combinations of memberships that some value really has.

pub(in crate::analysis) mod blocks;
pub(in crate::analysis) mod boxes;
pub(in crate::analysis) mod language;

use biodivine_lib_bdd::Bdd;
use biodivine_lib_bdd::BddPartialValuation;
use biodivine_lib_bdd::BddVariable;
use biodivine_lib_bdd::BddVariableSet;
use biodivine_lib_bdd::op_function;

pub(in crate::analysis) use language::TooMany;

/// Larger diagrams are given up.
const NODE_LIMIT: usize = 400_000;

/// One attribute of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::analysis) struct DomainId(pub(in crate::analysis) usize);

/// What an attribute can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis) enum Shape {
    /// Exactly one of so many classes.
    Choice(usize),
    /// So many statements, each of which holds or not: an attribute with several values at once.
    Flags(usize),
}

#[derive(Debug, Clone, Copy)]
struct Domain {
    shape: Shape,
    first: usize,
    bits: usize,
}

/// A space being declared; attributes declared first are decided first, and change least in what is read from it.
#[derive(Debug, Default)]
pub(in crate::analysis) struct SpaceBuilder {
    domains: Vec<Domain>,
    bits: usize,
}

impl SpaceBuilder {
    pub(in crate::analysis) fn declare(&mut self, shape: Shape) -> DomainId {
        let bits = match shape {
            Shape::Choice(count) => usize::BITS as usize - count.saturating_sub(1).leading_zeros() as usize,
            Shape::Flags(count) => count,
        };
        self.domains.push(Domain { shape, first: self.bits, bits });
        self.bits += bits;
        DomainId(self.domains.len() - 1)
    }

    pub(in crate::analysis) fn build(self) -> Result<Space, TooMany> {
        // The library counts variables in 16 bits and keeps some for itself.
        let count = u16::try_from(self.bits).ok().filter(|count| *count < 60_000).ok_or(TooMany)?;
        let set = BddVariableSet::new_anonymous(count);
        Ok(Space { variables: set.variables(), set, domains: self.domains })
    }
}

/// A space of requests.
#[derive(Debug)]
pub(in crate::analysis) struct Space {
    set: BddVariableSet,
    variables: Vec<BddVariable>,
    domains: Vec<Domain>,
}

impl Space {
    /// Every request.
    pub(in crate::analysis) fn all(&self) -> Bdd {
        self.set.mk_true()
    }

    /// No request.
    pub(in crate::analysis) fn none(&self) -> Bdd {
        self.set.mk_false()
    }

    /// Requests whose attribute is in one of these classes.
    pub(in crate::analysis) fn any_of(&self, domain: DomainId, classes: &[usize]) -> Bdd {
        let Some(Domain { shape: Shape::Choice(count), first, bits }) = self.domains.get(domain.0).copied() else {
            return self.none();
        };
        let mut codes = vec![false; 1 << bits];
        for class in classes.iter().filter(|class| **class < count) {
            if let Some(code) = codes.get_mut(*class) {
                *code = true;
            }
        }
        // Codes beyond the last class mean that class, so that every valuation is a request.
        if count.checked_sub(1).is_some_and(|last| classes.contains(&last)) {
            codes.iter_mut().skip(count).for_each(|code| *code = true);
        }
        let variables = self.variables.get(first..first + bits).unwrap_or_default();
        let mut cubes = Vec::new();
        cubes_of(&codes, variables, &BddPartialValuation::empty(), &mut cubes);
        self.set.mk_dnf(&cubes)
    }

    /// Requests of which a statement holds.
    pub(in crate::analysis) fn flag(&self, domain: DomainId, flag: usize) -> Bdd {
        let own = self.domains.get(domain.0).filter(|domain| flag < domain.bits);
        own.and_then(|domain| self.variables.get(domain.first + flag)).map_or_else(|| self.none(), |own| self.set.mk_var(*own))
    }

    /// Requests of both sets.
    pub(in crate::analysis) fn and(&self, left: &Bdd, right: &Bdd) -> Result<Bdd, TooMany> {
        let _ = self;
        Bdd::binary_op_with_limit(NODE_LIMIT, left, right, op_function::and).ok_or(TooMany)
    }

    /// Requests of one set or the other.
    pub(in crate::analysis) fn or(&self, left: &Bdd, right: &Bdd) -> Result<Bdd, TooMany> {
        let _ = self;
        Bdd::binary_op_with_limit(NODE_LIMIT, left, right, op_function::or).ok_or(TooMany)
    }

    /// Requests of the first set that are not of the second.
    pub(in crate::analysis) fn and_not(&self, left: &Bdd, right: &Bdd) -> Result<Bdd, TooMany> {
        let _ = self;
        Bdd::binary_op_with_limit(NODE_LIMIT, left, right, op_function::and_not).ok_or(TooMany)
    }
}

/// The blocks of codes that are wanted, as assignments of their leading bits.
fn cubes_of(codes: &[bool], bits: &[BddVariable], so_far: &BddPartialValuation, cubes: &mut Vec<BddPartialValuation>) {
    if !codes.contains(&true) {
        return;
    }
    let Some((bit, rest)) = bits.split_first().filter(|_| codes.contains(&false)) else {
        cubes.push(so_far.clone());
        return;
    };
    let (low, high) = codes.split_at(codes.len() / 2);
    for (half, value) in [(low, false), (high, true)] {
        let mut next = so_far.clone();
        next.set_value(*bit, value);
        cubes_of(half, rest, &next, cubes);
    }
}
