use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::pki::PublicKey;

/// The numbers of a public key as a JWK holds them (RFC 7518 section 6, RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyNumbers {
    /// An RSA key, without zeros in front of the numbers.
    Rsa {
        /// The modulus.
        modulus: Vec<u8>,
        /// The public exponent.
        exponent: Vec<u8>,
    },
    /// A point on a curve; the coordinates have the width of its field.
    Ec {
        /// `P-256`, `P-384` or `P-521`.
        curve: &'static str,
        /// First coordinate.
        x: Vec<u8>,
        /// Second coordinate.
        y: Vec<u8>,
    },
    /// The 32 bytes of an Ed25519 key.
    Ed25519(Vec<u8>),
}

const CURVES: [(&str, &str, usize); 3] =
    [("1.2.840.10045.3.1.7", "P-256", 32), ("1.3.132.0.34", "P-384", 48), ("1.3.132.0.35", "P-521", 66)];
const ED25519: &str = "1.3.101.112";

impl PublicKey {
    /// The numbers of the key; none when a JWK cannot hold it: another kind of key, another curve, a compressed point.
    #[must_use]
    pub fn numbers(&self) -> Option<KeyNumbers> {
        let (_, info) = SubjectPublicKeyInfo::from_der(self.info()).ok()?;
        if info.algorithm.algorithm.to_id_string() == ED25519 {
            return Some(KeyNumbers::Ed25519(info.subject_public_key.as_ref().to_vec()));
        }
        match info.parsed().ok()? {
            Parsed::RSA(key) => Some(KeyNumbers::Rsa {
                modulus: without_leading_zeros(key.modulus).to_vec(),
                exponent: without_leading_zeros(key.exponent).to_vec(),
            }),
            Parsed::EC(point) => {
                let named = info.algorithm.parameters.as_ref()?.as_oid().ok()?.to_id_string();
                let (_, curve, width) = CURVES.into_iter().find(|(oid, ..)| *oid == named)?;
                let coordinates = point.data().strip_prefix(&[4]).filter(|rest| rest.len() == 2 * width)?;
                let (x, y) = coordinates.split_at_checked(width)?;
                Some(KeyNumbers::Ec { curve, x: x.to_vec(), y: y.to_vec() })
            }
            Parsed::DSA(_) | Parsed::GostR3410(_) | Parsed::GostR3410_2012(_) | Parsed::Unknown(_) => None,
        }
    }
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
