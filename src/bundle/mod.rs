//! Trust bundles: who may vouch for the identities of a trust domain.
//!
//! In: PEM, one DER certificate, a SPIFFE bundle (a JWKS document), or a map of SPIFFE bundles by trust domain. Out: [`TrustBundle`]s,
//! what was odd about the text as [`Note`]s, and bundles merged, compared and written again.
//!
//! ```text
//! bytes --read--> ReadBundles { form, bundles, notes } --merge, compare--> TrustBundle, BundleDiff --to_pem, to_jwks--> text
//! ```
//!
//! Invariants: a bundle holds no authority twice, and no two JWT keys of one key identifier; nothing private is kept; what is ignored
//! is noted; the authorities of two trust domains never come into one bundle, because then each could make identities of the other
//! (SPIFFE Federation section 7). What is written depends on nothing but the bundle.
//!
//! Specifications: SPIFFE Trust Domain and Bundle section 4, X509-SVID section 6, RFC 7517. Strictness: member names that occur twice are
//! refused, what the standard tells a consumer to ignore is ignored, and a note says where go-spiffe or istiod would refuse instead.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod authority;
mod diff;
mod error;
mod json;
mod jwk;
mod jwks;
mod merge;
mod note;
mod pem;
mod read;
mod trust_bundle;

#[cfg(test)]
mod tests;

pub use authority::AuthorityNote;
pub use authority::authority_notes;
pub use diff::BundleDiff;
pub use diff::MultiRoot;
pub use error::BundleError;
pub use jwk::JwtKey;
pub use merge::MergeError;
pub use merge::Merged;
pub use merge::merge;
pub use note::Note;
pub use read::BundleForm;
pub use read::ReadBundle;
pub use read::ReadBundles;
pub use read::read;
pub use trust_bundle::TrustBundle;
