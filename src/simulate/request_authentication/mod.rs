//! `RequestAuthentication`: the `jwt_authn` filter istiod configures, run on one request.
//!
//! In: one [`Provider`] per rule that applies, a [`Message`](crate::simulate::message::Message), the time, and a [`TokenCache`] to
//! remember what was already verified. Out: an [`AuthenticationOutcome`], and the message as the next filter sees it: tokens
//! stripped, output headers removed and added.
//!
//! ```text
//! JwtRule + KeySource -> Provider --sort by issuer--> Authenticator
//!   output headers of all providers are removed; a CORS preflight passes
//!   one provider:   its result; no token passes
//!   several:        the first success passes; else each again, and all must succeed or find nothing; else the error that counts
//! ```
//!
//! Surprising rows: a request without a token passes; every token found must be valid for a provider that sees it; with several
//! providers a bad token is forgiven when another provider succeeds.
//!
//! Invariants: a signature made with keys that were not given never passes a request; time checks are made anew for every request.
//! Which policies apply, and where a key set comes from, is decided by the caller. Specification: `RequestAuthentication` reference,
//! Envoy's `jwt_authn` filter, version 1.40.

mod authenticator;
mod cache;
mod claims;
mod location;
mod outcome;
mod provider;
mod query;
mod run;
mod signature_memory;
mod trace;

pub use authenticator::Authenticator;
pub use authenticator::ConfigurationError;
pub use cache::TokenCache;
pub use location::Location;
pub use outcome::AuthenticationOutcome;
pub use provider::KeySource;
pub use provider::Origin;
pub use provider::Provider;
pub use signature_memory::SignatureMemory;
pub use trace::Attempt;
pub use trace::AttemptResult;
pub use trace::Round;
pub use trace::TokenAttempt;
pub use trace::TokenResult;

#[cfg(test)]
mod tests;
