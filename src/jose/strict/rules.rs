use jiff::SignedDuration;

use crate::jose::Algorithm;

/// What a verifier asks of a token beside a good signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// `iss` must be one of these; none given: it is not compared.
    pub issuers: Vec<String>,
    /// The verifier's own names, one of which `aud` must hold. With none, a token that names an audience is refused, because it is
    /// meant for somebody (RFC 7519 section 4.1.3).
    pub audiences: Vec<String>,
    /// Whether a token for anybody is taken.
    pub accepts_any_audience: bool,
    /// `sub` must be this.
    pub subject: Option<String>,
    /// `typ` must be this media type.
    pub token_type: Option<String>,
    /// Only these algorithms; none given: those of the keys.
    pub algorithms: Vec<Algorithm>,
    /// By how much clocks may differ.
    pub leeway: SignedDuration,
    /// Whether a token that never expires is taken.
    pub accepts_without_expiry: bool,
}

impl Default for Rules {
    /// No leeway, an expiry, and nothing said about issuer and audience.
    fn default() -> Self {
        Self {
            issuers: Vec::new(),
            audiences: Vec::new(),
            accepts_any_audience: false,
            subject: None,
            token_type: None,
            algorithms: Vec::new(),
            leeway: SignedDuration::ZERO,
            accepts_without_expiry: false,
        }
    }
}

impl Rules {
    /// Claims that these rules do not compare with anything.
    #[must_use]
    pub fn unchecked(&self) -> Vec<&'static str> {
        let mut unchecked = Vec::new();
        if self.issuers.is_empty() {
            unchecked.push("iss");
        }
        if self.accepts_any_audience {
            unchecked.push("aud");
        }
        unchecked
    }
}
