//! JSON by RFC 8259, kept as it was written: members in order, numbers as text, repeated names noted.
//!
//! Unlike [`parse_object`](super::parse_object) this is what the standards ask of a token (RFC 7515 section 4, RFC 7519 section 4), and
//! nothing is rounded: a number of thirty digits prints as it was read.

use thiserror::Error;

/// Deeper nesting is refused, like Envoy does.
const MAX_DEPTH: usize = 100;
/// Repeated names that are reported.
const MOST_DUPLICATES: usize = 16;

/// A JSON value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExactJson {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The digits.
    Number(String),
    /// The text, without escapes.
    String(String),
    /// Elements.
    Array(Vec<ExactJson>),
    /// Members in order; a name may occur twice.
    Object(Vec<(String, ExactJson)>),
}

/// The text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{problem} at byte {offset}")]
pub struct ExactJsonError {
    /// What is wrong.
    pub problem: JsonProblem,
    /// Offset in bytes of the first thing that does not fit.
    pub offset: usize,
}

/// What is wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum JsonProblem {
    /// The bytes are not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// More than a hundred levels.
    #[error("nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// It ends too early.
    #[error("unexpected end")]
    End,
    /// Something else was wanted.
    #[error("unexpected character")]
    Unexpected,
    /// A string is not closed, or holds a raw control character or an unknown escape.
    #[error("malformed string")]
    String,
    /// Half of a surrogate pair.
    #[error("a lone surrogate")]
    Surrogate,
    /// Something follows the value.
    #[error("more text after the value")]
    Trailing,
}

/// A value and the names that occur twice in one object of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactDocument {
    /// The value.
    pub value: ExactJson,
    /// Repeated names, each once, the first sixteen.
    pub duplicates: Vec<String>,
}

impl ExactJson {
    /// Reads a text.
    ///
    /// # Errors
    /// When it is not JSON; a repeated name is no error here.
    pub fn parse(text: &[u8]) -> Result<ExactDocument, ExactJsonError> {
        let text = str::from_utf8(text)
            .map_err(|error| ExactJsonError { problem: JsonProblem::NotUtf8, offset: error.valid_up_to() })?;
        let mut reader = Reader { text: text.as_bytes(), at: 0, depth: 0, duplicates: Vec::new() };
        let value = reader.value()?;
        reader.skip_space();
        if reader.at < reader.text.len() {
            return reader.fail(JsonProblem::Trailing);
        }
        Ok(ExactDocument { value, duplicates: reader.duplicates })
    }

    /// A member; the last of a repeated name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The members.
    #[must_use]
    pub fn as_object(&self) -> Option<&[(String, Self)]> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// The elements.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(elements) = self { Some(elements) } else { None }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The text of a member that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// What kind of value it is, in a word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The value as the JSON library holds it: numbers beyond 64 bits become doubles, the last of a repeated name wins.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => serde_json::Value::Bool(*value),
            Self::Number(text) => text.parse::<serde_json::Number>().map_or(serde_json::Value::Null, serde_json::Value::Number),
            Self::String(text) => serde_json::Value::String(text.clone()),
            Self::Array(elements) => elements.iter().map(Self::to_value).collect(),
            Self::Object(members) => members.iter().map(|(name, value)| (name.clone(), value.to_value())).collect(),
        }
    }

    /// The value of the JSON library as text.
    #[must_use]
    pub fn from_value(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::String(text.clone()),
            serde_json::Value::Array(elements) => Self::Array(elements.iter().map(Self::from_value).collect()),
            serde_json::Value::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.clone(), Self::from_value(value))).collect())
            }
        }
    }
}

