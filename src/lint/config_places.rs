//! Where the keys of `meshsec.toml` stand, and what was probably meant by one that there is not.

use std::collections::BTreeMap;

use toml::de::DeTable;
use toml::de::DeValue;

/// Lines of keys and list items, by path: `lint.rules.MS602.days`, `lint.select.0`.
#[derive(Debug, Default)]
pub struct Places(BTreeMap<String, usize>);

impl Places {
    /// Of a text; nothing of one that is not TOML.
    pub(super) fn of(text: &str) -> Self {
        let mut places = Self::default();
        if let Ok(table) = DeTable::parse(text) {
            places.table(text, "", table.get_ref());
        }
        places
    }

    /// The line of a key or list item, counted from 1.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<usize> {
        self.0.get(path).copied()
    }

    fn table(&mut self, text: &str, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
            self.0.insert(path.clone(), line_at(text, key.span().start));
            self.value(text, &path, value.get_ref());
        }
    }

    fn value(&mut self, text: &str, path: &str, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.table(text, path, table),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}.{index}");
                    self.0.insert(path.clone(), line_at(text, item.span().start));
                    self.value(text, &path, item.get_ref());
                }
            }
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }
}

/// The line of an offset, counted from 1.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// What was probably meant by a word, of those that there are.
#[must_use]
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let (distance, name) = known.map(|name| (strsim::damerau_levenshtein(word, name), name)).min()?;
    (distance <= 3 && distance < word.len().max(2)).then_some(name)
}

/// `did you mean` one, or all that there are.
pub(super) fn did_you_mean(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("there are {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}
