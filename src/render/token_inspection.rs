//! What a token says, for people and for scripts.

use std::io;
use std::io::Write;

use crate::jose::Algorithm;
use crate::jose::ExactJson;
use crate::jose::Form;
use crate::jose::Inspection;
use crate::jose::Part;
use crate::jose::Warning;
use crate::render::Style;
use crate::render::exact_json;
use crate::render::exact_json::annotated;
use crate::render::exact_json::plain;
use crate::render::exact_json::text;

/// Characters of a signature that are shown.
const SIGNATURE_SHOWN: usize = 8;

/// Writes an inspection for people.
///
/// # Errors
/// When the writer fails.
pub fn token_inspection_text(out: &mut dyn Write, token: &Inspection, notes: &[String], style: Style) -> io::Result<()> {
    writeln!(out, "{} no key was read: anyone can write such a token", style.warning("NOT VERIFIED:"))?;
    writeln!(out, "{} {}", style.note("kind:"), token.kind)?;
    for note in notes {
        writeln!(out, "{} {}", style.note("note:"), plain(note))?;
    }
    writeln!(out, "\n{}", style.note("header"))?;
    part(out, &token.header, style, &|name, value| header_remark(token, name, value))?;
    writeln!(out, "\n{}", style.note(if token.payload.object().is_some() { "claims" } else { "payload" }))?;
    part(out, &token.payload, style, &|name, value| claim_remark(token, name, value))?;
    if token.form == Form::Compact || token.form == Form::Json {
        writeln!(out, "\n{}\n{}", style.note("signature"), signature_in_words(token))?;
    }
    if token.principal.is_some() || token.payload.member("iss").is_some() {
        writeln!(out, "\n{}", style.note("in a mesh"))?;
        in_a_mesh(out, token)?;
    }
    if !token.warnings.is_empty() {
        writeln!(out, "\n{}", style.warning("warnings"))?;
        for Warning { code, message, help } in &token.warnings {
            writeln!(out, "  {code} {}", plain(message))?;
            if let Some(help) = help {
                writeln!(out, "      {}", style.faint(&plain(help)))?;
            }
        }
    }
    Ok(())
}

fn part(out: &mut dyn Write, part: &Part, style: Style, remark: &dyn Fn(&str, &ExactJson) -> Option<String>) -> io::Result<()> {
    match part {
        Part::Json(value) => {
            annotated(out, value, &|name, value| remark(name, value).map(|words| style.faint(&format!("# {words}"))))
        }
        Part::Text(string) => writeln!(out, "{}", text(string)),
        Part::Bytes(bytes) => {
            let start: Vec<String> = bytes.iter().take(32).map(|byte| format!("{byte:02x}")).collect();
            let more = if bytes.len() > 32 { " .." } else { "" };
            writeln!(out, "{} bytes that are no text: {}{more}", bytes.len(), start.join(" "))
        }
        Part::Undecodable(error) => writeln!(out, "cannot be decoded: {error}"),
        Part::Encrypted => writeln!(out, "encrypted"),
    }
}

fn header_remark(token: &Inspection, name: &str, value: &ExactJson) -> Option<String> {
    match (name, value.as_str()) {
        ("alg", Some(_)) => token.algorithm.map(|algorithm| algorithm_in_words(algorithm).to_owned()),
        _ => None,
    }
}

fn claim_remark(token: &Inspection, name: &str, value: &ExactJson) -> Option<String> {
    if let Some(report) = token.times.iter().rev().find(|report| report.claim == name) {
        return Some(match &report.date {
            Ok(date) => format!("{}, {}", date.timestamp(), report.words),
            Err(error) => format!("{error}"),
        });
    }
    match (name, value) {
        ("aud", ExactJson::Array(values)) if values.len() > 1 => Some(format!("{} audiences", values.len())),
        _ => None,
    }
}

fn signature_in_words(token: &Inspection) -> String {
    let signature = &token.signature;
    if signature.encoded.is_empty() {
        return "none".to_owned();
    }
    let length = match &signature.bytes {
        Ok(bytes) => format!("{} bytes", bytes.len()),
        Err(error) => return format!("cannot be decoded: {error}"),
    };
    let start: String = signature.encoded.chars().take(SIGNATURE_SHOWN).collect();
    let size = match token.algorithm {
        Some(Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512) => {
            format!(", as of a {}-bit RSA key", signature.length().saturating_mul(8))
        }
        _ => String::new(),
    };
    format!("{} .. ({length}{size}), not verified", plain(&start))
}