impl From<&str> for ExactJson {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for ExactJson {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for ExactJson {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<usize> for ExactJson {
    fn from(number: usize) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<i64> for ExactJson {
    fn from(number: i64) -> Self {
        Self::Number(number.to_string())
    }
}

impl<T: Into<ExactJson>> From<Option<T>> for ExactJson {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<ExactJson>> FromIterator<T> for ExactJson {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self::Array(elements.into_iter().map(Into::into).collect())
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    duplicates: Vec<String>,
}

impl Reader<'_> {
    fn fail<T>(&self, problem: JsonProblem) -> Result<T, ExactJsonError> {
        Err(ExactJsonError { problem, offset: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn next_is(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn unexpected<T>(&self) -> Result<T, ExactJsonError> {
        self.fail(if self.at < self.text.len() { JsonProblem::Unexpected } else { JsonProblem::End })
    }

    fn expect(&mut self, byte: u8) -> Result<(), ExactJsonError> {
        if self.next_is(byte) { Ok(()) } else { self.unexpected() }
    }

    fn literal(&mut self, literal: &[u8], value: ExactJson) -> Result<ExactJson, ExactJsonError> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(literal)) {
            return self.unexpected();
        }
        self.at += literal.len();
        Ok(value)
    }

    fn value(&mut self) -> Result<ExactJson, ExactJsonError> {
        self.skip_space();
        match self.peek() {
            Some(bracket @ (b'{' | b'[')) => {
                if self.depth == MAX_DEPTH {
                    return self.fail(JsonProblem::TooDeep);
                }
                self.at += 1;
                self.depth += 1;
                let value = if bracket == b'{' { self.members()? } else { self.elements()? };
                self.depth -= 1;
                Ok(value)
            }
            Some(b'"') => self.string().map(ExactJson::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true", ExactJson::Bool(true)),
            Some(b'f') => self.literal(b"false", ExactJson::Bool(false)),
            Some(b'n') => self.literal(b"null", ExactJson::Null),
            _ => self.unexpected(),
        }
    }

    fn members(&mut self) -> Result<ExactJson, ExactJsonError> {
        let mut members: Vec<(String, ExactJson)> = Vec::new();
        if !self.next_is(b'}') {
            loop {
                self.skip_space();
                if self.peek() != Some(b'"') {
                    return self.unexpected();
                }
                let name = self.string()?;
                self.expect(b':')?;
                let value = self.value()?;
                members.push((name, value));
                if self.next_is(b'}') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        let mut names: Vec<&String> = members.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        for (name, _) in names.iter().zip(names.iter().skip(1)).filter(|(name, next)| name == next) {
            if self.duplicates.len() < MOST_DUPLICATES && !self.duplicates.contains(name) {
                self.duplicates.push((*name).clone());
            }
        }
        Ok(ExactJson::Object(members))
    }

    fn elements(&mut self) -> Result<ExactJson, ExactJsonError> {
        let mut elements = Vec::new();
        if !self.next_is(b']') {
            loop {
                elements.push(self.value()?);
                if self.next_is(b']') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        Ok(ExactJson::Array(elements))
    }

    fn digits(&mut self) -> Result<(), ExactJsonError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { self.unexpected() } else { Ok(()) }
    }

    fn number(&mut self) -> Result<ExactJson, ExactJsonError> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        // A digit after a leading zero is left over and fails where a comma or bracket is wanted.
        let text = self.text.get(start..self.at).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default();
        Ok(ExactJson::Number(text.to_owned()))
    }

    fn string(&mut self) -> Result<String, ExactJsonError> {
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
            bytes.extend_from_slice(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(&mut bytes)?;
                }
                Some(_) => return self.fail(JsonProblem::String),
                None => return self.fail(JsonProblem::End),
            }
        }
        self.at += 1;
        // The whole text is UTF-8 and is cut at ASCII only.
        String::from_utf8(bytes).or_else(|_| self.fail(JsonProblem::NotUtf8))
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), ExactJsonError> {
        let Some(byte) = self.peek() else { return self.fail(JsonProblem::End) };
        self.at += 1;
        let byte = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let character = self.unicode_escape()?;
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return self.fail(JsonProblem::String),
        };
        bytes.push(byte);
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<char, ExactJsonError> {
        let first = self.four_hex_digits()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(b"\\u")) {
                return self.fail(JsonProblem::Surrogate);
            }
            self.at += 2;
            let second = self.four_hex_digits()?;
            if !(0xdc00..0xe000).contains(&second) {
                return self.fail(JsonProblem::Surrogate);
            }
            0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff)
        } else {
            first
        };
        char::from_u32(code).map_or_else(|| self.fail(JsonProblem::Surrogate), Ok)
    }

    fn four_hex_digits(&mut self) -> Result<u32, ExactJsonError> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return self.fail(JsonProblem::String);
            };
            self.at += 1;
            code = code * 16 + digit;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_not_json() {
        use JsonProblem::*;
        let deep = "[".repeat(101);
        for (text, problem, offset) in [
            (&b""[..], End, 0),
            (b"{", End, 1),
            (b"[1,]", Unexpected, 3),
            (b"{\"a\":1,}", Unexpected, 7),
            (b"{a:1}", Unexpected, 1),
            (b"{'a':1}", Unexpected, 1),
            (b"01", Trailing, 1),
            (b"+1", Unexpected, 0),
            (b".5", Unexpected, 0),
            (b"1.", End, 2),
            (b"NaN", Unexpected, 0),
            (b"Infinity", Unexpected, 0),
            (b"TRUE", Unexpected, 0),
            (b"nul", Unexpected, 0),
            (b"{} {}", Trailing, 3),
            (b"\"a", End, 2),
            (b"\"\n\"", String, 1),
            (b"\"\\'\"", String, 3),
            (b"\"\\u12g4\"", String, 5),
            (b"\"\\ud800\"", Surrogate, 7),
            (b"\"\\ud800\\u0041\"", Surrogate, 13),
            (b"\"\\udc00\"", Surrogate, 7),
            (b"\"\xff\"", NotUtf8, 1),
            (b"\xef\xbb\xbf{}", Unexpected, 0),
            (deep.as_bytes(), TooDeep, 100),
        ] {
            let name = std::string::String::from_utf8_lossy(text);
            assert_eq!(ExactJson::parse(text), Err(ExactJsonError { problem, offset }), "{name}");
        }
    }

    #[test]
    fn numbers_order_and_repeated_names_are_kept() {
        let text = r#" {"z":12345678901234567890123,"a":1e400,"z":-0.50,"o":{"n":1,"n":2},"t":"\u00e9\ud83d\ude00\/"} "#;
        let ExactDocument { value, duplicates } = ExactJson::parse(text.as_bytes()).unwrap();
        assert_eq!(duplicates, ["n", "z"]);
        let members = value.as_object().unwrap();
        assert_eq!(members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["z", "a", "z", "o", "t"]);
        assert_eq!(value.get("z"), Some(&ExactJson::Number("-0.50".to_owned())));
        assert_eq!(value.get("a"), Some(&ExactJson::Number("1e400".to_owned())));
        assert_eq!(value.text("t"), Some("é😀/"));
    }

    #[test]
    fn a_hundred_levels_are_read() {
        let text = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(ExactJson::parse(text.as_bytes()).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = ExactJson::parse(&bytes);
        }

        #[test]
        fn what_the_json_library_reads_is_read_the_same(text in r#"[\[\]{},:"0-9eE.+\\a-fntu -]{0,30}"#) {
            let ours = ExactJson::parse(text.as_bytes());
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(value) => proptest::prop_assert_eq!(ours.unwrap().value.to_value(), value),
                // The library has no number this large.
                Err(error) => proptest::prop_assert!(ours.is_err() || error.to_string().contains("out of range"), "{}", error),
            }
        }
    }
}
