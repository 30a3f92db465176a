use thiserror::Error;

use crate::jose::ExactJson;
use crate::jose::encoded;
use crate::jose::parse_object;

/// How a token is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Header, payload and signature between two dots (RFC 7515 section 7.1).
    Compact,
    /// Encrypted, five pieces (RFC 7516 section 7.1): only the header can be read.
    Encrypted,
    /// A JSON object with signatures (RFC 7515 section 7.2), which no bearer token is.
    Json,
    /// A JSON object that is encrypted (RFC 7516 section 7.2).
    EncryptedJson,
}

/// The text is no token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InspectError {
    /// Another number of pieces.
    #[error("{pieces} piece{} between dots: a signed token has three, an encrypted one five", if *.pieces == 1 { "" } else { "s" })]
    Pieces {
        /// How many.
        pieces: usize,
    },
    /// The first piece is no base64url.
    #[error("the header cannot be decoded: {0}")]
    Header(#[from] encoded::EncodingError),
    /// The first piece decodes to something else than a JSON object.
    #[error("the header is no JSON object: it begins with {0}")]
    HeaderJson(String),
    /// A JSON object that is no serialization of a token.
    #[error("the JSON object is no token: it has neither `payload` nor `ciphertext`")]
    Json,
}

/// What a piece holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A JSON value, of a header and of claims an object.
    Json(ExactJson),
    /// Text that is not JSON.
    Text(String),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
    /// It cannot be decoded.
    Undecodable(encoded::EncodingError),
    /// It is encrypted.
    Encrypted,
}

impl Part {
    /// The object, when it is one.
    #[must_use]
    pub fn object(&self) -> Option<&ExactJson> {
        match self {
            Self::Json(value @ ExactJson::Object(_)) => Some(value),
            Self::Json(_) | Self::Text(_) | Self::Bytes(_) | Self::Undecodable(_) | Self::Encrypted => None,
        }
    }

    /// A member of the object.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&ExactJson> {
        self.object()?.get(name)
    }
}

/// The signature piece as it was written, and what is in it.
pub(super) type RawSignature = (String, Result<Vec<u8>, encoded::EncodingError>);

/// The pieces of a token, decoded.
pub(super) struct Pieces {
    pub(super) form: Form,
    pub(super) header: Part,
    pub(super) payload: Part,
    pub(super) signature: RawSignature,
    /// What is odd about the writing.
    pub(super) oddities: Oddities,
}

/// What is odd about the way a token is written.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    /// Of the spelling of a piece.
    pub(super) spelling: Vec<String>,
    /// Names that occur twice, with the part they are in.
    pub(super) duplicates: Vec<(&'static str, String)>,
    /// Texts that only a lenient reader takes for JSON.
    pub(super) lenient: Vec<&'static str>,
    /// Empty pieces beside the three.
    pub(super) empty_pieces: bool,
    /// There is no third piece.
    pub(super) truncated: bool,
}

impl Pieces {
    pub(super) fn of(text: &str) -> Result<Self, InspectError> {
        if text.starts_with('{') {
            return Self::of_json(text);
        }
        let pieces: Vec<&str> = text.splitn(8, '.').collect();
        let filled: Vec<&str> = pieces.iter().copied().filter(|piece| !piece.is_empty()).collect();
        let mut oddities = Oddities::default();
        let (header, payload, signature) = match (pieces.as_slice(), filled.as_slice()) {
            ([header, payload, signature], _) if !header.is_empty() => (*header, *payload, *signature),
            ([header, ..], _) if pieces.len() == 5 && !header.is_empty() => {
                let header = header_part(header, &mut oddities)?;
                let signature = (String::new(), Ok(Vec::new()));
                return Ok(Self { form: Form::Encrypted, header, payload: Part::Encrypted, signature, oddities });
            }
            (_, [header, payload, signature]) => {
                oddities.empty_pieces = true;
                (*header, *payload, *signature)
            }
            ([header, payload], _) if !header.is_empty() => {
                oddities.truncated = true;
                (*header, *payload, "")
            }
            _ => return Err(InspectError::Pieces { pieces: text.split('.').count() }),
        };
        let header = header_part(header, &mut oddities)?;
        let payload = part("payload", payload, &mut oddities);
        let decoded = encoded::decode(signature).map(|(bytes, spelling)| {
            note_spelling("signature", spelling, &mut oddities);
            bytes
        });
        Ok(Self { form: Form::Compact, header, payload, signature: (signature.to_owned(), decoded), oddities })
    }

    fn of_json(text: &str) -> Result<Self, InspectError> {
        let document = ExactJson::parse(text.as_bytes()).map_err(|_| InspectError::Json)?;
        let mut oddities = Oddities::default();
        oddities.duplicates.extend(document.duplicates.into_iter().map(|name| ("serialization", name)));
        let object = document.value;
        let first = object.get("signatures").and_then(ExactJson::as_array).and_then(<[_]>::first).unwrap_or(&object);
        let header = match first.text("protected").or_else(|| object.text("protected")) {
            Some(protected) => header_part(protected, &mut oddities)?,
            None => Part::Json(first.get("header").cloned().unwrap_or(ExactJson::Object(Vec::new()))),
        };
        if object.get("ciphertext").is_some() {
            let signature = (String::new(), Ok(Vec::new()));
            return Ok(Self { form: Form::EncryptedJson, header, payload: Part::Encrypted, signature, oddities });
        }
        let payload = part("payload", object.text("payload").ok_or(InspectError::Json)?, &mut oddities);
        let signature = first.text("signature").unwrap_or_default();
        let decoded = encoded::decode(signature).map(|(bytes, _)| bytes);
        Ok(Self { form: Form::Json, header, payload, signature: (signature.to_owned(), decoded), oddities })
    }
}

fn header_part(piece: &str, oddities: &mut Oddities) -> Result<Part, InspectError> {
    match part("header", piece, oddities) {
        Part::Undecodable(error) => Err(InspectError::Header(error)),
        header if header.object().is_some() => Ok(header),
        Part::Json(value) => Err(InspectError::HeaderJson(value.kind().to_owned())),
        Part::Text(text) => {
            let start: String = text.chars().take(24).collect();
            Err(InspectError::HeaderJson(format!("`{}`", start.escape_debug())))
        }
        Part::Bytes(bytes) => {
            let start: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            Err(InspectError::HeaderJson(format!("bytes {}", start.join(" "))))
        }
        Part::Encrypted => Err(InspectError::Json),
    }
}

fn part(name: &'static str, piece: &str, oddities: &mut Oddities) -> Part {
    let bytes = match encoded::decode(piece) {
        Ok((bytes, spelling)) => {
            note_spelling(name, spelling, oddities);
            bytes
        }
        Err(error) => return Part::Undecodable(error),
    };
    match ExactJson::parse(&bytes) {
        Ok(document) => {
            oddities.duplicates.extend(document.duplicates.into_iter().map(|member| (name, member)));
            Part::Json(document.value)
        }
        Err(_) => match parse_object(&bytes) {
            Ok(members) => {
                oddities.lenient.push(name);
                Part::Json(ExactJson::from_value(&serde_json::Value::Object(members)))
            }
            Err(_) => String::from_utf8(bytes).map_or_else(|error| Part::Bytes(error.into_bytes()), Part::Text),
        },
    }
}

fn note_spelling(name: &str, spelling: encoded::Spelling, oddities: &mut Oddities) {
    if !spelling.is_canonical() {
        oddities.spelling.push(format!("{name}: {}", spelling.oddities().join(", ")));
    }
}
