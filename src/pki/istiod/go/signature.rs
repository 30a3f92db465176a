//! Whether a signature holds, with Go's opinion about which algorithms and keys may be used at all.

use aws_lc_rs::digest;
use aws_lc_rs::signature as library;
use aws_lc_rs::signature::EcdsaVerificationAlgorithm;
use aws_lc_rs::signature::UnparsedPublicKey;
use num_bigint::BigUint;

use crate::pki::istiod::go::algorithm::Hash;
use crate::pki::istiod::go::algorithm::SignatureAlgorithm;
use crate::pki::istiod::go::elliptic::Curve;
use crate::pki::istiod::go::public_key::PublicKey;
use crate::pki::istiod::go::public_key::RsaPublicKey;

/// Checks a signature; the error holds the words of Go's library. SHA-1 is allowed for revocation lists only.
pub(crate) fn check(
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
    key: &PublicKey,
    allow_sha1: bool,
) -> Result<(), String> {
    let insecure = || Err(format!("x509: cannot verify signature: insecure algorithm {}", algorithm.name()));
    let hash = match algorithm {
        SignatureAlgorithm::Unknown => return Err(unsupported()),
        SignatureAlgorithm::Ed25519 => None,
        SignatureAlgorithm::RsaIso => Some(Hash::Sha1),
        SignatureAlgorithm::Rsa(hash)
        | SignatureAlgorithm::RsaPss(hash)
        | SignatureAlgorithm::Ecdsa(hash)
        | SignatureAlgorithm::Dsa(hash) => Some(hash),
    };
    match hash {
        Some(Hash::Md5) => return insecure(),
        Some(Hash::Sha1) if !allow_sha1 => return insecure(),
        _ => {}
    }
    let mismatch = |expected: &str, found: &str| {
        Err(format!("x509: signature algorithm specifies an {expected} public key, but have public key of type {found}"))
    };
    let expected = match algorithm {
        SignatureAlgorithm::Rsa(_) | SignatureAlgorithm::RsaIso | SignatureAlgorithm::RsaPss(_) => "RSA",
        SignatureAlgorithm::Ecdsa(_) => "ECDSA",
        SignatureAlgorithm::Dsa(_) => "DSA",
        SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Unknown => "Ed25519",
    };
    match (key, algorithm) {
        (PublicKey::Rsa(key), SignatureAlgorithm::Rsa(hash)) => {
            rsa(key, |size| pkcs1_message(hash, message, size), None, signature)
        }
        (PublicKey::Rsa(key), SignatureAlgorithm::RsaIso) => {
            rsa(key, |size| pkcs1_message(Hash::Sha1, message, size), None, signature)
        }
        (PublicKey::Rsa(key), SignatureAlgorithm::RsaPss(hash)) => rsa(key, |_| None, Some((hash, message)), signature),
        (PublicKey::Rsa(_), _) => mismatch(expected, "*rsa.PublicKey"),
        (PublicKey::Ecdsa(curve, point), SignatureAlgorithm::Ecdsa(hash)) => {
            let verifies = ecdsa(*curve, hash).map_or_else(
                || curve.verifies(point, hash.of(message).as_ref(), signature).unwrap_or(false),
                |algorithm| UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok(),
            );
            if verifies { Ok(()) } else { Err("x509: ECDSA verification failure".to_owned()) }
        }
        (PublicKey::Ecdsa(..), _) => mismatch(expected, "*ecdsa.PublicKey"),
        (PublicKey::Ed25519(key), SignatureAlgorithm::Ed25519) => UnparsedPublicKey::new(&library::ED25519, key)
            .verify(message, signature)
            .map_err(|_| "x509: Ed25519 verification failure".to_owned()),
        (PublicKey::Ed25519(_), _) => mismatch(expected, "ed25519.PublicKey"),
        (PublicKey::Dsa, _) => Err(unsupported()),
    }
}

pub(crate) fn unsupported() -> String {
    "x509: cannot verify signature: algorithm unimplemented".to_owned()
}

impl Hash {
    fn of(self, message: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Md5 | Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, message)
    }

    /// `DigestInfo` up to the digest itself (RFC 8017 section 9.2, note 1).
    fn digest_info(self) -> &'static [u8] {
        match self {
            Self::Md5 => &[],
            Self::Sha1 => &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14],
            Self::Sha256 => &[
                0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
            ],
            Self::Sha384 => &[
                0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30,
            ],
            Self::Sha512 => &[
                0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40,
            ],
        }
    }
}

