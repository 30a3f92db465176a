//! What a structural schema can say, as far as the definitions of Istio's kinds say it.
//!
//! The tables in `definition` are values of these types. Bounds on length count characters, bounds on size count what is not null:
//! a null is removed before anything is checked, unless the field is [`Schema::Nullable`].

use crate::admission::Cause;
use crate::admission::api_server::refusals::Refusals;
use crate::manifest::yaml::Node;

/// What may stand in one place.
#[derive(Debug)]
pub(super) enum Schema {
    Object(Object),
    Map(Map),
    List(List),
    Text(Text),
    /// One of these words.
    Word(&'static [&'static str]),
    Boolean,
    Integer(Integer),
    Number(Number),
    /// A number or a text, as in a status.
    IntegerOrText,
    /// The same, or an explicit null.
    Nullable(&'static Schema),
}

/// A mapping with fields of its own.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) fields: &'static [(&'static str, Schema)],
    pub(super) required: &'static [Required],
    pub(super) at_most_one: &'static [AtMostOne],
    /// Validation rules over several fields.
    pub(super) rules: &'static [fn(&Node, &mut Refusals<'_>)],
}

/// A field that must be there.
#[derive(Debug)]
pub(super) struct Required {
    pub(super) field: &'static str,
    pub(super) cause: Cause,
}

/// Fields of which at most one may be there, empty or not.
#[derive(Debug)]
pub(super) struct AtMostOne {
    pub(super) of: &'static [&'static str],
    pub(super) cause: Cause,
    pub(super) help: &'static str,
}

/// A mapping whose keys are the user's own words.
#[derive(Debug)]
pub(super) struct Map {
    pub(super) values: &'static Schema,
    pub(super) at_least: usize,
    pub(super) at_most: usize,
    /// Why too few entries refuse.
    pub(super) too_few: Cause,
    pub(super) keys: &'static [Grammar],
}

#[derive(Debug)]
pub(super) struct List {
    pub(super) items: &'static Schema,
    pub(super) at_most: usize,
}

#[derive(Debug)]
pub(super) struct Text {
    pub(super) at_least: usize,
    pub(super) at_most: usize,
    /// Why a wrong length refuses.
    pub(super) wrong_length: Cause,
    pub(super) grammar: &'static [Grammar],
}

/// What a text must look like.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) allows: fn(&str) -> bool,
    pub(super) cause: Cause,
    /// What is wrong with a text that is not allowed, to follow the text itself.
    pub(super) problem: &'static str,
    pub(super) help: &'static str,
}

#[derive(Debug)]
pub(super) struct Integer {
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) cause: Cause,
}

#[derive(Debug)]
pub(super) struct Number {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) cause: Cause,
}

/// Any text.
pub(super) const TEXT: Schema = Schema::Text(Text::ANY);

/// A list of any texts.
pub(super) const TEXTS: Schema = list(&TEXT);

impl Object {
    pub(super) const EMPTY: Object = Object { fields: &[], required: &[], at_most_one: &[], rules: &[] };
}

impl Text {
    pub(super) const ANY: Text = Text { at_least: 0, at_most: usize::MAX, wrong_length: Cause::EmptyText, grammar: &[] };
}

/// A mapping with these fields and nothing more to say about them.
pub(super) const fn object(fields: &'static [(&'static str, Schema)]) -> Schema {
    Schema::Object(Object { fields, ..Object::EMPTY })
}

/// A list as long as one likes.
pub(super) const fn list(items: &'static Schema) -> Schema {
    Schema::List(List { items, at_most: usize::MAX })
}

/// A mapping of any keys to these values.
pub(super) const fn map(values: &'static Schema) -> Schema {
    Schema::Map(Map { values, at_least: 0, at_most: usize::MAX, too_few: Cause::EmptyText, keys: &[] })
}

/// A text of at least one character.
pub(super) const fn some_text(cause: Cause) -> Schema {
    Schema::Text(Text { at_least: 1, wrong_length: cause, ..Text::ANY })
}

/// A whole number between two others.
pub(super) const fn integer(low: i64, high: i64, cause: Cause) -> Schema {
    Schema::Integer(Integer { low, high, cause })
}

/// A whole number of 32 bits with a sign.
pub(super) const fn int32(cause: Cause) -> Schema {
    integer(-2_147_483_648, 2_147_483_647, cause)
}

/// A whole number of 32 bits without a sign.
pub(super) const fn uint32(cause: Cause) -> Schema {
    integer(0, 4_294_967_295, cause)
}

/// A number between two others.
pub(super) const fn number(low: f64, high: f64, cause: Cause) -> Schema {
    Schema::Number(Number { low, high, cause })
}
