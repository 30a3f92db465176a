//! The patterns and validation rules of single texts.

use crate::admission::api_server::names;
use crate::admission::duration;
use crate::pki::istiod::Uri;

pub(super) fn is_empty(text: &str) -> bool {
    text.is_empty()
}

pub(super) fn is_not_empty(text: &str) -> bool {
    !text.is_empty()
}

pub(super) fn has_no_star(text: &str) -> bool {
    !text.contains('*')
}

/// `^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`
pub(super) fn is_group(text: &str) -> bool {
    text.is_empty() || text.split('.').all(names::is_lower_case_label)
}

/// `^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$`
pub(super) fn is_kind(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.ends_with(|last: char| last.is_ascii_alphanumeric())
        && text.chars().all(|letter| letter == '-' || letter.is_ascii_alphanumeric())
}

/// `^[-_A-Za-z0-9]+$`
pub(super) fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| matches!(letter, '-' | '_') || letter.is_ascii_alphanumeric())
}

/// A URL as the rule's library reads it: by Go, absolute.
pub(super) fn is_url(text: &str) -> bool {
    Uri::parse(text).is_some_and(|uri| uri.is_request_uri())
}

/// The scheme of a URL is `http` or `https`. What is no URL is refused by [`is_url`] and passes here.
pub(super) fn is_http(text: &str) -> bool {
    Uri::parse(text).is_none_or(|uri| !uri.is_request_uri() || matches!(uri.scheme.as_str(), "http" | "https"))
}

/// A duration as Go reads it, of a millisecond or more.
pub(super) fn is_duration(text: &str) -> bool {
    duration::parse(text).is_some_and(|duration| duration >= duration::MILLISECOND)
}

/// A number as Go reads it: a sign and leading zeros are allowed, blanks are not.
fn whole_number(text: &str) -> Option<i64> {
    text.parse().ok()
}

pub(super) fn is_whole_number(text: &str) -> bool {
    whole_number(text).is_some()
}

/// A port. What is no number is refused by [`is_whole_number`] and passes here.
pub(super) fn is_port(text: &str) -> bool {
    whole_number(text).is_none_or(|port| (1..=65_535).contains(&port))
}

#[cfg(test)]
mod tests {
    use super::is_group;
    use super::is_header_name;
    use super::is_http;
    use super::is_kind;
    use super::is_port;
    use super::is_url;
    use super::is_whole_number;

    /// Texts that a grammar allows, and texts that it does not.
    type Case = (&'static str, fn(&str) -> bool, &'static [&'static str], &'static [&'static str]);

    #[test]
    fn each_grammar_draws_its_line() {
        let cases: &[Case] = &[
            ("group", is_group, &["", "a", "a.b", "a-b.c0", "0"], &[".", "a.", "a..b", "-a", "a-", "A", "a_b", "a\n"]),
            ("kind", is_kind, &["a", "Gateway", "A-b", "a0"], &["", "-a", "a-", "0a", "a.b", "a b", "\u{e4}"]),
            ("header", is_header_name, &["x", "-", "X_y-0"], &["", "a b", "a:", "\u{e4}", "a\n"]),
            (
                "url",
                is_url,
                &["http://a", "HTTPS://a:1/b?c#d", "http:///x", "/a", "ftp://x", "http:a", "http://u:p@h:99999/"],
                &["", "a", "http://a b", "http://a:x/", "http://a/%4", "http://a#b", "http://a/\t"],
            ),
            ("http", is_http, &["http://a", "HTTPS://a", "https:a", "not a url"], &["ftp://a", "/a", "*"]),
            ("number", is_whole_number, &["0", "08", "+8", "-1"], &["", " 8", "8 ", "http", "1.0", "9223372036854775808"]),
            ("port", is_port, &["1", "65535", "+8", "http"], &["0", "65536", "-1"]),
        ];
        let mut wrong = Vec::new();
        for (name, allows, good, bad) in cases {
            wrong.extend(good.iter().filter(|text| !allows(text)).map(|text| format!("{name} refuses {text:?}")));
            wrong.extend(bad.iter().filter(|text| allows(text)).map(|text| format!("{name} allows {text:?}")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
