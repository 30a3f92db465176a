use std::net::IpAddr;
use std::net::Ipv6Addr;

use crate::policy::Pattern;
use crate::policy::TextPattern;

/// An address or a block as Go's `netip` reads them: no leading zeros, no zone in a block, host bits allowed.
pub(super) fn cidr(text: &str) -> Result<Pattern, String> {
    let refused = || format!("`{text}` is not an IP address or block");
    if let Some((address, length)) = text.rsplit_once('/') {
        let address: IpAddr = address.parse().map_err(|_| refused())?;
        let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || (length.len() > 1 && length.starts_with('0')) {
            return Err(refused());
        }
        let length: u8 = length.parse().map_err(|_| refused())?;
        if length > width(address) {
            return Err(refused());
        }
        return Ok(Pattern::Cidr(address, length));
    }
    // A zone is accepted on a single IPv6 address, and then forgotten.
    let address: IpAddr = match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => address.parse::<Ipv6Addr>().map_err(|_| refused())?.into(),
        Some(_) => return Err(refused()),
        None => text.parse().map_err(|_| refused())?,
    };
    Ok(Pattern::Cidr(address, width(address)))
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Decimal digits only, 0 to 65535, leading zeros allowed.
pub(super) fn port(text: &str) -> Result<Pattern, String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = if is_number { text.parse::<u16>().ok() } else { None };
    parsed.map(Pattern::Port).ok_or_else(|| format!("`{text}` is not a port number"))
}

/// Splits a request principal into what `iss` and `sub` must be; the split is at the last slash.
pub(super) fn request_principal(text: &str) -> Pattern {
    let present_or = |part: &str, other: fn(&str) -> TextPattern| if part == "*" { TextPattern::Present } else { other(part) };
    let exact = |part: &str| TextPattern::Exact(part.to_owned());
    let suffix = |part: &str| TextPattern::Suffix(part.strip_prefix('*').unwrap_or(part).to_owned());
    let prefix = |part: &str| TextPattern::Prefix(part.strip_suffix('*').unwrap_or(part).to_owned());
    let split = text.rsplit_once('/');
    let (issuer, subject) = if text == "*" {
        (TextPattern::Present, TextPattern::Present)
    } else if text.starts_with('*') {
        match split {
            Some((issuer, subject)) => (present_or(issuer, suffix), exact(subject)),
            None => (TextPattern::Present, suffix(text)),
        }
    } else if text.ends_with('*') {
        match split {
            Some((issuer, subject)) => (exact(issuer), present_or(subject, prefix)),
            None => (prefix(text), TextPattern::Present),
        }
    } else {
        let (issuer, subject) = split.unwrap_or((text, ""));
        (exact(issuer), exact(subject))
    };
    Pattern::RequestPrincipal { issuer, subject }
}

/// `NAMESPACE/NAME`, or a name in the policy's own namespace.
pub(super) fn service_account(text: &str, policy_namespace: &str) -> Pattern {
    let (namespace, name) = text.split_once('/').unwrap_or((policy_namespace, text));
    Pattern::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() }
}

/// A path, as a template when one of the two template tokens stands in it.
pub(super) fn path(text: &str) -> Pattern {
    if text.contains("{*}") || text.contains("{**}") {
        Pattern::Template(text.to_owned())
    } else {
        Pattern::Text(TextPattern::parse(text))
    }
}

/// A value of an `experimental.envoy.filters` condition: in brackets it means an element of a list.
pub(super) fn metadata(text: &str) -> Pattern {
    if text.starts_with('[') && text.ends_with(']') {
        Pattern::Metadata(TextPattern::parse(text.trim_matches(['[', ']'])), true)
    } else {
        Pattern::Metadata(TextPattern::parse(text), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_go_reads_them() {
        let good = [
            ("10.0.0.5/24", "10.0.0.5", 24),
            ("10.0.0.9", "10.0.0.9", 32),
            ("::/0", "::", 0),
            ("0.0.0.0/0", "0.0.0.0", 0),
            ("::ffff:10.0.0.9", "::ffff:10.0.0.9", 128),
            ("fe80::1%eth0", "fe80::1", 128),
        ];
        for (text, address, length) in good {
            assert_eq!(cidr(text), Ok(Pattern::Cidr(address.parse().unwrap(), length)), "{text}");
        }
        let bad = [
            "",
            "bad",
            "10.0.0.09",
            "10.0.0.0/33",
            "10.0.0.0/08",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "fe80::1%eth0/64",
            "fe80::1%",
            "1.2.3.4%a",
            "::/129",
            "10.0.0",
        ];
        for text in bad {
            assert!(cidr(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ports_are_plain_digits() {
        assert_eq!(port("08080"), Ok(Pattern::Port(8080)));
        assert_eq!(port("0"), Ok(Pattern::Port(0)));
        for text in ["", "+80", "-1", "80-90", "http", "65536", " 80", "8_0"] {
            assert!(port(text).is_err(), "{text}");
        }
    }

    #[test]
    fn request_principals_split_at_the_last_slash() {
        use TextPattern::Exact;
        use TextPattern::Prefix;
        use TextPattern::Present;
        use TextPattern::Suffix;
        let text = str::to_owned;
        let cases = [
            ("*", Present, Present),
            ("*/s", Present, Exact(text("s"))),
            ("*.example/s", Suffix(text(".example")), Exact(text("s"))),
            ("*s", Present, Suffix(text("s"))),
            ("*/*", Present, Exact(text("*"))),
            ("https://i/*", Exact(text("https://i")), Present),
            ("i/a*", Exact(text("i")), Prefix(text("a"))),
            ("iss*", Prefix(text("iss")), Present),
            ("https://i.exa*", Exact(text("https:/")), Prefix(text("i.exa"))),
            ("i/s", Exact(text("i")), Exact(text("s"))),
            ("i", Exact(text("i")), Exact(text(""))),
        ];
        for (written, issuer, subject) in cases {
            assert_eq!(request_principal(written), Pattern::RequestPrincipal { issuer, subject }, "{written}");
        }
    }
}
