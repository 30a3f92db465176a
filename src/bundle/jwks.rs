//! The JWKS document of a SPIFFE bundle (SPIFFE Trust Domain and Bundle section 4).

use serde_json::Map;
use serde_json::Value;

use crate::bundle::BundleError;
use crate::bundle::BundleForm;
use crate::bundle::JwtKey;
use crate::bundle::Note;
use crate::bundle::ReadBundle;
use crate::bundle::ReadBundles;
use crate::bundle::TrustBundle;
use crate::bundle::json;
use crate::bundle::jwk;
use crate::spiffe::TrustDomain;

/// Reads one bundle, or a map of bundles.
pub(super) fn read(text: &[u8]) -> Result<ReadBundles, BundleError> {
    let document = json::parse(text).map_err(|error| BundleError::Json(error.to_string()))?;
    let document = object(&document, "the document")?;
    let Some(by_domain) = document.get("trust_domains") else {
        let bundle = read_bundle(document, None, "")?;
        return Ok(ReadBundles { form: BundleForm::Spiffe, bundles: vec![bundle] });
    };
    if document.contains_key("keys") {
        return Err(BundleError::TwoForms);
    }
    let mut bundles = Vec::new();
    for (name, bundle) in object(by_domain, "trust_domains")? {
        let trust_domain: TrustDomain = name.parse().map_err(|source| BundleError::TrustDomain { name: name.clone(), source })?;
        let place = format!("trust_domains.{name}");
        bundles.push(read_bundle(object(bundle, &place)?, Some(trust_domain), &format!("{place}."))?);
    }
    Ok(ReadBundles { form: BundleForm::Map, bundles })
}

/// One bundle, whose members are found behind this prefix.
fn read_bundle(
    document: &Map<String, Value>,
    trust_domain: Option<TrustDomain>,
    prefix: &str,
) -> Result<ReadBundle, BundleError> {
    let mut bundle = TrustBundle::new(trust_domain);
    let mut notes = Vec::new();
    for (name, value) in document {
        let whole_number =
            || BundleError::Member { member: format!("{prefix}{name}"), wanted: "a whole number that is not negative" };
        match name.as_str() {
            "keys" => {}
            "spiffe_sequence" | "spiffe_refresh_hint" if value.is_null() => {}
            "spiffe_sequence" => bundle.sequence = Some(value.as_u64().ok_or_else(whole_number)?),
            "spiffe_refresh_hint" => bundle.refresh_hint = Some(value.as_u64().ok_or_else(whole_number)?),
            _ => notes.push(Note::UnknownMember { name: format!("{prefix}{name}") }),
        }
    }
    let keys = match document.get("keys") {
        None | Some(Value::Null) => return Err(BundleError::NoKeys),
        Some(Value::Array(keys)) => keys,
        Some(_) => return Err(BundleError::Member { member: format!("{prefix}keys"), wanted: "a list" }),
    };
    for (index, key) in keys.iter().enumerate() {
        let place = format!("{prefix}keys[{index}]");
        read_key(object(key, &place)?, &place, &mut bundle, &mut notes)?;
    }
    if bundle.authorities().is_empty() {
        notes.push(Note::NoAuthority);
    }
    Ok(ReadBundle { bundle, notes })
}

fn read_key(members: &Map<String, Value>, key: &str, bundle: &mut TrustBundle, notes: &mut Vec<Note>) -> Result<(), BundleError> {
    let word = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) => Ok(Some(word.as_str())),
        Some(_) => Err(BundleError::Member { member: format!("{key}.{name}"), wanted: "a string" }),
    };
    let (usage, kind, id) = (word("use")?, word("kty")?, word("kid")?);
    if !matches!(kind, Some("EC" | "RSA" | "OKP" | "oct")) {
        notes.push(Note::UnknownType { key: key.to_owned(), kind: kind.map(str::to_owned) });
        return Ok(());
    }
    if !matches!(usage, Some("x509-svid" | "jwt-svid")) {
        notes.push(Note::UnknownUse { key: key.to_owned(), usage: usage.map(str::to_owned) });
        return Ok(());
    }
    if kind == Some("oct") {
        notes.push(Note::Secret { key: key.to_owned() });
        return Ok(());
    }
    if jwk::is_private(members) {
        notes.push(Note::Private { key: key.to_owned() });
    }
    if usage == Some("x509-svid") {
        if let Some(authority) = jwk::authority(members, key, notes)?
            && !bundle.add_authority(authority)
        {
            notes.push(Note::Repeated { place: format!("`{key}`") });
        }
        return Ok(());
    }
    let Some(id) = id.filter(|id| !id.is_empty()) else {
        notes.push(Note::NoKeyId { key: key.to_owned() });
        return Ok(());
    };
    let jwt_key = JwtKey::new(id.to_owned(), members);
    if let Some(why) = jwt_key.defect() {
        notes.push(Note::UnusableKey { key: key.to_owned(), why });
    }
    if bundle.add_jwt_key(jwt_key).is_some() {
        notes.push(Note::SameKeyId { key: key.to_owned(), id: id.to_owned() });
    }
    Ok(())
}

fn object<'v>(value: &'v Value, place: &str) -> Result<&'v Map<String, Value>, BundleError> {
    value.as_object().ok_or_else(|| BundleError::Member { member: place.to_owned(), wanted: "an object" })
}

impl TrustBundle {
    /// The bundle as a SPIFFE bundle, indented, with a line end.
    ///
    /// # Errors
    /// [`BundleError::NoJwk`] for an authority whose key has no JWK form.
    pub fn to_jwks(&self) -> Result<String, BundleError> {
        let mut keys = self.authorities().iter().map(jwk::of_authority).collect::<Result<Vec<_>, _>>()?;
        keys.extend(self.jwt_keys().iter().map(|key| Value::Object(key.members().clone())));
        let mut document = Map::from_iter([("keys".to_owned(), Value::Array(keys))]);
        let numbers = [("spiffe_sequence", self.sequence), ("spiffe_refresh_hint", self.refresh_hint)];
        document.extend(numbers.into_iter().filter_map(|(name, number)| Some((name.to_owned(), Value::from(number?)))));
        Ok(format!("{:#}\n", Value::Object(document)))
    }
}
