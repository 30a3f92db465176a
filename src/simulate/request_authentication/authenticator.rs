use thiserror::Error;

use crate::jose::JwksError;
use crate::jose::TokenStatus;
use crate::simulate::message::Message;
use crate::simulate::request_authentication::Attempt;
use crate::simulate::request_authentication::AttemptResult;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::KeySource;
use crate::simulate::request_authentication::Origin;
use crate::simulate::request_authentication::Provider;
use crate::simulate::request_authentication::Round;
use crate::simulate::request_authentication::TokenCache;
use crate::simulate::request_authentication::location::Locations;
use crate::simulate::request_authentication::run::Assumption;
use crate::simulate::request_authentication::run::Run;
use crate::simulate::request_authentication::run::UnknownSignature;

/// So many unknown signatures are tried both ways before the answer is given up.
const MOST_ASSUMPTIONS: usize = 4;
/// The realm shows so many bytes of the path.
const REALM_PATH_BYTES: usize = 256;

/// Envoy refuses the listener: a key set in its configuration is unusable. A running proxy keeps its previous listener, a new one
/// gets none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Provider 'origins-{provider}' in jwt_authn config has invalid local jwks: {error}")]
pub struct ConfigurationError {
    /// Index of the provider: N in `origins-N`.
    pub provider: usize,
    /// The rule it was made from.
    pub origin: Origin,
    /// What is wrong with the key set.
    pub error: JwksError,
}

/// The filter of one proxy.
#[derive(Debug, Clone)]
pub struct Authenticator {
    providers: Vec<Provider>,
    /// Headers the filter writes, for all providers.
    output_headers: Vec<String>,
    /// Where any provider looks. Most share the same places.
    locations: Vec<Locations>,
    has_unknown_keys: bool,
}

impl Authenticator {
    /// The filter made of all rules that apply, given in policy order; istiod sorts them by issuer.
    ///
    /// # Errors
    /// When Envoy would refuse the configuration.
    pub fn new(mut providers: Vec<Provider>) -> Result<Self, ConfigurationError> {
        providers.sort_by(|left, right| left.issuer().cmp(right.issuer()));
        let mut output_headers: Vec<String> = Vec::new();
        let mut locations: Vec<Locations> = Vec::new();
        for (index, provider) in providers.iter().enumerate() {
            if let KeySource::Unusable(error) = provider.keys() {
                return Err(ConfigurationError { provider: index, origin: provider.origin(), error: *error });
            }
            if !locations.contains(provider.locations()) {
                locations.push(provider.locations().clone());
            }
            for header in provider.output_headers() {
                if !output_headers.iter().any(|known| known == header) {
                    output_headers.push(header.to_owned());
                }
            }
        }
        let has_unknown_keys = providers.iter().any(|provider| matches!(provider.keys(), KeySource::Unknown(_)));
        Ok(Self { providers, output_headers, locations, has_unknown_keys })
    }

    /// The providers in Envoy's order: the one at N is `origins-N`.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// What the filter does with a message at a time, in seconds since 1970. The message becomes what the next filter sees.
    pub fn authenticate(&self, message: &mut Message, now_seconds: u64, cache: &mut TokenCache) -> AuthenticationOutcome {
        self.decide(message, now_seconds, cache, None)
    }

    /// The same, and `trace` becomes what each provider did.
    pub fn explain(
        &self,
        message: &mut Message,
        now_seconds: u64,
        cache: &mut TokenCache,
        trace: &mut Vec<Attempt>,
    ) -> AuthenticationOutcome {
        self.decide(message, now_seconds, cache, Some(trace))
    }

