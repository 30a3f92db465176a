use aws_lc_rs::signature;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::RsaParameters;
use aws_lc_rs::signature::UnparsedPublicKey;

use crate::jose::Algorithm;
use crate::jose::der;

/// An RSA public key that passed the library's sanity check.
pub(super) struct RsaPublicKey {
    /// RSAPublicKey (RFC 8017 A.1.1) or SubjectPublicKeyInfo.
    der: Vec<u8>,
}

impl RsaPublicKey {
    /// From modulus and exponent; like Envoy only with the exponents 3 and 65537.
    pub(super) fn from_components(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        if !matches!(der::without_leading_zeros(exponent), [3] | [1, 0, 1]) {
            return None;
        }
        Self::checked(der::two_integers(modulus, exponent))
    }

    pub(super) fn from_subject_public_key_info(der: &[u8]) -> Option<Self> {
        Self::checked(der.to_vec())
    }

    fn checked(der: Vec<u8>) -> Option<Self> {
        ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, &der).is_ok().then_some(Self { der })
    }

    /// Only RS and PS algorithms are tried.
    pub(super) fn verifies(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        let parameters: &'static RsaParameters = match algorithm {
            Algorithm::Rs256 => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Algorithm::Rs512 => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
            Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
            Algorithm::Es256
            | Algorithm::Es384
            | Algorithm::Es512
            | Algorithm::Hs256
            | Algorithm::Hs384
            | Algorithm::Hs512
            | Algorithm::EdDsa => return false,
        };
        UnparsedPublicKey::new(parameters, &self.der).verify(text, signature).is_ok()
    }
}