fn in_a_mesh(out: &mut dyn Write, token: &Inspection) -> io::Result<()> {
    if let Some(issuer) = token.payload.member("iss").and_then(ExactJson::as_str) {
        writeln!(out, "  RequestAuthentication   issuer: {}", text(issuer))?;
    }
    if !token.audiences.is_empty() {
        let audiences: Vec<String> = token.audiences.iter().map(|audience| text(audience)).collect();
        writeln!(out, "                          audiences: [{}], any of them, or none given", audiences.join(", "))?;
    }
    match &token.principal {
        Some(principal) => writeln!(out, "  AuthorizationPolicy     requestPrincipals: [{}]", text(principal)),
        None => writeln!(out, "  AuthorizationPolicy     no requestPrincipals: `iss` and `sub` are both needed"),
    }
}

/// An algorithm in words.
fn algorithm_in_words(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "ECDSA on P-256 with SHA-256",
        Algorithm::Es384 => "ECDSA on P-384 with SHA-384",
        Algorithm::Es512 => "ECDSA on P-521 with SHA-512",
        Algorithm::Hs256 => "HMAC with SHA-256, a shared secret",
        Algorithm::Hs384 => "HMAC with SHA-384, a shared secret",
        Algorithm::Hs512 => "HMAC with SHA-512, a shared secret",
        Algorithm::Rs256 => "RSA PKCS#1 v1.5 with SHA-256",
        Algorithm::Rs384 => "RSA PKCS#1 v1.5 with SHA-384",
        Algorithm::Rs512 => "RSA PKCS#1 v1.5 with SHA-512",
        Algorithm::Ps256 => "RSA-PSS with SHA-256",
        Algorithm::Ps384 => "RSA-PSS with SHA-384",
        Algorithm::Ps512 => "RSA-PSS with SHA-512",
        Algorithm::EdDsa => "EdDSA on Ed25519",
    }
}

/// Writes an inspection as JSON.
///
/// # Errors
/// When the writer fails.
pub fn token_inspection_json(out: &mut dyn Write, token: &Inspection, notes: &[String]) -> io::Result<()> {
    exact_json(out, &inspection_value(token, notes))
}

fn inspection_value(token: &Inspection, notes: &[String]) -> ExactJson {
    let form = match token.form {
        Form::Compact => "compact",
        Form::Encrypted => "jwe",
        Form::Json => "json",
        Form::EncryptedJson => "jwe-json",
    };
    let times = token.times.iter().map(|report| {
        let (time, seconds) = match &report.date {
            Ok(date) => (ExactJson::from(date.timestamp().to_string()), ExactJson::Number(date.seconds().to_string())),
            Err(_) => (ExactJson::Null, ExactJson::Null),
        };
        object([
            ("claim", report.claim.as_str().into()),
            ("time", time),
            ("seconds", seconds),
            ("relative", if report.words.is_empty() { ExactJson::Null } else { report.words.as_str().into() }),
            ("problem", report.date.as_ref().err().map(ToString::to_string).into()),
        ])
    });
    let payload = match &token.payload {
        Part::Text(text) => text.as_str().into(),
        Part::Json(value) if value.as_object().is_none() => value.clone(),
        Part::Json(_) | Part::Bytes(_) | Part::Undecodable(_) | Part::Encrypted => ExactJson::Null,
    };
    object([
        ("schema", "meshsec.token/v1".into()),
        ("form", form.into()),
        ("kind", token.kind.name().into()),
        ("signatureVerified", false.into()),
        ("header", part_value(&token.header)),
        ("claims", part_value(&token.payload)),
        ("payload", payload),
        ("signature", token.signature.encoded.as_str().into()),
        ("times", times.collect()),
        ("principal", token.principal.clone().into()),
        ("notes", notes.iter().map(String::as_str).collect()),
        ("warnings", token.warnings.iter().map(warning_value).collect()),
    ])
}

pub(super) fn warning_value(warning: &Warning) -> ExactJson {
    object([
        ("code", warning.code.into()),
        ("message", warning.message.as_str().into()),
        ("help", warning.help.as_deref().into()),
    ])
}

/// The object, or null.
pub(super) fn part_value(part: &Part) -> ExactJson {
    part.object().cloned().unwrap_or(ExactJson::Null)
}

pub(super) fn object<const N: usize>(members: [(&str, ExactJson); N]) -> ExactJson {
    ExactJson::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
