use std::fmt;

/// What stands between a token and acceptance, as one word for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The text is no token that can be read.
    Malformed,
    /// It is encrypted.
    Encrypted,
    /// It is longer than a token may be.
    TooLong,
    /// `alg` is missing, `none`, unknown, or not allowed.
    Algorithm,
    /// The header asks for something that must be understood.
    CriticalHeader,
    /// It is another kind of token (`typ`).
    Kind,
    /// No key of the set comes into question: `kid`.
    KeyId,
    /// The key is of another type, or for something else.
    KeyType,
    /// The key is too weak, or there is no usable key.
    Keys,
    /// istiod could not fetch the keys and put in a key that nobody has.
    KeysUnreachable,
    /// The signature is not one of the key.
    Signature,
    /// A claim has the wrong type.
    ClaimType,
    /// A claim that is needed is missing.
    MissingClaim,
    /// It has expired.
    Expired,
    /// It begins later.
    NotYetValid,
    /// Clocks differ.
    ClockSkew,
    /// Another issuer.
    Issuer,
    /// Another audience.
    Audience,
    /// Another subject.
    Subject,
    /// The token is not where the rule looks.
    Location,
    /// Something else than the prefix stands before the token.
    Prefix,
    /// There is no token.
    NoToken,
}

impl Cause {
    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Encrypted => "encrypted",
            Self::TooLong => "too-long",
            Self::Algorithm => "algorithm",
            Self::CriticalHeader => "critical-header",
            Self::Kind => "kind",
            Self::KeyId => "kid",
            Self::KeyType => "key-type",
            Self::Keys => "keys",
            Self::KeysUnreachable => "keys-unreachable",
            Self::Signature => "signature",
            Self::ClaimType => "claim-type",
            Self::MissingClaim => "missing-claim",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::ClockSkew => "clock-skew",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Subject => "subject",
            Self::Location => "token-location",
            Self::Prefix => "prefix",
            Self::NoToken => "no-token",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a token is refused, for the person who must make it work: one cause, where it is, what was wanted and seen, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// What kind of thing is wrong.
    pub cause: Cause,
    /// Where: `exp`, `header alg`, `fromHeaders`.
    pub field: String,
    /// What would have been right.
    pub wanted: String,
    /// What is there.
    pub seen: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl Diagnosis {
    /// All of it.
    pub(crate) fn new(
        cause: Cause,
        field: impl Into<String>,
        wanted: impl Into<String>,
        seen: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { cause, field: field.into(), wanted: wanted.into(), seen: seen.into(), message: message.into(), fix: fix.into() }
    }
}

/// How a wrong issuer or audience comes close to a right one, in words, with what to do.
#[must_use]
pub fn near_miss(wanted: &str, seen: &str) -> Option<&'static str> {
    let bare = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).unwrap_or(&lower);
        rest.trim_end_matches('/').to_owned()
    };
    if wanted == seen || bare(wanted) != bare(seen) {
        return None;
    }
    let without_slash = |text: &str| text.trim_end_matches('/').to_owned();
    Some(if without_slash(wanted) == without_slash(seen) {
        "they differ in the slash at the end only"
    } else if wanted.eq_ignore_ascii_case(seen) {
        "they differ in upper and lower case only"
    } else if wanted.contains("://") && seen.contains("://") {
        "they differ in the scheme, the case or the slash at the end only"
    } else {
        "they differ in the scheme in front only"
    })
}

#[cfg(test)]
mod tests {
    use super::near_miss;

    #[test]
    fn near_misses() {
        for (wanted, seen, expected) in [
            ("https://a", "https://b", None),
            ("https://a", "https://a", None),
            ("https://a/", "https://a", Some("slash at the end")),
            ("https://a", "https://A", Some("case only")),
            ("https://a", "http://a", Some("scheme, the case")),
            ("https://accounts.google.com", "accounts.google.com", Some("scheme in front")),
            ("api", "https://api/", Some("scheme in front")),
        ] {
            let found = near_miss(wanted, seen);
            assert_eq!(found.is_some(), expected.is_some(), "{wanted} {seen}: {found:?}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{wanted} {seen}: {found:?}");
        }
    }
}
