//! istiod's validation webhook: what it makes of the JSON, and its checks of the meaning.
//!
//! ```text
//! Node -- metadata, decode (tables in schema) --> Message -- one file per kind, grammars beside them --> Report
//! ```
//!
//! Every reason to refuse is reported where istiod stops at some. What cannot be decoded is not checked further, as in istiod.

mod authorization_policy;
mod base64;
mod client_tls;
mod decode;
mod destination_rule;
mod fqdn;
mod ip;
mod json;
mod jwks;
mod load_balancer;
mod locality;
mod message;
mod metadata;
mod number;
mod path_template;
mod peer_authentication;
mod report;
mod request_authentication;
mod schema;
mod selector;
mod service_account;
#[cfg(test)]
mod tests;
mod traffic_policy;
mod trust_domain;
mod url;
mod when_key;

use crate::admission::Cause;
use crate::admission::Kind;
use crate::admission::Refusal;
use crate::admission::Warning;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

use message::Message;
use metadata::Metadata;
use report::Path;
use report::Place;
use report::Report;

/// What an object may hold at its top.
const TOP_LEVEL: &[&str] = &["apiVersion", "kind", "metadata", "spec", "status"];

/// Every reason to refuse an object, and what to warn about. A client sees the warnings only when there is no refusal.
pub(super) fn judge(object: &Node, kind: Kind, default_namespace: &str) -> (Vec<Refusal>, Vec<Warning>) {
    let mut report = Report::default();
    version(object, &mut report);
    let metadata = metadata::read(object, default_namespace, &mut report);
    let schema = match kind {
        Kind::AuthorizationPolicy => &schema::AUTHORIZATION_POLICY,
        Kind::RequestAuthentication => &schema::REQUEST_AUTHENTICATION,
        Kind::PeerAuthentication => &schema::PEER_AUTHENTICATION,
        Kind::DestinationRule => &schema::DESTINATION_RULE,
    };
    let place = |node: &Node| Place { span: node.span, path: Path::default().field("spec") };
    let spec = match object.get("spec") {
        Some(node) => decode::message(node, place(node), schema, &mut report),
        None => Message::empty(place(object), schema),
    };
    if report.refusals.is_empty() {
        check(kind, &spec, &metadata, &mut report);
    }
    top_level(object, &mut report);
    (report.refusals, report.warnings)
}

fn check(kind: Kind, spec: &Message<'_>, metadata: &Metadata<'_>, report: &mut Report) {
    let action = if kind == Kind::AuthorizationPolicy { spec.word("action") } else { 0 };
    metadata.check(kind, action, report);
    match kind {
        Kind::AuthorizationPolicy => authorization_policy::check(spec, report),
        Kind::RequestAuthentication => request_authentication::check(spec, report),
        Kind::PeerAuthentication => peer_authentication::check(spec, report),
        Kind::DestinationRule => destination_rule::check(spec, metadata.namespace, report),
    }
}

/// istiod looks at the group only, but it must find one.
fn version(object: &Node, report: &mut Report) {
    let Some(node) = object.get("apiVersion") else { return };
    if let Some(text) = node.as_str().filter(|text| text.matches('/').count() > 1) {
        let place = Place { span: node.span, path: Path::default().field("apiVersion") };
        report.refuse(Cause::UnsupportedApiVersion, &place, format!("`{text}` is not a group and a version"));
    }
}

fn top_level(object: &Node, report: &mut Report) {
    let Value::Mapping(entries) = &object.value else { return };
    for (key, _) in entries.iter().filter(|(key, _)| !TOP_LEVEL.contains(&key.value.as_str())) {
        let place = Place { span: key.span, path: Path::default().field(key.value.as_str()) };
        let message = format!("`{}` cannot stand beside `spec`", key.value);
        report.refuse_with(Cause::UnknownTopLevelKey, &place, message, "move it under `spec`, or remove it");
    }
}
