//! Envoy's matchers on text, headers, addresses and dynamic metadata, as istiod writes them.

use std::net::IpAddr;

use serde_json::Value;

use super::message::Message;
use crate::policy::TextPattern;

/// Matches any text but the empty one.
const NOT_EMPTY: &str = ".+";

/// A `StringMatcher` by one kind of pattern.
pub(super) fn string(kind: &str, text: impl Into<Value>) -> Value {
    Message::new().field(kind, text).into()
}

/// A `StringMatcher` that compares without regard to case.
pub(super) fn string_any_case(kind: &str, text: &str) -> Value {
    Message::new().field(kind, text).field("ignoreCase", true).into()
}

/// A `StringMatcher` by a regular expression on the whole text.
pub(super) fn regex(expression: &str) -> Value {
    string("safeRegex", Message::new().field("regex", expression))
}

/// A `StringMatcher` for a pattern; presence asks for a text that is not empty.
pub(super) fn text(pattern: &TextPattern) -> Value {
    match pattern {
        TextPattern::Present => regex(NOT_EMPTY),
        TextPattern::Exact(text) => string("exact", text.as_str()),
        TextPattern::Prefix(text) => string("prefix", text.as_str()),
        TextPattern::Suffix(text) => string("suffix", text.as_str()),
    }
}

/// A `StringMatcher` for an identity: the pattern is written without the scheme, presence asks for any name.
pub(super) fn principal(pattern: &TextPattern) -> Value {
    match pattern {
        TextPattern::Present => regex(NOT_EMPTY),
        TextPattern::Exact(text) => string("exact", format!("spiffe://{text}")),
        TextPattern::Prefix(text) => string("prefix", format!("spiffe://{text}")),
        TextPattern::Suffix(text) => regex(&format!("spiffe://.*{}", quote(text))),
    }
}

/// A `HeaderMatcher`; presence is satisfied by an empty value too.
pub(super) fn header(name: &str, pattern: &TextPattern) -> Value {
    let matcher = Message::new().field("name", name);
    match pattern {
        TextPattern::Present => matcher.field("presentMatch", true),
        TextPattern::Exact(_) | TextPattern::Prefix(_) | TextPattern::Suffix(_) => matcher.field("stringMatch", text(pattern)),
    }
    .into()
}

/// A `HeaderMatcher` on the host, without regard to case.
pub(super) fn host(pattern: &TextPattern) -> Value {
    let matcher = Message::new().field("name", ":authority");
    match pattern {
        TextPattern::Present => matcher.field("presentMatch", true),
        TextPattern::Exact(text) => matcher.field("stringMatch", string_any_case("exact", text)),
        TextPattern::Prefix(text) => matcher.field("stringMatch", string_any_case("prefix", text)),
        TextPattern::Suffix(text) => matcher.field("stringMatch", string_any_case("suffix", text)),
    }
    .into()
}

/// A `CidrRange`; host bits stay as the user wrote them.
pub(super) fn cidr(address: IpAddr, length: u8) -> Value {
    Message::new().field("addressPrefix", address.to_string()).field("prefixLen", length).into()
}

/// A `MetadataMatcher` on the value at a path of keys.
pub(super) fn metadata(filter: &str, keys: &[&str], value: impl Into<Value>) -> Value {
    let path = keys.iter().map(|key| Message::new().field("key", *key));
    Message::new().field("filter", filter).list("path", path).field("value", value).into()
}

/// A `ValueMatcher` that is satisfied by any of the given; a single one stands for itself.
pub(super) fn any_value(mut values: Vec<Value>) -> Value {
    if values.len() == 1
        && let Some(only) = values.pop()
    {
        return only;
    }
    Message::new().field("orMatch", Message::new().list("valueMatchers", values)).into()
}

/// A `ValueMatcher` on a text.
pub(super) fn text_value(pattern: &TextPattern) -> Value {
    Message::new().field("stringMatch", text(pattern)).into()
}

/// A `ValueMatcher` satisfied by a list that holds a matching element.
pub(super) fn element(value: Value) -> Value {
    Message::new().field("listMatch", Message::new().field("oneOf", value)).into()
}

/// The text with the characters that mean something in a regular expression escaped.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

/// A regular expression for a glob: every star becomes `wild`, the rest is literal.
pub(super) fn glob(pattern: &str, wild: &str) -> String {
    pattern.split('*').map(quote).collect::<Vec<_>>().join(wild)
}
