//! Signature algorithms Go knows (its table in `crypto/x509`).

use crate::pki::istiod::go::asn1::Fields;
use crate::pki::istiod::go::asn1::int;
use crate::pki::istiod::go::der::INTEGER;
use crate::pki::istiod::go::der::SEQUENCE;

/// What a signature was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureAlgorithm {
    /// RSA PKCS#1 v1.5.
    Rsa(Hash),
    /// RSA PKCS#1 v1.5 with SHA-1, by the name ISO gave it; not everybody knows that one.
    RsaIso,
    /// RSA-PSS with MGF1 and a salt of the same hash.
    RsaPss(Hash),
    /// ECDSA.
    Ecdsa(Hash),
    /// DSA, which is never verified.
    Dsa(Hash),
    /// Ed25519.
    Ed25519,
    /// Anything else.
    Unknown,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }
}

impl SignatureAlgorithm {
    /// Go's name of it, as its messages spell it.
    #[must_use]
    pub(crate) fn name(self) -> String {
        match self {
            Self::Rsa(hash) => format!("{}-RSA", hash.name()),
            Self::RsaIso => Self::Rsa(Hash::Sha1).name(),
            Self::RsaPss(hash) => format!("{}-RSAPSS", hash.name()),
            Self::Ecdsa(hash) => format!("ECDSA-{}", hash.name()),
            Self::Dsa(hash) => format!("DSA-{}", hash.name()),
            Self::Ed25519 => "Ed25519".to_owned(),
            Self::Unknown => "0".to_owned(),
        }
    }

    /// From an `AlgorithmIdentifier`. Parameters count for Ed25519 and RSA-PSS only.
    pub(super) fn from_identifier(oid: &[u32], parameters: &[u8]) -> Self {
        match oid {
            [1, 2, 840, 113_549, 1, 1, 4] => Self::Rsa(Hash::Md5),
            [1, 2, 840, 113_549, 1, 1, 5] => Self::Rsa(Hash::Sha1),
            [1, 3, 14, 3, 2, 29] => Self::RsaIso,
            [1, 2, 840, 113_549, 1, 1, 11] => Self::Rsa(Hash::Sha256),
            [1, 2, 840, 113_549, 1, 1, 12] => Self::Rsa(Hash::Sha384),
            [1, 2, 840, 113_549, 1, 1, 13] => Self::Rsa(Hash::Sha512),
            [1, 2, 840, 113_549, 1, 1, 10] => pss(parameters).map_or(Self::Unknown, Self::RsaPss),
            [1, 2, 840, 10040, 4, 3] => Self::Dsa(Hash::Sha1),
            [2, 16, 840, 1, 101, 3, 4, 3, 2] => Self::Dsa(Hash::Sha256),
            [1, 2, 840, 10045, 4, 1] => Self::Ecdsa(Hash::Sha1),
            [1, 2, 840, 10045, 4, 3, 2] => Self::Ecdsa(Hash::Sha256),
            [1, 2, 840, 10045, 4, 3, 3] => Self::Ecdsa(Hash::Sha384),
            [1, 2, 840, 10045, 4, 3, 4] => Self::Ecdsa(Hash::Sha512),
            [1, 3, 101, 112] if parameters.is_empty() => Self::Ed25519,
            _ => Self::Unknown,
        }
    }
}

/// `RSASSA-PSS-params` (RFC 4055 section 3.1), of which Go takes three combinations.
fn pss(parameters: &[u8]) -> Option<Hash> {
    let (mut fields, _) = Fields::of(parameters)?;
    let algorithm = |content| {
        let mut inner = Fields(content);
        Some((inner.oid()?, inner.raw()?))
    };
    let (hash, hash_parameters) = algorithm(fields.explicit(0, SEQUENCE)??)?;
    let (generator, generator_parameters) = algorithm(fields.explicit(1, SEQUENCE)??)?;
    let salt = int(fields.explicit(2, INTEGER)??)?;
    let trailer = fields.explicit(3, INTEGER)?.map_or(Some(1), int)?;
    // The generator's parameter is itself an `AlgorithmIdentifier`.
    let (generator_hash, generator_hash_parameters) = Fields(generator_parameters).algorithm()?;
    let is_null = |parameters: &[u8]| parameters.is_empty() || parameters == [5, 0];
    let is_uniform = is_null(hash_parameters)
        && generator == [1, 2, 840, 113_549, 1, 1, 8]
        && generator_hash == hash
        && is_null(generator_hash_parameters)
        && trailer == 1;
    match (hash.as_slice(), salt) {
        ([2, 16, 840, 1, 101, 3, 4, 2, 1], 32) if is_uniform => Some(Hash::Sha256),
        ([2, 16, 840, 1, 101, 3, 4, 2, 2], 48) if is_uniform => Some(Hash::Sha384),
        ([2, 16, 840, 1, 101, 3, 4, 2, 3], 64) if is_uniform => Some(Hash::Sha512),
        _ => None,
    }
}
