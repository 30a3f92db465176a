//! Reading base64url members, strictly or with repairs.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::jose::JwkError;
use crate::jose::keys::jwk_note::JwkNote;
use crate::jose::keys::material::Secret;

/// What happens to defects of spelling that leave no doubt about the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// They are errors.
    #[default]
    Strict,
    /// They are corrected and noted.
    Repair,
}

/// One key being read.
pub(super) struct Reading {
    strictness: Strictness,
    pub(super) notes: Vec<JwkNote>,
}

/// Bits after the last byte are ignored.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

impl Reading {
    pub(super) fn new(strictness: Strictness) -> Self {
        Self { strictness, notes: Vec::new() }
    }

    pub(super) fn note(&mut self, note: JwkNote) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(super) fn repairs(&self) -> bool {
        self.strictness == Strictness::Repair
    }

    /// A member in base64url that must be there.
    pub(super) fn required(&mut self, members: &Map<String, Value>, name: &'static str) -> Result<Secret, JwkError> {
        self.optional(members, name)?.ok_or(JwkError::Missing(name))
    }

    /// A member in base64url that may be absent.
    pub(super) fn optional(&mut self, members: &Map<String, Value>, name: &'static str) -> Result<Option<Secret>, JwkError> {
        let Some(text) = text(members, name)? else { return Ok(None) };
        if text.is_empty() {
            return Err(JwkError::Empty(name));
        }
        self.decode(name, text).map(Some)
    }

    fn decode(&mut self, member: &'static str, text: &str) -> Result<Secret, JwkError> {
        if let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) {
            return Ok(Zeroizing::new(bytes));
        }
        let mut oddity = None;
        let mut plain = Zeroizing::new(String::with_capacity(text.len()));
        for character in text.chars() {
            let found = match character {
                '=' => "padding",
                '+' | '/' => "the characters `+` and `/`",
                ' ' | '\t' | '\r' | '\n' => "white space",
                other => {
                    plain.push(other);
                    continue;
                }
            };
            oddity = oddity.or(Some(found));
            match character {
                '+' => plain.push('-'),
                '/' => plain.push('_'),
                _ => {}
            }
        }
        let wrong = |reason| JwkError::Base64 { member, reason };
        if !plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return Err(wrong("it holds a character outside the alphabet"));
        }
        let bytes = LENIENT.decode(plain.as_bytes()).map_err(|_| wrong("its length is impossible"))?;
        let oddity = oddity.unwrap_or("unused bits that are not zero");
        if self.repairs() {
            self.note(JwkNote::Respelled { member, oddity });
            return Ok(Zeroizing::new(bytes));
        }
        Err(wrong(match oddity {
            "padding" => "padding (`=`) is not allowed",
            "white space" => "white space is not allowed",
            "the characters `+` and `/`" => "`-` and `_` stand for `+` and `/`",
            _ => "the unused bits of the last character are not zero",
        }))
    }

    /// A number without the zeros in front of it.
    pub(super) fn number(&mut self, members: &Map<String, Value>, name: &'static str) -> Result<Option<Secret>, JwkError> {
        let Some(bytes) = self.optional(members, name)? else { return Ok(None) };
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        if zeros == 0 || bytes.len() == 1 {
            return Ok(Some(bytes));
        }
        self.note(JwkNote::LeadingZeros(name));
        Ok(Some(Zeroizing::new(bytes.get(zeros..).unwrap_or_default().to_vec())))
    }

    /// Octets of a fixed width.
    pub(super) fn fixed(
        &mut self,
        members: &Map<String, Value>,
        name: &'static str,
        (curve, wanted): (&'static str, usize),
    ) -> Result<Option<Secret>, JwkError> {
        let Some(bytes) = self.optional(members, name)? else { return Ok(None) };
        if bytes.len() == wanted {
            return Ok(Some(bytes));
        }
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let significant = bytes.get(zeros..).unwrap_or_default();
        match wanted.checked_sub(significant.len()) {
            Some(missing) if self.repairs() => {
                self.note(if bytes.len() < wanted { JwkNote::Padded(name) } else { JwkNote::LeadingZeros(name) });
                let mut padded = Zeroizing::new(Vec::with_capacity(wanted));
                padded.resize(missing, 0);
                padded.extend_from_slice(significant);
                Ok(Some(padded))
            }
            _ => Err(JwkError::Width { member: name, curve, wanted, found: bytes.len() }),
        }
    }
}

/// A member that must be a string when it is there.
pub(super) fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Result<Option<&'m str>, JwkError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(JwkError::Type { member: name.to_owned(), wanted: "a string", found: type_name(other) }),
    }
}

/// The JSON type of a value, in words.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
