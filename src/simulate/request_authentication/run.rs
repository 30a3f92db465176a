use std::sync::Arc;

use serde_json::Value;

use crate::jose::TokenStatus;
use crate::jose::UnverifiedToken;
use crate::simulate::message::Message;
use crate::simulate::request_authentication::Attempt;
use crate::simulate::request_authentication::AttemptResult;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::KeySource;
use crate::simulate::request_authentication::Provider;
use crate::simulate::request_authentication::Round;
use crate::simulate::request_authentication::TokenAttempt;
use crate::simulate::request_authentication::TokenCache;
use crate::simulate::request_authentication::TokenResult;

/// A signature whose keys were not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownSignature {
    /// The name of the keys.
    pub(super) keys: String,
    /// The token.
    pub(super) token: String,
}

/// What a run takes for true about a signature whose keys were not given.
#[derive(Debug, Clone)]
pub(super) struct Assumption {
    pub(super) signature: UnknownSignature,
    pub(super) result: Result<(), TokenStatus>,
}

/// One evaluation of one request. Providers act on the message as the ones before left it.
pub(super) struct Run<'r> {
    pub(super) providers: &'r [Provider],
    pub(super) message: &'r mut Message,
    pub(super) now_seconds: u64,
    pub(super) cache: &'r mut TokenCache,
    pub(super) assumptions: &'r [Assumption],
    pub(super) trace: Option<&'r mut Vec<Attempt>>,
    pub(super) www_authenticate: &'r str,
    pub(super) recorded: Option<(usize, Arc<Value>)>,
}

impl Run<'_> {
    /// The answer, or the first signature it depends on and nothing is assumed about.
    pub(super) fn evaluate(mut self) -> Result<AuthenticationOutcome, UnknownSignature> {
        let mut answer = (TokenStatus::Missed, 0);
        for index in 0..self.providers.len() {
            match self.verify(index, Round::Any)? {
                Ok(()) => return Ok(AuthenticationOutcome::passed(self.recorded)),
                Err(status) => answer = more_telling(answer, (status, index)),
            }
        }
        if self.providers.len() > 1 {
            match self.verify_all()? {
                None => return Ok(AuthenticationOutcome::passed(self.recorded)),
                Some(failure) => answer = more_telling(answer, failure),
            }
        }
        let (status, provider) = answer;
        if status == TokenStatus::Missed {
            return Ok(AuthenticationOutcome::passed(self.recorded));
        }
        Ok(AuthenticationOutcome::Rejected { status, provider, www_authenticate: self.www_authenticate.to_owned() })
    }

    /// Every provider again; the first that neither succeeds nor misses ends it.
    fn verify_all(&mut self) -> Result<Option<(TokenStatus, usize)>, UnknownSignature> {
        for index in 0..self.providers.len() {
            match self.verify(index, Round::All)? {
                Ok(()) | Err(TokenStatus::Missed) => {}
                Err(status) => return Ok(Some((status, index))),
            }
        }
        Ok(None)
    }

    /// One provider on the current message.
    fn verify(&mut self, index: usize, round: Round) -> Result<Result<(), TokenStatus>, UnknownSignature> {
        let Some(provider) = self.providers.get(index) else { return Ok(Err(TokenStatus::Missed)) };
        for header in provider.output_headers() {
            self.message.headers.remove(header);
        }
        let found = provider.locations().collect(self.message);
        if found.is_empty() {
            self.note(index, round, Vec::new(), AttemptResult::Missed);
            return Ok(Err(TokenStatus::Missed));
        }
        let mut tokens = Vec::new();
        let mut depends_on_unknown_keys = false;
        for (location, text) in found.into_iter().rev() {
            let checked = self.check(provider, &text);
            let result = match &checked {
                Checked::Unknown(_) | Checked::Assumed(_) => TokenResult::KeysUnknown,
                Checked::Verified(_) => TokenResult::Verified,
                Checked::Failed(status) => TokenResult::Failed(*status),
            };
            depends_on_unknown_keys |= result == TokenResult::KeysUnknown;
            if self.trace.is_some() {
                tokens.push(TokenAttempt { location: location.clone(), result });
            }
            match checked {
                Checked::Verified(token) | Checked::Assumed(Ok(token)) => {
                    provider.apply(&token, location, self.message);
                    let claims = self.cache.claims(&text, &token, provider.space_delimited_claims());
                    self.recorded = Some((index, claims));
                }
                Checked::Unknown(signature) => {
                    self.note(index, round, tokens, AttemptResult::KeysUnknown);
                    return Err(signature);
                }
                Checked::Assumed(Err(status)) => {
                    self.note(index, round, tokens, AttemptResult::KeysUnknown);
                    return Ok(Err(status));
                }
                Checked::Failed(status) => {
                    self.note(index, round, tokens, AttemptResult::Failed(status));
                    return Ok(Err(status));
                }
            }
        }
        let result = if depends_on_unknown_keys { AttemptResult::KeysUnknown } else { AttemptResult::Verified };
        self.note(index, round, tokens, result);
        Ok(Ok(()))
    }

    /// One token: parsed, then issuer, times, audience, then the signature.
    fn check(&mut self, provider: &Provider, text: &str) -> Checked {
        let token = match self.cache.token(text) {
            Ok(token) => token,
            Err(status) => return Checked::Failed(status),
        };
        if let Err(status) = provider.check_claims(&token, self.now_seconds) {
            return Checked::Failed(status);
        }
        match provider.keys() {
            KeySource::Keys(keys) => match self.cache.signature(text, &token, keys) {
                Ok(_) => Checked::Verified(token),
                Err(status) => Checked::Failed(status),
            },
            // The key istiod puts in names neither identifier nor algorithm, so it is tried for every token.
            KeySource::Unreachable => Checked::Failed(TokenStatus::VerificationFail),
            KeySource::FetchFailed => Checked::Failed(TokenStatus::FetchFail),
            KeySource::Unusable(_) => Checked::Failed(TokenStatus::NoValidKeys),
            KeySource::Unknown(keys) => {
                let mut known = self.assumptions.iter();
                let assumed = known.find(|known| known.signature.keys == *keys && known.signature.token == text);
                match assumed {
                    Some(assumption) => Checked::Assumed(assumption.result.map(|()| token)),
                    None => Checked::Unknown(UnknownSignature { keys: keys.clone(), token: text.to_owned() }),
                }
            }
        }
    }

    fn note(&mut self, provider: usize, round: Round, tokens: Vec<TokenAttempt>, result: AttemptResult) {
        if let Some(trace) = &mut self.trace {
            trace.push(Attempt { provider, round, tokens, result });
        }
    }
}

/// What is known of one token.
enum Checked {
    Verified(Arc<UnverifiedToken>),
    Failed(TokenStatus),
    Assumed(Result<Arc<UnverifiedToken>, TokenStatus>),
    Unknown(UnknownSignature),
}

/// Envoy keeps the last error that says more than `no token` or `other issuer`, and else the first.
fn more_telling(kept: (TokenStatus, usize), next: (TokenStatus, usize)) -> (TokenStatus, usize) {
    let is_real = !matches!(next.0, TokenStatus::Missed | TokenStatus::UnknownIssuer);
    if is_real || kept.0 == TokenStatus::Missed { next } else { kept }
}
