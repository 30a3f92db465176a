//! The parts of Go's standard library that decide what istiod loads: `crypto/x509`, `encoding/asn1`, and the key formats.
//!
//! In: DER. Out: certificates, keys and revocation lists exactly when Go reads them, and chains exactly when Go finds them, with
//! Go's words for what it refuses. This is not how certificates should be read elsewhere in this crate: it is how istiod reads them.
//! Checked against Go 1.26 itself by `tests/oracle`.

mod algorithm;
mod asn1;
mod certificate;
mod constraints;
mod crl;
pub(super) mod der;
mod elliptic;
mod extensions;
mod name;
mod names;
mod path;
mod policies;
mod pool;
mod private_key;
mod public_key;
pub(super) mod signature;
mod time;
mod url;

pub(super) use algorithm::Hash;
pub(super) use algorithm::SignatureAlgorithm;
pub(super) use certificate::CRL_SIGN;
pub(super) use certificate::Certificate;
pub(super) use certificate::Purpose;
pub(super) use certificate::Signed;
pub(super) use crl::RevocationList;
pub(super) use elliptic::Curve;
pub(super) use name::Name;
pub(super) use path::Refusal;
pub(super) use path::Rule;
pub(super) use path::Trust;
pub(super) use path::serves;
pub(super) use path::verify;
pub(super) use policies::are_valid as policies_are_valid;
pub(super) use pool::Pool;
pub(super) use private_key::KeyFile;
pub(super) use private_key::any as any_private_key;
pub(super) use private_key::pkcs1 as pkcs1_private_key;
pub(super) use private_key::pkcs8 as pkcs8_private_key;
pub(super) use private_key::sec1 as sec1_private_key;
pub(super) use public_key::PublicKey;
pub(super) use time::Second;
pub(crate) use url::Uri;
