//! What deserves attention in a token, each with a code that never changes its meaning.

use jiff::Timestamp;

use crate::jose::DateError;
use crate::jose::ExactJson;
use crate::jose::NumericDate;
use crate::jose::duration_in_words;
use crate::jose::inspect::Inspection;
use crate::jose::inspect::TokenKind;
use crate::jose::inspect::form::Form;
use crate::jose::inspect::form::Oddities;
use crate::jose::inspect::svid;

/// An access token that lives longer is dangerous when it leaks.
const LONG_SECONDS: f64 = 86_400.0;
/// A workload's token is renewed within the hour.
const LONG_SVID_SECONDS: f64 = 3_600.0;
/// So soon before the end a token may expire on its way.
const SOON_SECONDS: f64 = 300.0;
/// Proxies and servers limit the size of headers, often to 8 KiB each.
const LONG_TOKEN_BYTES: usize = 8 << 10;
const LONG_PAYLOAD_BYTES: usize = 4 << 10;

/// Something to know about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// `W01` to `W15`.
    pub code: &'static str,
    /// What was found.
    pub message: String,
    /// What it means or what to do.
    pub help: Option<String>,
}

struct Warnings(Vec<Warning>);

impl Warnings {
    fn add(&mut self, code: &'static str, message: impl Into<String>, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.0.push(Warning { code, message: message.into(), help });
    }
}

pub(super) fn of(token: &Inspection, text: &str, oddities: &Oddities, now: Timestamp) -> Vec<Warning> {
    let mut warnings = Warnings(Vec::new());
    algorithm(token, &mut warnings);
    writing(token, oddities, &mut warnings);
    header_members(token, &mut warnings);
    if token.form == Form::Compact {
        signature(token, oddities, &mut warnings);
    }
    if token.payload.object().is_some() && token.kind != TokenKind::Nested {
        times(token, now, &mut warnings);
        parties(token, &mut warnings);
        contents(token, &mut warnings);
    }
    if text.len() > LONG_TOKEN_BYTES {
        let message = format!("the token is {} bytes long", text.len());
        warnings.add("W12", message, "many servers limit a header to 8 KiB, Envoy all headers together to 60 KiB");
    }
    warnings.0
}

fn algorithm(token: &Inspection, warnings: &mut Warnings) {
    match token.header.member("alg") {
        None => warnings.add("W01", "no `alg`: nothing says how it was signed", "every verifier refuses it"),
        Some(ExactJson::String(name)) => match name.as_str() {
            _ if matches!(token.form, Form::Encrypted | Form::EncryptedJson) => {}
            "none" => {
                warnings.add("W01", "`alg` is `none`: it is not signed at all", "anyone can write it; no verifier may accept it");
            }
            "HS256" | "HS384" | "HS512" => warnings.add(
                "W01",
                format!("`alg` is `{name}`: whoever can verify it can also make one"),
                "the secret must not be in a policy or a published key set; use RS256 or ES256",
            ),
            _ if token.algorithm.is_some() => {}
            "none " | "None" | "NONE" => {
                warnings.add("W01", format!("`alg` is `{name}`, which is no algorithm"), "it is a known attack");
            }
            _ => warnings.add(
                "W01",
                format!("`alg` is `{name}`, which Envoy does not know"),
                "Envoy answers `Jwt header [alg] is not supported`",
            ),
        },
        Some(other) => warnings.add("W01", format!("`alg` is {}, not a string", other.kind()), "every verifier refuses it"),
    }
}

