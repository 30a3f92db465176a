//! JSON as Envoy reads token headers, payloads and key sets: the lenient reader of protobuf's `Struct`.
//!
//! Beyond RFC 8259 it accepts single quotes, names without quotes, one comma before a closing bracket, raw control characters in
//! strings and the escapes `\'` and `\U`. Stricter than most, it refuses duplicate names, more than 100 levels, and anything but an
//! object at the top.

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use thiserror::Error;

const MAX_DEPTH: usize = 100;

/// The text is no JSON object to Envoy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a JSON object as Envoy reads it, at byte {offset}")]
pub struct JsonError {
    /// Offset in bytes of the first thing that does not fit.
    pub offset: usize,
}

/// Reads an object; every number becomes a double.
///
/// # Errors
/// When the text is no such object, holds a name twice or is nested too deeply.
pub fn parse_object(text: &[u8]) -> Result<Map<String, Value>, JsonError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let object = reader.object()?;
    reader.skip_space();
    if reader.at == text.len() { Ok(object) } else { reader.fail() }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn fail<T>(&self) -> Result<T, JsonError> {
        Err(JsonError { offset: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self) -> Result<u8, JsonError> {
        let Some(byte) = self.peek() else { return self.fail() };
        self.at += 1;
        Ok(byte)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Skips white space and then this byte, if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, literal: &[u8]) -> Result<(), JsonError> {
        self.skip_space();
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(literal)) {
            return self.fail();
        }
        self.at += literal.len();
        Ok(())
    }

    fn enter(&mut self, bracket: u8) -> Result<(), JsonError> {
        self.expect(&[bracket])?;
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.fail() } else { Ok(()) }
    }

    fn object(&mut self) -> Result<Map<String, Value>, JsonError> {
        self.enter(b'{')?;
        let mut members = Map::new();
        let mut comma = true;
        while !self.eat(b'}') {
            if !comma {
                return self.fail();
            }
            let name = match self.peek() {
                Some(b'"' | b'\'') => self.string()?,
                _ => self.bare_name()?,
            };
            if members.contains_key(&name) {
                return self.fail();
            }
            self.expect(b":")?;
            let value = self.value()?;
            members.insert(name, value);
            comma = self.eat(b',');
        }
        self.depth -= 1;
        Ok(members)
    }

    fn list(&mut self) -> Result<Vec<Value>, JsonError> {
        self.enter(b'[')?;
        let mut elements = Vec::new();
        let mut comma = true;
        while !self.eat(b']') {
            if !comma {
                return self.fail();
            }
            elements.push(self.value()?);
            comma = self.eat(b',');
        }
        self.depth -= 1;
        Ok(elements)
    }

    fn value(&mut self) -> Result<Value, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object().map(Value::Object),
            Some(b'[') => self.list().map(Value::Array),
            Some(b'"' | b'\'') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.expect(b"true").map(|()| Value::Bool(true)),
            Some(b'f') => self.expect(b"false").map(|()| Value::Bool(false)),
            Some(b'n') => self.expect(b"null").map(|()| Value::Null),
            _ => self.fail(),
        }
    }

    fn bare_name(&mut self) -> Result<String, JsonError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
        match self.text.get(start..self.at).map(str::from_utf8) {
            Some(Ok("" | "true" | "false" | "null")) => self.fail(),
            Some(Ok(name)) if !name.starts_with(|first: char| first.is_ascii_digit()) => Ok(name.to_owned()),
            _ => self.fail(),
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { self.fail() } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Number, JsonError> {
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
        let text = self.text.get(start..self.at).and_then(|text| str::from_utf8(text).ok());
        let number = text.and_then(|text| text.parse().ok()).and_then(Number::from_f64);
        number.ok_or(JsonError { offset: start })
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let start = self.at;
        let quote = self.take()?;
        let mut bytes = Vec::new();
        loop {
            match self.take()? {
                byte if byte == quote => break,
                b'\\' => self.escape(&mut bytes)?,
                byte => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).map_err(|_| JsonError { offset: start })
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), JsonError> {
        let byte = match self.take()? {
            byte @ (b'"' | b'\'' | b'\\' | b'/') => byte,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' | b'U' => {
                let character = self.unicode_escape()?;
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return self.fail(),
        };
        bytes.push(byte);
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.four_hex_digits()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            // White space between the halves of a pair is skipped like between any two tokens.
            self.expect(b"\\u")?;
            let second = self.four_hex_digits()?;
            if !(0xdc00..0xe000).contains(&second) {
                return self.fail();
            }
            0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff)
        } else {
            first
        };
        char::from_u32(code).ok_or(JsonError { offset: self.at })
    }

    fn four_hex_digits(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.take()?).to_digit(16) else { return self.fail() };
            code = code * 16 + digit;
        }
        Ok(code)
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
