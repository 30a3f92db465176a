//! What a chain says against the profile of X509-SVID: every statement that the standard or a peer would object to.
//!
//! In: certificates in the order of a chain, and a time. Out: [`Problem`]s, all of them, each with a stable name, the certificate and the rule.
//! Nothing here follows signatures to a trust bundle: that is [`crate::pki::verify`], which refuses by the same checks.
//!
//! Severities: an *error* is refused by the standard's validation or by a peer that is named; a *warning* departs from a rule that peers do not
//! enforce; a *note* is worth knowing. Specifications: X509-SVID sections 2 to 5, RFC 5280 section 4.
mod authority;
mod chain;
mod checks;
mod client;
mod common;
mod identity;
mod leaf;
mod problem;

#[cfg(test)]
mod tests;

pub use chain::Role;
pub use chain::check_authorities;
pub use chain::check_chain;
pub use checks::ALL;
pub use checks::Check;
pub use checks::Severity;
pub use client::refused_from_client;
pub use identity::IdentityError;
pub use identity::spiffe_id;
pub use problem::CertificateName;
pub use problem::Problem;

pub(super) use authority::check_authority;
pub(super) use checks::named;
pub(super) use common::period;
pub(super) use common::validity;
pub(super) use identity::identity_of;
pub(super) use leaf::check_leaf;
