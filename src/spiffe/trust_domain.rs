use std::fmt;
use std::str::FromStr;

use crate::spiffe::SCHEME;
use crate::spiffe::SpiffeError;
use crate::spiffe::SpiffeId;
use crate::spiffe::SpiffeRule;

/// The namespace of identities (SPIFFE-ID 2.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrustDomain(String);

/// Longest name (SPIFFE-ID 2.3).
const MAX_LENGTH: usize = 255;

impl TrustDomain {
    /// Reads what a person types for a trust domain: its name, or an identity in it, of which the trust domain is taken. Whatever
    /// holds `:/` is read as an identity.
    ///
    /// # Errors
    /// With the rule that is broken.
    pub fn from_argument(text: &str) -> Result<Self, SpiffeError> {
        if text.contains(":/") { text.parse::<SpiffeId>().map(|id| Self(id.trust_domain().to_owned())) } else { text.parse() }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The trust domain's own identity: the name behind the scheme, without a path.
    #[must_use]
    pub fn to_uri(&self) -> String {
        format!("{SCHEME}{}", self.0)
    }
}

impl FromStr for TrustDomain {
    type Err = SpiffeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        check(text, 0, text.len())?;
        Ok(Self(text.to_owned()))
    }
}

/// That the bytes of a text between these places are the name of a trust domain.
pub(super) fn check(text: &str, start: usize, end: usize) -> Result<(), SpiffeError> {
    let name = text.get(start..end).unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
    if let Some(at) = name.bytes().position(|byte| !allowed(byte)) {
        return Err(SpiffeError::at(SpiffeRule::TrustDomainCharacter, text, start + at));
    }
    if name.is_empty() {
        return Err(SpiffeError::at(SpiffeRule::TrustDomainMissing, text, start));
    }
    if name.len() > MAX_LENGTH {
        return Err(SpiffeError::at(SpiffeRule::TrustDomainLength, text, start + MAX_LENGTH));
    }
    Ok(())
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
