//! What was found wrong so far, and the places findings point at.

use std::fmt;
use std::rc::Rc;

use crate::admission::Cause;
use crate::admission::Refusal;
use crate::admission::Warning;
use crate::diag::Span;

/// How many refusals of one object are worth keeping.
const MOST: usize = 1_000;

/// Where a value stands: in the user's file, and in the object.
#[derive(Debug, Clone)]
pub(super) struct Place<'n> {
    pub(super) span: Span,
    pub(super) path: Path<'n>,
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Placed<'n, T> {
    pub(super) value: T,
    pub(super) place: Place<'n>,
}

/// The way from the root of an object to a value.
#[derive(Debug, Clone, Default)]
pub(super) struct Path<'n>(Option<Rc<(Path<'n>, Step<'n>)>>);

#[derive(Debug, Clone, Copy)]
enum Step<'n> {
    Field(&'n str),
    Index(usize),
    Key(&'n str),
}

impl<'n> Path<'n> {
    /// A field of the message here.
    pub(super) fn field(&self, name: &'n str) -> Self {
        self.then(Step::Field(name))
    }

    /// An item of the list here.
    pub(super) fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    /// An entry of the mapping here, whose keys are the user's own words.
    pub(super) fn key(&self, key: &'n str) -> Self {
        self.then(Step::Key(key))
    }

    fn then(&self, step: Step<'n>) -> Self {
        Self(Some(Rc::new((self.clone(), step))))
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = Vec::new();
        let mut here = self;
        while let Some(node) = &here.0 {
            steps.push(node.1);
            here = &node.0;
        }
        for (position, step) in steps.iter().rev().enumerate() {
            match step {
                Step::Field(name) if position == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => write!(f, "[{key}]")?,
            }
        }
        Ok(())
    }
}

/// Everything istiod has to say about one object.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) refusals: Vec<Refusal>,
    pub(super) warnings: Vec<Warning>,
}

impl Report {
    /// One more reason to refuse. Beyond a thousand they are dropped.
    pub(super) fn refuse(&mut self, cause: Cause, place: &Place<'_>, message: impl Into<String>) {
        self.add(cause, place, message.into(), None);
    }

    /// One more reason to refuse, and what to do about it.
    pub(super) fn refuse_with(&mut self, cause: Cause, place: &Place<'_>, message: impl Into<String>, help: impl Into<String>) {
        self.add(cause, place, message.into(), Some(help.into()));
    }

    fn add(&mut self, cause: Cause, place: &Place<'_>, message: String, help: Option<String>) {
        if self.refusals.len() < MOST {
            let message = one_line(message);
            let help = help.map(one_line);
            self.refusals.push(Refusal { cause, span: place.span, path: place.path.to_string(), message, help });
        }
    }

    /// Something accepted with a warning, in istiod's words.
    pub(super) fn warn(&mut self, cause: Cause, place: &Place<'_>, text: impl Into<String>) {
        self.warnings.push(Warning { cause, span: place.span, path: place.path.to_string(), text: text.into() });
    }
}

/// A text with the user's words in it, without what would break the line or the terminal.
fn one_line(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    text.chars()
        .map(|letter| if letter.is_control() { letter.escape_default().to_string() } else { letter.to_string() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Path;
    use super::one_line;

    #[test]
    fn what_is_said_fits_one_line() {
        assert_eq!(one_line("`a\nb\u{1b}\u{e9}` is no name".to_owned()), "`a\\nb\\u{1b}\u{e9}` is no name");
    }

    #[test]
    fn paths_read_as_people_write_them() {
        let rules = Path::default().field("spec").field("rules").index(0);
        assert_eq!(rules.field("from").index(1).field("source").to_string(), "spec.rules[0].from[1].source");
        assert_eq!(Path::default().field("spec").field("matchLabels").key("app").to_string(), "spec.matchLabels[app]");
        assert_eq!(Path::default().to_string(), "");
    }
}
