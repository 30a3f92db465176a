//! The short way to read a line of JSON: the keys and shapes most lines have, without escapes.
//!
//! Whatever is not of that form is left to the full reader, errors included. What is read here, the full reader reads alike; a test
//! compares the two.

use std::borrow::Cow;

use crate::simulate::scenario::DestinationRef;
use crate::simulate::scenario::RequestProtocol;
use crate::simulate::scenario::Scenario;
use crate::simulate::scenario::SourceParts;
use crate::simulate::scenario::SourceRef;
use crate::simulate::scenario::Text;
use crate::simulate::scenario::Token;

/// The scenario of a line; `None` when only the full reader can tell.
pub(super) fn read(line: &str) -> Option<Scenario<'_>> {
    let mut cursor = Cursor { rest: line };
    let mut scenario = Scenario::default();
    let mut has_destination = false;
    cursor.object(|cursor, key| match key {
        "name" => cursor.text(&mut scenario.name),
        "from" => {
            let from = if cursor.is_next(b'{') {
                SourceRef::Long(Box::new(cursor.source()?))
            } else {
                SourceRef::Short(cursor.string()?.into())
            };
            once(&mut scenario.from, from)
        }
        "to" => {
            scenario.to = DestinationRef::Short(cursor.string()?.into());
            (!std::mem::replace(&mut has_destination, true)).then_some(())
        }
        "protocol" => {
            let protocol = match cursor.string()? {
                "http" => RequestProtocol::Http,
                "http2" => RequestProtocol::Http2,
                "grpc" => RequestProtocol::Grpc,
                "tcp" => RequestProtocol::Tcp,
                _ => return None,
            };
            once(&mut scenario.protocol, protocol)
        }
        "method" => cursor.text(&mut scenario.method),
        "path" => cursor.text(&mut scenario.path),
        "host" => cursor.text(&mut scenario.host),
        "remoteIp" => cursor.text(&mut scenario.remote_ip),
        "at" => cursor.text(&mut scenario.at),
        "token" => {
            let token = Token::Compact(cursor.string()?.into());
            once(&mut scenario.token, token)
        }
        "headers" => {
            // Empty is also what an absent key is: a second one is for the full reader to refuse.
            if !scenario.headers.0.is_empty() {
                return None;
            }
            let headers = &mut scenario.headers.0;
            cursor.object(|cursor, name| {
                headers.push((name.into(), cursor.string()?.into()));
                Some(())
            })?;
            (!headers.is_empty()).then_some(())
        }
        _ => None,
    })?;
    cursor.skip_space();
    (has_destination && cursor.rest.is_empty()).then_some(scenario)
}

/// Fills a field that must not be there twice.
fn once<T>(field: &mut Option<T>, value: T) -> Option<()> {
    field.replace(value).is_none().then_some(())
}

