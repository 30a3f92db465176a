//! Certificate policies (RFC 5280 section 6.1, as RFC 9618 corrects it), with the inputs istiod gives: any policy is welcome.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::pki::istiod::go::certificate::Certificate;

type Policy = Vec<u8>;

const ANY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];

/// A node of the policy graph.
struct Node {
    policy: Policy,
    expected: Vec<Policy>,
    /// In the level above.
    parents: BTreeSet<Policy>,
}

impl Node {
    fn new(policy: &[u8], parents: BTreeSet<Policy>) -> Self {
        Self { policy: policy.to_vec(), expected: vec![policy.to_vec()], parents }
    }
}

type Level = BTreeMap<Policy, Node>;

/// Levels from the trust anchor down.
struct Graph {
    levels: Vec<Level>,
}

impl Graph {
    fn new() -> Self {
        Self { levels: vec![Level::from([(ANY.to_vec(), Node::new(ANY, BTreeSet::new()))])] }
    }

    fn leaves(&mut self) -> Option<&mut Level> {
        self.levels.last_mut()
    }

    /// Takes one certificate's policies in.
    fn descend(&mut self, policies: &[Policy], takes_any: bool) {
        let Some(above) = self.levels.last() else { return };
        let expecting = |wanted: &[u8]| -> BTreeSet<Policy> {
            above
                .values()
                .filter(|node| node.expected.iter().any(|expected| expected == wanted))
                .map(|node| node.policy.clone())
                .collect()
        };
        let mut level = Level::new();
        for policy in policies.iter().filter(|policy| *policy != ANY) {
            let mut parents = expecting(policy);
            if parents.is_empty() && above.contains_key(ANY) {
                parents.insert(ANY.to_vec());
            }
            if !parents.is_empty() {
                level.insert(policy.clone(), Node::new(policy, parents));
            }
        }
        if takes_any && policies.iter().any(|policy| policy == ANY) {
            let missing: BTreeSet<Policy> = above
                .values()
                .flat_map(|node| node.expected.iter())
                .filter(|expected| !level.contains_key(*expected))
                .cloned()
                .collect();
            for policy in missing {
                let parents = expecting(&policy);
                level.insert(policy.clone(), Node::new(&policy, parents));
            }
        }
        self.levels.push(level);
        self.prune();
    }

    /// Drops what has no children, level by level upwards; the anchor's level stays.
    fn prune(&mut self) {
        for index in (1..self.levels.len().saturating_sub(1)).rev() {
            let wanted: BTreeSet<Policy> = self
                .levels
                .get(index + 1)
                .into_iter()
                .flat_map(BTreeMap::values)
                .flat_map(|node| node.parents.iter())
                .cloned()
                .collect();
            if let Some(level) = self.levels.get_mut(index) {
                level.retain(|policy, _| wanted.contains(policy));
            }
        }
    }

    /// `None` when a mapping touches anyPolicy.
    fn map(&mut self, mappings: &[(Policy, Policy)], is_allowed: bool) -> Option<()> {
        let mut subjects: BTreeMap<&Policy, Vec<Policy>> = BTreeMap::new();
        for (issuer, subject) in mappings {
            if !is_allowed {
                self.leaves()?.remove(issuer);
            } else if issuer == ANY || subject == ANY {
                return None;
            } else {
                subjects.entry(issuer).or_default().push(subject.clone());
            }
        }
        self.prune();
        for (issuer, expected) in subjects {
            let leaves = self.leaves()?;
            let has_any = leaves.contains_key(ANY);
            if let Some(node) = leaves.get_mut(issuer) {
                node.expected = expected;
            } else if has_any {
                // Go hangs the new node under a leaf of its own level; it counts as coming from anyPolicy.
                let mut node = Node::new(issuer, BTreeSet::from([ANY.to_vec()]));
                node.expected = expected;
                leaves.insert(issuer.clone(), node);
            }
        }
        Some(())
    }

    /// Whether any policy survives.
    fn has_valid(&self) -> bool {
        let from_any = |node: &Node| node.policy != ANY && node.parents.len() == 1 && node.parents.contains(ANY);
        self.levels.iter().any(|level| level.values().any(from_any))
            || self.levels.last().is_some_and(|leaves| leaves.contains_key(ANY))
    }
}

/// Whether the policies of a chain allow it; the leaf comes first, the trust anchor's own do not count.
pub(crate) fn are_valid(chain: &[&Certificate]) -> bool {
    let Some(length) = chain.len().checked_sub(1).and_then(|length| i64::try_from(length).ok()).filter(|length| *length > 0)
    else {
        return true;
    };
    let mut graph = Some(Graph::new());
    let [mut inhibit_any, mut explicit, mut mapping] = [length + 1; 3];
    for (index, certificate) in chain.iter().enumerate().rev().skip(1) {
        let says = &certificate.says;
        let is_leaf = index == 0;
        let is_self_issued = certificate.is_self_issued();
        if says.policies.is_empty() {
            graph = None;
        }
        if explicit == 0 && graph.is_none() {
            return false;
        }
        if let Some(graph) = &mut graph {
            graph.descend(&says.policies, inhibit_any > 0 || (!is_leaf && is_self_issued));
            if !is_leaf && !says.policy_mappings.is_empty() && graph.map(&says.policy_mappings, mapping > 0).is_none() {
                return false;
            }
        }
        if !is_leaf {
            if !is_self_issued {
                explicit = (explicit - 1).max(0);
                mapping = (mapping - 1).max(0);
                inhibit_any = (inhibit_any - 1).max(0);
            }
            explicit = says.require_explicit_policy.map_or(explicit, |skip| skip.min(explicit));
            mapping = says.inhibit_policy_mapping.map_or(mapping, |skip| skip.min(mapping));
            inhibit_any = says.inhibit_any_policy.map_or(inhibit_any, |skip| skip.min(inhibit_any));
        }
    }
    explicit = (explicit - 1).max(0);
    if chain.first().is_some_and(|leaf| leaf.says.require_explicit_policy == Some(0)) {
        explicit = 0;
    }
    explicit > 0 || graph.is_some_and(|graph| graph.has_valid())
}
