use crate::jose::Algorithm;
use crate::jose::ExactJson;
use crate::jose::encoded;
use crate::jose::inspect::is_media_type;
use crate::jose::strict::refusal::HeaderRefusal;
use crate::jose::strict::refusal::Refusal;
use crate::jose::strict::refusal::WritingRefusal;
use crate::jose::strict::refusal::refused;
use crate::jose::strict::rules::Rules;

/// Longer tokens are refused before anything is decoded.
const LONGEST_BYTES: usize = 64 << 10;
/// Header members of RFC 7515 and 7518, which no `crit` may name (RFC 7515 section 4.1.11).
const REGISTERED: [&str; 18] = [
    "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "epk", "apu", "apv", "iv", "tag", "p2s",
    "p2c",
];

/// A compact token written exactly as RFC 7515 wants it. Its claims may be believed once its signature is verified.
#[derive(Debug, Clone, PartialEq)]
pub struct StrictToken {
    header: ExactJson,
    algorithm: Algorithm,
    signed_text: String,
    signature: Vec<u8>,
    payload: Result<ExactJson, Refusal>,
}

impl StrictToken {
    /// Reads a token; the first oddity of form or header decides. What the payload holds is told later, after the signature.
    pub(super) fn parse(text: &str) -> Result<Self, Box<Refusal>> {
        if text.len() > LONGEST_BYTES {
            return Err(refused(WritingRefusal::TooLong { bytes: text.len(), limit: LONGEST_BYTES }));
        }
        if text.starts_with('{') {
            return Err(refused(WritingRefusal::JsonSerialization));
        }
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain && let Some((position, character)) = text.char_indices().find(|(_, c)| c.is_whitespace()) {
            return Err(refused(WritingRefusal::WhiteSpace { position: position + 1, character }));
        }
        let pieces: Vec<&str> = text.split('.').collect();
        let (header_piece, payload_piece, signature_piece) = match pieces.as_slice() {
            [header, payload, signature] => (*header, *payload, *signature),
            [_, _, _, _, _] => return Err(refused(WritingRefusal::Encrypted)),
            _ => return Err(refused(WritingRefusal::Pieces { count: pieces.len() })),
        };
        let header = object("header", &decoded("header", header_piece)?)?;
        let algorithm = algorithm(&header)?;
        if header.get("kid").is_some_and(|kid| kid.as_str().is_none()) {
            return Err(refused(HeaderRefusal::HeaderType { member: "kid", seen: kind_of(&header, "kid") }));
        }
        let signature = decoded("signature", signature_piece)?;
        let payload = decoded("payload", payload_piece)?;
        let payload = object("payload", &payload).map_err(|refusal| *refusal);
        let signed_text = format!("{header_piece}.{payload_piece}");
        Ok(Self { header, algorithm, signed_text, signature, payload })
    }

    /// Everything of the header that is not about keys.
    pub(super) fn check_header(&self, rules: &Rules) -> Result<(), Box<Refusal>> {
        if let Some(critical) = self.header.get("crit") {
            return Err(refused(HeaderRefusal::Critical { problem: critical_problem(critical, &self.header) }));
        }
        if self.header.get("b64").is_some() {
            return Err(refused(HeaderRefusal::Critical {
                problem: "`b64` changes what is signed, which no JWT may (RFC 7797)".to_owned(),
            }));
        }
        if self.header.get("zip").is_some() {
            return Err(refused(HeaderRefusal::Compressed));
        }
        if !rules.algorithms.is_empty() && !rules.algorithms.contains(&self.algorithm) {
            return Err(refused(HeaderRefusal::AlgorithmNotAllowed { seen: self.algorithm, allowed: rules.algorithms.clone() }));
        }
        if let Some(wanted) = &rules.token_type {
            let seen = self.header.text("typ");
            let lower = wanted.to_ascii_lowercase();
            let lower = lower.strip_prefix("application/").unwrap_or(&lower);
            if !seen.is_some_and(|seen| is_media_type(seen, lower)) {
                return Err(refused(HeaderRefusal::TokenType { wanted: wanted.clone(), seen: seen.map(str::to_owned) }));
            }
        }
        Ok(())
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &ExactJson {
        &self.header
    }

    /// `alg`.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.text("kid")
    }

    /// The claims, when the payload is an object.
    #[must_use]
    pub fn claims(&self) -> Option<&ExactJson> {
        self.payload.as_ref().ok()
    }

    pub(super) fn payload(&self) -> Result<&ExactJson, &Refusal> {
        self.payload.as_ref()
    }

    pub(super) fn signed_text(&self) -> &[u8] {
        self.signed_text.as_bytes()
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }
}

fn decoded(part: &'static str, piece: &str) -> Result<Vec<u8>, Box<Refusal>> {
    match encoded::decode(piece) {
        Ok((bytes, spelling)) if spelling.is_canonical() => Ok(bytes),
        Ok((_, spelling)) => Err(refused(WritingRefusal::Spelling { part, oddities: spelling.oddities() })),
        Err(error) => Err(refused(WritingRefusal::Encoding { part, error })),
    }
}

fn object(part: &'static str, bytes: &[u8]) -> Result<ExactJson, Box<Refusal>> {
    let document = ExactJson::parse(bytes).map_err(|error| refused(WritingRefusal::Json { part, error }))?;
    if document.value.as_object().is_none() {
        return Err(refused(WritingRefusal::NotAnObject { part, seen: document.value.kind() }));
    }
    match document.duplicates.into_iter().next() {
        Some(name) => Err(refused(WritingRefusal::Duplicate { part, name })),
        None => Ok(document.value),
    }
}

fn algorithm(header: &ExactJson) -> Result<Algorithm, Box<Refusal>> {
    match header.get("alg") {
        None => Err(refused(HeaderRefusal::AlgorithmMissing)),
        // RFC 9864 gives EdDSA on this curve a name of its own.
        Some(ExactJson::String(name)) if name == "Ed25519" => Ok(Algorithm::EdDsa),
        Some(ExactJson::String(name)) => {
            Algorithm::from_name(name).ok_or_else(|| refused(HeaderRefusal::AlgorithmUnknown { name: name.clone() }))
        }
        Some(other) => Err(refused(HeaderRefusal::HeaderType { member: "alg", seen: other.kind() })),
    }
}

fn kind_of(header: &ExactJson, name: &str) -> &'static str {
    header.get(name).map_or("missing", ExactJson::kind)
}

/// Every `crit` is refused, because no extension is understood here; this says what exactly is wrong with it.
fn critical_problem(critical: &ExactJson, header: &ExactJson) -> String {
    let Some(names) = critical.as_array() else { return format!("`crit` is {}, not a list", critical.kind()) };
    if names.is_empty() {
        return "`crit` is an empty list".to_owned();
    }
    for name in names {
        let Some(name) = name.as_str() else { return format!("`crit` holds {}, not a string", name.kind()) };
        if REGISTERED.contains(&name) {
            return format!("`crit` names `{name}`, which is no extension");
        }
        if header.get(name).is_none() {
            return format!("`crit` names `{name}`, which is not in the header");
        }
    }
    let names: Vec<String> = names.iter().filter_map(ExactJson::as_str).map(|name| format!("`{name}`")).collect();
    format!("`crit` demands {}, which is not understood here", names.join(", "))
}
