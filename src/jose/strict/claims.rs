//! What the claims say, compared with the rules. Every failure is told (RFC 7519 section 4.1).

use jiff::Timestamp;

use crate::jose::ExactJson;
use crate::jose::NumericDate;
use crate::jose::strict::refusal::ClaimRefusal;
use crate::jose::strict::refusal::Refusal;
use crate::jose::strict::rules::Rules;
use crate::jose::strict::token::StrictToken;

/// Of a signed token, everything else that is wrong.
pub(super) fn check(token: &StrictToken, rules: &Rules, now: Timestamp) -> Vec<Refusal> {
    let claims = match token.payload() {
        Ok(claims) => claims,
        Err(refusal) => return vec![refusal.clone()],
    };
    let mut refusals = Vec::new();
    // In Envoy's order, so that both name the same cause first.
    issuer(claims, rules, &mut refusals);
    times(claims, rules, now, &mut refusals);
    audience(claims, rules, &mut refusals);
    for name in ["iss", "sub", "jti"] {
        if let Some(other) = claims.get(name).filter(|claim| claim.as_str().is_none()) {
            refusals.push(ClaimRefusal::ClaimType { claim: name, wanted: "a string", seen: other.kind() });
        }
    }
    if let Some(wanted) = &rules.subject {
        match claims.get("sub") {
            None => refusals.push(ClaimRefusal::Missing { claim: "sub" }),
            Some(ExactJson::String(seen)) if seen != wanted => {
                refusals.push(ClaimRefusal::Subject { wanted: wanted.clone(), seen: seen.clone() });
            }
            Some(_) => {}
        }
    }
    refusals.into_iter().map(Refusal::Claim).collect()
}

fn times(claims: &ExactJson, rules: &Rules, now: Timestamp, refusals: &mut Vec<ClaimRefusal>) {
    let mut time = |name: &'static str| {
        let date = NumericDate::of(claims.get(name)?);
        date.map_err(|error| refusals.push(ClaimRefusal::Time { claim: name, error })).ok()
    };
    let (issued, begins, ends) = (time("iat"), time("nbf"), time("exp"));
    let leeway = rules.leeway.as_secs_f64();
    match ends {
        // On or after this time it must not be accepted (RFC 7519 section 4.1.4).
        Some(ends) if ends.from_now(now) + leeway <= 0.0 => {
            refusals.push(ClaimRefusal::Expired { ends, now, leeway: rules.leeway, issued });
        }
        None if claims.get("exp").is_none() && !rules.accepts_without_expiry => {
            refusals.push(ClaimRefusal::Missing { claim: "exp" });
        }
        _ => {}
    }
    if let Some(begins) = begins.filter(|begins| begins.from_now(now) > leeway) {
        refusals.push(ClaimRefusal::NotYetValid { begins, now, leeway: rules.leeway });
    }
}

fn issuer(claims: &ExactJson, rules: &Rules, refusals: &mut Vec<ClaimRefusal>) {
    if rules.issuers.is_empty() {
        return;
    }
    match claims.get("iss") {
        None => refusals.push(ClaimRefusal::Missing { claim: "iss" }),
        Some(ExactJson::String(seen)) if !rules.issuers.contains(seen) => {
            refusals.push(ClaimRefusal::Issuer { wanted: rules.issuers.clone(), seen: seen.clone() });
        }
        Some(_) => {}
    }
}

fn audience(claims: &ExactJson, rules: &Rules, refusals: &mut Vec<ClaimRefusal>) {
    let seen: Vec<String> = match claims.get("aud") {
        None => {
            if !rules.audiences.is_empty() {
                refusals.push(ClaimRefusal::Missing { claim: "aud" });
            }
            return;
        }
        Some(ExactJson::String(audience)) => vec![audience.clone()],
        Some(ExactJson::Array(elements)) => {
            if let Some(other) = elements.iter().find(|element| element.as_str().is_none()) {
                refusals.push(ClaimRefusal::ClaimType {
                    claim: "aud",
                    wanted: "a string or a list of strings",
                    seen: other.kind(),
                });
                return;
            }
            elements.iter().filter_map(|element| element.as_str().map(str::to_owned)).collect()
        }
        Some(other) => {
            refusals.push(ClaimRefusal::ClaimType { claim: "aud", wanted: "a string or a list of strings", seen: other.kind() });
            return;
        }
    };
    if rules.audiences.is_empty() {
        if !rules.accepts_any_audience {
            refusals.push(ClaimRefusal::AudienceNotAsked { seen });
        }
    } else if !seen.iter().any(|audience| rules.audiences.contains(audience)) {
        refusals.push(ClaimRefusal::Audience { wanted: rules.audiences.clone(), seen });
    }
}
