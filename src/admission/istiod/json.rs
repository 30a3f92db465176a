//! JSON as a list of tokens, by the grammar of Go's library: the first value of a text, whatever follows it.
//!
//! Tokens instead of a tree, because the same text is read several times with different eyes, members may repeat, and a text may nest
//! deeper than the stack allows.

use std::borrow::Cow;

/// Nesting that Go refuses.
const TOO_DEEP: usize = 10_001;

/// One piece of a JSON text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    /// `{`, and the index behind its `}`.
    Object(usize),
    /// `[`, and the index behind its `]`.
    Array(usize),
    /// `}` or `]`.
    Close,
    /// A string, escapes undone.
    String(Cow<'t, str>),
    /// A number as written.
    Number(&'t str),
    /// `true` or `false`.
    Bool,
    Null,
}

/// A value inside a text: its first token, and all others behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'v, 't> {
    tokens: &'v [Token<'t>],
    start: usize,
}

/// The tokens of a text's first value.
#[derive(Debug)]
pub(super) struct Document<'t>(Vec<Token<'t>>);

impl<'t> Document<'t> {
    /// Reads the first value of a text; `None` when it is no JSON.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        Reader { rest: text, tokens: Vec::new(), open: Vec::new() }.read().map(Self)
    }

    /// The value.
    pub(super) fn root(&self) -> Value<'_, 't> {
        Value { tokens: &self.0, start: 0 }
    }
}

impl<'v, 't> Value<'v, 't> {
    fn first(self) -> Option<&'v Token<'t>> {
        self.tokens.get(self.start)
    }

    /// The index behind this value.
    fn end(self) -> usize {
        match self.first() {
            Some(Token::Object(end) | Token::Array(end)) => *end,
            Some(Token::Close | Token::String(_) | Token::Number(_) | Token::Bool | Token::Null) | None => self.start + 1,
        }
    }

    /// Whether it is `null`.
    pub(super) fn is_null(self) -> bool {
        self.first() == Some(&Token::Null)
    }

    /// The text of a string.
    pub(super) fn text(self) -> Option<&'v str> {
        let Some(Token::String(text)) = self.first() else { return None };
        Some(text)
    }

    /// The elements of an array.
    pub(super) fn elements(self) -> Option<impl Iterator<Item = Value<'v, 't>>> {
        let Some(Token::Array(end)) = self.first() else { return None };
        let (tokens, last) = (self.tokens, end - 1);
        let mut next = self.start + 1;
        Some(std::iter::from_fn(move || {
            let value = (next < last).then_some(Value { tokens, start: next })?;
            next = value.end();
            Some(value)
        }))
    }

    /// The members of an object, in order, repeated ones too.
    pub(super) fn members(self) -> Option<impl Iterator<Item = (&'v str, Value<'v, 't>)>> {
        let Some(Token::Object(end)) = self.first() else { return None };
        let (tokens, last) = (self.tokens, end - 1);
        let mut next = self.start + 1;
        Some(std::iter::from_fn(move || {
            let name = (next < last).then_some(Value { tokens, start: next })?.text()?;
            let value = Value { tokens, start: next + 1 };
            next = value.end();
            Some((name, value))
        }))
    }

    /// Whether every number in it fits the floating-point type Go reads numbers to.
    pub(super) fn has_small_numbers(self) -> bool {
        let inside = self.tokens.get(self.start..self.end()).unwrap_or_default();
        inside.iter().all(|token| match token {
            Token::Number(text) => text.parse::<f64>().is_ok_and(f64::is_finite),
            Token::Object(_) | Token::Array(_) | Token::Close | Token::String(_) | Token::Bool | Token::Null => true,
        })
    }
}

struct Reader<'t> {
    rest: &'t str,
    tokens: Vec<Token<'t>>,
    /// Where the collections that are open began.
    open: Vec<usize>,
}