fn writing(token: &Inspection, oddities: &Oddities, warnings: &mut Warnings) {
    for spelling in &oddities.spelling {
        warnings.add(
            "W10",
            format!("not plain base64url in the {spelling}"),
            "RFC 7515 wants neither padding, white space nor spare bits; Envoy accepts some of it, other verifiers do not",
        );
    }
    if oddities.empty_pieces {
        warnings.add("W10", "empty pieces between the dots", "Envoy drops them, other verifiers refuse the token");
    }
    for (part, name) in &oddities.duplicates {
        warnings.add(
            "W10",
            format!("the member `{name}` stands twice in the {part}"),
            "readers differ in which one counts; Envoy refuses the token",
        );
    }
    for part in &oddities.lenient {
        warnings.add(
            "W10",
            format!("the {part} is not JSON by RFC 8259"),
            "Envoy's reader is lenient and takes it, other verifiers refuse the token",
        );
    }
    match token.form {
        Form::Json => warnings.add(
            "W10",
            "written as a JSON serialization, of which the first signature is shown",
            "a bearer token is compact: three pieces between two dots",
        ),
        Form::Encrypted | Form::EncryptedJson => {
            warnings.add(
                "W15",
                "encrypted (JWE): the claims are not readable",
                "Envoy and istiod do not decrypt; ask the issuer for a signed token (JWS)",
            );
        }
        Form::Compact => {}
    }
    if token.kind == TokenKind::Nested {
        warnings.add("W15", "`cty` is `JWT`: the payload is another token, not decoded here", "inspect the payload by itself");
    }
}

fn header_members(token: &Inspection, warnings: &mut Warnings) {
    let found = |name: &str| token.header.member(name).is_some();
    for name in ["jku", "x5u"] {
        if found(name) {
            warnings.add(
                "W09",
                format!("header `{name}` names a place to fetch keys from"),
                "a verifier that follows it trusts whoever wrote the token",
            );
        }
    }
    for name in ["jwk", "x5c"] {
        if found(name) {
            warnings.add(
                "W09",
                format!("header `{name}` brings its own key"),
                "it proves nothing: an attacker brings the matching key",
            );
        }
    }
    if found("crit") || found("b64") {
        let name = if found("crit") { "crit" } else { "b64" };
        warnings.add(
            "W09",
            format!("header `{name}` asks for an extension"),
            "RFC 7515 4.1.11: who does not understand it must refuse; Envoy ignores it",
        );
    }
    if found("zip") && token.form == Form::Compact {
        warnings.add("W09", "header `zip` in a signed token", "compression belongs to encrypted tokens only");
    }
    match token.header.member("kid") {
        None if token.kind == TokenKind::Jwe => {}
        None => warnings.add(
            "W08",
            "no `kid`: nothing says which key signed it",
            "Envoy tries every key; SPIRE and go-spiffe refuse it",
        ),
        Some(ExactJson::String(kid)) if kid.chars().any(|c| c.is_control() || matches!(c, '/' | '\'' | '"' | '\\' | ';')) => {
            warnings.add(
                "W09",
                "`kid` holds characters of file names or queries",
                "treat it as plain text; it may be an attack (RFC 8725 3.10)",
            );
        }
        Some(ExactJson::String(_)) => {}
        Some(other) => warnings.add("W08", format!("`kid` is {}, not a string", other.kind()), "Envoy refuses the token"),
    }
}

fn signature(token: &Inspection, oddities: &Oddities, warnings: &mut Warnings) {
    let signature = &token.signature;
    let alg = token.header.member("alg").and_then(ExactJson::as_str).unwrap_or_default();
    if oddities.truncated {
        warnings.add("W11", "the signature is missing: there are only two pieces", "the token was cut off, or never signed");
    } else if let Err(error) = &signature.bytes {
        warnings.add("W11", format!("the signature cannot be decoded: {error}"), "");
    } else if signature.encoded.is_empty() && alg != "none" {
        warnings.add("W11", "the signature is empty", "the token was cut off, or never signed");
    } else if alg.starts_with("ES") && signature.looks_like_der() {
        warnings.add(
            "W11",
            "the signature is in DER",
            "RFC 7518 3.4 wants R and S side by side; the signer forgot to convert it",
        );
    } else if let Some(wanted) = signature.wanted.filter(|_| signature.has_wrong_length()) {
        warnings.add("W11", format!("the signature has {} bytes, `{alg}` has {wanted}", signature.length()), "it cannot verify");
    }
}

