//! Whether one certificate signed another, by the algorithms that `rustls-webpki` knows.

use rustls_pki_types::SignatureVerificationAlgorithm;
use webpki::aws_lc_rs;
use x509_parser::asn1_rs::ToDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::x509::AlgorithmIdentifier;

use crate::pki::Certificate;

/// What a signature may be made with: SHA-256 and longer, RSA from 2048 bits.
pub(super) static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    aws_lc_rs::ECDSA_P256_SHA256,
    aws_lc_rs::ECDSA_P256_SHA384,
    aws_lc_rs::ECDSA_P256_SHA512,
    aws_lc_rs::ECDSA_P384_SHA256,
    aws_lc_rs::ECDSA_P384_SHA384,
    aws_lc_rs::ECDSA_P384_SHA512,
    aws_lc_rs::ECDSA_P521_SHA256,
    aws_lc_rs::ECDSA_P521_SHA384,
    aws_lc_rs::ECDSA_P521_SHA512,
    aws_lc_rs::ED25519,
    aws_lc_rs::RSA_PKCS1_2048_8192_SHA256,
    aws_lc_rs::RSA_PKCS1_2048_8192_SHA384,
    aws_lc_rs::RSA_PKCS1_2048_8192_SHA512,
    aws_lc_rs::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    aws_lc_rs::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    aws_lc_rs::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
];

/// Why a signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignatureError {
    /// The key did not make it.
    Wrong,
    /// Its algorithm, or the key's, is not accepted.
    Algorithm,
}

/// Checks the signature of a certificate with the key of another. Names are not compared.
pub(super) fn check(certificate: &Certificate, issuer: &Certificate) -> Result<(), SignatureError> {
    let (Ok((_, signed)), Ok((_, issuer))) =
        (X509Certificate::from_der(certificate.der()), X509Certificate::from_der(issuer.der()))
    else {
        return Err(SignatureError::Wrong);
    };
    // The algorithm stands inside and outside of what is signed (RFC 5280 section 4.1.1.2).
    if signed.tbs_certificate.signature != signed.signature_algorithm {
        return Err(SignatureError::Wrong);
    }
    let key = issuer.public_key();
    let (signature, of_key) = (content(&signed.signature_algorithm), content(&key.algorithm));
    let mut fitting = ALGORITHMS
        .iter()
        .filter(|known| known.signature_alg_id().as_ref() == signature && known.public_key_alg_id().as_ref() == of_key)
        .peekable();
    if fitting.peek().is_none() {
        return Err(SignatureError::Algorithm);
    }
    let is_made = |known: &&dyn SignatureVerificationAlgorithm| {
        let message = signed.tbs_certificate.as_ref();
        known.verify_signature(key.subject_public_key.as_ref(), message, signed.signature_value.as_ref()).is_ok()
    };
    if fitting.any(is_made) { Ok(()) } else { Err(SignatureError::Wrong) }
}

/// The inside of the sequence, which is how the library names algorithms.
fn content(algorithm: &AlgorithmIdentifier<'_>) -> Vec<u8> {
    let mut bytes = algorithm.algorithm.to_der_vec().unwrap_or_default();
    if let Some(parameters) = &algorithm.parameters {
        bytes.extend(parameters.to_der_vec().unwrap_or_default());
    }
    bytes
}
