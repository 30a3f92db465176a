//! SPIFFE identities and their grammar.
//!
//! ```text
//! spiffe-id    = "spiffe://" trust-domain [ path ]
//! trust-domain = 1*255( a-z / 0-9 / "." / "-" / "_" )
//! path         = 1*( "/" segment )
//! segment      = 1*( A-Z / a-z / 0-9 / "." / "-" / "_" )     ; but not "." and not ".."
//! ```
//!
//! A [`TrustDomain`] and a [`SpiffeId`] can only be made from text that follows this grammar (SPIFFE-ID sections 2.1 to 2.3), and
//! print back what they parsed; nothing is trimmed, decoded or made lower case. A [`SpiffeError`] names the first rule that is broken,
//! in the order in which go-spiffe checks them, and its place. [`SpiffeId::as_istio_principal`] is the form policies use: the identity
//! without its scheme. [`IstioIdentity`] is what istiod, which checks much less, would make of a text.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod error;
mod id;
mod istio;
mod trust_domain;

#[cfg(test)]
mod tests;

pub use error::SpiffeError;
pub use error::SpiffeRule;
pub use id::SpiffeId;
pub use istio::IstioIdentity;
pub use trust_domain::TrustDomain;

const SCHEME: &str = "spiffe://";
