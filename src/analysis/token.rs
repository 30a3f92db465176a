//! Tokens as far as two sides can tell them apart: by issuer, audience and the place where they are sent.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::diag::Spanned;
use crate::jose::Algorithm;
use crate::jose::ExactJson;
use crate::jose::SigningKey;
use crate::jose::TokenDraft;
use crate::mesh::AppliedJwtRule;
use crate::simulate::KeySource;
use crate::simulate::message::Message;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::Authenticator;
use crate::simulate::request_authentication::Location;
use crate::simulate::request_authentication::Origin;
use crate::simulate::request_authentication::Provider;
use crate::simulate::request_authentication::TokenCache;

/// The key that signs every token shown here. It is public, and good for nothing else: a witness brings along a key set with it.
const SECRET: &[u8] = b"meshsec policy diff: witnesses only, never an issuer's key";
const KEY_ID: &str = "witness";
/// An issuer that no rule names.
const STRANGER: &str = "https://stranger.example";

/// A header, and what stands in it before the token.
type TokenPlace = (String, String);

/// So many audiences of one issuer are told apart in every combination.
const AUDIENCES: usize = 3;

/// A kind of token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis) struct Kind {
    /// `iss`; `None` when there is no token.
    pub(in crate::analysis) issuer: Option<String>,
    /// Those of the audiences that rules ask for which it is meant for.
    pub(in crate::analysis) audiences: BTreeSet<String>,
    /// All audiences that rules ask for of this issuer's tokens.
    pub(in crate::analysis) asked_for: Rc<BTreeSet<String>>,
    /// Where it is sent.
    place: TokenPlace,
    /// What becomes of it before and after.
    pub(in crate::analysis) outcomes: [Reception; 2],
}

/// What a side does with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis) enum Reception {
    /// The request goes on without claims.
    Ignored,
    /// The request goes on with the token's claims.
    Verified,
    /// The request is refused.
    Refused,
}

/// The kinds of tokens that two sides can tell apart.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct Tokens {
    kinds: Vec<Kind>,
    output_headers: BTreeSet<String>,
    /// What of the rules is not compared.
    pub(in crate::analysis) unseen: Vec<String>,
}

/// The key set that verifies the tokens shown here.
pub(in crate::analysis) fn key_set() -> Value {
    json!({"keys": [{"kty": "oct", "alg": "HS256", "kid": KEY_ID, "k": URL_SAFE_NO_PAD.encode(SECRET)}]})
}

impl Tokens {
    /// Without any rule there is nothing to tell apart.
    pub(in crate::analysis) fn none() -> Self {
        let nothing = Kind::new(None, BTreeSet::new(), Rc::default(), (String::new(), String::new()));
        Self { kinds: vec![nothing], output_headers: BTreeSet::new(), unseen: Vec::new() }
    }

