use serde_json::Map;
use serde_json::Value;

/// One message in the JSON form of proto3: a field that holds its default is left out.
#[derive(Debug, Default)]
pub(super) struct Message(Map<String, Value>);

impl Message {
    /// A message without fields.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A message inside an `Any`, by its full name.
    pub(super) fn of_type(name: &str) -> Self {
        Self::new().field("@type", format!("type.googleapis.com/{name}"))
    }

    /// Sets a field that is shown whatever it holds: messages, wrappers and members of a `oneof`.
    pub(super) fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a field when there is a value.
    pub(super) fn optional(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Sets a text field unless it is empty.
    pub(super) fn text(self, name: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.field(name, value) }
    }

    /// Sets a boolean field unless it is false.
    pub(super) fn flag(self, name: &str, value: bool) -> Self {
        if value { self.field(name, true) } else { self }
    }

    /// Sets a number field unless it is zero.
    pub(super) fn number(self, name: &str, value: u32) -> Self {
        if value == 0 { self } else { self.field(name, value) }
    }

    /// Sets a repeated field unless it is empty.
    pub(super) fn list(self, name: &str, values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        if values.is_empty() { self } else { self.field(name, values) }
    }

    /// Sets a map field unless it is empty; the entries keep their order.
    pub(super) fn map(self, name: &str, entries: impl IntoIterator<Item = (String, Value)>) -> Self {
        let entries: Map<String, Value> = entries.into_iter().collect();
        if entries.is_empty() { self } else { self.field(name, entries) }
    }

    /// A filter, transport socket or extension: a name with this message as its configuration.
    pub(super) fn named(self, name: &str) -> Value {
        Self::new().field("name", name).field("typedConfig", self).into()
    }
}

/// A duration such as `0.5s` with the digits protobuf prints: none, or as many groups of three as it takes.
pub(super) fn duration(written: &str) -> String {
    let Some((seconds, fraction)) = written.strip_suffix('s').and_then(|number| number.split_once('.')) else {
        return written.to_owned();
    };
    let digits = fraction.trim_end_matches('0');
    if digits.is_empty() {
        return format!("{seconds}s");
    }
    let width = digits.len().next_multiple_of(3);
    format!("{seconds}.{digits:0<width$}s")
}

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::Object(message.0)
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_printed_in_groups_of_three_digits() {
        let cases = [
            ("10s", "10s"),
            ("0.5s", "0.500s"),
            ("1.0s", "1s"),
            ("1.2345s", "1.234500s"),
            ("0.000000001s", "0.000000001s"),
            ("1m", "1m"),
            ("", ""),
        ];
        for (written, printed) in cases {
            assert_eq!(duration(written), printed, "{written}");
        }
    }
}
