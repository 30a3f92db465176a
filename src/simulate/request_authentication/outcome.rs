use std::sync::Arc;

use serde_json::Value;

use crate::jose::TokenStatus;

/// What the filter does with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum AuthenticationOutcome {
    /// The request goes on to authorization.
    Passed {
        /// Payload of the last good token, as authorization sees it; `None` for an anonymous request.
        claims: Option<Arc<Value>>,
        /// Index of the provider that recorded it: N in `origins-N`.
        provider: Option<usize>,
        /// Its `iss`.
        issuer: Option<String>,
        /// Its `iss`, a slash and its `sub`, when both are there.
        principal: Option<String>,
    },
    /// The proxy answers.
    Rejected {
        /// Why.
        status: TokenStatus,
        /// Index of the provider whose error counts: N in `origins-N`.
        provider: usize,
        /// The `www-authenticate` header of the answer.
        www_authenticate: String,
    },
    /// The answer depends on keys that were not given.
    Undetermined {
        /// The name of these keys, from [`KeySource::Unknown`](super::KeySource::Unknown).
        missing: String,
    },
}

impl AuthenticationOutcome {
    /// A request without verified token.
    pub(super) const ANONYMOUS: Self = Self::Passed { claims: None, provider: None, issuer: None, principal: None };

    pub(super) fn passed(recorded: Option<(usize, Arc<Value>)>) -> Self {
        let Some((provider, claims)) = recorded else { return Self::ANONYMOUS };
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let issuer = text("iss").map(str::to_owned);
        let principal = text("iss").zip(text("sub")).map(|(issuer, subject)| format!("{issuer}/{subject}"));
        Self::Passed { claims: Some(claims), provider: Some(provider), issuer, principal }
    }

    /// Whether caller and authorization see the same, whichever provider is behind it.
    pub(super) fn is_same_answer(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Passed { claims, .. }, Self::Passed { claims: others, .. }) => claims == others,
            (
                Self::Rejected { status, www_authenticate, .. },
                Self::Rejected { status: other_status, www_authenticate: other_header, .. },
            ) => status == other_status && www_authenticate == other_header,
            _ => false,
        }
    }
}
