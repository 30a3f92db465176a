//! The messages of Istio's API as tables: which fields there are, and what each takes.

mod destination_rule;
mod security;

use crate::admission::Cause;

pub(super) use destination_rule::DESTINATION_RULE;
pub(super) use security::AUTHORIZATION_POLICY;
pub(super) use security::PEER_AUTHENTICATION;
pub(super) use security::REQUEST_AUTHENTICATION;

/// A message.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) fields: &'static [Field],
}

/// A field of a message.
#[derive(Debug)]
pub(super) struct Field {
    /// The name to write.
    pub(super) name: &'static str,
    /// The name in the API's own definition, which istiod reads as well.
    pub(super) alias: &'static str,
    /// What it takes.
    pub(super) takes: Type,
}

/// What a field takes.
#[derive(Debug)]
pub(super) enum Type {
    /// A string.
    Text,
    /// A list of strings.
    Texts,
    /// A mapping of strings.
    Labels,
    /// A mapping of strings to 32-bit numbers without sign.
    Weights,
    /// A mapping of 32-bit numbers without sign to messages.
    Ports(&'static Schema),
    /// A boolean.
    Bool,
    /// A 32-bit number.
    Int32,
    /// A 32-bit number without sign.
    Uint32,
    /// A list of 32-bit numbers without sign.
    Uint32s,
    /// A 64-bit number without sign.
    Uint64,
    /// Any number.
    Double,
    /// A duration in Go's notation, and what it is a mistake to write something else.
    Duration(Cause),
    /// One of some words, or the number of a word.
    Word(&'static [(&'static str, i32)]),
    /// A message.
    Message(&'static Schema),
    /// A list of messages.
    Messages(&'static Schema),
}

/// A field with two spellings.
const fn field(name: &'static str, alias: &'static str, takes: Type) -> Field {
    Field { name, alias, takes }
}

/// A field whose name is one word.
const fn word(name: &'static str, takes: Type) -> Field {
    Field { name, alias: name, takes }
}

/// A field of strings, with two spellings.
const fn texts(name: &'static str, alias: &'static str) -> Field {
    field(name, alias, Type::Texts)
}

/// A workload selector, which all kinds have.
const SELECTOR: Schema = Schema { fields: &[field("matchLabels", "match_labels", Type::Labels)] };
