//! Tokens verified as the standards want it: RFC 7515 section 5.2, RFC 7519 section 7.2, RFC 8725.
//!
//! ```text
//! text --StrictToken::parse--> header, signature, payload        every oddity of the writing is a refusal
//!   --select--> key: by `kid`, then type, curve, `alg`, `use`, size    the token never chooses its own key or family
//!   --VerifyingKey--> signature over the text as it was written
//!   --claims--> times, issuer, audience, against `Rules`: all failures are told
//! ```
//!
//! Nothing here reads a clock; the defaults of no library apply. What a rule leaves open is told in [`StrictVerification::unchecked`].

mod claims;
mod key_set;
mod refusal;
mod rules;
mod select;
mod token;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::jose::Algorithm;
use crate::jose::ExactJson;

pub use key_set::SkippedKey;
pub use key_set::VerificationKeys;
pub use refusal::ClaimRefusal;
pub use refusal::HeaderRefusal;
pub use refusal::KeyRefusal;
pub use refusal::Refusal;
pub use refusal::UnfitKey;
pub use refusal::WritingRefusal;
pub use rules::Rules;
pub use token::StrictToken;

/// What came of verifying a token.
#[derive(Debug, Clone, PartialEq)]
pub struct StrictVerification {
    /// The token as far as it could be read.
    pub token: Option<StrictToken>,
    /// Index of the key that made the signature.
    pub key: Option<usize>,
    /// Why it is refused; nothing when it is verified.
    pub refusals: Vec<Refusal>,
    /// What the rules did not ask for: `aud`, `iss`.
    pub unchecked: Vec<&'static str>,
}

impl StrictVerification {
    /// Whether everything is right.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.refusals.is_empty()
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> Option<&ExactJson> {
        self.token.as_ref().map(StrictToken::header)
    }

    /// The claims. Only those of a verified token may be believed.
    #[must_use]
    pub fn claims(&self) -> Option<&ExactJson> {
        self.token.as_ref()?.claims()
    }

    /// The algorithm it was signed with.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.token.as_ref().map(StrictToken::algorithm)
    }
}

impl VerificationKeys {
    /// Verifies a token at a time.
    #[must_use]
    pub fn verify(&self, text: &str, rules: &Rules, now: Timestamp) -> StrictVerification {
        let refused =
            |token, refusal| StrictVerification { token, key: None, refusals: vec![refusal], unchecked: rules.unchecked() };
        let token = match StrictToken::parse(text) {
            Ok(token) => token,
            Err(refusal) => return refused(None, *refusal),
        };
        if let Err(refusal) = token.check_header(rules) {
            return refused(Some(token), *refusal);
        }
        match self.signer_of(&token) {
            Err(refusal) => refused(Some(token), *refusal),
            Ok(key) => {
                let refusals = claims::check(&token, rules, now);
                StrictVerification { token: Some(token), key: Some(key), refusals, unchecked: rules.unchecked() }
            }
        }
    }
}
