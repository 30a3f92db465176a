use jiff::SignedDuration;
use jiff::Timestamp;

use crate::jose::Cause;
use crate::jose::DateError;
use crate::jose::Diagnosis;
use crate::jose::NumericDate;
use crate::jose::duration_in_words;
use crate::jose::near_miss;
use crate::jose::strict::refusal::quoted;

/// Clocks that differ by less are more likely wrong than tokens that are too old.
const SKEW_SECONDS: f64 = 300.0;

/// Why the claims of a signed token do not hold (RFC 7519 section 4.1, RFC 8725 sections 3.8 to 3.11).
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are what was wanted and what was seen")]
pub enum ClaimRefusal {
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

impl ClaimRefusal {
    pub(super) fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Time { claim, error } => Diagnosis::new(
                Cause::ClaimType,
                *claim,
                "a number of seconds since 1970",
                error.to_string(),
                format!("`{claim}` {error}"),
                match error {
                    DateError::TooLate { milliseconds: true } => "divide by 1000: JWT counts seconds, not milliseconds",
                    DateError::NotANumber(_) => "write a JSON number without quotes",
                    DateError::TooLate { milliseconds: false } | DateError::Negative => {
                        "issue the token with a time between 1970 and 9999"
                    }
                },
            ),
            Self::ClaimType { claim, wanted, seen } => Diagnosis::new(
                Cause::ClaimType,
                *claim,
                *wanted,
                *seen,
                format!("`{claim}` holds {seen}"),
                "issue the token again",
            ),
            Self::Missing { claim } => missing(claim),
            Self::Issuer { wanted, seen } => {
                let near = wanted.iter().find_map(|wanted| near_miss(wanted, seen));
                let message =
                    near.map_or_else(|| "the issuer is another".to_owned(), |near| format!("the issuer is another: {near}"));
                let fix = if near.is_some() {
                    "write the issuer exactly as the token does"
                } else {
                    "check which issuer gave the token"
                };
                Diagnosis::new(Cause::Issuer, "iss", quoted(wanted), format!("`{seen}`"), message, fix)
            }
            Self::Audience { wanted, seen } => {
                let near = wanted.iter().flat_map(|wanted| seen.iter().filter_map(|seen| near_miss(wanted, seen))).next();
                Diagnosis::new(
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
            Self::AudienceNotAsked { seen } => Diagnosis::new(
                Cause::Audience,
                "aud",
                "the verifier's own name",
                quoted(seen),
                "the token is meant for somebody, and who verifies it did not say who it is",
                "name your service with `--aud`, or take a token for anybody with `--accept-any-audience`",
            ),
            Self::Subject { wanted, seen } => Diagnosis::new(
                Cause::Subject,
                "sub",
                format!("`{wanted}`"),
                format!("`{seen}`"),
                "the subject is another",
                "ask the issuer for a token of this subject, or name the right one with `--sub`",
            ),
            Self::NotYetValid { begins, now, leeway } => not_yet_valid(*begins, *now, *leeway),
            Self::Expired { ends, now, leeway, issued } => expired(*ends, *now, *leeway, *issued),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the other kinds of refusals answer, some of which have none")]
    pub(super) fn envoy_view(&self) -> Option<&'static str> {
        Some(match self {
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
        })
    }
}

fn missing(claim: &str) -> Diagnosis {
    let (message, fix) = match claim {
        "exp" => (
            "the token never expires".to_owned(),
            "issue tokens with `exp`, or allow it with `--accept-without-expiry`; Envoy accepts such a token for ever",
        ),
        "aud" => {
            ("the token has no `aud`".to_owned(), "let the issuer name the audience; many do when the token request names it")
        }
        "iss" => ("the token has no `iss`".to_owned(), "let the issuer name itself"),
        claim => (format!("the token has no `{claim}`"), "let the issuer put it in"),
    };
    Diagnosis::new(Cause::MissingClaim, claim, "present", "absent", message, fix)
}

fn not_yet_valid(begins: NumericDate, now: Timestamp, leeway: SignedDuration) -> Diagnosis {
    let ahead = begins.from_now(now);
    let is_skew = ahead < SKEW_SECONDS;
    Diagnosis::new(
        if is_skew { Cause::ClockSkew } else { Cause::NotYetValid },
        "nbf",
        format!("at most {}{}", whole(now), with_leeway(leeway)),
        begins.timestamp().to_string(),
        format!("the token begins to be valid in {}", duration_in_words(ahead)),
        if is_skew {
            "the issuer's clock is ahead of this one: synchronise them, or forgive it with `--leeway 60s` as Envoy does"
        } else {
            "use it later, or let the issuer set `nbf` to now"
        },
    )
}

fn expired(ends: NumericDate, now: Timestamp, leeway: SignedDuration, issued: Option<NumericDate>) -> Diagnosis {
    let late = -ends.from_now(now);
    let from_the_future = issued.is_some_and(|issued| issued.from_now(now) > 1.0);
    let message = if ends.seconds() == 0.0 {
        "`exp` is 0: the token expired in 1970".to_owned()
    } else if late < 1.0 {
        "the token expires now".to_owned()
    } else {
        format!("the token expired {} ago", duration_in_words(late))
    };
    let fix = if from_the_future {
        "the token was issued in the future: a clock is wrong, the issuer's or this one"
    } else if late < 60.0 {
        "ask for a new token; Envoy forgives 60 seconds, as `--leeway 60s` does here"
    } else {
        "ask the issuer for a new token"
    };
    Diagnosis::new(
        if from_the_future { Cause::ClockSkew } else { Cause::Expired },
        "exp",
        format!("after {}{}", whole(now), with_leeway(leeway)),
        ends.timestamp().to_string(),
        message,
        fix,
    )
}

fn whole(now: Timestamp) -> String {
    Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

fn with_leeway(leeway: SignedDuration) -> String {
    if leeway.is_zero() { String::new() } else { format!(" with a leeway of {}", duration_in_words(leeway.as_secs_f64())) }
}
