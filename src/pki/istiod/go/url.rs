//! URIs as Go's `net/url` reads them: what it refuses, and the scheme and host it finds. A name it refuses makes a whole certificate
//! unreadable.

use std::net::IpAddr;
use std::net::Ipv6Addr;

/// A URI as far as name constraints and key set locations look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Uri {
    /// The URI as written.
    pub text: String,
    /// The scheme in lower case; empty when there is none.
    pub scheme: String,
    /// Host and port, with percent signs undone; empty when there is none.
    pub host: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    User,
}

impl Uri {
    /// `None` when Go's parser fails.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (scheme, host) = parts_of(before)?;
        unescape(fragment, Part::Path)?;
        Some(Self { text: text.to_owned(), scheme, host })
    }

    /// Whether Go's `ParseRequestURI` takes it too, which knows no fragments and wants a scheme or a path from the root.
    pub(crate) fn is_request_uri(&self) -> bool {
        (!self.scheme.is_empty() || self.text.starts_with('/') || self.text == "*") && parts_of(&self.text).is_some()
    }
}

/// Scheme and host.
fn parts_of(text: &str) -> Option<(String, String)> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return None;
    }
    if text == "*" {
        return Some((String::new(), String::new()));
    }
    let (scheme, rest) = scheme_of(text)?;
    let lower = scheme.to_ascii_lowercase();
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            return Some((lower, String::new()));
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return None;
        }
    }
    let has_authority = rest.starts_with("//") && (!scheme.is_empty() || !rest.starts_with("///"));
    let (host, path) = if has_authority {
        let after = rest.strip_prefix("//").unwrap_or(rest);
        let end = after.find('/').unwrap_or(after.len());
        let (authority, path) = after.split_at_checked(end)?;
        (authority_host(&lower, authority)?, path)
    } else {
        (String::new(), rest)
    };
    unescape(path, Part::Path)?;
    Some((lower, host))
}

/// The scheme, empty when there is none, and what follows.
fn scheme_of(text: &str) -> Option<(&str, &str)> {
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return None,
            b':' => return text.split_once(':'),
            _ => break,
        }
    }
    Some(("", text))
}

fn authority_host(scheme: &str, authority: &str) -> Option<String> {
    let Some((user, host)) = authority.rsplit_once('@') else { return host_and_port(scheme, authority) };
    let host = host_and_port(scheme, host)?;
    let is_user = user.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(letter));
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    (is_user && unescape(name, Part::User).is_some() && unescape(password, Part::User).is_some()).then_some(host)
}

fn host_and_port(scheme: &str, host: &str) -> Option<String> {
    match host.rfind('[') {
        Some(0) => {
            let (literal, port) = host.rsplit_once(']')?;
            let literal = literal.strip_prefix('[')?;
            let port = optional_port(port).then(|| unescape(port, Part::Host)).flatten()?;
            let address = match literal.find("%25").and_then(|zone| literal.split_at_checked(zone)) {
                Some((address, zone)) => unescape(address, Part::Host)? + &unescape(zone, Part::Zone)?,
                None => unescape(literal, Part::Host)?,
            };
            matches!(address_of(&address), Some(IpAddr::V6(_))).then(|| format!("[{address}]{port}"))
        }
        Some(_) => None,
        None => {
            let is_strict = matches!(scheme, "http" | "https");
            let colon = if is_strict { host.find(':') } else { host.rfind(':') };
            let port = colon.and_then(|colon| host.get(colon..)).unwrap_or_default();
            optional_port(port).then(|| unescape(host, Part::Host)).flatten()
        }
    }
}

/// An address as Go's `netip` reads it, with a zone after `%` for IPv6.
pub(super) fn address_of(text: &str) -> Option<IpAddr> {
    match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => address.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

fn optional_port(port: &str) -> bool {
    port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

fn unescape(text: &str, part: Part) -> Option<String> {
    let bytes = text.as_bytes();
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let [high, low, after @ ..] = after else { return None };
            let (high, low) = (hex(*high)?, hex(*low)?);
            let value = high << 4 | low;
            let is_percent = value == b'%';
            let is_allowed = match part {
                Part::Host => high >= 8 || is_percent,
                Part::Zone => is_percent || value == b' ' || is_host_byte(value),
                Part::Path | Part::User => true,
            };
            if !is_allowed {
                return None;
            }
            result.push(value);
            rest = after;
        } else {
            if matches!(part, Part::Host | Part::Zone) && first.is_ascii() && !is_host_byte(*first) {
                return None;
            }
            result.push(*first);
            rest = after;
        }
    }
    // Only names of ASCII letters are compared with constraints, so what is no UTF-8 need not survive.
    Some(String::from_utf8_lossy(&result).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::Uri;

    #[test]
    fn uris_are_read_as_go_reads_them() {
        for (text, host) in [
            ("spiffe://cluster.local/ns/a/sa/b", Some("cluster.local")),
            ("spiffe://td", Some("td")),
            ("spiffe:///a", Some("")),
            ("spiffe:a", Some("")),
            ("", Some("")),
            ("*", Some("")),
            ("//host/p", Some("host")),
            ("///host/p", Some("")),
            ("a/b:c", Some("")),
            ("x://u:p@h:80/?q#f", Some("h:80")),
            ("x://[::1]:80/", Some("[::1]:80")),
            ("x://[fe80::1%25en0]/", Some("[fe80::1%en0]")),
            ("x://a:1:2/", Some("a:1:2")),
            ("x://h%C3%A4/", Some("h\u{e4}")),
            ("x://h?q", Some("h")),
            (":a", None),
            ("a:b/c", Some("")),
            ("1:b", None),
            ("x://a b/", None),
            ("x://a%41/", None),
            ("x://a/%4", None),
            ("x://a/%zz", None),
            ("x://a#%zz", None),
            ("x://a:b/", None),
            ("http://a:1:2/", None),
            ("x://[1.2.3.4]/", None),
            ("x://[::1/", None),
            ("x://a[::1]/", None),
            ("x://u\"@h/", None),
            ("x://a\n/", None),
        ] {
            assert_eq!(Uri::parse(text).map(|uri| uri.host), host.map(str::to_owned), "{text}");
        }
    }
}
