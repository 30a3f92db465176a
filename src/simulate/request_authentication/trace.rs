use std::fmt;

use crate::jose::TokenStatus;
use crate::simulate::request_authentication::Location;

/// One run of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Index of the provider: N in `origins-N`.
    pub provider: usize,
    /// Why it was run.
    pub round: Round,
    /// The tokens it processed, in that order.
    pub tokens: Vec<TokenAttempt>,
    /// What came of it.
    pub result: AttemptResult,
}

/// Several providers may each be run twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Round {
    /// One success is enough.
    Any,
    /// Each must succeed or find no token.
    All,
}

/// One token that a provider processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAttempt {
    /// Where it was found.
    pub location: Location,
    /// What came of it.
    pub result: TokenResult,
}

/// What came of one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenResult {
    /// Everything is right.
    Verified,
    /// Refused.
    Failed(TokenStatus),
    /// Right up to the signature, whose keys were not given.
    KeysUnknown,
}

/// What came of one provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttemptResult {
    /// Every token is right, and there is one.
    Verified,
    /// There is no token.
    Missed,
    /// A token is refused.
    Failed(TokenStatus),
    /// It depends on keys that were not given.
    KeysUnknown,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "origins-{}", self.provider)?;
        if self.round == Round::All {
            f.write_str(" again")?;
        }
        f.write_str(": ")?;
        if self.tokens.is_empty() {
            return f.write_str("no token");
        }
        for (index, token) in self.tokens.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{}: ", token.location)?;
            match token.result {
                TokenResult::Verified => f.write_str("verified")?,
                TokenResult::Failed(status) => f.write_str(status.text())?,
                TokenResult::KeysUnknown => f.write_str("the keys are not known")?,
            }
        }
        Ok(())
    }
}