impl<'t> Reader<'t> {
    fn read(mut self) -> Option<Vec<Token<'t>>> {
        self.value()?;
        while let Some(start) = self.open.last().copied() {
            let is_object = matches!(self.tokens.get(start), Some(Token::Object(_)));
            let is_empty = start + 1 == self.tokens.len();
            let close = if is_object { '}' } else { ']' };
            self.blanks();
            if let Some(rest) = self.rest.strip_prefix(close) {
                self.rest = rest;
                self.close(start);
                continue;
            }
            if !is_empty {
                self.take(",")?;
                self.blanks();
            }
            if is_object {
                self.string()?;
                self.blanks();
                self.take(":")?;
            }
            self.value()?;
        }
        Some(self.tokens)
    }

    /// Reads a value, or the beginning of a collection.
    fn value(&mut self) -> Option<()> {
        self.blanks();
        match self.rest.as_bytes().first()? {
            b'{' => self.begin("{", Token::Object(0)),
            b'[' => self.begin("[", Token::Array(0)),
            b'"' => self.string(),
            b't' => self.word("true", Token::Bool),
            b'f' => self.word("false", Token::Bool),
            b'n' => self.word("null", Token::Null),
            _ => self.number(),
        }
    }

    fn begin(&mut self, bracket: &str, token: Token<'t>) -> Option<()> {
        self.take(bracket)?;
        self.open.push(self.tokens.len());
        self.tokens.push(token);
        (self.open.len() < TOO_DEEP).then_some(())
    }

    fn close(&mut self, start: usize) {
        self.tokens.push(Token::Close);
        let end = self.tokens.len();
        match self.tokens.get_mut(start) {
            Some(Token::Object(behind) | Token::Array(behind)) => *behind = end,
            Some(Token::Close | Token::String(_) | Token::Number(_) | Token::Bool | Token::Null) | None => {}
        }
        self.open.pop();
    }

    fn word(&mut self, word: &str, token: Token<'t>) -> Option<()> {
        self.take(word)?;
        self.tokens.push(token);
        Some(())
    }

    fn take(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn number(&mut self) -> Option<()> {
        let bytes = self.rest.as_bytes();
        let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let mut end = match bytes.get(sign)? {
            b'0' => sign + 1,
            b'1'..=b'9' => sign + digits(sign),
            _ => return None,
        };
        if bytes.get(end) == Some(&b'.') {
            let count = digits(end + 1);
            end += 1 + count;
            (count > 0).then_some(())?;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            end += 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let count = digits(end);
            end += count;
            (count > 0).then_some(())?;
        }
        let (number, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        self.tokens.push(Token::Number(number));
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.take("\"")?;
        let end = self.rest.find(|letter: char| letter == '"' || letter == '\\' || letter < ' ')?;
        let (plain, rest) = self.rest.split_at_checked(end)?;
        if let Some(rest) = rest.strip_prefix('"') {
            self.rest = rest;
            self.tokens.push(Token::String(Cow::Borrowed(plain)));
            return Some(());
        }
        let mut text = plain.to_owned();
        let mut letters = rest.chars();
        loop {
            match letters.next()? {
                '"' => break,
                '\\' => text.push(escape(&mut letters)?),
                letter if letter < ' ' => return None,
                letter => text.push(letter),
            }
        }
        self.rest = letters.as_str();
        self.tokens.push(Token::String(Cow::Owned(text)));
        Some(())
    }
}

/// The character an escape stands for; half of a surrogate pair is the replacement character.
fn escape(letters: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match letters.next()? {
        letter @ ('"' | '\\' | '/') => letter,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let first = unit(letters)?;
            let mut ahead = letters.clone();
            let is_pair = (0xd800..0xdc00).contains(&first) && ahead.next() == Some('\\') && ahead.next() == Some('u');
            let second = if is_pair { unit(&mut ahead)? } else { 0 };
            if (0xdc00..0xe000).contains(&second) {
                *letters = ahead;
                return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            }
            char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => return None,
    })
}

fn unit(letters: &mut std::str::Chars<'_>) -> Option<u32> {
    let mut value = 0;
    for _ in 0..4 {
        value = value * 16 + letters.next()?.to_digit(16)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn the_first_value_is_read_by_the_grammar() {
        for text in [
            "null",
            " {} ",
            "[]x",
            "{\"a\":1}}",
            "[1,-2.5e+3,true,false,null,\"\"]",
            "\"\\u0041\\n\\ud83d\\ude00\"",
            "\"\\ud800\"",
            "0 1",
            "01",
            "{\"a\":{\"b\":[{}]}}",
            "\t\r\n 1",
        ] {
            assert!(Document::read(text).is_some(), "{text}");
        }
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{a:1}",
            "[1 2]",
            "\"\\x\"",
            "\"\n\"",
            "\"a",
            "-",
            "1.",
            "1e",
            ".5",
            "+1",
            "nul",
            "\u{a0}1",
            "\"\\u12g4\"",
            "{\"a\":1]",
            "[1}",
            "]",
            "'a'",
        ] {
            assert!(Document::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn escapes_are_undone_and_members_keep_their_order() {
        let document = Document::read(r#"{"a":"\u0041\ud83d\ude00\ud800","b":[1,[2,{"c":3}],"x"],"a":null}"#).unwrap();
        let members: Vec<_> = document.root().members().unwrap().collect();
        assert_eq!(members.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["a", "b", "a"]);
        assert_eq!(members[0].1.text(), Some("A\u{1f600}\u{fffd}"));
        assert_eq!(
            members[1].1.elements().unwrap().map(|element| element.text().map(str::to_owned)).collect::<Vec<_>>(),
            [None, None, Some("x".to_owned())]
        );
        assert!(members[2].1.is_null());
    }

    #[test]
    fn nesting_ends_where_go_ends_it() {
        for (depth, expected) in [(10_000, true), (10_001, false)] {
            let text = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(Document::read(&text).is_some(), expected, "{depth}");
        }
    }
}
