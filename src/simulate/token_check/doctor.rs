//! Why is it 401? One cause: where, what was wanted, what is there, what to do.

use jiff::Timestamp;

use crate::jose::Algorithm;
use crate::jose::Cause;
use crate::jose::Diagnosis;
use crate::jose::KeyFacts;
use crate::jose::NumericDate;
use crate::jose::TextClaim;
use crate::jose::TimeClaim;
use crate::jose::TokenStatus;
use crate::jose::UnverifiedToken;
use crate::jose::duration_in_words;
use crate::jose::near_miss;
use crate::simulate::message::Message;
use crate::simulate::request_authentication::Attempt;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::KeySource;
use crate::simulate::request_authentication::Location;
use crate::simulate::request_authentication::Provider;
use crate::simulate::request_authentication::TokenResult;

/// Clocks that differ by less are more likely wrong than tokens.
const SKEW_SECONDS: f64 = 300.0;

/// What to say about a request whose token is not accepted, or that has none.
pub(super) fn diagnose(
    providers: &[Provider],
    message: &Message,
    outcome: &AuthenticationOutcome,
    attempts: &[Attempt],
    now: Timestamp,
) -> Option<Diagnosis> {
    match outcome {
        AuthenticationOutcome::Passed { claims: Some(_), .. } | AuthenticationOutcome::Undetermined { .. } => None,
        AuthenticationOutcome::Passed { claims: None, .. } => Some(without_token(providers, message)),
        AuthenticationOutcome::Rejected { status, provider, .. } => {
            let provider_index = *provider;
            let provider = providers.get(provider_index)?;
            let failed = attempts
                .iter()
                .rev()
                .filter(|attempt| attempt.provider == provider_index)
                .flat_map(|attempt| &attempt.tokens)
                .find(|token| token.result == TokenResult::Failed(*status));
            let found = provider.found_tokens(message);
            let token = found
                .iter()
                .filter(|(location, _)| failed.is_none_or(|failed| failed.location == **location))
                .map(|(_, text)| text.as_str())
                .find(|text| UnverifiedToken::parse(text).map_or_else(|error| error == *status, |_| !is_of_writing(*status)))
                .or_else(|| found.first().map(|(_, text)| text.as_str()))
                .unwrap_or_default();
            Some(Case { providers, provider, message, status: *status, token, now }.diagnosis())
        }
    }
}

/// Whether a status is about the writing of a token.
fn is_of_writing(status: TokenStatus) -> bool {
    status < TokenStatus::UnknownIssuer
}

fn quoted<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| format!("`{text}`")).collect();
    if quoted.is_empty() { "nothing".to_owned() } else { quoted.join(", ") }
}

/// The start of a value, short enough to show and too short to use.
fn start_of(text: &str) -> String {
    let start: String = text.chars().take(16).collect();
    if start.len() < text.len() { format!("`{start}..`") } else { format!("`{start}`") }
}

fn say(
    cause: Cause,
    field: &str,
    wanted: impl Into<String>,
    seen: impl Into<String>,
    message: impl Into<String>,
    fix: impl Into<String>,
) -> Diagnosis {
    Diagnosis {
        cause,
        field: field.to_owned(),
        wanted: wanted.into(),
        seen: seen.into(),
        message: message.into(),
        fix: fix.into(),
    }
}

/// No token where one is looked for: somewhere else, without its prefix, or not at all.
fn without_token(providers: &[Provider], message: &Message) -> Diagnosis {
    let places: Vec<(&Location, &str)> = providers.iter().flat_map(Provider::places).collect();
    let wanted: Vec<String> = places
        .iter()
        .map(|(location, prefix)| match (location, prefix.is_empty()) {
            (Location::Header(_), false) => format!("{location} with the prefix `{prefix}`"),
            _ => location.to_string(),
        })
        .collect();
    let wanted = unique(wanted).join(", or ");
    for (location, prefix) in &places {
        if let Location::Header(name) = location
            && let Some(value) = message.headers.values(name).find(|value| !value.is_empty())
        {
            let message = if value.get(..prefix.len()).is_some_and(|front| front.eq_ignore_ascii_case(prefix)) {
                format!("the prefix is not written as `{prefix}`: upper and lower case count")
            } else {
                format!("the header `{name}` does not hold the prefix `{prefix}`")
            };
            return say(
                Cause::Prefix,
                &format!("header {name}"),
                format!("`{prefix}` and then the token"),
                start_of(value),
                format!("{message}, so the proxy sees no token"),
                format!("send `{name}: {prefix}TOKEN`, or set `prefix` in `fromHeaders` to what is sent"),
            );
        }
    }
    let elsewhere = tokens_elsewhere(message);
    match elsewhere.first() {
        Some(found) => say(
            Cause::Location,
            "token location",
            wanted.clone(),
            found.clone(),
            format!("the token is in the {found}, where no rule looks, so the proxy sees no token"),
            "send it where the rule looks, or name the place in `fromHeaders`, `fromParams` or `fromCookies`; naming one replaces both defaults",
        ),
        None => say(
            Cause::NoToken,
            "token",
            wanted,
            "no token",
            "the request has no token; RequestAuthentication lets it pass, and only an AuthorizationPolicy can demand one",
            "send a token, or demand one with an ALLOW policy on `requestPrincipals: [\"*\"]`",
        ),
    }
}

