//! Is a token accepted, by these rules and at this time, and if not: why, in words for the person who must make it work?
//!
//! The answer is that of the proxy's own filter (`Authenticator`), the same
//! that every simulated request meets; here it is asked about the token alone. The doctor then compares what was wanted with what is there.

mod doctor;
mod place;

use jiff::Timestamp;

use crate::jose::Diagnosis;
use crate::jose::UnverifiedToken;
use crate::manifest::kinds::JwtRule;
use crate::mesh::Mesh;
use crate::simulate::message::Message;
use crate::simulate::prepared::KeySets;
use crate::simulate::prepared::key_source;
use crate::simulate::request_authentication::Attempt;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::Authenticator;
use crate::simulate::request_authentication::ConfigurationError;
use crate::simulate::request_authentication::KeySource;
use crate::simulate::request_authentication::Location;
use crate::simulate::request_authentication::Origin;
use crate::simulate::request_authentication::Provider;
use crate::simulate::request_authentication::TokenCache;

/// A question about tokens put to a set of JWT rules.
#[derive(Debug)]
pub struct TokenCheck {
    authenticator: Authenticator,
}

/// What the proxy does with a request's tokens, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenAnswer {
    /// What the filter does.
    pub outcome: AuthenticationOutcome,
    /// What each provider did.
    pub attempts: Vec<Attempt>,
    /// The rule that settled it.
    pub rule: Option<Origin>,
    /// Why no token is accepted; `None` when one is, or when it is not known.
    pub diagnosis: Option<Diagnosis>,
}

impl TokenCheck {
    /// The filter made of rules of these policies, by their index in the mesh.
    ///
    /// # Errors
    /// When the proxy would refuse the configuration.
    pub fn of_policies(mesh: &Mesh, policies: &[usize], keys: &KeySets) -> Result<Self, ConfigurationError> {
        let mut providers = Vec::new();
        for (index, policy) in policies.iter().filter_map(|index| Some((*index, mesh.request_authentications.get(*index)?))) {
            for (rule, spec) in policy.spec.jwt_rules.iter().enumerate() {
                providers.push(Provider::new(spec, key_source(spec, keys), Origin { policy: index, rule }));
            }
        }
        Ok(Self { authenticator: Authenticator::new(providers)? })
    }

    /// The filter of one rule that is in no file.
    ///
    /// # Errors
    /// When the proxy would refuse the key set.
    pub fn of_rule(rule: &JwtRule, keys: KeySource) -> Result<Self, ConfigurationError> {
        Ok(Self { authenticator: Authenticator::new(vec![Provider::new(rule, keys, Origin { policy: 0, rule: 0 })])? })
    }

    /// The rules in the proxy's order.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        self.authenticator.providers()
    }

    /// Puts a bare token where these rules look for one: where the rule for its issuer does, or else the first.
    pub fn place(&self, token: &str, message: &mut Message) -> Option<Location> {
        let parsed = UnverifiedToken::parse(token).ok();
        let issuer = parsed.as_ref().map_or("", UnverifiedToken::issuer);
        let providers = self.providers();
        let provider = providers
            .iter()
            .find(|provider| provider.issuer() == issuer)
            .or_else(|| providers.iter().find(|provider| crate::jose::near_miss(provider.issuer(), issuer).is_some()))
            .or(providers.first())?;
        place::put(provider, token, message)
    }

    /// The token of a request that a rule would look at first.
    #[must_use]
    pub fn first_token(&self, message: &Message) -> Option<String> {
        self.providers().iter().find_map(|provider| provider.found_tokens(message).pop()).map(|(_, token)| token)
    }

    /// What the proxy does with a request.
    #[must_use]
    pub fn answer(&self, message: &Message, now: Timestamp) -> TokenAnswer {
        let mut cache = TokenCache::default();
        let mut attempts = Vec::new();
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let outcome = self.authenticator.explain(&mut message.clone(), seconds, &mut cache, &mut attempts);
        let provider = match &outcome {
            AuthenticationOutcome::Passed { provider, .. } => *provider,
            AuthenticationOutcome::Rejected { provider, .. } => Some(*provider),
            AuthenticationOutcome::Undetermined { .. } => None,
        };
        let rule = provider.and_then(|index| self.providers().get(index)).map(Provider::origin);
        let diagnosis = doctor::diagnose(self.providers(), message, &outcome, &attempts, now);
        TokenAnswer { outcome, attempts, rule, diagnosis }
    }
}

#[cfg(test)]
mod tests;
