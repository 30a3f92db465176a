//! Small steps from a [`Node`] to a typed value, collecting findings on the way.
//!
//! [`Fields`] takes the fields of a mapping by name; what nobody took is an unknown field. A value that does not fit becomes a
//! finding and the step goes on without it, so one reading reports everything. `null` counts as absent.

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::codes;
use crate::manifest::kinds::Place;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::NumberValue;
use crate::manifest::yaml::Value;

/// Which reader's rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The API server's: an unknown field is an error, names and types are exact.
    ApiServer,
    /// istiod's for the mesh configuration: an unknown field is ignored (so it is a warning), `snake_case` names work,
    /// and a number may be in quotes.
    ProtoJson,
}

/// How many findings of one object are worth keeping.
const FINDINGS: usize = 1_000;

/// Collects findings while values are decoded.
#[derive(Debug)]
pub struct Decoder {
    dialect: Dialect,
    findings: Vec<Finding>,
}

impl Decoder {
    /// A decoder without findings.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, findings: Vec::new() }
    }

    /// Adds a finding. Beyond a thousand only the first error is kept, which is what decides about the object.
    pub fn report(&mut self, finding: Finding) {
        let is_decisive = || finding.is_error() && !self.findings.iter().any(Finding::is_error);
        if self.findings.len() < FINDINGS || is_decisive() {
            self.findings.push(finding);
        }
    }

    /// What was found so far.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// Says that a value has another type than the field takes.
    pub fn wrong_type(&mut self, node: &Node, name: &str, wanted: &str) {
        let headline = format!("`{name}` must be {wanted}, found {}", node.kind());
        let finding = Finding::new(codes::WRONG_TYPE, Severity::Error, headline, node.span);
        let help = match &node.value {
            Value::Number(number) if wanted == "a string" => Some(format!("write it in quotes: `\"{}\"`", number.text)),
            Value::Bool(_) if wanted == "a string" => {
                Some("words like `yes`, `on` and `true` are booleans: write the value in quotes".to_owned())
            }
            Value::String(text) if wanted == "a whole number" && text.parse::<u64>().is_ok() => {
                Some(format!("write it without quotes: `{text}`"))
            }
            Value::String(text) if wanted == "a list" && !text.contains('\n') => {
                Some(format!("write it as a list: `[\"{text}\"]`"))
            }
            Value::String(text) if wanted == "`true` or `false`" && matches!(text.as_str(), "true" | "false") => {
                Some(format!("write it without quotes: `{text}`"))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) | Value::Mapping(_) => None,
        };
        self.report(match help {
            Some(help) => finding.with_help(help),
            None => finding,
        });
    }

    /// Says that a value has the right type and still cannot stand here.
    pub fn bad_value(&mut self, headline: String, span: Span, help: impl Into<String>) {
        self.report(Finding::new(codes::BAD_VALUE, Severity::Error, headline, span).with_help(help));
    }

    /// The fields of a mapping. `what` names it in findings.
    pub fn fields<'n>(&mut self, node: &'n Node, what: &'n str) -> Option<Fields<'n>> {
        if let Value::Mapping(entries) = &node.value {
            return Some(Fields { what, entries, known: Vec::with_capacity(16), place: node.span });
        }
        self.wrong_type(node, what, "a mapping");
        None
    }

    /// The items of a list.
    pub fn list<'n>(&mut self, node: &'n Node, name: &str) -> &'n [Node] {
        if let Value::Sequence(items) = &node.value {
            return items;
        }
        self.wrong_type(node, name, "a list");
        &[]
    }

    /// A string.
    pub fn string(&mut self, node: &Node, name: &str) -> Option<Spanned<String>> {
        if let Value::String(text) = &node.value {
            return Some(Spanned::new(text.clone(), node.span));
        }
        self.wrong_type(node, name, "a string");
        None
    }

    /// A list of strings.
    pub fn strings(&mut self, node: &Node, name: &str) -> Vec<Spanned<String>> {
        let items = self.list(node, name);
        let mut strings = Vec::with_capacity(items.len());
        strings.extend(items.iter().filter_map(|item| self.string(item, name)));
        strings
    }

    /// A mapping of names to strings.
    pub fn labels(&mut self, node: &Node, name: &str) -> Labels {
        let Some(fields) = self.fields(node, name) else { return Labels::new() };
        fields.entries().filter_map(|(key, value)| Some((key.value.clone(), self.string(value, &key.value)?))).collect()
    }

    /// A boolean.
    pub fn boolean(&mut self, node: &Node, name: &str) -> Option<Spanned<bool>> {
        if let Value::Bool(value) = node.value {
            return Some(Spanned::new(value, node.span));
        }
        self.wrong_type(node, name, "`true` or `false`");
        None
    }

    /// A whole number from 0 to `largest`.
    pub fn unsigned(&mut self, node: &Node, name: &str, largest: u32) -> Option<Spanned<u32>> {
        let value = match &node.value {
            Value::Number(number) => match number.value {
                NumberValue::Integer(value) => i128::from(value),
                NumberValue::Unsigned(value) => i128::from(value),
                NumberValue::Float(_) => {
                    self.wrong_type(node, name, "a whole number");
                    return None;
                }
            },
            Value::String(text) if self.dialect == Dialect::ProtoJson && text.parse::<i128>().is_ok() => {
                text.parse().unwrap_or(-1)
            }
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Sequence(_) | Value::Mapping(_) => {
                self.wrong_type(node, name, "a whole number");
                return None;
            }
        };
        if let Some(value) = u32::try_from(value).ok().filter(|value| *value <= largest) {
            return Some(Spanned::new(value, node.span));
        }
        self.bad_value(format!("`{name}` is out of range: {value}"), node.span, format!("write a number from 0 to {largest}"));
        None
    }

    /// A port number.
    pub fn port(&mut self, node: &Node, name: &str) -> Option<Spanned<u16>> {
        let Spanned { value, span } = self.unsigned(node, name, u32::from(u16::MAX))?;
        u16::try_from(value).ok().map(|port| Spanned::new(port, span))
    }

    /// One of the words that a field takes.
    pub fn word<T: Copy>(&mut self, node: &Node, name: &str, words: &[(&str, T)]) -> Option<Spanned<T>> {
        let text = self.string(node, name)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(Spanned::new(*value, node.span));
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let help = match nearest(&text.value, &names) {
            Some(word) => format!("did you mean `{word}`? it takes {}", listing(&names)),
            None => format!("it takes {}", listing(&names)),
        };
        self.bad_value(format!("`{name}` cannot be `{}`", text.value), node.span, help);
        None
    }
}

