use aws_lc_rs::digest;
use aws_lc_rs::signature;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::RsaParameters;
use aws_lc_rs::signature::UnparsedPublicKey;

use crate::jose::Algorithm;
use crate::jose::der;
use crate::jose::short_rsa;
use crate::jose::short_rsa::Padding;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
/// The shortest modulus the TLS library of the proxy takes. The longest, 16384 bits, is the same as that of the library here.
const SHORTEST_BITS: u32 = 512;

/// An RSA public key that passed the library's sanity check.
pub(super) struct RsaPublicKey {
    /// `RSAPublicKey` (RFC 8017 A.1.1).
    der: Vec<u8>,
    bits: u32,
}

impl RsaPublicKey {
    /// From modulus and exponent; like Envoy only with the exponents 3 and 65537.
    pub(super) fn from_components(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        if !matches!(der::without_leading_zeros(exponent), [3] | [1, 0, 1]) {
            return None;
        }
        Self::checked(der::two_integers(modulus, exponent))
    }

    /// From `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7), with any exponent.
    pub(super) fn from_subject_public_key_info(der: &[u8]) -> Option<Self> {
        ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, der).ok()?;
        let (content, _) = der::Elements::of(der).next(der::SEQUENCE)?;
        let mut parts = der::Elements::of(content);
        parts.next(der::SEQUENCE)?;
        let (bits, _) = parts.next(BIT_STRING)?;
        Self::checked(bits.strip_prefix(&[0])?.to_vec())
    }

    fn checked(der: Vec<u8>) -> Option<Self> {
        ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, &der).ok()?;
        let bits = RsaParameters::public_modulus_len(&der).ok()?;
        (bits >= SHORTEST_BITS).then_some(Self { der, bits })
    }

    /// Only RS and PS algorithms are tried.
    pub(super) fn verifies(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        let (parameters, padding, digest): (&'static RsaParameters, _, _) = match algorithm {
            Algorithm::Rs256 => (&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, Padding::Pkcs1, &digest::SHA256),
            Algorithm::Rs384 => (&signature::RSA_PKCS1_2048_8192_SHA384, Padding::Pkcs1, &digest::SHA384),
            Algorithm::Rs512 => (&signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, Padding::Pkcs1, &digest::SHA512),
            Algorithm::Ps256 => (&signature::RSA_PSS_2048_8192_SHA256, Padding::Pss, &digest::SHA256),
            Algorithm::Ps384 => (&signature::RSA_PSS_2048_8192_SHA384, Padding::Pss, &digest::SHA384),
            Algorithm::Ps512 => (&signature::RSA_PSS_2048_8192_SHA512, Padding::Pss, &digest::SHA512),
            Algorithm::Es256
            | Algorithm::Es384
            | Algorithm::Es512
            | Algorithm::Hs256
            | Algorithm::Hs384
            | Algorithm::Hs512
            | Algorithm::EdDsa => return false,
        };
        if (parameters.min_modulus_len()..=parameters.max_modulus_len()).contains(&self.bits) {
            return UnparsedPublicKey::new(parameters, &self.der).verify(text, signature).is_ok();
        }
        self.components().is_some_and(|key| short_rsa::verifies(key, padding, digest, text, signature))
    }

    /// Modulus and exponent.
    fn components(&self) -> Option<(&[u8], &[u8])> {
        let (content, _) = der::Elements::of(&self.der).next(der::SEQUENCE)?;
        let mut integers = der::Elements::of(content);
        let (modulus, _) = integers.next(INTEGER)?;
        let (exponent, _) = integers.next(INTEGER)?;
        Some((modulus, exponent))
    }
}