    /// The kinds under the rules of both sides.
    pub(in crate::analysis) fn new(sides: [&[AppliedJwtRule<'_>]; 2], now: Timestamp) -> Self {
        let mut tokens = Self::none();
        let providers = sides.map(|rules| rules.iter().map(provider).collect::<Vec<_>>());
        if providers.iter().all(Vec::is_empty) {
            return tokens;
        }
        tokens.compare_keys(sides);
        let mut issuers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        // A token may be sent to any place where one is looked for, whoever is meant to find it there.
        let mut used = BTreeSet::from([("authorization".to_owned(), "Bearer ".to_owned())]);
        for (rule, provider) in sides.iter().copied().flatten().zip(providers.iter().flatten()) {
            let issuer = match provider.issuer() {
                "" => STRANGER,
                issuer => issuer,
            };
            let outputs = rule.spec.output_payload_to_header.iter().map(Spanned::as_str);
            let claims = rule.spec.output_claim_to_headers.iter().map(|output| output.header.as_str());
            tokens.output_headers.extend(outputs.chain(claims).map(str::to_ascii_lowercase));
            let mut places = provider.places().filter_map(|(location, prefix)| match location {
                Location::Header(name) => Some((name.clone(), prefix.to_owned())),
                Location::Cookie(name) => Some(("cookie".to_owned(), format!("{name}="))),
                Location::Parameter(_) => None,
            });
            let Some(place) = places.next() else {
                tokens.unseen.push(format!("tokens of `{issuer}` are taken from the query only"));
                continue;
            };
            issuers.entry(issuer.to_owned()).or_default().extend(provider.audiences().iter().cloned());
            used.insert(place);
        }
        issuers.entry(STRANGER.to_owned()).or_default();
        let mut kinds = Vec::new();
        for (issuer, asked_for) in issuers {
            if asked_for.len() > AUDIENCES {
                tokens
                    .unseen
                    .push(format!("tokens of `{issuer}` for several of more than {AUDIENCES} audiences are not compared"));
            }
            let asked_for = Rc::new(asked_for);
            for audiences in subsets(&asked_for) {
                for place in &used {
                    kinds.push(Kind::new(Some(issuer.clone()), audiences.clone(), Rc::clone(&asked_for), place.clone()));
                }
            }
        }
        let authenticators =
            providers.map(|providers| if providers.is_empty() { None } else { Authenticator::new(providers).ok() });
        let mut cache = TokenCache::default();
        for mut kind in kinds {
            let token = kind.token(&Map::new());
            for (outcome, authenticator) in kind.outcomes.iter_mut().zip(&authenticators) {
                let (Some(authenticator), Some((header, value))) = (authenticator, &token) else { continue };
                let mut message = Message::default();
                message.method.push_str("GET");
                message.path = Some("/".to_owned());
                message.headers.append(header, value);
                let now = u64::try_from(now.as_second()).unwrap_or(0);
                *outcome = match authenticator.authenticate(&mut message, now, &mut cache) {
                    AuthenticationOutcome::Passed { claims: None, .. } => Reception::Ignored,
                    AuthenticationOutcome::Passed { claims: Some(_), .. } => Reception::Verified,
                    AuthenticationOutcome::Rejected { .. } | AuthenticationOutcome::Undetermined { .. } => Reception::Refused,
                };
            }
            tokens.kinds.push(kind);
        }
        tokens
    }

    /// Every kind; the first is no token.
    pub(in crate::analysis) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Headers that are filled from tokens.
    pub(in crate::analysis) fn output_headers(&self) -> &BTreeSet<String> {
        &self.output_headers
    }

    /// Says where one issuer has other keys on the other side: whose tokens these are cannot be told.
    fn compare_keys(&mut self, sides: [&[AppliedJwtRule<'_>]; 2]) {
        let keys = |rules: &[AppliedJwtRule<'_>], issuer: &str| -> BTreeSet<(String, String)> {
            let own = rules.iter().filter(|rule| rule.spec.issuer.as_str() == issuer);
            let text = |text: &Option<Spanned<String>>| text.as_ref().map_or_else(String::new, |text| text.value.clone());
            own.map(|rule| (text(&rule.spec.jwks_uri), text(&rule.spec.jwks))).collect()
        };
        let [before, after] = sides;
        let issuers: BTreeSet<&str> = before.iter().chain(after).map(|rule| rule.spec.issuer.as_str()).collect();
        for issuer in issuers {
            let (old, new) = (keys(before, issuer), keys(after, issuer));
            if !old.is_empty() && !new.is_empty() && old != new {
                self.unseen.push(format!("the keys of issuer `{issuer}` are not the same: which tokens stay good is not known"));
            }
        }
    }
}

fn provider(rule: &AppliedJwtRule<'_>) -> Provider {
    let keys = KeySource::from_text(&key_set().to_string());
    Provider::new(rule.spec, keys, Origin { policy: rule.policy, rule: rule.rule })
}

/// All subsets of a few audiences; of many, those with one or none, and all.
fn subsets(all: &BTreeSet<String>) -> Vec<BTreeSet<String>> {
    if all.len() > AUDIENCES {
        let singles = all.iter().map(|audience| BTreeSet::from([audience.clone()]));
        return [BTreeSet::new(), all.clone()].into_iter().chain(singles).collect();
    }
    all.iter().fold(vec![BTreeSet::new()], |subsets, audience| {
        let with_it = subsets.iter().map(|subset| subset.iter().chain([audience]).cloned().collect());
        subsets.iter().cloned().chain(with_it.collect::<Vec<_>>()).collect()
    })
}

impl Kind {
    fn new(issuer: Option<String>, audiences: BTreeSet<String>, asked_for: Rc<BTreeSet<String>>, place: TokenPlace) -> Self {
        Self { issuer, audiences, asked_for, place, outcomes: [Reception::Ignored; 2] }
    }

    /// The header that carries a token of this kind with these further claims; `None` when there is none.
    pub(in crate::analysis) fn token(&self, claims: &Map<String, Value>) -> Option<(String, String)> {
        let issuer = self.issuer.as_ref()?;
        let mut all = vec![("iss".to_owned(), ExactJson::from_value(&json!(issuer)))];
        let mut audiences: Vec<Value> = self.audiences.iter().map(|audience| json!(audience)).collect();
        for (name, value) in claims {
            match value.as_array().filter(|_| name == "aud") {
                Some(values) => audiences.extend(values.iter().cloned()),
                None => all.push((name.clone(), ExactJson::from_value(value))),
            }
        }
        let mut seen = BTreeSet::new();
        audiences.retain(|audience| seen.insert(audience.to_string()));
        if !audiences.is_empty() {
            all.push(("aud".to_owned(), ExactJson::from_value(&Value::Array(audiences))));
        }
        let draft = TokenDraft { algorithm: Algorithm::Hs256, key_id: Some(KEY_ID.to_owned()), header: Vec::new(), claims: all };
        let key = SigningKey::from_secret(SECRET).ok()?;
        let token = draft.sign(&key).ok()?;
        let (header, prefix) = &self.place;
        Some((header.clone(), format!("{prefix}{token}")))
    }

    /// Its place in words; nothing for the usual one.
    pub(in crate::analysis) fn place(&self) -> Option<&str> {
        (self.place.0 != "authorization").then_some(self.place.0.as_str())
    }

    /// Whether both sides do the same with it.
    pub(in crate::analysis) fn has(&self, side: usize, reception: Reception) -> bool {
        self.outcomes.get(side) == Some(&reception)
    }
}
