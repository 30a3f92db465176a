use thiserror::Error;

use crate::jose::ExactJson;

/// Members of an answer that hold the token: `OAuth` (RFC 6749 section 5.1), OpenID Connect, and what scripts call it.
const TOKEN_MEMBERS: [&str; 5] = ["access_token", "id_token", "token", "jwt", "refresh_token"];
/// Objects of Kubernetes (`TokenRequest`, `ExecCredential`) hold it in here.
const STATUS: &str = "status";

/// A token as a person gives it: pasted with a prefix, read from a file with a line break, or inside a token endpoint's answer.
///
/// Only for input from people. What arrives in a request is never cleaned like this (RFC 7515 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastedToken {
    /// The token itself.
    pub text: String,
    /// What was taken away, for the user to know.
    pub notes: Vec<String>,
}

/// No token is in what was given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PasteError {
    /// Nothing, or only white space.
    #[error("the token is empty")]
    Empty,
    /// The bytes are no text.
    #[error("the token is not text: byte {} is not UTF-8", .offset + 1)]
    NotText {
        /// Offset of the first such byte.
        offset: usize,
    },
    /// An error of a token endpoint (RFC 6749 section 5.2).
    #[error("this is an answer that refuses a token: {0}")]
    Refused(String),
    /// A JSON object that is neither a token nor holds one.
    #[error("this is a JSON object without a token in it")]
    NoTokenMember,
}

impl PastedToken {
    /// Takes the token out of what was given.
    ///
    /// # Errors
    /// When there is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PasteError> {
        let text = str::from_utf8(bytes).map_err(|error| PasteError::NotText { offset: error.valid_up_to() })?;
        let mut notes = Vec::new();
        let mut text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
        if let Some(rest) = without_word(text, "authorization:") {
            notes.push("a header name in front was taken away".to_owned());
            text = rest;
        }
        if let Some(rest) = without_word(text, "bearer") {
            notes.push("the prefix `Bearer ` was taken away".to_owned());
            text = rest;
        }
        if let Some(rest) = unquoted(text) {
            notes.push("quotes around it were taken away".to_owned());
            text = rest.trim();
        }
        if text.is_empty() {
            return Err(PasteError::Empty);
        }
        if text.starts_with('{')
            && let Ok(document) = ExactJson::parse(text.as_bytes())
        {
            return Self::from_object(&document.value, text, notes);
        }
        Ok(Self { text: text.to_owned(), notes })
    }

    fn from_object(object: &ExactJson, text: &str, mut notes: Vec<String>) -> Result<Self, PasteError> {
        if ["payload", "signatures", "signature", "ciphertext"].iter().any(|name| object.get(name).is_some()) {
            return Ok(Self { text: text.to_owned(), notes });
        }
        let inner = [(object, ""), (object.get(STATUS).unwrap_or(&ExactJson::Null), "status.")];
        let found = inner.into_iter().find_map(|(object, path)| {
            let name = TOKEN_MEMBERS.into_iter().find(|name| object.text(name).is_some_and(|text| !text.trim().is_empty()))?;
            Some((path, name, object.text(name)?.trim(), object))
        });
        let Some((path, name, token, object)) = found else {
            return Err(match object.text("error") {
                Some(error) => PasteError::Refused(
                    [Some(error), object.text("error_description")].into_iter().flatten().collect::<Vec<_>>().join(": "),
                ),
                None => PasteError::NoTokenMember,
            });
        };
        notes.push(format!("taken from member `{path}{name}` of a JSON object"));
        let others: Vec<&str> =
            TOKEN_MEMBERS.into_iter().filter(|other| *other != name && object.text(other).is_some()).collect();
        if !others.is_empty() {
            notes.push(format!("it also holds `{}`", others.join("`, `")));
        }
        Ok(Self { text: token.to_owned(), notes })
    }
}

/// The text after a word in any case, if it stands in front.
fn without_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (front, rest) = text.split_at_checked(word.len())?;
    let is_word =
        front.eq_ignore_ascii_case(word) && (word.ends_with(':') || rest.starts_with(char::is_whitespace) || rest.is_empty());
    is_word.then(|| rest.trim_start())
}

fn unquoted(text: &str) -> Option<&str> {
    ['"', '\''].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_token() {
        for (bytes, expected) in [
            (&b""[..], PasteError::Empty),
            (b" \n\t", PasteError::Empty),
            (b"Bearer", PasteError::Empty),
            (b"\"\"", PasteError::Empty),
            (b"abc\xff", PasteError::NotText { offset: 3 }),
            (b"{}", PasteError::NoTokenMember),
            (b"{\"access_token\": 5}", PasteError::NoTokenMember),
            (br#"{"error":"invalid_grant","error_description":"bad"}"#, PasteError::Refused("invalid_grant: bad".to_owned())),
        ] {
            assert_eq!(PastedToken::from_bytes(bytes), Err(expected), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_people_paste() {
        for (given, text, notes) in [
            ("a.b.c", "a.b.c", 0),
            ("\u{feff}a.b.c\r\n", "a.b.c", 0),
            ("Bearer a.b.c", "a.b.c", 1),
            ("Authorization: bearer  a.b.c", "a.b.c", 2),
            ("authorization:Bearer a.b.c", "a.b.c", 2),
            ("bearera.b.c", "bearera.b.c", 0),
            ("\"a.b.c\"\n", "a.b.c", 1),
            ("'a.b.c'", "a.b.c", 1),
            ("{", "{", 0),
            (r#"{"payload":"e30","signatures":[]}"#, r#"{"payload":"e30","signatures":[]}"#, 0),
            (r#"{"access_token":"a.b.c","token_type":"Bearer"}"#, "a.b.c", 1),
            (r#"{"id_token":"d.e.f","access_token":"a.b.c"}"#, "a.b.c", 2),
            (r#"{"kind":"TokenRequest","status":{"token":"a.b.c"}}"#, "a.b.c", 1),
        ] {
            let pasted = PastedToken::from_bytes(given.as_bytes()).unwrap();
            assert_eq!((pasted.text.as_str(), pasted.notes.len()), (text, notes), "{given:?}: {:?}", pasted.notes);
        }
    }
}