    fn decide(
        &self,
        message: &mut Message,
        now_seconds: u64,
        cache: &mut TokenCache,
        mut trace: Option<&mut Vec<Attempt>>,
    ) -> AuthenticationOutcome {
        if let Some(trace) = &mut trace {
            trace.clear();
        }
        for header in &self.output_headers {
            message.headers.remove(header);
        }
        // The requirement hangs on the path prefix `/`.
        if is_cors_preflight(message) || !message.path.as_ref().is_some_and(|path| path.starts_with('/')) {
            return AuthenticationOutcome::ANONYMOUS;
        }
        if !self.locations.iter().any(|locations| locations.has_token(message)) {
            if let Some(trace) = trace {
                let missed =
                    |provider| Attempt { provider, round: Round::Any, tokens: Vec::new(), result: AttemptResult::Missed };
                trace.extend((0..self.providers.len()).map(missed));
            }
            return AuthenticationOutcome::ANONYMOUS;
        }
        let www_authenticate = www_authenticate(message);
        let before = self.has_unknown_keys.then(|| message.clone());
        let request = Request { filter: self, now_seconds, www_authenticate: &www_authenticate };
        match request.evaluate(message, cache, &[], trace.as_deref_mut()) {
            Ok(outcome) => outcome,
            Err(first) => {
                let before = before.unwrap_or_default();
                let settled = request.settle(&before, cache, &mut Vec::new());
                if let (Some(trace), Some(_)) = (trace, &settled) {
                    *trace = request.explain_settled(&before, cache);
                }
                let (after, outcome) = settled.unwrap_or((before, AuthenticationOutcome::Undetermined { missing: first.keys }));
                *message = after;
                outcome
            }
        }
    }
}

/// One request, as far as it stays the same while unknown signatures are tried both ways.
struct Request<'q> {
    filter: &'q Authenticator,
    now_seconds: u64,
    www_authenticate: &'q str,
}

impl Request<'_> {
    fn evaluate(
        &self,
        message: &mut Message,
        cache: &mut TokenCache,
        assumptions: &[Assumption],
        trace: Option<&mut Vec<Attempt>>,
    ) -> Result<AuthenticationOutcome, UnknownSignature> {
        let run = Run {
            providers: &self.filter.providers,
            message,
            now_seconds: self.now_seconds,
            cache,
            assumptions,
            trace,
            www_authenticate: self.www_authenticate,
            recorded: None,
        };
        run.evaluate()
    }

    /// The answer when every unknown signature may be good or bad; `None` when it is not always the same. Of equal answers the one
    /// with bad signatures is returned, so that nothing rests on unknown keys.
    fn settle(
        &self,
        before: &Message,
        cache: &mut TokenCache,
        assumptions: &mut Vec<Assumption>,
    ) -> Option<(Message, AuthenticationOutcome)> {
        let mut message = before.clone();
        let signature = match self.evaluate(&mut message, cache, assumptions, None) {
            Ok(outcome) => return Some((message, outcome)),
            Err(signature) => signature,
        };
        if assumptions.len() == MOST_ASSUMPTIONS {
            return None;
        }
        let mut settled: Option<(Message, AuthenticationOutcome)> = None;
        for result in [Ok(()), Err(TokenStatus::KidAlgMismatch), Err(TokenStatus::VerificationFail)] {
            assumptions.push(Assumption { signature: signature.clone(), result });
            let (message, outcome) = self.settle(before, cache, assumptions)?;
            assumptions.pop();
            if settled.is_some_and(|(other, answer)| other != message || !answer.is_same_answer(&outcome)) {
                return None;
            }
            settled = Some((message, outcome));
        }
        settled
    }

    /// What the providers did when the answer does not depend on the unknown signatures.
    fn explain_settled(&self, before: &Message, cache: &mut TokenCache) -> Vec<Attempt> {
        let mut assumptions = Vec::new();
        loop {
            let mut attempts = Vec::new();
            match self.evaluate(&mut before.clone(), cache, &assumptions, Some(&mut attempts)) {
                Ok(_) => return attempts,
                Err(signature) => assumptions.push(Assumption { signature, result: Err(TokenStatus::VerificationFail) }),
            }
        }
    }
}

/// A browser asks before it sends credentials.
fn is_cors_preflight(message: &Message) -> bool {
    let is_given = |name: &str| message.headers.values(name).any(|value| !value.is_empty());
    message.method == "OPTIONS" && is_given("origin") && is_given("access-control-request-method")
}

/// The header of a refusal. It names the path as it was when the filter began, or the original one if a filter in front noted it.
fn www_authenticate(message: &Message) -> String {
    let uri = message.path.as_ref().map(|path| {
        let path = message.headers.first("x-envoy-original-path").unwrap_or(path);
        let cut = (0..=REALM_PATH_BYTES).rev().find_map(|end| path.get(..end)).unwrap_or_default();
        let shown = if path.len() > REALM_PATH_BYTES { cut } else { path };
        format!("{}://{}{shown}", message.scheme, message.authority)
    });
    format!("Bearer realm=\"{}\", error=\"invalid_token\"", uri.unwrap_or_default())
}