/// Places that hold something that looks like a token.
fn tokens_elsewhere(message: &Message) -> Vec<String> {
    let looks = |text: &str| text.contains("eyJ") && text.matches('.').count() >= 2;
    let mut found: Vec<String> =
        message.headers.iter().filter(|(_, value)| looks(value)).map(|(name, _)| format!("header `{name}`")).collect();
    let query = message.path.as_deref().and_then(|path| path.split_once('?')).map_or("", |(_, query)| query);
    found.extend(
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .filter(|(_, value)| looks(value))
            .map(|(name, _)| format!("query parameter `{name}`")),
    );
    found
}

fn unique(mut texts: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    texts
}

/// One refused token.
struct Case<'c> {
    providers: &'c [Provider],
    provider: &'c Provider,
    message: &'c Message,
    status: TokenStatus,
    token: &'c str,
    now: Timestamp,
}

impl Case<'_> {
    fn diagnosis(&self) -> Diagnosis {
        let parsed = UnverifiedToken::parse(self.token).ok();
        match (self.status, parsed) {
            (TokenStatus::UnknownIssuer, Some(token)) => self.issuer(&token),
            (TokenStatus::NotYetValid, Some(token)) => self.not_yet_valid(&token),
            (TokenStatus::Expired, Some(token)) => self.expired(&token),
            (TokenStatus::AudienceNotAllowed, Some(token)) => self.audience(&token),
            (TokenStatus::KidAlgMismatch, Some(token)) => self.no_key(&token),
            (TokenStatus::VerificationFail | TokenStatus::Ed25519Length, Some(token)) => self.signature(&token),
            (TokenStatus::FetchFail, _) => say(
                Cause::KeysUnreachable,
                "jwksUri",
                "the issuer's keys",
                "no answer the proxy could use",
                "the proxy fetches the keys itself and cannot",
                "make `jwksUri` a service the mesh knows, or let istiod fetch it (PILOT_JWT_ENABLE_REMOTE_JWKS=istiod)",
            ),
            (TokenStatus::NoValidKeys, _) => say(
                Cause::Keys,
                "jwks",
                "a key the proxy can use",
                "none",
                "the key set holds no key the proxy can use",
                "publish RSA, EC, Ed25519 or secret keys with every member they need",
            ),
            (status, _) => self.writing(status),
        }
    }

    /// The token cannot be read.
    fn writing(&self, status: TokenStatus) -> Diagnosis {
        if let Some(diagnosis) = self.prefix() {
            return diagnosis;
        }
        let pieces = self.token.split('.').filter(|piece| !piece.is_empty()).count();
        let (cause, field, wanted, seen, fix): (Cause, &str, &str, String, &str) = match status {
            TokenStatus::BadFormat if self.token.contains(',') => (
                Cause::Malformed,
                "token",
                "one token",
                "two values joined by a comma".to_owned(),
                "send one `Authorization` header: the proxy joins several into one value",
            ),
            TokenStatus::BadFormat if pieces == 5 => (
                Cause::Encrypted,
                "token",
                "three pieces between two dots",
                "five pieces: an encrypted token (JWE)".to_owned(),
                "let the issuer give a signed token; Auth0 does when the request names an API as audience",
            ),
            TokenStatus::BadFormat if self.token.is_empty() => (
                Cause::NoToken,
                "token",
                "a token",
                "nothing".to_owned(),
                "the place for the token is there, but empty: send the token in it",
            ),
            TokenStatus::BadFormat if pieces == 2 => (
                Cause::Malformed,
                "token",
                "three pieces between two dots",
                "two pieces".to_owned(),
                "the signature is missing: the token was cut off, or is not signed (`alg: none`)",
            ),
            TokenStatus::BadFormat => (
                Cause::Malformed,
                "token",
                "three pieces between two dots",
                format!("{pieces} piece{}", if pieces == 1 { "" } else { "s" }),
                "an opaque token is no JWT: ask the issuer for one; otherwise copy the whole token",
            ),
            TokenStatus::AlgUnsupported => (
                Cause::Algorithm,
                "header alg",
                "RS, PS, ES or HS with 256, 384 or 512, or EdDSA",
                self.alg().map_or_else(|| "another".to_owned(), |alg| format!("`{alg}`")),
                "let the issuer sign with RS256 or ES256; names are case-sensitive, and `none` is never accepted",
            ),
            TokenStatus::HeaderAlg => {
                (Cause::Algorithm, "header alg", "a string", "something else, or nothing".to_owned(), "issue the token again")
            }
            TokenStatus::HeaderKid => {
                (Cause::KeyId, "header kid", "a string", "something else".to_owned(), "issue the token again")
            }
            TokenStatus::HeaderBase64 => {
                (Cause::Malformed, "header", "base64url", "another character or length".to_owned(), "copy the whole token")
            }
            TokenStatus::HeaderJson => (
                Cause::Malformed,
                "header",
                "a JSON object without repeated names",
                "something else".to_owned(),
                "see with `meshsec jwt inspect` what is in it; issue the token again",
            ),
            TokenStatus::PayloadBase64 => {
                (Cause::Malformed, "payload", "base64url", "another character or length".to_owned(), "copy the whole token")
            }
            TokenStatus::PayloadJson => (
                Cause::Malformed,
                "payload",
                "a JSON object without repeated names",
                "something else".to_owned(),
                "see with `meshsec jwt inspect` what is in it; issue the token again",
            ),
            TokenStatus::SignatureBase64 => {
                (Cause::Malformed, "signature", "base64url", "another character or length".to_owned(), "copy the whole token")
            }
            TokenStatus::ClaimType(claim) => {
                (Cause::ClaimType, text_claim(claim), "a string", "something else".to_owned(), "issue the token again")
            }
            TokenStatus::ClaimInt(claim) => (
                Cause::ClaimType,
                time_claim(claim),
                "a number of seconds since 1970",
                "something else".to_owned(),
                "write a JSON number without quotes",
            ),
            TokenStatus::ClaimRange(claim) => (
                Cause::ClaimType,
                time_claim(claim),
                "a number of seconds between 0 and 2^64",
                "another number".to_owned(),
                "issue the token with seconds since 1970",
            ),
            TokenStatus::AudType => {
                (Cause::ClaimType, "aud", "a string or a list of strings", "something else".to_owned(), "issue the token again")
            }
            // All others are told apart before.
            TokenStatus::Missed
            | TokenStatus::UnknownIssuer
            | TokenStatus::NotYetValid
            | TokenStatus::Expired
            | TokenStatus::AudienceNotAllowed
            | TokenStatus::KidAlgMismatch
            | TokenStatus::VerificationFail
            | TokenStatus::Ed25519Length
            | TokenStatus::FetchFail
            | TokenStatus::NoValidKeys => {
                (Cause::Malformed, "token", "a token", "something else".to_owned(), "issue the token again")
            }
        };
        say(cause, field, wanted, seen, status.text(), fix)
    }

    /// `Bearer ` glued to a token, because the rule names a header without prefix.
    fn prefix(&self) -> Option<Diagnosis> {
        let (word, rest) = self.token.split_once(char::is_whitespace)?;
        let is_word = word.chars().all(|c| c.is_ascii_alphabetic()) && rest.contains('.');
        let place = self.provider.places().find_map(|(location, prefix)| match location {
            Location::Header(name) if prefix.is_empty() && self.message.headers.values(name).any(|value| value == self.token) => {
                Some(name)
            }
            Location::Header(_) | Location::Parameter(_) | Location::Cookie(_) => None,
        });
        let name = place.filter(|_| is_word)?;
        Some(say(
            Cause::Prefix,
            &format!("header {name}"),
            "the token alone: the rule gives no `prefix`",
            format!("`{word} ` in front of the token"),
            format!("the rule takes the whole header `{name}` for the token, `{word} ` included"),
            format!("write `prefix: \"{word} \"` beside `name: {name}` in `fromHeaders`, or send the token alone"),
        ))
    }

    fn alg(&self) -> Option<String> {
        let piece = self.token.split('.').find(|piece| !piece.is_empty())?;
        let (bytes, _) = crate::jose::encoded::decode(piece).ok()?;
        let header = crate::jose::parse_object(&bytes).ok()?;
        header.get("alg")?.as_str().map(str::to_owned)
    }

    fn issuer(&self, token: &UnverifiedToken) -> Diagnosis {
        let seen = token.issuer();
        let issuers = unique(self.providers.iter().map(|provider| provider.issuer().to_owned()).collect());
        let near = issuers.iter().find_map(|wanted| near_miss(wanted, seen));
        let wanted = quoted(issuers.iter().map(String::as_str));
        if seen.is_empty() {
            return say(
                Cause::MissingClaim,
                "iss",
                wanted,
                "absent",
                "the token names no issuer",
                "let the issuer put `iss` into its tokens",
            );
        }
        let (message, fix) = match near {
            Some(near) => (
                format!("no rule is for the token's issuer, but one comes close: {near}"),
                format!("write `issuer: {seen}` in the rule, exactly as the token does"),
            ),
            None => (
                "no rule is for the token's issuer".to_owned(),
                "add a rule for this issuer, or use a token of a configured one; Keycloak's issuer follows the host name used to log in".to_owned(),
            ),
        };
        say(Cause::Issuer, "iss", wanted, format!("`{seen}`"), message, fix)
    }

    fn not_yet_valid(&self, token: &UnverifiedToken) -> Diagnosis {
        let ahead = seconds(token.not_before()) - self.now_seconds();
        let is_skew = ahead < SKEW_SECONDS;
        say(
            if is_skew { Cause::ClockSkew } else { Cause::NotYetValid },
            "nbf",
            format!("at most {}, 60 s forgiven", self.now_text()),
            time(token.not_before()),
            format!("the token begins to be valid in {}", duration_in_words(ahead)),
            if is_skew {
                "the issuer's clock is ahead of the proxy's: synchronise them"
            } else {
                "use it later, or let the issuer set `nbf` to now"
            },
        )
    }

    fn expired(&self, token: &UnverifiedToken) -> Diagnosis {
        let late = self.now_seconds() - seconds(token.expires_at());
        let issued = token.payload().get("iat").and_then(serde_json::Value::as_f64);
        let from_the_future = issued.is_some_and(|issued| issued > self.now_seconds() + 1.0);
        say(
            if from_the_future { Cause::ClockSkew } else { Cause::Expired },
            "exp",
            format!("at least {}, 60 s forgiven", self.now_text()),
            time(token.expires_at()),
            format!("the token expired {} ago", duration_in_words(late)),
            if from_the_future {
                "the token was issued in the future: a clock is wrong, the issuer's or the proxy's"
            } else {
                "ask the issuer for a new token"
            },
        )
    }

    fn audience(&self, token: &UnverifiedToken) -> Diagnosis {
        let wanted = self.provider.audiences();
        let seen = token.audiences();
        if seen.is_empty() {
            return say(
                Cause::MissingClaim,
                "aud",
                quoted(wanted.iter().map(String::as_str)),
                "absent",
                "the token is for nobody in particular, and the rule lists audiences",
                "let the issuer put the audience in (many do when the token request names it), or take `audiences` out of the rule",
            );
        }
        let near = wanted.iter().flat_map(|wanted| seen.iter().filter_map(|seen| near_miss(wanted, seen))).next();
        let message = match near {
            Some(near) => format!("the token is for another audience, but one comes close: {near}"),
            None => "the token is for another audience".to_owned(),
        };
        say(
            Cause::Audience,
            "aud",
            quoted(wanted.iter().map(String::as_str)),
            quoted(seen.iter().map(String::as_str)),
            message,
            "ask the issuer for a token with this audience, or add the token's to `audiences` of the rule",
        )
    }

    fn keys(&self) -> Vec<KeyFacts> {
        match self.provider.keys() {
            KeySource::Keys(keys) => keys.facts(),
            KeySource::Unreachable | KeySource::FetchFailed | KeySource::Unknown(_) | KeySource::Unusable(_) => Vec::new(),
        }
    }

    fn no_key(&self, token: &UnverifiedToken) -> Diagnosis {
        let keys = self.keys();
        let (kid, alg) = (token.key_id(), token.algorithm());
        let named: Vec<&KeyFacts> =
            keys.iter().filter(|key| key.key_id.is_empty() || key.key_id == kid || kid.is_empty()).collect();
        let known = unique(keys.iter().map(KeyFacts::to_string).collect()).join(", ");
        if named.is_empty() {
            return say(
                Cause::KeyId,
                "header kid",
                known,
                format!("`{kid}`"),
                "no key of the set has the token's `kid`",
                "fetch the key set again: the issuer may have changed keys (istiod does so every 20 minutes), or this is another issuer's token",
            );
        }
        say(
            Cause::Algorithm,
            "header alg",
            unique(named.iter().map(|key| format!("`{}`", key.algorithm)).collect()).join(", "),
            format!("`{alg}`"),
            format!("the token is signed with {alg}, and the key it names is for another algorithm"),
            "let the issuer sign with the algorithm of its key, or publish the key with the right `alg`",
        )
    }

    fn signature(&self, token: &UnverifiedToken) -> Diagnosis {
        let placeholder = match self.provider.keys() {
            KeySource::Unreachable => true,
            KeySource::Keys(keys) => keys.is_placeholder(),
            KeySource::FetchFailed | KeySource::Unknown(_) | KeySource::Unusable(_) => false,
        };
        if placeholder {
            return say(
                Cause::KeysUnreachable,
                "jwks",
                "the issuer's keys",
                "the key istiod puts in when it cannot fetch them, which nobody can sign with",
                "istiod could not fetch the issuer's keys, so every token that is otherwise right is refused",
                "make `jwksUri` reachable for istiod (its log says why not), or put the keys into `jwks`",
            );
        }
        let considered: Vec<KeyFacts> = self.keys().into_iter().filter(|key| key.is_considered_for(token)).collect();
        let names = unique(considered.iter().map(KeyFacts::to_string).collect()).join(", ");
        let alg = token.algorithm();
        if self.status == TokenStatus::Ed25519Length {
            return say(
                Cause::KeyType,
                "jwks",
                "`alg` and `kid` on every key",
                names,
                "an Ed25519 key without `alg` and `kid` comes first and ends the search, because the signature is not one of Ed25519",
                "write `alg` and `kid` on every key of the set, or put the Ed25519 key last",
            );
        }
        if !considered.iter().any(|key| family(alg) == key.key_type) {
            return say(
                Cause::KeyType,
                "header alg",
                format!("an algorithm of the key ({names})"),
                format!("`{alg}`"),
                format!("the token is signed with {alg}, and no key that comes into question is of that type"),
                if family(alg) == "oct" {
                    "refuse it: a token signed with a shared secret against public keys is a known forgery (RFC 8725 2.1)"
                } else {
                    "publish the key the issuer signs with"
                },
            );
        }
        say(
            Cause::Signature,
            "signature",
            format!("a signature by {names}"),
            "another one",
            "the signature is not one of the keys that come into question",
            "the token was changed, or another key signed it: compare with the key set the issuer publishes now",
        )
    }

    fn now_seconds(&self) -> f64 {
        NumericDate::from_timestamp(self.now).seconds()
    }

    fn now_text(&self) -> String {
        Timestamp::from_second(self.now.as_second()).unwrap_or(self.now).to_string()
    }
}

#[expect(clippy::cast_precision_loss, reason = "times far beyond any calendar need no second")]
fn seconds(time: u64) -> f64 {
    time as f64
}

fn time(seconds: u64) -> String {
    i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()).map_or_else(
        || format!("{seconds}, after the year 9999{}", if seconds / 1000 < 100_000_000_000 { ": milliseconds?" } else { "" }),
        |time| time.to_string(),
    )
}

fn family(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => "EC",
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => "oct",
        Algorithm::EdDsa => "OKP",
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => "RSA",
    }
}

fn text_claim(claim: TextClaim) -> &'static str {
    match claim {
        TextClaim::Iss => "iss",
        TextClaim::Sub => "sub",
        TextClaim::Jti => "jti",
    }
}

fn time_claim(claim: TimeClaim) -> &'static str {
    match claim {
        TimeClaim::Iat => "iat",
        TimeClaim::Nbf => "nbf",
        TimeClaim::Exp => "exp",
    }
}