/// The fields of one mapping, taken by name.
#[derive(Debug)]
pub struct Fields<'n> {
    what: &'n str,
    entries: &'n [(Spanned<String>, Node)],
    known: Vec<&'static str>,
    place: Span,
}

impl<'n> Fields<'n> {
    /// Where the mapping stands.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::from(self.place)
    }

    /// All fields, for mappings whose keys are the user's own words.
    pub fn entries(&self) -> impl Iterator<Item = (&'n Spanned<String>, &'n Node)> + use<'n> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Declares fields that are known and not looked at.
    pub fn ignore(&mut self, names: &[&'static str]) {
        self.known.extend_from_slice(names);
    }

    /// The value of a field; `None` when absent or null.
    pub fn take(&mut self, decoder: &Decoder, name: &'static str) -> Option<&'n Node> {
        self.known.push(name);
        let is_named = |key: &str| key == name || (decoder.dialect == Dialect::ProtoJson && is_snake_case_of(key, name));
        self.entries.iter().find(|(key, node)| is_named(&key.value) && !node.is_null()).map(|(_, node)| node)
    }

    /// The value of a field that must be there; says so when it is not.
    pub fn require(&mut self, decoder: &mut Decoder, name: &'static str) -> Option<&'n Node> {
        let node = self.take(decoder, name);
        if node.is_none() {
            self.missing(decoder, name);
        }
        node
    }

    fn missing(&self, decoder: &mut Decoder, name: &str) {
        let written = self.entries.iter().find(|(key, _)| key.value == name);
        let span = written.or(self.entries.first()).map_or(self.place, |(key, _)| key.span);
        let finding = Finding::new(codes::MISSING_FIELD, Severity::Error, format!("`{}` has no `{name}`", self.what), span);
        decoder.report(finding.with_help(format!("write `{name}`")));
    }

    /// A string.
    pub fn string(&mut self, decoder: &mut Decoder, name: &'static str) -> Option<Spanned<String>> {
        self.take(decoder, name).and_then(|node| decoder.string(node, name))
    }

    /// A string that must be there; empty when it is not, and that is reported.
    pub fn required_string(&mut self, decoder: &mut Decoder, name: &'static str) -> Spanned<String> {
        let node = self.require(decoder, name);
        node.and_then(|node| decoder.string(node, name)).unwrap_or_default()
    }

    /// A list of strings; empty when absent.
    pub fn strings(&mut self, decoder: &mut Decoder, name: &'static str) -> Vec<Spanned<String>> {
        self.take(decoder, name).map(|node| decoder.strings(node, name)).unwrap_or_default()
    }

    /// A mapping of names to strings; empty when absent.
    pub fn labels(&mut self, decoder: &mut Decoder, name: &'static str) -> Labels {
        self.take(decoder, name).map(|node| decoder.labels(node, name)).unwrap_or_default()
    }

    /// A boolean.
    pub fn boolean(&mut self, decoder: &mut Decoder, name: &'static str) -> Option<Spanned<bool>> {
        self.take(decoder, name).and_then(|node| decoder.boolean(node, name))
    }

    /// A boolean; `false` when absent.
    pub fn flag(&mut self, decoder: &mut Decoder, name: &'static str) -> bool {
        self.boolean(decoder, name).is_some_and(|flag| flag.value)
    }

    /// A whole number of 32 bits.
    pub fn unsigned(&mut self, decoder: &mut Decoder, name: &'static str) -> Option<Spanned<u32>> {
        self.take(decoder, name).and_then(|node| decoder.unsigned(node, name, u32::MAX))
    }

    /// A port number.
    pub fn port(&mut self, decoder: &mut Decoder, name: &'static str) -> Option<Spanned<u16>> {
        self.take(decoder, name).and_then(|node| decoder.port(node, name))
    }

    /// A port number that must be there; 0 when it is not, and that is reported.
    pub fn required_port(&mut self, decoder: &mut Decoder, name: &'static str) -> Spanned<u16> {
        let node = self.require(decoder, name);
        node.and_then(|node| decoder.port(node, name)).unwrap_or_default()
    }

    /// One of the words that the field takes.
    pub fn word<T: Copy>(&mut self, decoder: &mut Decoder, name: &'static str, words: &[(&str, T)]) -> Option<Spanned<T>> {
        self.take(decoder, name).and_then(|node| decoder.word(node, name, words))
    }

    /// The fields of a mapping inside this one.
    pub fn fields(&mut self, decoder: &mut Decoder, name: &'static str) -> Option<Fields<'n>> {
        self.take(decoder, name).and_then(|node| decoder.fields(node, name))
    }

    /// The fields of a mapping inside this one that must be there.
    pub fn required_fields(&mut self, decoder: &mut Decoder, name: &'static str) -> Option<Fields<'n>> {
        self.require(decoder, name).and_then(|node| decoder.fields(node, name))
    }

    /// The items of a list; none when absent.
    pub fn items(&mut self, decoder: &mut Decoder, name: &'static str) -> &'n [Node] {
        self.take(decoder, name).map(|node| decoder.list(node, name)).unwrap_or_default()
    }

    /// Each item of a list of mappings, decoded.
    pub fn each<T>(
        &mut self,
        decoder: &mut Decoder,
        name: &'static str,
        mut decode: impl FnMut(Fields<'n>, &mut Decoder) -> T,
    ) -> Vec<T> {
        let items = self.items(decoder, name);
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            if let Some(fields) = decoder.fields(item, name) {
                values.push(decode(fields, decoder));
            }
        }
        values
    }

    /// Reports every field that nobody took.
    pub fn finish(self, decoder: &mut Decoder) {
        for (key, _) in self.entries {
            let is_known = |name: &&str| {
                **name == key.value || (decoder.dialect == Dialect::ProtoJson && is_snake_case_of(&key.value, name))
            };
            if !self.known.iter().any(is_known) {
                let finding = self.unknown(key, decoder.dialect);
                decoder.report(finding);
            }
        }
    }

    fn unknown(&self, key: &Spanned<String>, dialect: Dialect) -> Finding {
        let severity = match dialect {
            Dialect::ApiServer => Severity::Error,
            Dialect::ProtoJson => Severity::Warning,
        };
        let headline = format!("unknown field `{}` in `{}`", key.value, self.what);
        let finding = Finding::new(codes::UNKNOWN_FIELD, severity, headline, key.span);
        match nearest(&key.value, &self.known) {
            Some(name) => finding.with_help(format!("did you mean `{name}`?")),
            None if self.known.len() <= 16 => finding.with_help(format!("`{}` takes {}", self.what, listing(&self.known))),
            None => finding.with_help("correct the name, or remove the field"),
        }
    }
}

/// Whether `key` is `name` in the spelling of protobuf: `trust_domain` for `trustDomain`.
pub(crate) fn is_snake_case_of(key: &str, name: &str) -> bool {
    if name == "meshMTLS" {
        return key == "mesh_mTLS";
    }
    let mut rest = key.chars();
    for expected in name.chars() {
        if expected.is_ascii_uppercase() && rest.next() != Some('_') {
            return false;
        }
        if rest.next() != Some(expected.to_ascii_lowercase()) {
            return false;
        }
    }
    rest.next().is_none()
}

/// The name that was probably meant.
pub(crate) fn nearest<'c>(written: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let plain = |text: &str| text.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).collect::<String>().to_lowercase();
    let written = plain(written);
    let farthest = (written.chars().count() / 3).max(1);
    let scored = candidates.iter().map(|candidate| (strsim::damerau_levenshtein(&written, &plain(candidate)), *candidate));
    scored.filter(|(distance, _)| *distance <= farthest).min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// Names in backticks, separated by commas.
pub(crate) fn listing(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
