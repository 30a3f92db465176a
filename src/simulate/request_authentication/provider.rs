use std::sync::Arc;

use serde_json::Value;

use crate::jose::Jwks;
use crate::jose::JwksError;
use crate::jose::TokenStatus;
use crate::jose::UnverifiedToken;
use crate::manifest::kinds::JwtRule;
use crate::simulate::message::Message;
use crate::simulate::request_authentication::claims;
use crate::simulate::request_authentication::location::Location;
use crate::simulate::request_authentication::location::Locations;

/// Seconds by which clocks may differ; istiod leaves Envoy's default.
const CLOCK_SKEW_SECONDS: u64 = 60;

/// The rule a provider was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index of the policy in `Mesh::request_authentications`.
    pub policy: usize,
    /// Index in its `jwtRules`.
    pub rule: usize,
}

/// The keys the proxy holds for a rule.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A usable key set.
    Keys(Arc<Jwks>),
    /// istiod could not get the keys and configured one that nobody can sign with.
    Unreachable,
    /// The proxy fetches the keys itself and cannot.
    FetchFailed,
    /// The keys were not given; the text names them: the `jwksUri` or the issuer.
    Unknown(String),
    /// A key set in the configuration that Envoy refuses, and the whole listener with it.
    Unusable(JwksError),
}

impl KeySource {
    /// The key set istiod writes into the configuration: an inline one, or one it fetched.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Jwks::parse(text).map_or_else(Self::Unusable, |keys| Self::Keys(Arc::new(keys)))
    }
}

/// One rule as Envoy's provider.
#[derive(Debug, Clone)]
pub struct Provider {
    issuer: String,
    /// Normalised; empty means any.
    audiences: Vec<String>,
    keys: KeySource,
    locations: Locations,
    forwards_token: bool,
    payload_header: Option<String>,
    /// Claim and header, in the rule's order.
    claim_headers: Vec<(String, String)>,
    space_delimited_claims: Arc<[String]>,
    origin: Origin,
}

impl Provider {
    /// The provider of a rule.
    #[must_use]
    pub fn new(rule: &JwtRule, keys: KeySource, origin: Origin) -> Self {
        let payload_header = rule.output_payload_to_header.as_ref().map(|header| header.value.to_ascii_lowercase());
        let claim_header = rule
            .output_claim_to_headers
            .iter()
            .map(|output| (output.claim.value.clone(), output.header.value.to_ascii_lowercase()))
            .collect();
        let mut space_delimited = vec!["permission".to_owned(), "scope".to_owned()];
        for claim in &rule.space_delimited_claims {
            if !space_delimited.contains(&claim.value) {
                space_delimited.push(claim.value.clone());
            }
        }
        Self {
            issuer: rule.issuer.value.clone(),
            audiences: rule.audiences.iter().map(|audience| normalised_audience(&audience.value).to_owned()).collect(),
            keys,
            locations: Locations::of(rule),
            forwards_token: rule.forward_original_token,
            payload_header: payload_header.filter(|name| !name.is_empty()),
            claim_headers: claim_header,
            space_delimited_claims: space_delimited.into(),
            origin,
        }
    }

    /// The issuer tokens must name; empty for any.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The audiences that are allowed, without scheme and slash; empty for any.
    #[must_use]
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// Where it looks for tokens, in the order Envoy collects them, each with the text in front of the token.
    pub fn places(&self) -> impl Iterator<Item = (&Location, &str)> {
        self.locations.places()
    }

    /// The tokens of a message that it would look at.
    pub(in crate::simulate) fn found_tokens(&self, message: &Message) -> Vec<(&Location, String)> {
        self.locations.collect(message)
    }

    /// Where its keys come from.
    #[must_use]
    pub fn keys(&self) -> &KeySource {
        &self.keys
    }

    /// The rule it was made from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    pub(super) fn locations(&self) -> &Locations {
        &self.locations
    }

    pub(super) fn space_delimited_claims(&self) -> &Arc<[String]> {
        &self.space_delimited_claims
    }

    /// Names of the headers it writes. A client's own are removed first.
    pub(super) fn output_headers(&self) -> impl Iterator<Item = &str> {
        self.payload_header.as_deref().into_iter().chain(self.claim_headers.iter().map(|(_, header)| header.as_str()))
    }

    /// The checks on a token before its signature: issuer, times, audience, in this order.
    pub(super) fn check_claims(&self, token: &UnverifiedToken, now_seconds: u64) -> Result<(), TokenStatus> {
        if !self.issuer.is_empty() && self.issuer != token.issuer() {
            return Err(TokenStatus::UnknownIssuer);
        }
        if now_seconds.saturating_add(CLOCK_SKEW_SECONDS) < token.not_before() {
            return Err(TokenStatus::NotYetValid);
        }
        let expires_at = token.expires_at();
        if expires_at != 0 && now_seconds > expires_at.saturating_add(CLOCK_SKEW_SECONDS) {
            return Err(TokenStatus::Expired);
        }
        let is_allowed = |audience: &String| self.audiences.iter().any(|allowed| allowed == normalised_audience(audience));
        if !self.audiences.is_empty() && !token.audiences().iter().any(is_allowed) {
            return Err(TokenStatus::AudienceNotAllowed);
        }
        Ok(())
    }

    /// What a good token does to the message. Headers are added, not replaced.
    pub(super) fn apply(&self, token: &UnverifiedToken, location: &Location, message: &mut Message) {
        if let Some(header) = &self.payload_header {
            message.headers.append(header, token.encoded_payload());
        }
        for (claim, header) in &self.claim_headers {
            if let Some(text) = claim_value(token.payload(), claim).and_then(claims::header_text) {
                message.headers.append(header, text);
            }
        }
        if !self.forwards_token {
            location.strip(message);
        }
    }
}

fn claim_value<'p>(payload: &'p Value, claim: &str) -> Option<&'p Value> {
    claim.split('.').try_fold(payload, |value, name| value.as_object()?.get(name))
}

/// Without one leading scheme and one trailing slash.
fn normalised_audience(audience: &str) -> &str {
    let bare = audience.strip_prefix("http://").or_else(|| audience.strip_prefix("https://")).unwrap_or(audience);
    bare.strip_suffix('/').unwrap_or(bare)
}
