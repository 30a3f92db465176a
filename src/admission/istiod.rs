//! istiod's validation webhook: decoding of the JSON and the checks of its meaning.

use crate::admission::Kind;
use crate::admission::Refusal;
use crate::admission::Warning;
use crate::manifest::yaml::Node;

/// Every reason to refuse.
pub(super) fn refusals(_object: &Node, _kind: Kind, _default_namespace: &str) -> Vec<Refusal> {
    Vec::new()
}

/// What it warns about.
pub(super) fn warnings(_object: &Node, _kind: Kind, _default_namespace: &str) -> Vec<Warning> {
    Vec::new()
}
