//! Keys for tokens and sets of them: facts only, never a private member.

use std::io;
use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;
use serde_json::json;

use crate::jose::Algorithm;
use crate::jose::Jwk;
use crate::jose::KeySet;
use crate::jose::SetFinding;
use crate::jose::ThumbprintHash;
use crate::render::Style;
use crate::render::table::table;

/// A key that was made.
#[derive(Debug)]
pub struct GeneratedKey<'a> {
    /// The key.
    pub key: &'a Jwk,
    /// Its files, and whether each is for the owner alone.
    pub files: &'a [(PathBuf, bool)],
    /// Whether the private one is encrypted.
    pub is_encrypted: bool,
}

/// Writes what was made and where it is.
///
/// # Errors
/// When the writer fails.
pub fn generated_key_text(out: &mut dyn Write, made: &GeneratedKey<'_>) -> io::Result<()> {
    let GeneratedKey { key, files, is_encrypted } = made;
    let algorithm = key.algorithm().unwrap_or_default();
    writeln!(out, "{algorithm} key {} ({})", key.key_id().unwrap_or_default(), key.description())?;
    for (path, is_private) in *files {
        let remark = match (is_private, is_encrypted) {
            (true, true) => "private, encrypted",
            (true, false) => "private",
            (false, _) => "public",
        };
        writeln!(out, "  {}  {remark}", path.display())?;
    }
    Ok(())
}

/// The same for programs.
#[must_use]
pub fn generated_key_json(made: &GeneratedKey<'_>) -> Value {
    let GeneratedKey { key, files, is_encrypted } = made;
    let files = files.iter().map(|(path, is_private)| json!({"path": path, "private": is_private}));
    json!({
        "schema": "meshsec.jwk.generate/v1",
        "kid": key.key_id(),
        "alg": key.algorithm(),
        "key": key.description(),
        "thumbprint": public_thumbprint(key),
        "encrypted": is_encrypted,
        "files": files.collect::<Vec<_>>(),
    })
}

/// The thumbprint; not of a secret, because it is a digest of the secret.
fn public_thumbprint(key: &Jwk) -> Option<String> {
    (!key.is_secret()).then(|| key.thumbprint(ThumbprintHash::Sha256))
}

fn algorithms(key: &Jwk) -> Vec<&'static str> {
    key.algorithms().into_iter().map(Algorithm::name).collect()
}

/// What there is to know about keys, one paragraph each.
#[must_use]
pub fn keys_text(keys: &[Jwk]) -> String {
    let mut text = String::new();
    for key in keys {
        if !text.is_empty() {
            text.push('\n');
        }
        let half = if key.is_secret() {
            "shared secret"
        } else if key.is_private() {
            "private key"
        } else {
            "public key"
        };
        let signs = algorithms(key);
        let lines = [
            ("key", Some(format!("{}, {half}", key.description()))),
            ("kid", key.key_id().map(str::to_owned)),
            ("alg", key.algorithm().map(str::to_owned)),
            ("use", key.key_use().map(str::to_owned)),
            ("operations", key.operations().map(|operations| operations.join(", "))),
            ("signs", Some(if signs.is_empty() { "nothing".to_owned() } else { signs.join(", ") })),
            ("thumbprint", public_thumbprint(key)),
            ("certificates", (!key.certificates().is_empty()).then(|| key.certificates().len().to_string())),
        ];
        for (name, value) in lines {
            if let Some(value) = value {
                text.push_str(&format!("{name:<13}{value}\n"));
            }
        }
        for note in key.notes() {
            text.push_str(&format!("{:<13}{note}\n", "note"));
        }
    }
    text
}

/// The same for programs.
#[must_use]
pub fn keys_json(keys: &[Jwk]) -> Value {
    json!({"schema": "meshsec.jwk.keys/v1", "keys": keys.iter().map(key_json).collect::<Vec<_>>()})
}

