//! The resource definitions of the four kinds, as tables: fields, types, bounds and validation rules.
//!
//! Every served version of a kind has the same schema, so there is one table for each kind. They follow Istio's own
//! `CustomResourceDefinition`s field by field.

mod authorization_policy;
mod destination_rule;
mod grammar;
mod load_balancer;
mod peer_authentication;
mod request_authentication;
mod shared;
mod traffic_policy;

pub(super) use shared::STATUS;

use crate::admission::Kind;
use crate::admission::api_server::schema::Schema;

/// What `spec` may hold.
pub(super) fn spec(kind: Kind) -> &'static Schema {
    match kind {
        Kind::AuthorizationPolicy => &authorization_policy::SPEC,
        Kind::RequestAuthentication => &request_authentication::SPEC,
        Kind::PeerAuthentication => &peer_authentication::SPEC,
        Kind::DestinationRule => &destination_rule::SPEC,
    }
}

/// The versions in which a kind is served.
pub(super) fn versions(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::AuthorizationPolicy | Kind::RequestAuthentication | Kind::PeerAuthentication => &["v1", "v1beta1"],
        Kind::DestinationRule => &["v1", "v1alpha3", "v1beta1"],
    }
}