fn times(token: &Inspection, now: Timestamp, warnings: &mut Warnings) {
    let time = |name: &str| token.times.iter().rev().find(|time| time.claim == name);
    let date = |name: &str| time(name).and_then(|time| time.date.as_ref().ok().copied());
    for report in &token.times {
        match &report.date {
            Err(error @ (DateError::NotANumber(_) | DateError::TooLate { .. })) => {
                warnings.add("W05", format!("`{}` {error}", report.claim), "times are numbers of seconds since 1970");
            }
            Err(error) => warnings.add("W05", format!("`{}` {error}", report.claim), ""),
            Ok(date) if date.looks_like_milliseconds() => warnings.add(
                "W05",
                format!("`{}` is the year {}: it looks like milliseconds", report.claim, date.timestamp().strftime("%Y")),
                "times are numbers of seconds since 1970",
            ),
            Ok(_) => {}
        }
    }
    let (issued, begins, ends) = (date("iat"), date("nbf"), date("exp"));
    match (time("exp"), ends) {
        (None, _) => warnings.add("W03", "no `exp`: it never expires", "Envoy accepts it for ever; issue tokens that expire"),
        (_, Some(ends)) if ends.seconds() == 0.0 => {
            warnings.add("W03", "`exp` is 0: expired in 1970, and valid for ever for Envoy", "issue tokens that expire");
        }
        (_, Some(ends)) => {
            let left = ends.from_now(now);
            if left <= 0.0 {
                warnings.add("W02", format!("expired {} ago", duration_in_words(left)), "");
            } else if left < SOON_SECONDS {
                warnings.add("W02", format!("expires in {}", duration_in_words(left)), "");
            }
        }
        (Some(_), None) => {}
    }
    if let Some(begins) = begins.filter(|begins| begins.from_now(now) > 0.0) {
        warnings.add("W02", format!("not valid yet: begins in {}", duration_in_words(begins.from_now(now))), "");
    }
    if let Some(issued) = issued.filter(|issued| issued.from_now(now) > 60.0) {
        let ahead = duration_in_words(issued.from_now(now));
        warnings.add("W02", format!("issued in the future, {ahead} from now"), "a clock is wrong: the issuer's or this one");
    }
    lifetime(token, issued.or(begins), begins, ends, warnings);
}

fn lifetime(
    token: &Inspection,
    issued: Option<NumericDate>,
    begins: Option<NumericDate>,
    ends: Option<NumericDate>,
    warnings: &mut Warnings,
) {
    if let (Some(begins), Some(ends)) = (begins, ends)
        && begins > ends
    {
        warnings.add("W04", "`nbf` is after `exp`: it is never valid", "");
    }
    if let (Some(issued), Some(ends)) = (issued, ends.filter(|ends| ends.seconds() > 0.0)) {
        let lifetime = ends.seconds() - issued.seconds();
        let long = if token.kind == TokenKind::JwtSvid { LONG_SVID_SECONDS } else { LONG_SECONDS };
        if lifetime <= 0.0 {
            warnings.add("W04", "`exp` is not after `iat`: it is never valid", "");
        } else if lifetime > long {
            let message = format!("lives for {}", duration_in_words(lifetime));
            warnings.add("W04", message, "whoever copies it can use it that long; a token cannot be taken back");
        }
    }
}