/// What is left of a line.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    #[inline]
    fn skip_space(&mut self) {
        if matches!(self.rest.as_bytes().first(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        }
    }

    #[inline]
    fn is_next(&mut self, byte: u8) -> bool {
        self.skip_space();
        self.rest.as_bytes().first() == Some(&byte)
    }

    #[inline]
    fn eat(&mut self, byte: char) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(byte)?;
        Some(())
    }

    /// A string without escapes and control characters.
    #[inline]
    fn string(&mut self) -> Option<&'a str> {
        self.eat('"')?;
        let end = self.rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.strip_prefix('"')?;
        Some(text)
    }

    #[inline]
    fn text(&mut self, field: &mut Option<Text<'a>>) -> Option<()> {
        let text = self.string()?;
        once(field, Text(Cow::Borrowed(text)))
    }

    /// An object; `value` reads what follows each key.
    fn object(&mut self, mut value: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.eat('{')?;
        if self.is_next(b'}') {
            return self.eat('}');
        }
        loop {
            let key = self.string()?;
            self.eat(':')?;
            value(self, key)?;
            if !self.is_next(b',') {
                return self.eat('}');
            }
            self.eat(',')?;
        }
    }

    fn source(&mut self) -> Option<SourceParts<'a>> {
        let mut parts = SourceParts::default();
        self.object(|cursor, key| match key {
            "workload" => cursor.text(&mut parts.workload),
            "serviceAccount" => cursor.text(&mut parts.service_account),
            "principal" => cursor.text(&mut parts.principal),
            "namespace" => cursor.text(&mut parts.namespace),
            "ip" => cursor.text(&mut parts.ip),
            "sidecar" => {
                let value = cursor.boolean()?;
                once(&mut parts.sidecar, value)
            }
            _ => None,
        })?;
        Some(parts)
    }

    fn boolean(&mut self) -> Option<bool> {
        self.skip_space();
        for (word, value) in [("true", true), ("false", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn full(line: &str) -> Option<Scenario<'_>> {
        serde_json::from_str(line).ok()
    }

    #[test]
    fn usual_lines_are_read_here() {
        for line in [
            r#"{"to":"a.b"}"#,
            r#" { "name" : "n" , "from" : "a/b" , "to" : "c.d:80" } "#,
            r#"{"from":{"workload":"a/b","ip":"10.0.0.1","sidecar":false},"to":"c.d","headers":{"x":"y","x":"z"},"protocol":"grpc"}"#,
            r#"{"to":"a.b","method":"GET","path":"/é","host":"h","remoteIp":"1.1.1.1","at":"x","token":"t"}"#,
        ] {
            assert!(read(line).is_some() && read(line) == full(line), "{line}");
        }
    }

    #[test]
    fn what_is_unusual_or_wrong_is_left_to_the_full_reader() {
        for line in [
            "",
            "{}",
            r#"{"from":"a/b"}"#,
            r#"{"to":"a.b","to":"a.b"}"#,
            r#"{"to":"a.b","name":"x","name":"y"}"#,
            r#"{"to":"a.b","headers":{},"headers":{}}"#,
            r#"{"to":"a.b","headers":{"x":["y"]}}"#,
            r#"{"to":"a\u0062"}"#,
            r#"{"to":"a.b",}"#,
            r#"{"to":"a.b"} x"#,
            "{\"to\":\"a\nb\"}",
            r#"{"to":"a.b","methd":"x"}"#,
            r#"{"to":"a.b","from":{"kubelet":true}}"#,
            r#"{"to":"a.b","from":{"sidecar":true,"sidecar":true}}"#,
            r#"{"to":"a.b","from":{"sidecar":truer}}"#,
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    fn lines() -> impl Strategy<Value = String> {
        let word = || prop_oneof!["[a-z/.:0-9]{0,6}", "[\\PC\\\\\\x00-\\x1f]{0,3}"].prop_map(|word| format!("\"{word}\""));
        let names = || {
            prop::sample::select(vec![
                "name",
                "from",
                "to",
                "to",
                "protocol",
                "method",
                "path",
                "host",
                "headers",
                "token",
                "remoteIp",
                "at",
                "tls",
                "workload",
                "ip",
                "sidecar",
                "principal",
                "namespace",
                "serviceAccount",
                "kubelet",
                "x",
            ])
        };
        let scalar = || {
            prop_oneof![
                word(),
                Just("\"grpc\"".to_owned()),
                Just("true".to_owned()),
                Just(" false ".to_owned()),
                Just("null".to_owned()),
                Just("7".to_owned())
            ]
        };
        let object = move |value: BoxedStrategy<String>| {
            (
                prop::collection::vec((names(), prop_oneof![Just(":"), Just(" : ")], value), 0..6),
                prop_oneof![8 => Just("}"), 1 => Just(",}"), 1 => Just("} ")],
            )
                .prop_map(|(entries, end)| {
                    let entries: Vec<String> =
                        entries.into_iter().map(|(name, colon, value)| format!("\"{name}\"{colon}{value}")).collect();
                    format!("{{{}{end}", entries.join(","))
                })
        };
        let inner = object(scalar().boxed()).boxed();
        object(prop_oneof![3 => scalar(), 1 => inner].boxed())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn what_is_read_here_the_full_reader_reads_alike(line in lines()) {
            if let Some(scenario) = read(&line) {
                prop_assert_eq!(Some(scenario), full(&line), "{}", line);
            }
        }
    }
}
