//! `SubjectPublicKeyInfo`: which keys Go reads, and which of them it refuses to read.

use num_bigint::BigInt;
use num_bigint::BigUint;
use num_bigint::Sign;

use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::INTEGER;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::elliptic::Curve;

/// A public key of a kind Go knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// RSA: modulus and exponent.
    Rsa(RsaPublicKey),
    /// A point, uncompressed.
    Ecdsa(Curve, Vec<u8>),
    /// Ed25519.
    Ed25519(Vec<u8>),
    /// DSA: read and never used.
    Dsa,
}

/// An RSA public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RsaPublicKey {
    /// The modulus.
    pub(super) modulus: BigUint,
    /// The exponent.
    pub(super) exponent: i64,
}

impl RsaPublicKey {
    /// Length of the modulus.
    #[must_use]
    pub(crate) fn bits(&self) -> u64 {
        self.modulus.bits()
    }

    /// What Go asks of a key before it uses one: odd modulus, odd exponent from 3 to 2^31 - 1.
    pub(super) fn is_sane(&self) -> bool {
        self.modulus.bit(0)
            && self.modulus > BigUint::from(1_u32)
            && (2..1 << 31).contains(&self.exponent)
            && self.exponent % 2 == 1
    }
}

impl PublicKey {
    /// How the key is usually called, with its size.
    #[must_use]
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Rsa(key) => format!("RSA {}", key.bits()),
            Self::Ecdsa(curve, _) => format!("ECDSA {}", curve.name()),
            Self::Ed25519(_) => "Ed25519".to_owned(),
            Self::Dsa => "DSA".to_owned(),
        }
    }
}

const RSA: &[u32] = &[1, 2, 840, 113_549, 1, 1, 1];
const DSA: &[u32] = &[1, 2, 840, 10040, 4, 1];
const ECDSA: &[u32] = &[1, 2, 840, 10045, 2, 1];
const ED25519: &[u32] = &[1, 3, 101, 112];

/// Reads the content of a `SubjectPublicKeyInfo`; `None` for a key of an unknown kind.
pub(super) fn read(mut info: Der<'_>) -> Result<Option<PublicKey>, String> {
    let algorithm = info.read(SEQUENCE).ok_or("x509: malformed public key algorithm identifier")?;
    let (oid, parameters) = algorithm_identifier(algorithm)?;
    let bits = info.bit_string().ok_or("x509: malformed subjectPublicKey")?;
    let data = bits.right_aligned();
    Ok(Some(match oid.as_slice() {
        RSA => rsa(parameters, &data)?,
        ECDSA => ecdsa(parameters, data)?,
        ED25519 if !parameters.is_empty() => return Err("x509: Ed25519 key encoded with illegal parameters".to_owned()),
        ED25519 if data.len() != 32 => return Err("x509: wrong Ed25519 public key size".to_owned()),
        ED25519 => PublicKey::Ed25519(data),
        DSA => dsa(parameters, &data)?,
        _ => return Ok(None),
    }))
}

/// An `AlgorithmIdentifier`: its object identifier, and its parameters with tag and length.
pub(super) fn algorithm_identifier(mut der: Der<'_>) -> Result<(Vec<u32>, Der<'_>), String> {
    let oid = der.object_identifier().ok_or("x509: malformed OID")?;
    let parameters = if der.is_empty() { Der(&[]) } else { der.any().ok_or("x509: malformed parameters")?.whole };
    Ok((oid, parameters))
}

fn rsa(parameters: Der<'_>, data: &[u8]) -> Result<PublicKey, String> {
    if parameters.0 != [5, 0] {
        return Err("x509: RSA key missing NULL parameters".to_owned());
    }
    let mut key = Der(data).read(SEQUENCE).ok_or("x509: invalid RSA public key")?;
    let modulus = key.integer().ok_or("x509: invalid RSA modulus")?;
    let exponent = key.small_integer(INTEGER).ok_or("x509: invalid RSA public exponent")?;
    let modulus = positive(&modulus).ok_or("x509: RSA modulus is not a positive number")?;
    if exponent <= 0 {
        return Err("x509: RSA public exponent is not a positive number".to_owned());
    }
    Ok(PublicKey::Rsa(RsaPublicKey { modulus, exponent }))
}

fn ecdsa(mut parameters: Der<'_>, data: Vec<u8>) -> Result<PublicKey, String> {
    let oid = parameters.object_identifier().ok_or("x509: invalid ECDSA parameters")?;
    let curve = Curve::from_oid(&oid).ok_or("x509: unsupported elliptic curve")?;
    if curve.has_point(&data) {
        Ok(PublicKey::Ecdsa(curve, data))
    } else {
        Err("ecdsa: invalid uncompressed public key".to_owned())
    }
}

fn dsa(mut parameters: Der<'_>, data: &[u8]) -> Result<PublicKey, String> {
    let y = Der(data).integer().ok_or("x509: invalid DSA public key")?;
    let invalid = "x509: invalid DSA parameters";
    let mut inner = parameters.read(SEQUENCE).ok_or(invalid)?;
    let mut number = || inner.integer().ok_or(invalid);
    let numbers = [y, number()?, number()?, number()?];
    if numbers.iter().any(|number| positive(number).is_none()) {
        return Err("x509: zero or negative DSA parameter".to_owned());
    }
    Ok(PublicKey::Dsa)
}

/// A number above zero.
pub(super) fn positive(number: &BigInt) -> Option<BigUint> {
    (number.sign() == Sign::Plus).then(|| number.magnitude().clone())
}
