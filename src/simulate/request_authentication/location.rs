use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::ControlFlow;

use crate::manifest::kinds::JwtRule;
use crate::policy::Headers;
use crate::simulate::message::Message;
use crate::simulate::request_authentication::query;

/// Where a token was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// A header, by its lower-case name.
    Header(String),
    /// A query parameter.
    Parameter(String),
    /// A cookie.
    Cookie(String),
}

impl Location {
    /// Takes the token away from the message. Cookies are never touched.
    pub(super) fn strip(&self, message: &mut Message) {
        match self {
            Self::Header(name) => {
                message.headers.remove(name);
            }
            Self::Parameter(name) => message.path = message.path.take().map(|path| query::without(&path, name)),
            Self::Cookie(_) => {}
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header `{name}`"),
            Self::Parameter(name) => write!(f, "query parameter `{name}`"),
            Self::Cookie(name) => write!(f, "cookie `{name}`"),
        }
    }
}

/// The places one rule looks at, in the order Envoy collects from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Locations {
    /// Each with the text that stands before the token.
    headers: Vec<(Location, String)>,
    parameters: Vec<Location>,
    cookies: Vec<Location>,
}

impl Locations {
    /// Setting any of the three lists removes both defaults.
    pub(super) fn of(rule: &JwtRule) -> Self {
        if rule.from_headers.is_empty() && rule.from_params.is_empty() && rule.from_cookies.is_empty() {
            return Self {
                headers: vec![(Location::Header("authorization".to_owned()), "Bearer ".to_owned())],
                parameters: vec![Location::Parameter("access_token".to_owned())],
                cookies: Vec::new(),
            };
        }
        // Name and prefix together are Envoy's key: of two locations whose texts run together the same way the first counts.
        let mut headers = BTreeMap::new();
        for header in &rule.from_headers {
            let name = header.name.value.to_ascii_lowercase();
            let key = format!("{name}{}", header.prefix);
            headers.entry(key).or_insert_with(|| (Location::Header(name), header.prefix.clone()));
        }
        let parameters: BTreeSet<_> = rule.from_params.iter().map(|name| Location::Parameter(name.value.clone())).collect();
        let cookies: BTreeSet<_> = rule.from_cookies.iter().map(|name| Location::Cookie(name.value.clone())).collect();
        Self {
            headers: headers.into_values().collect(),
            parameters: parameters.into_iter().collect(),
            cookies: cookies.into_iter().collect(),
        }
    }

    /// Every place with the text that stands before a token there.
    pub(super) fn places(&self) -> impl Iterator<Item = (&Location, &str)> {
        let headers = self.headers.iter().map(|(location, prefix)| (location, prefix.as_str()));
        headers.chain(self.parameters.iter().chain(&self.cookies).map(|location| (location, "")))
    }

    /// Whether there is a token, even an empty one.
    pub(super) fn has_token(&self, message: &Message) -> bool {
        self.visit(message, |_, _| ControlFlow::Break(())).is_break()
    }

    /// Every token in collection order.
    pub(super) fn collect(&self, message: &Message) -> Vec<(&Location, String)> {
        let mut found = Vec::new();
        let _ = self.visit(message, |location, token| {
            found.push((location, token.into_owned()));
            ControlFlow::Continue(())
        });
        found
    }

