//! Private keys as far as they are looked at: their kind, and whose they are.

use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::EcdsaSigningAlgorithm;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::PrivateKeyInfoRef;
use x509_parser::asn1_rs::Any;
use x509_parser::asn1_rs::FromDer;
use x509_parser::asn1_rs::ToDer;
use zeroize::Zeroizing;

use crate::pki::Certificate;
use crate::pki::PublicKey;
use crate::pki::name_constraints::element;

const RSA: &str = "1.2.840.113549.1.1.1";
const EC: &str = "1.2.840.10045.2.1";
const ED25519: &str = "1.3.101.112";

/// Curves by object identifier, with the DER form of that.
const CURVES: [(&str, &EcdsaSigningAlgorithm); 3] = [
    ("1.2.840.10045.3.1.7", &signature::ECDSA_P256_SHA256_ASN1_SIGNING),
    ("1.3.132.0.34", &signature::ECDSA_P384_SHA384_ASN1_SIGNING),
    ("1.3.132.0.35", &signature::ECDSA_P521_SHA512_ASN1_SIGNING),
];

/// A private key that was found. The key itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundKey {
    /// Where it stands.
    pub origin: String,
    /// What is known of it.
    pub state: KeyState,
}

/// What is known of a private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// It was read; this is its public half.
    Read(PublicKey),
    /// It is encrypted, and no passphrase, or another one, was given.
    Encrypted,
    /// Its place was overwritten before it was printed.
    Redacted,
    /// It cannot be read.
    Unreadable(String),
}

impl FoundKey {
    /// Reads a PEM block whose label ends with `PRIVATE KEY`.
    pub(super) fn from_pem_block(origin: String, label: &str, is_encrypted: bool, der: &[u8], passphrase: Option<&str>) -> Self {
        let state = match label {
            _ if is_encrypted => KeyState::Encrypted,
            "ENCRYPTED PRIVATE KEY" => decrypt(der, passphrase),
            "RSA PRIVATE KEY" => state(rsa_public(der)),
            "EC PRIVATE KEY" => state(sec1_public(der, None)),
            "PRIVATE KEY" => Self::state_of_pkcs8(der),
            other => KeyState::Unreadable(format!("a key labelled `{other}` is not read here")),
        };
        Self { origin, state }
    }

    /// Reads a PKCS#8 key in DER.
    pub(super) fn from_pkcs8(origin: String, der: &[u8]) -> Self {
        Self { origin, state: Self::state_of_pkcs8(der) }
    }

    fn state_of_pkcs8(der: &[u8]) -> KeyState {
        state(pkcs8_public(der))
    }

    /// Whether nothing is known of it but that it is there.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        !matches!(self.state, KeyState::Read(_))
    }

    /// Whether it is the key of this certificate; `None` when it could not be read.
    #[must_use]
    pub fn belongs_to(&self, certificate: &Certificate) -> Option<bool> {
        match &self.state {
            KeyState::Read(public) => Some(public.info() == certificate.public_key().info()),
            KeyState::Encrypted | KeyState::Redacted | KeyState::Unreadable(_) => None,
        }
    }
}

fn state(public: Result<PublicKey, String>) -> KeyState {
    public.map_or_else(KeyState::Unreadable, KeyState::Read)
}

fn decrypt(der: &[u8], passphrase: Option<&str>) -> KeyState {
    let Some(passphrase) = passphrase else { return KeyState::Encrypted };
    match EncryptedPrivateKeyInfoRef::try_from(der) {
        Ok(info) => info.decrypt(passphrase).map_or(KeyState::Encrypted, |plain| FoundKey::state_of_pkcs8(plain.as_bytes())),
        Err(error) => KeyState::Unreadable(error.to_string()),
    }
}

fn pkcs8_public(der: &[u8]) -> Result<PublicKey, String> {
    let info = PrivateKeyInfoRef::try_from(der).map_err(|error| error.to_string())?;
    let key = info.private_key.as_bytes();
    match info.algorithm.oid.to_string().as_str() {
        RSA => rsa_public(key),
        EC => {
            let curve = info.algorithm.parameters.and_then(|parameters| parameters.decode_as::<pkcs8::ObjectIdentifier>().ok());
            sec1_public(key, curve.map(|curve| curve.to_string()))
        }
        ED25519 => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|error| error.to_string())?;
            public(&[oid(ED25519)?].concat(), pair.public_key().as_ref())
        }
        other => Err(format!("its algorithm {other} is not known here")),
    }
}

/// The public half of a PKCS#1 key of any size: modulus and exponent follow the version (RFC 8017 appendix A.1.2).
fn rsa_public(der: &[u8]) -> Result<PublicKey, String> {
    let broken = || "it is no RSA key in PKCS#1".to_owned();
    let (_, sequence) = Any::from_der(der).map_err(|_| broken())?;
    let (rest, _version) = Any::from_der(sequence.data).map_err(|_| broken())?;
    let (rest, modulus) = Any::from_der(rest).map_err(|_| broken())?;
    let (_, exponent) = Any::from_der(rest).map_err(|_| broken())?;
    let key = element(0x30, &[element(0x02, modulus.data), element(0x02, exponent.data)].concat());
    public(&[oid(RSA)?, vec![0x05, 0x00]].concat(), &key)
}

/// The public half of a SEC 1 key (RFC 5915), whose curve stands inside or, in PKCS#8, outside.
fn sec1_public(der: &[u8], curve: Option<String>) -> Result<PublicKey, String> {
    let curve = curve.or_else(|| curve_within(der)).ok_or("it does not name its curve")?;
    let (name, algorithm) =
        CURVES.into_iter().find(|(known, _)| *known == curve).ok_or_else(|| format!("its curve {curve} is not known here"))?;
    // The library wants PKCS#8, or a SEC 1 key that names its curve; the latter is not a given inside PKCS#8.
    let parameters = [oid(EC)?, oid(name)?].concat();
    let wrapped =
        Zeroizing::new(element(0x30, &[vec![0x02, 0x01, 0x00], element(0x30, &parameters), element(0x04, der)].concat()));
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, &wrapped).map_err(|error| error.to_string())?;
    public(&parameters, pair.public_key().as_ref())
}

/// The curve in the element tagged 0 of a SEC 1 key.
fn curve_within(der: &[u8]) -> Option<String> {
    let (_, sequence) = Any::from_der(der).ok()?;
    let mut rest = sequence.data;
    while let Ok((after, part)) = Any::from_der(rest) {
        if part.tag().0 == 0 && part.class() == x509_parser::asn1_rs::Class::ContextSpecific {
            let (_, curve) = x509_parser::asn1_rs::Oid::from_der(part.data).ok()?;
            return Some(curve.to_id_string());
        }
        rest = after;
    }
    None
}

fn oid(text: &str) -> Result<Vec<u8>, String> {
    let oid: x509_parser::asn1_rs::Oid<'_> = text.parse().map_err(|_| format!("`{text}` is no object identifier"))?;
    oid.to_der_vec().map_err(|error| error.to_string())
}

/// A `SubjectPublicKeyInfo` of this algorithm and these key bits.
fn public(algorithm: &[u8], bits: &[u8]) -> Result<PublicKey, String> {
    let info = element(0x30, &[element(0x30, algorithm), element(0x03, &[&[0], bits].concat())].concat());
    PublicKey::from_info(&info).map_err(|error| error.to_string())
}
