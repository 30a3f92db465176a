#![expect(clippy::wildcard_enum_match_arm, reason = "each question is about a few variants, and all others answer alike")]
use serde_json::Map;
use serde_json::Value;
use thiserror::Error;
use zeroize::Zeroize;
use zeroize::Zeroizing;

use crate::jose::JwkError;
use crate::jose::StrictJsonError;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::jwk_members;
use crate::jose::keys::reading::Strictness;
use crate::jose::keys::reading::type_name;
use crate::jose::parse_strict_object;

/// Why a text is no key set that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeySetError {
    /// It is no JSON object.
    #[error(transparent)]
    Json(#[from] StrictJsonError),
    /// `keys` is absent.
    #[error("no key set: `keys` is missing")]
    NoKeys,
    /// One JWK instead of a set.
    #[error("no key set but a single key; Envoy does not read it as a set")]
    SingleKey,
    /// `keys` is no list.
    #[error("no key set: `keys` is {0}, not a list")]
    KeysType(&'static str),
    /// The list is empty.
    #[error("the key set is empty")]
    Empty,
    /// Every key of the list is unusable; this is what is wrong with the first.
    #[error("no key of the set can be used; the first: {0}")]
    AllSkipped(JwkError),
}

/// A key set (RFC 7517 section 5) as written, every element read on its own: what cannot be used does not spoil the rest.
#[derive(Clone)]
pub struct KeySet {
    elements: Vec<SetElement>,
    /// The members beside `keys`.
    others: Map<String, Value>,
}

/// One element of `keys`.
#[derive(Clone)]
pub struct SetElement {
    /// The key, or why it is skipped.
    pub key: Result<Jwk, JwkError>,
    /// The element as it was written.
    value: Value,
}

impl SetElement {
    /// `kid`, also of a key that cannot be used.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.value.get("kid").and_then(Value::as_str)
    }

    /// Whether it holds private members, used or not.
    #[must_use]
    pub fn has_private_members(&self) -> bool {
        jwk_members::PRIVATE.iter().any(|name| self.value.get(name).is_some())
    }

    /// The element as it was written.
    pub(super) fn value(&self) -> &Value {
        &self.value
    }

    /// The element as it was written, without anything private.
    fn public_value(&self) -> Option<Value> {
        match &self.key {
            Ok(key) if self.has_private_members() => key.public_members().map(Value::Object),
            _ if self.has_private_members() => {
                let mut value = self.value.clone();
                let members = value.as_object_mut()?;
                for name in jwk_members::PRIVATE {
                    members.shift_remove(*name);
                }
                Some(value)
            }
            _ => Some(self.value.clone()),
        }
    }
}

impl Drop for SetElement {
    fn drop(&mut self) {
        for name in jwk_members::PRIVATE {
            if let Some(Value::String(text)) = self.value.get_mut(name) {
                text.zeroize();
            }
        }
    }
}

impl KeySet {
    /// A set of these keys, public members only. Secrets have no public half and are left out.
    #[must_use]
    pub fn of<'k>(keys: impl IntoIterator<Item = &'k Jwk>) -> Self {
        let mut set = Self { elements: Vec::new(), others: Map::new() };
        for key in keys {
            set.add(key);
        }
        set
    }

    /// A set of these keys with everything in them.
    #[must_use]
    pub fn of_private<'k>(keys: impl IntoIterator<Item = &'k Jwk>) -> Self {
        let whole = |key: &Jwk| SetElement { value: Value::Object(jwk_members::write(key)), key: Ok(key.clone()) };
        Self { elements: keys.into_iter().map(whole).collect(), others: Map::new() }
    }

    /// Reads a set. It may be empty, or hold nothing usable: [`KeySet::require_usable`] tells.
    ///
    /// # Errors
    /// When the text is no object with a list `keys`.
    pub fn parse(text: &[u8], strictness: Strictness) -> Result<Self, KeySetError> {
        let mut document = parse_strict_object(text)?;
        let list = match document.shift_remove("keys") {
            Some(Value::Array(list)) => list,
            Some(other) => return Err(KeySetError::KeysType(type_name(&other))),
            None if document.contains_key("kty") => return Err(KeySetError::SingleKey),
            None => return Err(KeySetError::NoKeys),
        };
        let read = |value: Value| {
            let key = match &value {
                Value::Object(members) => Jwk::from_members(members, strictness),
                other => Err(JwkError::Type { member: "keys".to_owned(), wanted: "a list of objects", found: type_name(other) }),
            };
            SetElement { key, value }
        };
        Ok(Self { elements: list.into_iter().map(read).collect(), others: document })
    }

    /// The elements in order.
    #[must_use]
    pub fn elements(&self) -> &[SetElement] {
        &self.elements
    }

    /// The keys that can be read, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Jwk> {
        self.elements.iter().filter_map(|element| element.key.as_ref().ok())
    }

    /// The same set, when at least one of its keys can be used.
    ///
    /// # Errors
    /// [`KeySetError::Empty`] or [`KeySetError::AllSkipped`].
    pub fn require_usable(self) -> Result<Self, KeySetError> {
        let first_error = self.elements.first().map(|element| element.key.as_ref().err().cloned());
        match first_error {
            None => Err(KeySetError::Empty),
            Some(Some(error)) if self.keys().next().is_none() => Err(KeySetError::AllSkipped(error)),
            Some(_) => Ok(self),
        }
    }

    /// Whether an element holds something private.
    #[must_use]
    pub fn has_private_members(&self) -> bool {
        self.elements.iter().any(SetElement::has_private_members)
    }

    /// Adds the public half of a key at the end; whether there was one.
    pub fn add(&mut self, key: &Jwk) -> bool {
        let Some(public) = key.public() else { return false };
        let value = Value::Object(jwk_members::write(&public));
        self.elements.push(SetElement { key: Ok(public), value });
        true
    }

    /// Keeps the elements that the test wants; how many went.
    pub fn retain(&mut self, wanted: impl FnMut(&SetElement) -> bool) -> usize {
        let before = self.elements.len();
        self.elements.retain(wanted);
        before - self.elements.len()
    }

    /// The text for publication: no private member, secrets left out, everything else as it was written.
    #[must_use]
    pub fn public_text(&self) -> String {
        let elements = self.elements.iter().filter(|element| !element.key.as_ref().is_ok_and(Jwk::is_secret));
        let keys: Vec<Value> = elements.filter_map(SetElement::public_value).collect();
        let mut document = Map::new();
        document.insert("keys".to_owned(), keys.into());
        document.extend(self.others.iter().map(|(name, value)| (name.clone(), value.clone())));
        jwk_members::pretty(&document).to_string()
    }

    /// The text with everything in it, for a file of the owner.
    #[must_use]
    pub fn private_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::from("{\n  \"keys\": ["));
        for (index, element) in self.elements.iter().enumerate() {
            let whole = match &element.key {
                Ok(key) => key.private_text(),
                Err(_) => Zeroizing::new(serde_json::to_string_pretty(&element.value).unwrap_or_default()),
            };
            text.push_str(if index == 0 { "\n" } else { ",\n" });
            for (index, line) in whole.trim_end().lines().enumerate() {
                text.push_str(if index == 0 { "    " } else { "\n    " });
                text.push_str(line);
            }
        }
        text.push_str("\n  ]");
        for (name, value) in &self.others {
            let name = Value::String(name.clone());
            text.push_str(&format!(",\n  {name}: {value}"));
        }
        text.push_str("\n}\n");
        text
    }
}
