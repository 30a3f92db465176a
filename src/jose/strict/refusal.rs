#![expect(clippy::wildcard_enum_match_arm, reason = "each question is about a few variants, and all others answer alike")]
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::jose::Algorithm;
use crate::jose::Cause;
use crate::jose::DateError;
use crate::jose::Diagnosis;
use crate::jose::ExactJsonError;
use crate::jose::NumericDate;
use crate::jose::duration_in_words;
use crate::jose::encoded::EncodingError;
use crate::jose::near_miss;

/// Clocks that differ by less are more likely wrong than tokens that are too old.
const SKEW_SECONDS: f64 = 300.0;

/// Why a strict verifier refuses a token.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are what was wanted and what was seen")]
pub enum Refusal {
    /// Longer than any token needs to be.
    TooLong { bytes: usize, limit: usize },
    /// A JSON serialization where a compact one is expected.
    JsonSerialization,
    /// White space in it.
    WhiteSpace { position: usize, character: char },
    /// Five pieces.
    Encrypted,
    /// Another number of pieces.
    Pieces { count: usize },
    /// A piece that is no base64url.
    Encoding { part: &'static str, error: EncodingError },
    /// A piece in another spelling than the one that is allowed.
    Spelling { part: &'static str, oddities: Vec<&'static str> },
    /// Not JSON.
    Json { part: &'static str, error: ExactJsonError },
    /// JSON, but no object.
    NotAnObject { part: &'static str, seen: &'static str },
    /// A name that occurs twice.
    Duplicate { part: &'static str, name: String },
    /// No `alg`.
    AlgorithmMissing,
    /// `none`, or a name that is none of the algorithms.
    AlgorithmUnknown { name: String },
    /// The caller does not allow it.
    AlgorithmNotAllowed { seen: Algorithm, allowed: Vec<Algorithm> },
    /// A header member of the wrong type.
    HeaderType { member: &'static str, seen: &'static str },
    /// `crit` or `b64`.
    Critical { problem: String },
    /// `zip`.
    Compressed,
    /// Another kind of token.
    TokenType { wanted: String, seen: Option<String> },
    /// There is no usable key.
    NoKeys { skipped: usize },
    /// No key has this name; the named one may have been unusable.
    KeyUnknown { kid: String, known: Vec<String>, skipped: Option<String> },
    /// The one key that could be meant is not for this algorithm.
    KeyUnfit { algorithm: Algorithm, key: String, reason: UnfitKey },
    /// None of several keys is for this algorithm.
    NoKeyFits { algorithm: Algorithm, keys: Vec<String> },
    /// Without `kid` too many keys come into question.
    TooManyCandidates { count: usize, limit: usize },
    /// What istiod configures when it has no keys.
    UnreachableKeys,
    /// An ECDSA signature in DER.
    SignatureDer { algorithm: Algorithm, bytes: usize },
    /// A signature of the wrong length.
    SignatureLength { algorithm: Algorithm, wanted: usize, seen: usize },
    /// A wrong signature.
    Signature { algorithm: Algorithm, keys: Vec<String> },
    /// A time claim that is no time.
    Time { claim: &'static str, error: DateError },
    /// A claim of the wrong type.
    ClaimType { claim: &'static str, wanted: &'static str, seen: &'static str },
    /// A claim that is needed.
    Missing { claim: &'static str },
    /// Expired.
    Expired { ends: NumericDate, now: Timestamp, leeway: SignedDuration, issued: Option<NumericDate> },
    /// Not valid yet.
    NotYetValid { begins: NumericDate, now: Timestamp, leeway: SignedDuration },
    /// Another issuer.
    Issuer { wanted: Vec<String>, seen: String },
    /// For others.
    Audience { wanted: Vec<String>, seen: Vec<String> },
    /// For somebody, and the verifier did not say who it is.
    AudienceNotAsked { seen: Vec<String> },
    /// Of somebody else.
    Subject { wanted: String, seen: String },
}

/// Why a key is not for an algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnfitKey {
    /// An HMAC algorithm and a public key: the classic forgery (RFC 8725 section 2.1).
    PublicKeyForSecret,
    /// A signature algorithm and a shared secret.
    SecretForPublicKey,
    /// Its `use` is another.
    Use(String),
    /// Its `key_ops` do not hold `verify`.
    Operations(Vec<String>),
    /// Its `alg` is another.
    Algorithm(String),
    /// Below the minimum size (RFC 7518 sections 3.2 and 3.3).
    Weak,
    /// Another type or curve.
    Type,
}

/// Quoted and joined by commas.
pub(in crate::jose) fn quoted<T: AsRef<str>>(values: &[T]) -> String {
    match values {
        [] => "nothing".to_owned(),
        values => values.iter().map(|value| format!("`{}`", value.as_ref())).collect::<Vec<_>>().join(", "),
    }
}

impl Refusal {
    /// What to tell the person who must make it work.
    #[must_use]
    pub fn diagnosis(&self) -> Diagnosis {
        let say = |cause, field: &str, wanted: String, seen: String, message: String, fix: &str| Diagnosis {
            cause,
            field: field.to_owned(),
            wanted,
            seen,
            message,
            fix: fix.to_owned(),
        };
        match self {
            Self::TooLong { bytes, limit } => say(
                Cause::TooLong,
                "token",
                format!("at most {limit} bytes"),
                format!("{bytes} bytes"),
                format!("the token has {bytes} bytes, more than the {limit} that are taken"),
                "let the issuer put fewer claims into it; Envoy limits all headers together to 60 KiB",
            ),
            Self::JsonSerialization
            | Self::WhiteSpace { .. }
            | Self::Encrypted
            | Self::Pieces { .. }
            | Self::Encoding { .. }
            | Self::Spelling { .. }
            | Self::Json { .. }
            | Self::NotAnObject { .. }
            | Self::Duplicate { .. } => self.malformed(),
            Self::AlgorithmMissing
            | Self::AlgorithmUnknown { .. }
            | Self::AlgorithmNotAllowed { .. }
            | Self::HeaderType { .. }
            | Self::Critical { .. }
            | Self::Compressed
            | Self::TokenType { .. } => self.header(),
            Self::NoKeys { .. }
            | Self::KeyUnknown { .. }
            | Self::KeyUnfit { .. }
            | Self::NoKeyFits { .. }
            | Self::TooManyCandidates { .. }
            | Self::UnreachableKeys => self.keys(),
            Self::SignatureDer { algorithm, bytes } => say(
                Cause::Signature,
                "signature",
                "R and S side by side".to_owned(),
                format!("{bytes} bytes of DER"),
                format!("the {algorithm} signature is written in DER"),
                "let the signer convert it (RFC 7518 section 3.4); many libraries have an option for JOSE or P1363 form",
            ),
            Self::SignatureLength { algorithm, wanted, seen } => say(
                Cause::Signature,
                "signature",
                format!("{wanted} bytes"),
                format!("{seen} bytes"),
                format!("the signature has {seen} bytes, {algorithm} signatures have {wanted}"),
                "the token was cut off, or its signer is broken: issue it again",
            ),
            Self::Signature { algorithm, keys } => say(
                Cause::Signature,
                "signature",
                format!("an {algorithm} signature by {}", keys.join(" or ")),
                "another one".to_owned(),
                format!("the signature is not one of {}", keys.join(" or ")),
                "the token was changed, or another key signed it: compare with the key set the issuer publishes now",
            ),
            Self::Time { .. }
            | Self::ClaimType { .. }
            | Self::Missing { .. }
            | Self::Expired { .. }
            | Self::NotYetValid { .. }
            | Self::Issuer { .. }
            | Self::Audience { .. }
            | Self::AudienceNotAsked { .. }
            | Self::Subject { .. } => self.claims(),
        }
    }

    /// Why Envoy does not mind, when it accepts the token.
    #[must_use]
    pub fn envoy_view(&self) -> Option<&'static str> {
        Some(match self {
            Self::WhiteSpace { .. } | Self::Spelling { .. } => "Envoy skips white space and accepts padding and stray bits",
            Self::Pieces { .. } => "Envoy drops empty pieces",
            Self::Json { .. } => "Envoy's JSON reader is lenient",
            Self::Critical { .. } => "Envoy ignores `crit` and `b64`",
            Self::Compressed => "Envoy ignores `zip`",
            Self::TokenType { .. } => "Envoy ignores `typ`",
            Self::AlgorithmNotAllowed { .. } => "Envoy takes every algorithm of the keys",
            Self::KeyUnfit { reason: UnfitKey::Use(_) | UnfitKey::Operations(_), .. } => "Envoy ignores `use` and `key_ops`",
            Self::KeyUnfit { reason: UnfitKey::Weak, .. } => "Envoy has no minimum size of keys",
            Self::KeyUnknown { .. } => "Envoy also tries keys without `kid`",
            Self::TooManyCandidates { .. } => "Envoy tries every key",
            Self::Missing { claim: "exp" } => "for Envoy a token without `exp` never expires",
            Self::Missing { .. } | Self::AudienceNotAsked { .. } => {
                "Envoy compares only what the rule lists: a rule without `audiences` takes a token for anybody"
            }
            Self::Expired { ends, .. } if ends.seconds() == 0.0 => "for Envoy `exp: 0` means never",
            Self::Expired { .. } | Self::NotYetValid { .. } => "Envoy forgives 60 seconds",
            Self::Audience { .. } => "Envoy compares audiences without scheme and without one slash at the end",
            Self::Subject { .. } => "Envoy does not compare `sub`; an AuthorizationPolicy does",
            Self::Issuer { .. } => "a rule without issuer takes every issuer",
            Self::Time { .. } | Self::ClaimType { .. } => "Envoy is content with other values there",
            _ => return None,
        })
    }

    fn malformed(&self) -> Diagnosis {
        let (field, wanted, seen, message, fix) = match self {
            Self::JsonSerialization => (
                "token",
                "three pieces between two dots".to_owned(),
                "a JSON object".to_owned(),
                "the token is a JSON serialization, which no bearer token is".to_owned(),
                "use the compact serialization (RFC 7515 section 3.1)",
            ),
            Self::WhiteSpace { position, character } => (
                "token",
                "no white space".to_owned(),
                format!("`{}` at character {position}", character.escape_debug()),
                format!("there is white space in the token, at character {position}"),
                "it was wrapped, or a prefix was pasted with it: give the token alone in one line",
            ),
            Self::Encrypted => {
                return Diagnosis {
                    cause: Cause::Encrypted,
                    field: "token".to_owned(),
                    wanted: "a signed token of three pieces".to_owned(),
                    seen: "an encrypted token of five pieces".to_owned(),
                    message: "the token is encrypted (JWE), and only its recipient can open it".to_owned(),
                    fix: "let the issuer give a signed token; Auth0 does when the request names an API as audience".to_owned(),
                };
            }
            Self::Pieces { count } => (
                "token",
                "three pieces between two dots".to_owned(),
                format!("{count} piece{}", if *count == 1 { "" } else { "s" }),
                "the token is not header, payload and signature between two dots".to_owned(),
                "copy the whole token; an opaque token cannot be verified without asking its issuer",
            ),
            Self::Encoding { part, error } => (
                *part,
                "base64url".to_owned(),
                error.to_string(),
                format!("the {part} cannot be decoded: {error}"),
                "copy the whole token",
            ),
            Self::Spelling { part, oddities } => (
                *part,
                "base64url without padding, white space and stray bits".to_owned(),
                oddities.join(", "),
                format!("the {part} is written with {}", oddities.join(", ")),
                "write it as RFC 7515 section 2 wants; otherwise one signature has several spellings",
            ),
            Self::Json { part, error } => (
                *part,
                "a JSON object".to_owned(),
                error.to_string(),
                format!("the {part} is not JSON: {error}"),
                "issue the token again",
            ),
            Self::NotAnObject { part, seen } => (
                *part,
                "a JSON object".to_owned(),
                (*seen).to_owned(),
                format!("the {part} is {seen}, not an object"),
                "this is signed, but no JSON Web Token",
            ),
            Self::Duplicate { part, name } => (
                *part,
                "every name once".to_owned(),
                format!("`{name}` twice"),
                format!("`{name}` stands twice in the {part}"),
                "readers differ in which one counts (RFC 8725 section 3.7): issue it again",
            ),
            _ => ("token", String::new(), String::new(), String::new(), ""),
        };
        Diagnosis { cause: Cause::Malformed, field: field.to_owned(), wanted, seen, message, fix: fix.to_owned() }
    }

    fn header(&self) -> Diagnosis {
        let names = |list: &[Algorithm]| quoted(&list.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>());
        let (cause, field, wanted, seen, message, fix) = match self {
            Self::AlgorithmUnknown { name } if name.eq_ignore_ascii_case("none") => (
                Cause::Algorithm,
                "header alg",
                "a signature".to_owned(),
                format!("`{name}`"),
                format!("`alg` is `{name}`: the token is not signed"),
                "never accept it: anyone can write such a token",
            ),
            Self::AlgorithmUnknown { name } => (
                Cause::Algorithm,
                "header alg",
                "RS, PS, ES or HS with 256, 384 or 512, or EdDSA".to_owned(),
                format!("`{name}`"),
                format!("`alg` is `{name}`, which is no algorithm known here"),
                match name.as_str() {
                    "ES521" => "the algorithm of the curve P-521 is called ES512",
                    _ => "names are case-sensitive; let the issuer sign with RS256 or ES256",
                },
            ),
            Self::AlgorithmNotAllowed { seen, allowed } => (
                Cause::Algorithm,
                "header alg",
                names(allowed),
                format!("`{seen}`"),
                format!("the token is signed with {seen}, which is not allowed"),
                "allow it with `--alg`, or let the issuer sign with an allowed one",
            ),
            Self::HeaderType { member, seen } => (
                Cause::Malformed,
                if *member == "kid" { "header kid" } else { "header alg" },
                "a string".to_owned(),
                (*seen).to_owned(),
                format!("`{member}` in the header is {seen}"),
                "issue the token again",
            ),
            Self::Critical { problem } => (
                Cause::CriticalHeader,
                "header crit",
                "no extension".to_owned(),
                problem.clone(),
                format!("the token must be refused by whoever does not understand it: {problem}"),
                "let the issuer leave the extension out (RFC 7515 section 4.1.11)",
            ),
            Self::Compressed => (
                Cause::CriticalHeader,
                "header zip",
                "no compression".to_owned(),
                "`zip`".to_owned(),
                "the header says that the payload is compressed, which a signed token never is".to_owned(),
                "issue the token again",
            ),
            Self::TokenType { wanted, seen } => (
                Cause::Kind,
                "header typ",
                format!("`{wanted}`"),
                seen.as_ref().map_or_else(|| "nothing".to_owned(), |seen| format!("`{seen}`")),
                "it is another kind of token".to_owned(),
                "ask the issuer for the right kind: an ID token is no access token",
            ),
            _ => (
                Cause::Algorithm,
                "header alg",
                "an algorithm".to_owned(),
                "nothing".to_owned(),
                "the header names no `alg`".to_owned(),
                "issue the token again",
            ),
        };
        Diagnosis { cause, field: field.to_owned(), wanted, seen, message, fix: fix.to_owned() }
    }

    fn keys(&self) -> Diagnosis {
        let (cause, field, wanted, seen, message, fix) = match self {
            Self::KeyUnknown { kid, known, skipped } => {
                let (message, fix) = match skipped {
                    Some(reason) => (
                        format!("the key `{kid}` is in the set, but cannot be used: {reason}"),
                        "publish the key again, with every member it needs",
                    ),
                    None => (
                        format!("no key of the set is called `{kid}`"),
                        "fetch the key set again: the issuer may have changed keys, or this is the set of another issuer",
                    ),
                };
                (Cause::KeyId, "header kid", quoted(known), format!("`{kid}`"), message, fix)
            }
            Self::KeyUnfit { algorithm, key, reason } => {
                let (cause, message, fix) = unfit(*algorithm, key, reason);
                (cause, "header alg", format!("an algorithm of the key ({key})"), format!("`{algorithm}`"), message, fix)
            }
            Self::NoKeyFits { algorithm, keys } => (
                Cause::KeyType,
                "header alg",
                format!("an algorithm of the keys ({})", keys.join(", ")),
                format!("`{algorithm}`"),
                format!("no key is for {algorithm}"),
                "publish the key the issuer signs with, or let it sign with one of these",
            ),
            Self::TooManyCandidates { count, limit } => (
                Cause::KeyId,
                "header kid",
                format!("at most {limit} keys to try"),
                format!("no `kid`, {count} keys"),
                format!("the token has no `kid` and {count} keys come into question"),
                "let the issuer put `kid` into the header",
            ),
            Self::UnreachableKeys => (
                Cause::KeysUnreachable,
                "jwks",
                "the issuer's keys".to_owned(),
                "the key istiod puts in when it cannot fetch them".to_owned(),
                "these are not the issuer's keys: istiod could not fetch them and configured a key that nobody has".to_owned(),
                "make `jwksUri` reachable for istiod (its log says why not), or put the keys into `jwks`",
            ),
            Self::NoKeys { skipped } if *skipped > 0 => (
                Cause::Keys,
                "jwks",
                "a usable key".to_owned(),
                format!("{skipped} that cannot be used"),
                "no key of the set can be used".to_owned(),
                "publish keys with every member they need; `meshsec jwk set check` says what is wrong with each",
            ),
            _ => (
                Cause::Keys,
                "jwks",
                "a key".to_owned(),
                "none".to_owned(),
                "the key set is empty".to_owned(),
                "publish the issuer's public keys",
            ),
        };
        Diagnosis { cause, field: field.to_owned(), wanted, seen, message, fix: fix.to_owned() }
    }

    fn claims(&self) -> Diagnosis {
        let (cause, field, wanted, seen, message, fix) = match self {
            Self::Time { claim, error } => (
                Cause::ClaimType,
                *claim,
                "a number of seconds since 1970".to_owned(),
                error.to_string(),
                format!("`{claim}` {error}"),
                match error {
                    DateError::TooLate { milliseconds: true } => "divide by 1000: JWT counts seconds, not milliseconds",
                    DateError::NotANumber(_) => "write a JSON number without quotes",
                    _ => "issue the token with a time between 1970 and 9999",
                },
            ),
            Self::ClaimType { claim, wanted, seen } => (
                Cause::ClaimType,
                *claim,
                (*wanted).to_owned(),
                (*seen).to_owned(),
                format!("`{claim}` holds {seen}"),
                "issue the token again",
            ),
            Self::Missing { claim } => (
                Cause::MissingClaim,
                *claim,
                "present".to_owned(),
                "absent".to_owned(),
                match *claim {
                    "exp" => "the token never expires".to_owned(),
                    claim => format!("the token has no `{claim}`"),
                },
                match *claim {
                    "exp" => {
                        "issue tokens with `exp`, or allow it with `--accept-without-expiry`; Envoy accepts such a token for ever"
                    }
                    "aud" => "let the issuer name the audience; many do when the token request names it",
                    "iss" => "let the issuer name itself",
                    _ => "let the issuer put it in",
                },
            ),
            Self::Issuer { wanted, seen } => {
                let near = wanted.iter().find_map(|wanted| near_miss(wanted, seen));
                (
                    Cause::Issuer,
                    "iss",
                    quoted(wanted),
                    format!("`{seen}`"),
                    match near {
                        Some(near) => format!("the issuer is another: {near}"),
                        None => "the issuer is another".to_owned(),
                    },
                    if near.is_some() {
                        "write the issuer exactly as the token does"
                    } else {
                        "check which issuer gave the token"
                    },
                )
            }
            Self::Audience { wanted, seen } => {
                let near = wanted.iter().flat_map(|wanted| seen.iter().map(move |seen| near_miss(wanted, seen))).flatten().next();
                (
                    Cause::Audience,
                    "aud",
                    quoted(wanted),
                    quoted(seen),
                    match near {
                        Some(near) => format!("the token is for somebody else: {near}, which Envoy forgives in part"),
                        None => "the token is for somebody else".to_owned(),
                    },
                    "ask the issuer for a token with this audience, or name the right one with `--aud`",
                )
            }
            Self::AudienceNotAsked { seen } => (
                Cause::Audience,
                "aud",
                "the verifier's own name".to_owned(),
                quoted(seen),
                "the token is meant for somebody, and who verifies it did not say who it is".to_owned(),
                "name your service with `--aud`, or take a token for anybody with `--accept-any-audience`",
            ),
            Self::Subject { wanted, seen } => {
                (Cause::Subject, "sub", format!("`{wanted}`"), format!("`{seen}`"), "the subject is another".to_owned(), "")
            }
            _ => return self.time(),
        };
        Diagnosis { cause, field: field.to_owned(), wanted, seen, message, fix: fix.to_owned() }
    }

    fn time(&self) -> Diagnosis {
        match self {
            Self::NotYetValid { begins, now, leeway } => {
                let ahead = begins.from_now(*now);
                let is_skew = ahead < SKEW_SECONDS;
                Diagnosis {
                    cause: if is_skew { Cause::ClockSkew } else { Cause::NotYetValid },
                    field: "nbf".to_owned(),
                    wanted: format!("at most {}{}", whole(*now), with_leeway(*leeway)),
                    seen: begins.timestamp().to_string(),
                    message: format!("the token begins to be valid in {}", duration_in_words(ahead)),
                    fix: if is_skew {
                        "the issuer's clock is ahead of this one: synchronise them, or forgive it with `--leeway 60s` as Envoy does"
                    } else {
                        "use it later, or let the issuer set `nbf` to now"
                    }
                    .to_owned(),
                }
            }
            Self::Expired { ends, now, leeway, issued } => {
                let late = -ends.from_now(*now);
                let from_the_future = issued.is_some_and(|issued| issued.from_now(*now) > 1.0);
                Diagnosis {
                    cause: if from_the_future { Cause::ClockSkew } else { Cause::Expired },
                    field: "exp".to_owned(),
                    wanted: format!("after {}{}", whole(*now), with_leeway(*leeway)),
                    seen: ends.timestamp().to_string(),
                    message: if ends.seconds() == 0.0 {
                        "`exp` is 0: the token expired in 1970".to_owned()
                    } else if late < 1.0 {
                        "the token expires now".to_owned()
                    } else {
                        format!("the token expired {} ago", duration_in_words(late))
                    },
                    fix: if from_the_future {
                        "the token was issued in the future: a clock is wrong, the issuer's or this one"
                    } else if late < 60.0 {
                        "ask for a new token; Envoy forgives 60 seconds, as `--leeway 60s` does here"
                    } else {
                        "ask the issuer for a new token"
                    }
                    .to_owned(),
                }
            }
            _ => Diagnosis {
                cause: Cause::Malformed,
                field: "token".to_owned(),
                wanted: String::new(),
                seen: String::new(),
                message: String::new(),
                fix: String::new(),
            },
        }
    }
}

fn unfit(algorithm: Algorithm, key: &str, reason: &UnfitKey) -> (Cause, String, &'static str) {
    match reason {
        UnfitKey::PublicKeyForSecret => (
            Cause::KeyType,
            format!("the token is signed with {algorithm}, a shared secret, and the key is public ({key})"),
            "refuse it: whoever knows the public key could have made this token",
        ),
        UnfitKey::SecretForPublicKey => (
            Cause::KeyType,
            format!("the token is signed with {algorithm}, and the key is a shared secret ({key})"),
            "give the issuer's public key",
        ),
        UnfitKey::Use(key_use) => (
            Cause::KeyType,
            format!("the key ({key}) is for `{key_use}`, not for signatures; Envoy would use it all the same"),
            "publish a key with `use: sig`",
        ),
        UnfitKey::Operations(operations) => (
            Cause::KeyType,
            format!("the key ({key}) is for {}, not to verify", quoted(operations)),
            "publish it with `key_ops: [\"verify\"]`",
        ),
        UnfitKey::Algorithm(name) => (
            Cause::KeyType,
            format!("the token is signed with {algorithm}, and the key ({key}) is for {name} only"),
            "let the issuer sign with the algorithm of its key, or publish the key with the right `alg`",
        ),
        UnfitKey::Weak => (
            Cause::Keys,
            format!("the key ({key}) is too weak for {algorithm}; Envoy does not mind"),
            "sign with RSA of 2048 bits or more, or a secret as long as the digest (RFC 7518 section 3)",
        ),
        UnfitKey::Type => (
            Cause::KeyType,
            format!("the token is signed with {algorithm}, which a key of this type ({key}) cannot do"),
            "give the key the issuer signed with",
        ),
    }
}

fn whole(now: Timestamp) -> String {
    Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

fn with_leeway(leeway: SignedDuration) -> String {
    if leeway.is_zero() { String::new() } else { format!(" with a leeway of {}", duration_in_words(leeway.as_secs_f64())) }
}
