use crate::jose::Cause;
use crate::jose::Diagnosis;
use crate::jose::ExactJsonError;
use crate::jose::encoded::EncodingError;

/// What is wrong with the way a token is written (RFC 7515 sections 2, 4 and 7.1).
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are what was wanted and what was seen")]
pub enum WritingRefusal {
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
}

impl WritingRefusal {
    pub(super) fn diagnosis(&self) -> Diagnosis {
        let malformed = |field: &str, wanted: &str, seen: String, message: String, fix: &str| {
            Diagnosis::new(Cause::Malformed, field, wanted, seen, message, fix)
        };
        match self {
            Self::TooLong { bytes, limit } => Diagnosis::new(
                Cause::TooLong,
                "token",
                format!("at most {limit} bytes"),
                format!("{bytes} bytes"),
                format!("the token has {bytes} bytes, more than the {limit} that are taken"),
                "let the issuer put fewer claims into it; Envoy limits all headers together to 60 KiB",
            ),
            Self::JsonSerialization => malformed(
                "token",
                "three pieces between two dots",
                "a JSON object".to_owned(),
                "the token is a JSON serialization, which no bearer token is".to_owned(),
                "use the compact serialization (RFC 7515 section 3.1)",
            ),
            Self::WhiteSpace { position, character } => malformed(
                "token",
                "no white space",
                format!("`{}` at character {position}", character.escape_debug()),
                format!("there is white space in the token, at character {position}"),
                "it was wrapped, or a prefix was pasted with it: give the token alone in one line",
            ),
            Self::Encrypted => Diagnosis::new(
                Cause::Encrypted,
                "token",
                "a signed token of three pieces",
                "an encrypted token of five pieces",
                "the token is encrypted (JWE), and only its recipient can open it",
                "let the issuer give a signed token; Auth0 does when the request names an API as audience",
            ),
            Self::Pieces { count } => malformed(
                "token",
                "three pieces between two dots",
                format!("{count} piece{}", if *count == 1 { "" } else { "s" }),
                "the token is not header, payload and signature between two dots".to_owned(),
                "copy the whole token; an opaque token cannot be verified without asking its issuer",
            ),
            Self::Encoding { part, error } => malformed(
                part,
                "base64url",
                error.to_string(),
                format!("the {part} cannot be decoded: {error}"),
                "copy the whole token",
            ),
            Self::Spelling { part, oddities } => malformed(
                part,
                "base64url without padding, white space and stray bits",
                oddities.join(", "),
                format!("the {part} is written with {}", oddities.join(", ")),
                "write it as RFC 7515 section 2 wants; otherwise one signature has several spellings",
            ),
            Self::Json { part, error } => malformed(
                part,
                "a JSON object",
                error.to_string(),
                format!("the {part} is not JSON: {error}"),
                "issue the token again",
            ),
            Self::NotAnObject { part, seen } => malformed(
                part,
                "a JSON object",
                (*seen).to_owned(),
                format!("the {part} is {seen}, not an object"),
                "this is signed, but no JSON Web Token",
            ),
            Self::Duplicate { part, name } => malformed(
                part,
                "every name once",
                format!("`{name}` twice"),
                format!("`{name}` stands twice in the {part}"),
                "readers differ in which one counts (RFC 8725 section 3.7): issue it again",
            ),
        }
    }

    pub(super) fn envoy_view(&self) -> Option<&'static str> {
        match self {
            Self::WhiteSpace { .. } | Self::Spelling { .. } => Some("Envoy skips white space and accepts padding and stray bits"),
            Self::Pieces { .. } => Some("Envoy drops empty pieces"),
            Self::Json { .. } => Some("Envoy's JSON reader is lenient"),
            Self::TooLong { .. }
            | Self::JsonSerialization
            | Self::Encrypted
            | Self::Encoding { .. }
            | Self::NotAnObject { .. }
            | Self::Duplicate { .. } => None,
        }
    }
}
