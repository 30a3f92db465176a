use std::fmt;

/// The way from the root of an object to a value, on the stack of whoever walks there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'p> {
    before: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Root,
    /// A field that the schema knows.
    Field(&'p str),
    /// An entry of a mapping whose keys are the user's own words.
    Key(&'p str),
    Item(usize),
}

impl<'p> Path<'p> {
    pub(super) const ROOT: Path<'static> = Path { before: None, step: Step::Root };

    pub(super) fn field<'n>(&'n self, name: &'n str) -> Path<'n> {
        Path { before: Some(self), step: Step::Field(name) }
    }

    pub(super) fn key<'n>(&'n self, key: &'n str) -> Path<'n> {
        Path { before: Some(self), step: Step::Key(key) }
    }

    pub(super) fn item(&self, index: usize) -> Path<'_> {
        Path { before: Some(self), step: Step::Item(index) }
    }

    /// The name a message calls the value by: that of the last field.
    pub(super) fn name(&self) -> &'p str {
        match (self.step, self.before) {
            (Step::Field(name) | Step::Key(name), _) => name,
            (Step::Item(_), Some(before)) => before.name(),
            (Step::Root | Step::Item(_), _) => "",
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(before) = self.before else { return Ok(()) };
        before.fmt(f)?;
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) if matches!(before.step, Step::Root) => f.write_str(name),
            Step::Field(name) => write!(f, ".{name}"),
            Step::Key(key) => write!(f, "[{key}]"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn a_path_reads_as_people_write_it() {
        let spec = Path::ROOT.field("spec");
        let rules = spec.field("rules");
        let rule = rules.item(2);
        let from = rule.field("from");
        assert_eq!(from.to_string(), "spec.rules[2].from");
        let ports = spec.field("portLevelMtls");
        let port = ports.key("8080");
        let mode = port.field("mode");
        assert_eq!(mode.to_string(), "spec.portLevelMtls[8080].mode");
        assert_eq!((rule.name(), port.name(), Path::ROOT.name()), ("rules", "8080", ""));
        assert_eq!(Path::ROOT.to_string(), "");
    }
}
