//! JWT rules as Envoy's `jwt_authn` filter.
//!
//! One rule makes one provider `origins-N`. One provider: a token is valid or missing. Several: one of them accepts the
//! token, or each of them accepts it or misses it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cluster;
use super::message::Message;
use super::message::duration;
use super::translation::Jwt;
use crate::diag::Spanned;
use crate::jose::UNREACHABLE_KEYS;
use crate::manifest::kinds::JwtRule;
use crate::mesh::Mesh;

/// Claims that are always read as lists of words.
const SPACE_DELIMITED: [&str; 2] = ["permission", "scope"];

/// The filter; `None` without rules.
pub(super) fn filter(mesh: &Mesh, rules: &[Jwt<'_>]) -> Option<Value> {
    if rules.is_empty() {
        return None;
    }
    let providers = rules.iter().enumerate().map(|(index, jwt)| (provider_name(index), provider(mesh, jwt).into()));
    let rule = Message::new().field("match", Message::new().field("prefix", "/")).field("requires", requirement(rules.len()));
    let message = Message::of_type("envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication")
        .map("providers", providers)
        .list("rules", [rule])
        .field("bypassCorsPreflight", true);
    Some(message.named("envoy.filters.http.jwt_authn"))
}

fn provider_name(index: usize) -> String {
    format!("origins-{index}")
}

fn requirement(count: usize) -> Message {
    let provider = |index| Message::new().field("providerName", provider_name(index));
    let or_missing = |index| any([provider(index), Message::new().field("allowMissing", Message::new())]);
    if count == 1 {
        return or_missing(0);
    }
    let all = Message::new().field("requiresAll", Message::new().list("requirements", (0..count).map(or_missing)));
    any((0..count).map(provider).chain([all]))
}

fn any(requirements: impl IntoIterator<Item = Message>) -> Message {
    Message::new().field("requiresAny", Message::new().list("requirements", requirements))
}

fn provider(mesh: &Mesh, jwt: &Jwt<'_>) -> Message {
    let rule = jwt.rule;
    let from_headers = rule
        .from_headers
        .iter()
        .map(|location| Message::new().text("name", location.name.as_str()).text("valuePrefix", &location.prefix));
    let claim_to_headers = rule
        .output_claim_to_headers
        .iter()
        .map(|output| Message::new().text("headerName", output.header.as_str()).text("claimName", output.claim.as_str()));
    let space_delimited: BTreeSet<&str> =
        rule.space_delimited_claims.iter().map(Spanned::as_str).chain(SPACE_DELIMITED).collect();
    let provider = Message::new().text("issuer", rule.issuer.as_str()).list("audiences", texts(&rule.audiences));
    let provider = if let Some(server) = fetched_from(mesh, jwt) {
        provider.field("remoteJwks", remote_keys(rule, &server))
    } else {
        let keys = jwt.keys.as_deref().unwrap_or(UNREACHABLE_KEYS);
        provider.field("localJwks", Message::new().field("inlineString", keys))
    };
    provider
        .flag("forward", rule.forward_original_token)
        .list("fromHeaders", from_headers)
        .list("fromParams", texts(&rule.from_params))
        .list("fromCookies", texts(&rule.from_cookies))
        .text("forwardPayloadHeader", rule.output_payload_to_header.as_ref().map_or("", Spanned::as_str))
        .field("payloadInMetadata", "payload")
        .field("normalizePayloadInMetadata", Message::new().list("spaceDelimitedClaims", space_delimited))
        .list("claimToHeaders", claim_to_headers)
}

/// Where the proxy itself fetches keys from.
pub(super) struct KeyServer {
    pub(super) cluster: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: bool,
}

/// The server of a rule's `jwksUri`, when `PILOT_JWT_ENABLE_REMOTE_JWKS` lets the proxy fetch keys: always, or (hybrid) when the
/// mesh knows the host.
pub(super) fn fetched_from(mesh: &Mesh, jwt: &Jwt<'_>) -> Option<KeyServer> {
    let hybrid = match mesh.settings.features.get("PILOT_JWT_ENABLE_REMOTE_JWKS").map(String::as_str) {
        Some("hybrid" | "true") => true,
        Some("envoy") => false,
        _ => return None,
    };
    let uri = jwt.rule.jwks_uri.as_ref().map(Spanned::as_str).filter(|uri| !uri.is_empty())?;
    let (host, port, tls) = server_of(uri).unwrap_or_default();
    if hybrid && cluster::service(mesh, &host).is_none() {
        return None;
    }
    Some(KeyServer { cluster: cluster::outbound(&host, u32::from(port)), host, port, tls })
}

fn server_of(uri: &str) -> Option<(String, u16, bool)> {
    let (scheme, rest) = uri.split_once("://")?;
    let (default_port, tls) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (80, false),
        "https" => (443, true),
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
    let (host, port) = match address.rsplit_once(':') {
        Some((host, "")) => (host, default_port),
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (address, default_port),
    };
    Some((host.trim_start_matches('[').trim_end_matches(']').to_owned(), port, tls))
}

fn remote_keys(rule: &JwtRule, server: &KeyServer) -> Message {
    let uri = Message::new()
        .text("uri", rule.jwks_uri.as_ref().map_or("", Spanned::as_str))
        .field("cluster", server.cluster.as_str())
        .field("timeout", duration(rule.timeout.as_ref().map_or("5s", Spanned::as_str)));
    Message::new().field("httpUri", uri).field("cacheDuration", "300s")
}

fn texts(values: &[Spanned<String>]) -> impl Iterator<Item = &str> {
    values.iter().map(Spanned::as_str)
}
