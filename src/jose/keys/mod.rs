//! Keys as people keep them: JWK, JWK set, PEM and DER, read strictly, converted into each other, and used to sign.
//!
//! Everything passes through [`material::KeyMaterial`], whose constructors prove that the numbers belong together: points lie on
//! their curve, private parts match public ones. Specifications: RFC 7517, 7518 section 6, 7638, 8037; RFC 5208, 5915, 8017
//! appendix A and 8410 for DER; RFC 8018 and 1421 for encryption.

mod asn1;
mod block_cipher;
mod certificates;
mod elliptic;
mod jwk;
mod jwk_error;
mod jwk_members;
mod jwk_note;
mod key_file;
mod key_file_error;
mod key_set;
mod material;
mod octet;
mod pem_blocks;
mod pem_keys;
mod pem_writing;
mod pkcs8_encryption;
mod reading;
mod rsa_key;
mod set_check;
mod signing_key;
mod thumbprint;
mod traditional_encryption;
mod verifying_key;

pub use elliptic::EcCurve;
pub use jwk::Jwk;
pub use jwk_error::JwkError;
pub use jwk_note::JwkNote;
pub use key_file::KeyFile;
pub use key_file::KeyFormat;
pub use key_file::read_key_file;
pub use key_file::read_keys;
pub use key_file_error::KeyFileError;
pub use key_set::KeySet;
pub use key_set::KeySetError;
pub use key_set::SetElement;
pub use octet::OkpCurve;
pub use pem_writing::PemError;
pub use pem_writing::PemForm;
pub use reading::Strictness;
pub use set_check::SetFinding;
pub use set_check::SetProblem;
pub use signing_key::KeySpec;
pub use signing_key::SigningError;
pub use signing_key::SigningKey;
pub use thumbprint::ThumbprintHash;
pub use verifying_key::VerifyingKey;

#[cfg(test)]
mod tests;