fn parties(token: &Inspection, warnings: &mut Warnings) {
    let claim = |name| token.payload.member(name);
    match claim("aud") {
        _ if token.kind == TokenKind::WitSvid => {}
        None => warnings.add(
            "W06",
            "no `aud`: it is good for every service that trusts the issuer",
            "a rule with `audiences` refuses it with 403",
        ),
        Some(ExactJson::String(_)) => {}
        Some(ExactJson::Array(values)) if values.iter().all(|value| value.as_str().is_some()) => {
            if values.is_empty() {
                warnings.add("W06", "`aud` is an empty list: it is for nobody", "a rule with `audiences` refuses it with 403");
            }
        }
        Some(_) => warnings.add("W06", "`aud` is neither a string nor a list of strings", "Envoy refuses the token"),
    }
    if let [only] = token.audiences.as_slice()
        && matches!(only.as_str(), "*" | "account")
    {
        warnings.add(
            "W06",
            format!("`aud` is `{only}`, which says nothing about the service"),
            "let the issuer name the service",
        );
    }
    match claim("iss") {
        None => warnings.add("W07", "no `iss`", "only a rule without issuer accepts it, and it has no principal"),
        Some(ExactJson::String(issuer)) if issuer == "accounts.google.com" => {
            warnings.add(
                "W07",
                "the issuer is Google's older name without `https://`",
                "a rule for `https://accounts.google.com` does not match it",
            );
        }
        Some(ExactJson::String(issuer)) => {
            if let Some(without) = issuer.strip_suffix('/').filter(|without| without.starts_with("http")) {
                warnings.add(
                    "W07",
                    "the issuer ends with a slash",
                    &format!("a rule must write it exactly so; `{without}` does not match"),
                );
            }
        }
        Some(other) => warnings.add("W07", format!("`iss` is {}, not a string", other.kind()), "Envoy refuses the token"),
    }
    for name in ["sub", "jti"] {
        if let Some(other) = claim(name).filter(|value| value.as_str().is_none()) {
            warnings.add("W07", format!("`{name}` is {}, not a string", other.kind()), "Envoy refuses the token");
        }
    }
    if claim("sub").is_none() {
        warnings.add("W07", "no `sub`: the token has no principal", "`requestPrincipals` matches nothing, not even `*`");
    }
    if token.kind == TokenKind::JwtSvid {
        for rule in svid::broken_rules(token) {
            warnings.add("W13", format!("not by the JWT-SVID standard: {rule}"), "");
        }
    }
    if token.kind == TokenKind::KubernetesLegacy {
        let message = "an old Kubernetes token: it never expires and is bound to no pod";
        warnings.add("W14", message, "request one: `kubectl create token`");
    }
    if token.kind == TokenKind::KubernetesBound && claim("kubernetes.io").is_some_and(|bound| bound.get("pod").is_none()) {
        warnings.add("W14", "not bound to a pod: it stays valid when the pod is gone", "");
    }
}

/// Claims that should not be readable by everyone who sees the token.
fn contents(token: &Inspection, warnings: &mut Warnings) {
    let members = token.payload.object().and_then(ExactJson::as_object).unwrap_or_default();
    for (name, value) in members {
        let lower = name.to_ascii_lowercase();
        let named = ["password", "passwd", "secret", "private_key", "credit_card"].iter().any(|word| lower.contains(word));
        let holds_key = value.as_str().is_some_and(|text| text.contains("-----BEGIN") && text.contains("PRIVATE KEY"));
        if named || holds_key {
            let message = format!("claim `{name}` looks like a secret");
            warnings.add("W12", message, "a token is signed, not encrypted: everyone who sees it can read it");
        }
    }
    let size = token.payload.object().map_or(0, json_size);
    if size > LONG_PAYLOAD_BYTES {
        warnings.add("W12", format!("the claims are about {size} bytes"), "every request carries them");
    }
}

fn json_size(value: &ExactJson) -> usize {
    match value {
        ExactJson::Null | ExactJson::Bool(_) => 4,
        ExactJson::Number(text) => text.len(),
        ExactJson::String(text) => text.len() + 2,
        ExactJson::Array(elements) => elements.iter().map(|element| json_size(element) + 1).sum(),
        ExactJson::Object(members) => members.iter().map(|(name, value)| name.len() + 4 + json_size(value)).sum(),
    }
}