    fn visit<'l>(
        &'l self,
        message: &Message,
        mut visit: impl FnMut(&'l Location, Cow<'_, str>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for (location, prefix) in &self.headers {
            let Location::Header(name) = location else { continue };
            if name == "authorization" {
                // A header Envoy keeps as one: further lines were appended with a comma.
                if let Some(value) = joined(&message.headers, name)
                    && let Some(token) = after_prefix(&value, prefix)
                {
                    visit(location, Cow::Borrowed(token))?;
                }
                continue;
            }
            for token in message.headers.values(name).filter_map(|value| after_prefix(value, prefix)) {
                visit(location, Cow::Borrowed(token))?;
            }
        }
        if let Some(path) = &message.path {
            for location in &self.parameters {
                let Location::Parameter(name) = location else { continue };
                if let Some(token) = query::first_value(path, name) {
                    visit(location, token)?;
                }
            }
        }
        for location in &self.cookies {
            let Location::Cookie(name) = location else { continue };
            if let Some((_, token)) = cookies(&message.headers).find(|(found, _)| found == name) {
                visit(location, Cow::Borrowed(token))?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// All values of a header joined by commas; empty ones leave no trace.
fn joined<'m>(headers: &'m Headers, name: &str) -> Option<Cow<'m, str>> {
    let mut joined: Option<Cow<'m, str>> = None;
    for (_, value) in headers.iter().filter(|(found, _)| *found == name) {
        match &mut joined {
            Some(text) if !text.is_empty() => {
                if !value.is_empty() {
                    let text = text.to_mut();
                    text.push(',');
                    text.push_str(value);
                }
            }
            none_or_empty => *none_or_empty = Some(Cow::Borrowed(value)),
        }
    }
    joined
}

/// The token in a header value: everything from the first character that could belong to one, after the prefix, wherever that
/// stands. Without such a character it is the whole value; without the prefix there is no token.
fn after_prefix<'v>(value: &'v str, prefix: &str) -> Option<&'v str> {
    if prefix.is_empty() {
        return Some(value);
    }
    let (_, rest) = value.split_once(prefix)?;
    let start = rest.find(|character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.'));
    Some(start.and_then(|start| rest.get(start..)).unwrap_or(value))
}

fn cookies(headers: &Headers) -> impl Iterator<Item = (&str, &str)> {
    headers.values("cookie").flat_map(|value| value.split(';')).filter_map(|piece| {
        let (name, value) = piece.trim_start_matches(' ').split_once('=')?;
        let unquoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Some((name, unquoted.unwrap_or(value)))
    })
}

#[cfg(test)]
mod tests {
    use super::Headers;
    use super::after_prefix;
    use super::cookies;
    use super::joined;

    #[test]
    fn the_token_in_a_header_value() {
        for (value, prefix, expected) in [
            ("bearer abc", "Bearer ", None),
            ("Bearer", "Bearer ", None),
            ("", "Bearer ", None),
            ("Bearer abc", "Bearer ", Some("abc")),
            ("Foo Bearer abc", "Bearer ", Some("abc")),
            ("Bearer +a,b", "Bearer ", Some("a,b")),
            ("Bearer    a.b", "Bearer ", Some("a.b")),
            ("Bearer ++ ", "Bearer ", Some("Bearer ++ ")),
            ("Bearer x Bearer y", "Bearer ", Some("x Bearer y")),
            ("", "", Some("")),
            ("Bearer a", "", Some("Bearer a")),
        ] {
            assert_eq!(after_prefix(value, prefix), expected, "{value:?} {prefix:?}");
        }
    }

    #[test]
    fn authorization_lines_become_one_value() {
        for (lines, expected) in
            [(&[][..], None), (&["a"], Some("a")), (&["a", "b"], Some("a,b")), (&["", "b"], Some("b")), (&["a", ""], Some("a"))]
        {
            let mut headers = Headers::default();
            for line in lines {
                headers.append("authorization", *line);
            }
            assert_eq!(joined(&headers, "authorization").as_deref(), expected, "{lines:?}");
        }
    }

    #[test]
    fn cookies_of_all_lines() {
        let mut headers = Headers::default();
        headers.append("cookie", "a=1;  b=\"2\"; junk;c =3");
        headers.append("cookie", "d=\";e=x=y ;;f=\"");
        let found: Vec<_> = cookies(&headers).collect();
        assert_eq!(found, [("a", "1"), ("b", "2"), ("c ", "3"), ("d", "\""), ("e", "x=y "), ("f", "\"")]);
    }
}
