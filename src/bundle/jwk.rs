//! Single keys of a SPIFFE bundle.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;
use serde_json::Value;

use crate::bundle::BundleError;
use crate::bundle::Note;
use crate::jose;
use crate::pki::Certificate;
use crate::pki::KeyNumbers;

/// A key that JWT-SVIDs are verified with: the members of its JWK (RFC 7517 section 4), without private ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtKey {
    id: String,
    members: Map<String, Value>,
}

/// Members that only the owner of a key has (RFC 7518 section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Numbers may be written with padding by mistake; that changes nothing.
const NUMBER: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl JwtKey {
    /// A key from the members of its JWK. Private members are left out.
    #[must_use]
    pub fn new(id: String, members: &Map<String, Value>) -> Self {
        let public = members.iter().filter(|(name, _)| !PRIVATE.contains(&name.as_str()));
        Self { id, members: public.map(|(name, value)| (name.clone(), value.clone())).collect() }
    }

    /// Its identifier, `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The members as they were written.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// What kind of key it is, such as `EC P-256` or `RSA`.
    #[must_use]
    pub fn kind(&self) -> String {
        let text = |name: &str| self.members.get(name).and_then(Value::as_str);
        let words = [text("kty"), text("crv")];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Why Envoy could not verify a token with it, if so.
    pub(super) fn defect(&self) -> Option<String> {
        let set = Value::Object(Map::from_iter([("keys".to_owned(), Value::Array(vec![Value::Object(self.members.clone())]))]));
        jose::Jwks::parse(&jose::compact_text(&set)).err().map(|error| error.to_string())
    }
}

/// Whether a JWK has members that only the owner of the key may have.
pub(super) fn is_private(members: &Map<String, Value>) -> bool {
    PRIVATE.iter().any(|name| members.contains_key(*name))
}

/// The members that describe an authority's public key: `kty`, and `crv`, `x`, `y` or `n`, `e`.
fn described(authority: &Certificate) -> Result<Vec<(&'static str, String)>, BundleError> {
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let word = str::to_owned;
    match authority.public_key().numbers() {
        Some(KeyNumbers::Rsa { modulus, exponent }) => {
            Ok(vec![("kty", word("RSA")), ("n", number(&modulus)), ("e", number(&exponent))])
        }
        Some(KeyNumbers::Ec { curve, x, y }) => {
            Ok(vec![("kty", word("EC")), ("crv", word(curve)), ("x", number(&x)), ("y", number(&y))])
        }
        Some(KeyNumbers::Ed25519(x)) => Ok(vec![("kty", word("OKP")), ("crv", word("Ed25519")), ("x", number(&x))]),
        None => Err(BundleError::NoJwk { key: authority.public_key().to_string(), subject: authority.subject().to_owned() }),
    }
}

/// An authority as an `x509-svid` key: the numbers of its key and itself, no `kid` (X509-SVID section 6.2).
pub(super) fn of_authority(authority: &Certificate) -> Result<Value, BundleError> {
    let described = described(authority)?;
    let mut members = Map::from_iter([("use".to_owned(), Value::from("x509-svid"))]);
    members.extend(described.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))));
    members.insert("x5c".to_owned(), Value::Array(vec![Value::String(STANDARD.encode(authority.der()))]));
    Ok(Value::Object(members))
}

/// The authority in an `x509-svid` key; none when a consumer must ignore the key.
pub(super) fn authority(
    members: &Map<String, Value>,
    key: &str,
    notes: &mut Vec<Note>,
) -> Result<Option<Certificate>, BundleError> {
    let certificates = match members.get("x5c") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(certificates)) => certificates,
        Some(_) => return Err(BundleError::Member { member: format!("{key}.x5c"), wanted: "a list" }),
    };
    let Some(first) = certificates.first() else {
        notes.push(Note::NoCertificate { key: key.to_owned() });
        return Ok(None);
    };
    let member = format!("{key}.x5c[0]");
    let Some(text) = first.as_str() else {
        return Err(BundleError::Member { member, wanted: "a string" });
    };
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let der = STANDARD.decode(text).map_err(|_| BundleError::Base64 { member: member.clone(), section: 4 })?;
    let authority =
        Certificate::from_der(&der).map_err(|source| BundleError::Certificate { place: format!("`{member}`"), source })?;
    if certificates.len() > 1 {
        notes.push(Note::MoreCertificates { key: key.to_owned(), count: certificates.len() });
    }
    if members.contains_key("kid") {
        notes.push(Note::KeyId { key: key.to_owned() });
    }
    compare(members, &authority, key, notes)?;
    Ok(Some(authority))
}

/// That the numbers in a key, where there are any, are those of its certificate.
fn compare(members: &Map<String, Value>, authority: &Certificate, key: &str, notes: &mut Vec<Note>) -> Result<(), BundleError> {
    let mismatch = || BundleError::KeyMismatch { key: key.to_owned() };
    for (name, wanted) in described(authority)? {
        let member = format!("{key}.{name}");
        let Some(found) = members.get(name) else {
            notes.push(Note::NoNumber { key: key.to_owned(), member: name });
            continue;
        };
        let Some(found) = found.as_str() else {
            return Err(BundleError::Member { member, wanted: "a string" });
        };
        let is_same = match name {
            "kty" | "crv" => found == wanted,
            _ => {
                let found = NUMBER.decode(found).map_err(|_| BundleError::Base64 { member, section: 5 })?;
                let zeros = if matches!(name, "n" | "e") { found.iter().take_while(|byte| **byte == 0).count() } else { 0 };
                NUMBER.decode(&wanted).is_ok_and(|wanted| found.get(zeros..) == Some(wanted.as_slice()))
            }
        };
        if !is_same {
            return Err(mismatch());
        }
    }
    Ok(())
}