/// The library's algorithm, where it has one.
fn ecdsa(curve: Curve, hash: Hash) -> Option<&'static EcdsaVerificationAlgorithm> {
    Some(match (curve, hash) {
        (Curve::P256, Hash::Sha1) => &library::ECDSA_P256_SHA1_ASN1,
        (Curve::P256, Hash::Sha256) => &library::ECDSA_P256_SHA256_ASN1,
        (Curve::P256, Hash::Sha384) => &library::ECDSA_P256_SHA384_ASN1,
        (Curve::P256, Hash::Sha512) => &library::ECDSA_P256_SHA512_ASN1,
        (Curve::P384, Hash::Sha256) => &library::ECDSA_P384_SHA256_ASN1,
        (Curve::P384, Hash::Sha384) => &library::ECDSA_P384_SHA384_ASN1,
        (Curve::P384, Hash::Sha512) => &library::ECDSA_P384_SHA512_ASN1,
        (Curve::P521, Hash::Sha1) => &library::ECDSA_P521_SHA1_ASN1,
        (Curve::P521, Hash::Sha256) => &library::ECDSA_P521_SHA256_ASN1,
        (Curve::P521, Hash::Sha384) => &library::ECDSA_P521_SHA384_ASN1,
        (Curve::P521, Hash::Sha512) => &library::ECDSA_P521_SHA512_ASN1,
        (Curve::P224, _) | (_, Hash::Md5) | (Curve::P384, Hash::Sha1) => return None,
    })
}

/// RSA verification (RFC 8017 section 8). Go takes moduli of any length from 1024 bits, so the arithmetic is plain.
fn rsa(
    key: &RsaPublicKey,
    pkcs1: impl Fn(usize) -> Option<Vec<u8>>,
    pss: Option<(Hash, &[u8])>,
    signature: &[u8],
) -> Result<(), String> {
    let bits = key.bits();
    if bits < 1024 {
        return Err(format!("crypto/rsa: {bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"));
    }
    let failed = || "crypto/rsa: verification error".to_owned();
    if !key.is_sane() {
        return Err(failed());
    }
    let size = usize::try_from(bits.div_ceil(8)).map_err(|_| failed())?;
    let number = BigUint::from_bytes_be(signature);
    if signature.len() != size || number >= key.modulus {
        return Err(failed());
    }
    let exponent = BigUint::from(key.exponent.unsigned_abs());
    let bytes = number.modpow(&exponent, &key.modulus).to_bytes_be();
    let zeros = size.saturating_sub(bytes.len());
    let message = [vec![0; zeros], bytes].concat();
    let verifies = match pss {
        None => pkcs1(size).is_some_and(|expected| expected == message),
        Some((hash, text)) => is_pss(hash, text, &message, bits - 1).unwrap_or(false),
    };
    if verifies { Ok(()) } else { Err(failed()) }
}

/// EMSA-PKCS1-v1_5 (section 9.2).
fn pkcs1_message(hash: Hash, message: &[u8], size: usize) -> Option<Vec<u8>> {
    let digest = hash.of(message);
    let info = [hash.digest_info(), digest.as_ref()].concat();
    let filling = size.checked_sub(info.len() + 3).filter(|filling| *filling >= 8)?;
    Some([&[0, 1][..], &vec![0xff; filling], &[0], &info].concat())
}

/// EMSA-PSS (section 9.1.2) with a salt as long as the digest.
fn is_pss(hash: Hash, text: &[u8], message: &[u8], bits: u64) -> Option<bool> {
    let length = usize::try_from(bits.div_ceil(8)).ok()?;
    let (front, encoded) = message.split_at_checked(message.len().checked_sub(length)?)?;
    if front.iter().any(|byte| *byte != 0) {
        return Some(false);
    }
    let digest = hash.of(text);
    let (encoded, trailer) = encoded.split_at_checked(encoded.len().checked_sub(1)?)?;
    let (masked, salted) = encoded.split_at_checked(encoded.len().checked_sub(digest.as_ref().len())?)?;
    let unused = u32::try_from(u64::try_from(length).ok()? * 8 - bits).ok()?;
    let keep = 0xff_u8.checked_shr(unused)?;
    if trailer != [0xbc] || masked.first()? & !keep != 0 {
        return Some(false);
    }
    let mut block: Vec<u8> = masked.iter().zip(mask(hash, salted, masked.len())).map(|(byte, mask)| byte ^ mask).collect();
    *block.first_mut()? &= keep;
    let (filling, salt) = block.split_at_checked(block.len().checked_sub(digest.as_ref().len())?)?;
    let (one, zeros) = filling.split_last()?;
    let again = hash.of(&[&[0; 8][..], digest.as_ref(), salt].concat());
    Some(*one == 1 && zeros.iter().all(|byte| *byte == 0) && again.as_ref() == salted)
}

/// MGF1 (appendix B.2.1).
fn mask(hash: Hash, seed: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut counter = 0_u32;
    while bytes.len() < length {
        bytes.extend_from_slice(hash.of(&[seed, &counter.to_be_bytes()].concat()).as_ref());
        counter += 1;
    }
    bytes.truncate(length);
    bytes
}