fn key_json(key: &Jwk) -> Value {
    json!({
        "kty": key.key_type(),
        "key": key.description(),
        "private": key.is_private(),
        "kid": key.key_id(),
        "alg": key.algorithm(),
        "use": key.key_use(),
        "keyOps": key.operations(),
        "algorithms": algorithms(key),
        "thumbprint": public_thumbprint(key),
        "certificates": key.certificates().len(),
        "notes": key.notes().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// The thumbprint of one key.
#[derive(Debug)]
pub struct ThumbprintRow {
    /// The thumbprint.
    pub thumbprint: String,
    /// `kid`.
    pub key_id: Option<String>,
    /// Where the key was read.
    pub file: String,
}

/// Writes the thumbprint of one key alone, those of several with names.
///
/// # Errors
/// When the writer fails.
pub fn thumbprints_text(out: &mut dyn Write, rows: &[ThumbprintRow]) -> io::Result<()> {
    if let [row] = rows {
        return writeln!(out, "{}", row.thumbprint);
    }
    for row in rows {
        writeln!(out, "{}  {}  {}", row.thumbprint, row.file, row.key_id.as_deref().unwrap_or("-"))?;
    }
    Ok(())
}

/// The same for programs.
#[must_use]
pub fn thumbprints_json(rows: &[ThumbprintRow]) -> Value {
    let keys = rows.iter().map(|row| json!({"thumbprint": row.thumbprint, "kid": row.key_id, "file": row.file}));
    json!({"schema": "meshsec.jwk.thumbprint/v1", "keys": keys.collect::<Vec<_>>()})
}

/// A line for each key of a set.
#[must_use]
pub fn key_set_table(set: &KeySet) -> String {
    let dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let row = |element: &crate::jose::SetElement| match &element.key {
        Ok(key) => vec![
            dash(key.key_id()),
            key.description(),
            dash(key.algorithm()),
            dash(key.key_use()),
            public_thumbprint(key).unwrap_or_else(|| "-".to_owned()),
        ],
        Err(error) => vec![dash(element.key_id()), format!("skipped: {error}")],
    };
    let rows: Vec<Vec<String>> = set.elements().iter().map(row).collect();
    table(&["KID", "KEY", "ALG", "USE", "THUMBPRINT"], &rows)
}

/// The same for programs.
#[must_use]
pub fn key_set_json(set: &KeySet) -> Value {
    let element = |element: &crate::jose::SetElement| match &element.key {
        Ok(key) => key_json(key),
        Err(error) => json!({"kid": element.key_id(), "skipped": error.to_string()}),
    };
    json!({"schema": "meshsec.jwk.set/v1", "keys": set.elements().iter().map(element).collect::<Vec<_>>()})
}

/// Writes what was found in a set and what was looked at.
///
/// # Errors
/// When the writer fails.
pub fn set_findings_text(out: &mut dyn Write, set: &KeySet, findings: &[SetFinding], style: Style) -> io::Result<()> {
    for finding in findings {
        let severity = if finding.problem.is_error() { style.error("error:") } else { style.warning("warning:") };
        let place = match (finding.index, &finding.key_id) {
            (Some(index), Some(kid)) => format!("key {index} (`{kid}`): "),
            (Some(index), None) => format!("key {index}: "),
            (None, _) => String::new(),
        };
        writeln!(out, "{severity} {place}{}", finding.problem)?;
    }
    let errors = findings.iter().filter(|finding| finding.problem.is_error()).count();
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let (keys, warnings) = (set.elements().len(), findings.len() - errors);
    writeln!(out, "{}: {}, {}", counted(keys, "key"), counted(errors, "error"), counted(warnings, "warning"))
}

/// The same for programs.
#[must_use]
pub fn set_findings_json(set: &KeySet, findings: &[SetFinding]) -> Value {
    let finding = |finding: &SetFinding| {
        json!({
            "severity": if finding.problem.is_error() { "error" } else { "warning" },
            "code": finding.problem.code(),
            "key": finding.index,
            "kid": finding.key_id,
            "message": finding.problem.to_string(),
        })
    };
    json!({
        "schema": "meshsec.jwk.check/v1",
        "keys": set.elements().len(),
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
    })
}
