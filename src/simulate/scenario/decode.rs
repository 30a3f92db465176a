//! How the shorthands of a scenario are read: text or an object, one value or many.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::simulate::scenario::DestinationRef;
use crate::simulate::scenario::Expect;
use crate::simulate::scenario::ExtAuthz;
use crate::simulate::scenario::ExtAuthzAnswer;
use crate::simulate::scenario::HeaderList;
use crate::simulate::scenario::KeySet;
use crate::simulate::scenario::MintedToken;
use crate::simulate::scenario::SourceRef;
use crate::simulate::scenario::Text;
use crate::simulate::scenario::Token;

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

macro_rules! text_or_map {
    ($type:ident, $text:expr, $map:expr, $expecting:literal) => {
        impl<'de: 'a, 'a> Deserialize<'de> for $type<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Either;
                impl<'de> Visitor<'de> for Either {
                    type Value = $type<'de>;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                        $text(Text(Cow::Borrowed(text)))
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                        $text(Text(Cow::Owned(text.to_owned())))
                    }
                    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
                        $map(map)
                    }
                }
                deserializer.deserialize_any(Either)
            }
        }
    };
}

fn parts<'de, T: Deserialize<'de>, M: MapAccess<'de>>(map: M) -> Result<T, M::Error> {
    T::deserialize(de::value::MapAccessDeserializer::new(map))
}

text_or_map!(
    SourceRef,
    |text| Ok(SourceRef::Short(text)),
    |map| parts(map).map(SourceRef::Long),
    "`namespace/workload` or an object"
);
text_or_map!(
    DestinationRef,
    |text| Ok(DestinationRef::Short(text)),
    |map| parts(map).map(DestinationRef::Long),
    "`service.namespace:port`, `namespace/workload:port` or an object"
);
text_or_map!(Token, |text| Ok(Token::Compact(text)), minted, "a compact JWS or an object with `signedBy`");
text_or_map!(
    KeySet,
    |text| Ok(KeySet::Named(text)),
    |map| parts(map).map(KeySet::Inline),
    "a file name, `unreachable` or a key set"
);
text_or_map!(
    ExtAuthz,
    |text: Text<'de>| answer(text.as_str()).map(ExtAuthz::All),
    by_provider,
    "`allow`, `deny`, `error`, `undetermined` or an object"
);
text_or_map!(Expect, |text| Ok(Expect { verdict: Some(text), ..Expect::default() }), expectation, "a verdict or an object");

/// Words for [`ExtAuthzAnswer`].
const ANSWERS: &[&str] = &["allow", "deny", "error", "undetermined"];

fn answer<E: de::Error>(text: &str) -> Result<ExtAuthzAnswer, E> {
    match text {
        "allow" => Ok(ExtAuthzAnswer::Allow),
        "deny" => Ok(ExtAuthzAnswer::Deny),
        "error" => Ok(ExtAuthzAnswer::Error),
        "undetermined" => Ok(ExtAuthzAnswer::Undetermined),
        other => Err(E::unknown_variant(other, ANSWERS)),
    }
}

fn by_provider<'de, M: MapAccess<'de>>(mut map: M) -> Result<ExtAuthz<'de>, M::Error> {
    let mut answers = Vec::new();
    while let Some(name) = map.next_key()? {
        answers.push((name, map.next_value()?));
    }
    Ok(ExtAuthz::ByProvider(answers))
}

fn minted<'de, M: MapAccess<'de>>(map: M) -> Result<Token<'de>, M::Error> {
    let mut claims: serde_json::Map<String, serde_json::Value> = parts(map)?;
    let mut take = |name: &str| match claims.shift_remove(name) {
        None => Ok(None),
        Some(serde_json::Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(de::Error::custom(format_args!("`{name}` of a token is text"))),
    };
    let signed_by = take("signedBy")?.ok_or_else(|| de::Error::missing_field("signedBy"))?;
    let key_id = take("kid")?;
    let algorithm = take("alg")?;
    let claims = match claims.shift_remove("claims") {
        Some(serde_json::Value::Object(nested)) if claims.is_empty() => nested,
        Some(other) => {
            claims.insert("claims".to_owned(), other);
            claims
        }
        None => claims,
    };
    Ok(Token::Mint(Box::new(MintedToken { signed_by, key_id, algorithm, claims })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectParts<'a> {
    #[serde(borrow, default)]
    verdict: Option<Text<'a>>,
    #[serde(default)]
    http_status: Option<u16>,
    #[serde(borrow, default)]
    policy: Option<Text<'a>>,
    #[serde(default)]
    rule: Option<usize>,
    #[serde(borrow, default)]
    reason: Option<Text<'a>>,
}

fn expectation<'de, M: MapAccess<'de>>(map: M) -> Result<Expect<'de>, M::Error> {
    let ExpectParts { verdict, http_status, policy, rule, reason } = parts(map)?;
    Ok(Expect { verdict, http_status, policy, rule, reason })
}

impl<'de: 'a, 'a> Deserialize<'de> for HeaderList<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = HeaderList<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of header names and values")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut list = Vec::new();
                while let Some(name) = map.next_key::<Text<'de>>()? {
                    match map.next_value()? {
                        OneOrMany::One(value) => list.push((name, value)),
                        OneOrMany::Many(values) => list.extend(values.into_iter().map(|value| (name.clone(), value))),
                    }
                }
                Ok(HeaderList(list))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A value, or a list of them for a header that is sent several times.
enum OneOrMany<'a> {
    One(Text<'a>),
    Many(Vec<Text<'a>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for OneOrMany<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;
        impl<'de> Visitor<'de> for Values {
            type Value = OneOrMany<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header value or a list of them")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(OneOrMany::One(Text(Cow::Borrowed(text))))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(OneOrMany::One(Text(Cow::Owned(text.to_owned()))))
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut values: S) -> Result<Self::Value, S::Error> {
                let mut list = Vec::new();
                while let Some(value) = values.next_element()? {
                    list.push(value);
                }
                Ok(OneOrMany::Many(list))
            }
        }
        deserializer.deserialize_any(Values)
    }
}
