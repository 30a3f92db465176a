use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use crate::pki::Certificate;
use crate::store::StoreError;

/// An authority: the subject key identifier of its certificate, in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorityId(String);

/// What a user calls an authority: 1 to 63 of `a-z 0-9 . - _`, the first no punctuation, and nothing that looks like an [`AuthorityId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorityName(String);

impl AuthorityId {
    /// The authority of this certificate; none when it carries no subject key identifier.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Option<Self> {
        from_key_identifier(certificate.subject_key_identifier()?)
    }

    /// The authority that signed this certificate; none when it does not say which key did.
    #[must_use]
    pub fn of_issuer(certificate: &Certificate) -> Option<Self> {
        from_key_identifier(certificate.authority_key_identifier()?)
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn from_key_identifier(bytes: &[u8]) -> Option<AuthorityId> {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.parse().ok()
}

impl FromStr for AuthorityId {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex && (16..=64).contains(&text.len()) && text.len().is_multiple_of(2) {
            return Ok(Self(text.to_owned()));
        }
        Err(StoreError::NoAuthority(text.to_owned()))
    }
}

impl fmt::Display for AuthorityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AuthorityName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AuthorityName {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if begins && text.len() <= 63 && text.bytes().all(allowed) && text.parse::<AuthorityId>().is_err() {
            return Ok(Self(text.to_owned()));
        }
        Err(StoreError::Name(text.to_owned()))
    }
}

impl fmt::Display for AuthorityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An enum that is kept, typed and shown as a word.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant),+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it, in the ledger and on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl FromStr for $name {
            type Err = StoreError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.name() == text).ok_or_else(|| StoreError::Name(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

words! {
    /// Where an authority stands in the chain.
    AuthorityKind {
        /// Self-signed; peers trust it by itself.
        Root = "root",
        /// Signed by a root; it signs workloads.
        Intermediate = "intermediate",
    }
}

words! {
    /// How a certificate came about.
    Origin {
        /// A root signed itself.
        Root = "root",
        /// A root signed an intermediate.
        Intermediate = "intermediate",
        /// Key and certificate were made together.
        Issue = "issue",
        /// A certificate signing request was signed.
        Sign = "sign",
        /// It took the place of an earlier one.
        Renew = "renew",
    }
}

words! {
    /// What a certificate is worth at some time.
    CertificateState {
        /// Neither expired nor revoked.
        Valid = "valid",
        /// Its time is over, and it was not revoked before.
        Expired = "expired",
        /// It was revoked.
        Revoked = "revoked",
    }
}
