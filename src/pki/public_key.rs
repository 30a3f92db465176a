use std::fmt;

use aws_lc_rs::signature;
use aws_lc_rs::signature::UnparsedPublicKey;
use rcgen::PublicKeyData;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo as ParsedInfo;

use crate::pki::KeyType;
use crate::pki::PkiError;

/// A subject's public key (RFC 5280 section 4.1.2.7), with its kind and size read.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    info: Vec<u8>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa { bits: usize },
    Ec { curve: &'static str },
    Ed25519,
    Other,
}

/// What peers make of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyStrength {
    /// Everybody takes it.
    Good,
    /// RSA of less than 2048 bits.
    Weak,
    /// Good, but Envoy does not take it from a peer: P-224, P-521, Ed25519, RSA of more than 8192 bits.
    NotTakenByEnvoy,
    /// Of a kind that is not known here.
    Unknown,
}

const ED25519: &str = "1.3.101.112";
/// The same, as DER has it.
const ED25519_DER: &[u8] = &[0x2b, 0x65, 0x70];

/// A public key as rcgen takes that of a subject.
pub(super) struct SubjectKey {
    algorithm: &'static rcgen::SignatureAlgorithm,
    bits: Vec<u8>,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` in DER.
    ///
    /// # Errors
    /// [`PkiError::PublicKey`] when it is none.
    pub fn from_info(der: &[u8]) -> Result<Self, PkiError> {
        let broken = || PkiError::PublicKey("the public key cannot be read".to_owned());
        let (rest, info) = ParsedInfo::from_der(der).map_err(|_| broken())?;
        if !rest.is_empty() {
            return Err(broken());
        }
        Ok(Self::from_parsed(&info))
    }

    pub(super) fn from_parsed(info: &ParsedInfo<'_>) -> Self {
        let kind = match info.parsed() {
            Ok(Parsed::RSA(key)) => Kind::Rsa { bits: modulus_bits(key.modulus) },
            Ok(Parsed::EC(_)) => Kind::Ec { curve: curve(info) },
            _ if info.algorithm.algorithm.as_bytes() == ED25519_DER => Kind::Ed25519,
            _ => Kind::Other,
        };
        Self { info: info.raw.to_vec(), kind }
    }

    /// The `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn info(&self) -> &[u8] {
        &self.info
    }

    /// Whether it is an RSA key.
    #[must_use]
    pub fn is_rsa(&self) -> bool {
        matches!(self.kind, Kind::Rsa { .. })
    }

    /// What is called for to make another key like it; none when such keys are not made here.
    #[must_use]
    pub fn key_type(&self) -> Option<KeyType> {
        match self.kind {
            Kind::Rsa { bits: 2048 } => Some(KeyType::Rsa2048),
            Kind::Rsa { bits: 3072 } => Some(KeyType::Rsa3072),
            Kind::Rsa { bits: 4096 } => Some(KeyType::Rsa4096),
            Kind::Ec { curve: "P-256" } => Some(KeyType::EcdsaP256),
            Kind::Ec { curve: "P-384" } => Some(KeyType::EcdsaP384),
            Kind::Ed25519 => Some(KeyType::Ed25519),
            Kind::Rsa { .. } | Kind::Ec { .. } | Kind::Other => None,
        }
    }

    /// What peers make of it in a workload's certificate.
    #[must_use]
    pub fn strength(&self) -> KeyStrength {
        match self.kind {
            Kind::Rsa { bits } if bits < 2048 => KeyStrength::Weak,
            Kind::Rsa { bits } if bits > 8192 => KeyStrength::NotTakenByEnvoy,
            Kind::Rsa { .. } | Kind::Ec { curve: "P-256" | "P-384" } => KeyStrength::Good,
            Kind::Ec { .. } | Kind::Ed25519 => KeyStrength::NotTakenByEnvoy,
            Kind::Other => KeyStrength::Unknown,
        }
    }

    /// That a certificate may be made for this key.
    ///
    /// # Errors
    /// RSA below 2048 bits, curves other than P-256 and P-384, and everything else but Ed25519 are refused, with the reason.
    pub fn require_strength(&self) -> Result<(), PkiError> {
        match self.kind {
            Kind::Rsa { bits } if bits < 2048 => {
                Err(PkiError::PublicKey(format!("an RSA key of {bits} bits is too weak: 2048 at least")))
            }
            Kind::Rsa { bits } if bits > 8192 => {
                Err(PkiError::PublicKey(format!("an RSA key of {bits} bits is not taken by Envoy: 8192 at most")))
            }
            Kind::Rsa { .. } | Kind::Ed25519 | Kind::Ec { curve: "P-256" | "P-384" } => Ok(()),
            Kind::Ec { curve } => Err(PkiError::PublicKey(format!("Envoy does not take keys on {curve}: use P-256 or P-384"))),
            Kind::Other => Err(PkiError::PublicKey("the public key is neither RSA, ECDSA nor Ed25519".to_owned())),
        }
    }

