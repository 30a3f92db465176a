use std::fmt;

/// Something about a key that is allowed, or was repaired, and that its user should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JwkNote {
    /// A number had zeros in front; they are left out.
    LeadingZeros(&'static str),
    /// A coordinate lacked zeros in front; they are put back.
    Padded(&'static str),
    /// Padding, white space, another alphabet or stray bits in base64url; written properly now.
    Respelled {
        /// Which member.
        member: &'static str,
        /// What was odd.
        oddity: &'static str,
    },
    /// A private member that this type does not have; it is left out.
    ForeignPrivateMember(&'static str),
    /// The primes were absent and have been computed.
    FactorsComputed,
    /// An RSA modulus or a secret below the minimum of RFC 7518 section 3.
    Weak {
        /// Its size.
        bits: u64,
        /// The minimum.
        minimum: u64,
    },
    /// An RSA exponent that Envoy does not take.
    UnusualExponent,
    /// `alg` is no signature algorithm that is known here.
    UnknownAlgorithm(String),
    /// `use` is not known.
    UnknownUse(String),
    /// `use` and `key_ops` stand together.
    UseAndOperations,
    /// A certificate does not name the next one as its issuer.
    ChainOrder {
        /// Which, counted from one.
        index: usize,
    },
    /// The private part could not be compared with the public part, because the library knows the curve not.
    Unchecked(&'static str),
    /// A PEM key encrypted with a scheme that is easily broken.
    WeakEncryption(String),
    /// The key may be used with RSASSA-PSS only.
    PssOnly,
}

impl fmt::Display for JwkNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeadingZeros(member) => {
                write!(f, "`{member}` had zeros in front, which are left out (the thumbprint is that of the short form)")
            }
            Self::Padded(member) => {
                write!(f, "`{member}` lacked zeros in front, which are put back (the thumbprint is that of the full form)")
            }
            Self::Respelled { member, oddity } => {
                write!(f, "`{member}` was written with {oddity}, which base64url does not allow")
            }
            Self::ForeignPrivateMember(member) => write!(f, "`{member}` does not belong to this key type and is left out"),
            Self::FactorsComputed => f.write_str("the primes were absent and have been computed from the exponents"),
            Self::Weak { bits, minimum } => write!(f, "{bits} bits are too weak: RFC 7518 wants {minimum} at least"),
            Self::UnusualExponent => f.write_str("Envoy takes RSA keys with the exponents 3 and 65537 only and skips this one"),
            Self::UnknownAlgorithm(name) => write!(f, "`alg` is `{name}`, which is no signature algorithm known here"),
            Self::UnknownUse(name) => write!(f, "`use` is `{name}`, which is not known; the key verifies nothing"),
            Self::UseAndOperations => f.write_str("`use` and `key_ops` should not stand together"),
            Self::ChainOrder { index } => write!(f, "certificate {index} in `x5c` is not issued by the one after it"),
            Self::Unchecked(curve) => {
                write!(f, "whether the private part belongs to the public part cannot be checked for {curve}")
            }
            Self::WeakEncryption(scheme) => write!(f, "the file is encrypted with {scheme}, which protects little"),
            Self::PssOnly => f.write_str("the key is restricted to RSASSA-PSS"),
        }
    }
}
