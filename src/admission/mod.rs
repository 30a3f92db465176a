//! Would `kubectl apply` be refused? What the API server's schema and istiod's webhook say about one object.
//!
//! ```text
//! yaml::Node --api_server--> refusals --(pruned, nulls removed)--> istiod --> refusals, warnings      = Verdict
//! ```
//!
//! In: the tree of one object as it was written, with places. Out: a [`Verdict`]: every [`Refusal`] of both gates, each with its
//! [`Cause`] and the place that caused it, and istiod's warnings. Only `AuthorizationPolicy`, `RequestAuthentication`,
//! `PeerAuthentication` and `DestinationRule` are judged; [`judge`] answers `None` for every other kind.
//!
//! Invariants: accepted means accepted by both gates; a tree is judged as the tools read it (`sigs.k8s.io/yaml`), never as a typed
//! document, because what a typed reader drops is what the gates differ about. Nothing here knows other objects.
//!
//! Specification: Istio's resource definitions (structural schema and validation rules), istiod's validation webhook.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod api_server;
mod cause;
mod istiod;
mod verdict;

pub use cause::Cause;
pub use verdict::Refusal;
pub use verdict::Verdict;
pub use verdict::Warning;

use crate::manifest::yaml::Node;

/// What both gates say about an object; `None` when its kind is not judged.
///
/// `default_namespace` is where an object without `metadata.namespace` goes.
#[must_use]
pub fn judge(object: &Node, default_namespace: &str) -> Option<Verdict> {
    let kind = Kind::of(object)?;
    let (istiod, warnings) = istiod::judge(object, kind, default_namespace);
    Some(Verdict { api_server: api_server::refusals(object, kind), istiod, warnings })
}

/// A kind that is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    AuthorizationPolicy,
    RequestAuthentication,
    PeerAuthentication,
    DestinationRule,
}

impl Kind {
    /// By API group and kind alone: any version reaches the gates.
    fn of(object: &Node) -> Option<Self> {
        let group = object.get("apiVersion").and_then(Node::as_str)?.split_once('/')?.0;
        match (group, object.get("kind").and_then(Node::as_str)?) {
            ("security.istio.io", "AuthorizationPolicy") => Some(Self::AuthorizationPolicy),
            ("security.istio.io", "RequestAuthentication") => Some(Self::RequestAuthentication),
            ("security.istio.io", "PeerAuthentication") => Some(Self::PeerAuthentication),
            ("networking.istio.io", "DestinationRule") => Some(Self::DestinationRule),
            _ => None,
        }
    }
}