    /// As rcgen takes the key of a subject.
    pub(super) fn to_rcgen(&self) -> Result<SubjectKey, PkiError> {
        let broken = || PkiError::PublicKey(format!("the public key, {self}, cannot be certified"));
        let (_, info) = ParsedInfo::from_der(&self.info).map_err(|_| broken())?;
        let parameters = info.algorithm.parameters.as_ref();
        let algorithm = match self.kind {
            // rcgen writes these parameters, so the key must have them too (RFC 3279 section 2.3.1, RFC 8410 section 3).
            Kind::Rsa { .. } if parameters.is_some_and(|found| found.as_null().is_ok()) => &rcgen::PKCS_RSA_SHA256,
            Kind::Ec { curve: "P-256" } => &rcgen::PKCS_ECDSA_P256_SHA256,
            Kind::Ec { curve: "P-384" } => &rcgen::PKCS_ECDSA_P384_SHA384,
            Kind::Ed25519 if parameters.is_none() => &rcgen::PKCS_ED25519,
            Kind::Rsa { .. } | Kind::Ec { .. } | Kind::Ed25519 | Kind::Other => return Err(broken()),
        };
        Ok(SubjectKey { algorithm, bits: info.subject_public_key.as_ref().to_vec() })
    }

    /// Whether this key made the signature, with the algorithm that its object identifier names.
    pub(super) fn verifies(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        let by: &'static dyn signature::VerificationAlgorithm = match (algorithm, self.kind) {
            ("1.2.840.113549.1.1.11", Kind::Rsa { .. }) => &signature::RSA_PKCS1_2048_8192_SHA256,
            ("1.2.840.113549.1.1.12", Kind::Rsa { .. }) => &signature::RSA_PKCS1_2048_8192_SHA384,
            ("1.2.840.113549.1.1.13", Kind::Rsa { .. }) => &signature::RSA_PKCS1_2048_8192_SHA512,
            ("1.2.840.10045.4.3.2", Kind::Ec { curve: "P-256" }) => &signature::ECDSA_P256_SHA256_ASN1,
            ("1.2.840.10045.4.3.3", Kind::Ec { curve: "P-256" }) => &signature::ECDSA_P256_SHA384_ASN1,
            ("1.2.840.10045.4.3.2", Kind::Ec { curve: "P-384" }) => &signature::ECDSA_P384_SHA256_ASN1,
            ("1.2.840.10045.4.3.3", Kind::Ec { curve: "P-384" }) => &signature::ECDSA_P384_SHA384_ASN1,
            (ED25519, Kind::Ed25519) => &signature::ED25519,
            _ => return false,
        };
        let Ok((_, info)) = ParsedInfo::from_der(&self.info) else { return false };
        UnparsedPublicKey::new(by, info.subject_public_key.as_ref()).verify(message, signature).is_ok()
    }
}

impl PublicKeyData for SubjectKey {
    fn der_bytes(&self) -> &[u8] {
        &self.bits
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Rsa { bits } => write!(f, "RSA {bits}"),
            Kind::Ec { curve } => write!(f, "ECDSA {curve}"),
            Kind::Ed25519 => f.write_str("Ed25519"),
            Kind::Other => f.write_str("unknown"),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn modulus_bits(modulus: &[u8]) -> usize {
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let significant = modulus.get(zeros..).unwrap_or_default();
    let in_first = significant.first().map_or(0, |first| usize::try_from(first.leading_zeros()).unwrap_or(0));
    significant.len() * 8 - in_first
}

fn curve(info: &ParsedInfo<'_>) -> &'static str {
    let named = info.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    // 1.2.840.10045.3.1.7, 1.3.132.0.34, 1.3.132.0.35 and 1.3.132.0.33, as DER has them.
    match named.as_ref().map(x509_parser::asn1_rs::Oid::as_bytes) {
        Some([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]) => "P-256",
        Some([0x2b, 0x81, 0x04, 0x00, 0x22]) => "P-384",
        Some([0x2b, 0x81, 0x04, 0x00, 0x23]) => "P-521",
        Some([0x2b, 0x81, 0x04, 0x00, 0x21]) => "P-224",
        _ => "an unnamed curve",
    }
}
