use std::fmt::Write as _;

use crate::simulate::message::Message;
use crate::simulate::request_authentication::Location;
use crate::simulate::request_authentication::Provider;

/// Puts a token at the first place a provider looks at.
pub(super) fn put(provider: &Provider, token: &str, message: &mut Message) -> Option<Location> {
    let (location, prefix) = provider.places().next()?;
    match location {
        Location::Header(name) => message.headers.append(name, format!("{prefix}{token}")),
        Location::Parameter(name) => {
            let path = message.path.get_or_insert_with(|| "/".to_owned());
            let separator = if path.contains('?') { '&' } else { '?' };
            path.push(separator);
            path.push_str(&encoded(name));
            path.push('=');
            path.push_str(&encoded(token));
        }
        Location::Cookie(name) => message.headers.append("cookie", format!("{name}={token}")),
    }
    Some(location.clone())
}

/// Percent-encoded for a query.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            // Writing into a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}
