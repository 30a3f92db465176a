//! X.509 facts, keys, issuing and path verification for SPIFFE identities.
//!
//! In: DER and PEM, a time, fresh keys and serial numbers from an [`Entropy`]. Out: [`Certificate`]s with their facts read once,
//! certificates and revocation lists signed by a [`Signer`] along the profiles of X509-SVID and RFC 5280, and answers to whether a
//! chain is trusted.
//!
//! ```text
//! PrivateKey + profile --Signer--> Certificate            profile, signer
//! PEM, DER             --------->  Certificate, Crl, CertificateRequest
//! ```
//!
//! Invariants: a [`PrivateKey`] never appears in `Debug` output and is wiped when dropped; a certificate made here never outlives its
//! signer, carries at least 128 random bits of serial number and exactly one SPIFFE ID; nothing here knows the time or makes
//! a random number. Specifications: RFC 5280, X509-SVID of SPIFFE, RFC 5958 for keys.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod certificate;
pub mod container;
mod crl;
mod entropy;
mod error;
mod fingerprint;
mod inspection;
pub mod istiod;
mod key_numbers;
mod key_type;
mod lifetime;
mod name_constraints;
mod pem_reader;
mod pem_text;
mod private_key;
mod profile;
mod public_key;
mod renewal;
mod request;
mod rotation;
mod serial;
mod signer;
pub mod svid;
mod time;
pub mod verify;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use certificate::BasicConstraints;
pub use certificate::Certificate;
pub use certificate::ExtendedKeyUsage;
pub use certificate::KeyUsage;
pub use certificate::SubjectAltName;
pub use crl::Crl;
pub use crl::CrlEntry;
pub use crl::RevocationReason;
pub use entropy::Entropy;
pub use error::PkiError;
pub use fingerprint::Fingerprint;
pub use inspection::InspectedEntry;
pub use inspection::Inspection;
pub use inspection::inspect;
pub use key_numbers::KeyNumbers;
pub use key_type::KeyType;
pub use lifetime::BACKDATE;
pub use lifetime::Lifetime;
pub use name_constraints::NameConstraints;
pub use name_constraints::NameSubtree;
pub use pem_reader::PemBlock;
pub use pem_reader::PemReader;
pub use pem_text::pem;
pub use pem_text::pem_chain;
pub use private_key::KeyEncryption;
pub use private_key::PrivateKey;
pub use profile::AuthorityProfile;
pub use profile::SvidProfile;
pub use public_key::KeyStrength;
pub use public_key::PublicKey;
pub use renewal::RenewalReason;
pub use renewal::RenewalRule;
pub use request::CertificateRequest;
pub use request::NamesAskedFor;
pub use request::RequestedExtension;
pub use rotation::AuthorityState;
pub use rotation::RotationError;
pub use rotation::RotationStep;
pub use serial::SerialNumber;
pub use signer::Signer;
