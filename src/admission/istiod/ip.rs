//! IP addresses and ranges as Go's `netip` reads them.

use std::net::IpAddr;
use std::net::Ipv6Addr;

/// What is wrong with the text of an address, or of a range when it has a slash.
pub(super) fn problem(text: &str) -> Option<&'static str> {
    let Some((start, length)) = text.rsplit_once('/') else {
        return if address(text).is_some() { None } else { Some("is not an IP address") };
    };
    let Some(start) = start.parse::<IpAddr>().ok() else { return Some("is not a CIDR range") };
    let most = if start.is_ipv4() { 32 } else { 128 };
    let is_number = match length.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if is_number && length.parse::<u8>().is_ok_and(|length| length <= most) {
        return None;
    }
    Some("has a prefix length out of range")
}

/// An address; one of IPv6 may name a zone.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => address.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn addresses_and_ranges_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("10.0.0.1", true),
            ("10.0.0.7/8", true),
            ("0.0.0.0/0", true),
            ("10.0.0.0/32", true),
            ("::/0", true),
            ("::1", true),
            ("::1/128", true),
            ("fe80::1%eth0", true),
            ("fe80::1%a%b", true),
            ("::ffff:1.2.3.4", true),
            ("::ffff:1.2.3.4/120", true),
            ("1::", true),
            ("1:2:3:4:5:6:7::", true),
            ("2001:DB8::A", true),
            ("10.0.0", false),
            ("10", false),
            ("010.0.0.1", false),
            ("256.0.0.1", false),
            ("10.0.0.0/08", false),
            ("10.0.0.0/33", false),
            ("10.0.0.0/", false),
            ("10.0.0.0/-1", false),
            ("10.0.0.0/+8", false),
            ("10.0.0.0/8/8", false),
            ("::1/129", false),
            ("::1/999", false),
            ("fe80::1%eth0/64", false),
            ("fe80::1%", false),
            ("10.0.0.1%eth0", false),
            ("10.0.0.1-9", false),
            ("*", false),
            ("", false),
            ("/8", false),
            (" 10.0.0.1", false),
            ("localhost", false),
            ("1:2:3:4:5:6:7:8::", false),
            ("::12345", false),
            ("1.2.3.4.", false),
        ] {
            assert_eq!(problem(text).is_none(), expected, "{text:?}");
        }
    }
}
