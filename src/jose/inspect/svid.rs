//! The rules of the JWT-SVID profile (JWT-SVID sections 2 to 4) that can be checked without a key.

use crate::jose::Algorithm;
use crate::jose::ExactJson;
use crate::jose::inspect::Inspection;
use crate::jose::inspect::kind::is_media_type;
use crate::spiffe::SpiffeId;

/// The rules a token breaks, in words.
pub(super) fn broken_rules(token: &Inspection) -> Vec<String> {
    let mut broken = Vec::new();
    let claim = |name| token.payload.member(name);
    match token.header.member("alg").and_then(ExactJson::as_str) {
        Some(name) if token.algorithm.is_some_and(is_allowed) || name.is_empty() => {}
        Some(name) => broken.push(format!("`alg` is `{name}`: only RS, ES and PS with 256, 384 and 512 are allowed")),
        None => broken.push("`alg` is missing".to_owned()),
    }
    let subject = claim("sub").and_then(ExactJson::as_str).unwrap_or_default();
    if let Err(error) = subject.parse::<SpiffeId>() {
        broken.push(format!("`sub` is no SPIFFE ID: {error}"));
    }
    if token.audiences.is_empty() {
        broken.push("`aud` names nobody".to_owned());
    }
    if token.audiences.iter().any(String::is_empty) {
        broken.push("`aud` holds an empty value".to_owned());
    }
    if claim("exp").is_none() {
        broken.push("`exp` is missing".to_owned());
    }
    if let Some(typ) = token.header.member("typ")
        && !typ.as_str().is_some_and(|typ| is_media_type(typ, "jwt") || is_media_type(typ, "jose"))
    {
        broken.push("`typ` is neither `JWT` nor `JOSE`".to_owned());
    }
    let members = token.header.object().and_then(ExactJson::as_object).unwrap_or_default();
    for (name, _) in members.iter().filter(|(name, _)| !matches!(name.as_str(), "alg" | "kid" | "typ")) {
        broken.push(format!("header `{name}` must not appear"));
    }
    if token.header.member("kid").is_none() {
        broken.push("no `kid`: SPIRE and go-spiffe refuse it, although the standard does not".to_owned());
    }
    broken
}

fn is_allowed(algorithm: Algorithm) -> bool {
    !matches!(algorithm, Algorithm::EdDsa | Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512)
}
