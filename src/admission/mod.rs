//! Would `kubectl apply` be refused? What the API server's schema and istiod's webhook say about one object.
//!
//! ```text
//! yaml::Node --api_server--> refusals; none: what is left --istiod--> refusals, warnings     what `kubectl apply` meets
//! yaml::Node ----------------------------------------------istiod--> refusals               what offline tools meet
//! ```
//!
//! In: the tree of one object as it was written, with places. Out: a [`Verdict`]: every [`Refusal`] of both gates, each with its
//! [`Cause`] and the place that caused it, and istiod's warnings. The API server drops nulls and `status` before it asks istiod, which
//! is why istiod may judge the same object in two ways. Only `AuthorizationPolicy`, `RequestAuthentication`,
//! `PeerAuthentication` and `DestinationRule` are judged; [`judge`] answers `None` for every other kind.
//!
//! Invariants: accepted means accepted by both gates; a tree is judged as the tools read it (`sigs.k8s.io/yaml`), never as a typed
//! document, because what a typed reader drops is what the gates differ about. Nothing here knows other objects.
//!
//! Specification: Istio's resource definitions (structural schema and validation rules), istiod's validation webhook.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod api_server;
mod cause;
mod duration;
mod istiod;
mod json;
mod timestamp;
mod verdict;

pub use cause::Cause;
pub use duration::parse as parse_duration;
pub use verdict::Refusal;
pub use verdict::Verdict;
pub use verdict::Warning;

use std::borrow::Cow;

use crate::manifest::yaml::Node;

/// What both gates say about an object; `None` when its kind is not judged.
///
/// `default_namespace` is where an object without `metadata.namespace` goes.
#[must_use]
pub fn judge(object: &Node, default_namespace: &str) -> Option<Verdict> {
    let kind = Kind::of(object)?;
    if let Some(refusal) = json::refusal(object) {
        return Some(Verdict { api_server: vec![refusal.clone()], istiod: vec![refusal], ..Verdict::default() });
    }
    let api_server = api_server::refusals(object, kind);
    let (istiod, warnings) = istiod::judge(object, kind, default_namespace);
    let mut verdict = Verdict { api_server, istiod, after_api_server: None, warnings };
    if verdict.api_server.is_empty()
        && let Cow::Owned(left) = api_server::left(object, kind)
    {
        let (refusals, warnings) = istiod::judge(&left, kind, default_namespace);
        verdict.after_api_server = Some(refusals);
        verdict.warnings = warnings;
    }
    Some(verdict)
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

#[cfg(test)]
mod tests;
