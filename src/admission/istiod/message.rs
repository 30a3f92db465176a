//! A decoded message: its fields by name, each value with its place.

use crate::admission::istiod::report::Place;
use crate::admission::istiod::report::Placed;
use crate::admission::istiod::schema::Schema;

/// A message as istiod holds it. A field that is absent or null is not there.
#[derive(Debug)]
pub(super) struct Message<'n> {
    pub(super) place: Place<'n>,
    pub(super) schema: &'static Schema,
    pub(super) fields: Vec<(&'static str, Place<'n>, Content<'n>)>,
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Content<'n> {
    Text(&'n str),
    Texts(Vec<Placed<'n, &'n str>>),
    Labels(Vec<(&'n str, Placed<'n, &'n str>)>),
    Weights(Vec<(&'n str, Placed<'n, i128>)>),
    Ports(Vec<(i128, Message<'n>)>),
    Bool(bool),
    Integer(i128),
    Integers,
    Double(f64),
    /// In nanoseconds.
    Duration(i64),
    /// The number of a word.
    Word(i32),
    Message(Message<'n>),
    Messages(Vec<Message<'n>>),
}

impl<'n> Message<'n> {
    /// A message without fields.
    pub(super) fn empty(place: Place<'n>, schema: &'static Schema) -> Self {
        Self { place, schema, fields: Vec::new() }
    }

    fn content(&self, name: &str) -> Option<(&Place<'n>, &Content<'n>)> {
        debug_assert!(self.schema.fields.iter().any(|field| field.name == name), "no field {name}");
        self.fields.iter().find(|(field, _, _)| *field == name).map(|(_, place, content)| (place, content))
    }

    /// Whether a field is there. A list without items is not.
    pub(super) fn has(&self, name: &str) -> bool {
        match self.content(name) {
            Some((_, Content::Texts(items))) => !items.is_empty(),
            Some((_, Content::Messages(items))) => !items.is_empty(),
            content => content.is_some(),
        }
    }

    /// Where a field stands, or else the message.
    pub(super) fn place_of(&self, name: &str) -> &Place<'n> {
        self.content(name).map_or(&self.place, |(place, _)| place)
    }

    /// A string, empty when absent.
    pub(super) fn text(&self, name: &str) -> &'n str {
        let Some((_, Content::Text(text))) = self.content(name) else { return "" };
        text
    }

    /// The strings of a list.
    pub(super) fn texts(&self, name: &str) -> &[Placed<'n, &'n str>] {
        let Some((_, Content::Texts(texts))) = self.content(name) else { return &[] };
        texts
    }

    /// The entries of a mapping of strings.
    pub(super) fn labels(&self, name: &str) -> &[(&'n str, Placed<'n, &'n str>)] {
        let Some((_, Content::Labels(labels))) = self.content(name) else { return &[] };
        labels
    }

    /// The entries of a mapping of strings to numbers.
    pub(super) fn weights(&self, name: &str) -> &[(&'n str, Placed<'n, i128>)] {
        let Some((_, Content::Weights(weights))) = self.content(name) else { return &[] };
        weights
    }

    /// The entries of a mapping of numbers to messages.
    pub(super) fn ports(&self, name: &str) -> &[(i128, Message<'n>)] {
        let Some((_, Content::Ports(ports))) = self.content(name) else { return &[] };
        ports
    }

    /// A boolean, false when absent.
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self.content(name), Some((_, Content::Bool(true))))
    }

    /// A whole number, zero when absent.
    pub(super) fn integer(&self, name: &str) -> i128 {
        let Some((_, Content::Integer(value))) = self.content(name) else { return 0 };
        *value
    }

    /// Any number.
    pub(super) fn double(&self, name: &str) -> Option<f64> {
        let Some((_, Content::Double(value))) = self.content(name) else { return None };
        Some(*value)
    }

    /// A duration in nanoseconds.
    pub(super) fn duration(&self, name: &str) -> Option<i64> {
        let Some((_, Content::Duration(value))) = self.content(name) else { return None };
        Some(*value)
    }

    /// The number of a word, zero when absent.
    pub(super) fn word(&self, name: &str) -> i32 {
        let Some((_, Content::Word(value))) = self.content(name) else { return 0 };
        *value
    }

    /// A message.
    pub(super) fn message(&self, name: &str) -> Option<&Message<'n>> {
        let Some((_, Content::Message(message))) = self.content(name) else { return None };
        Some(message)
    }

    /// The messages of a list.
    pub(super) fn messages(&self, name: &str) -> &[Message<'n>] {
        let Some((_, Content::Messages(messages))) = self.content(name) else { return &[] };
        messages
    }
}
