//! The URL of a key set as istiod reads it.

use crate::pki::istiod::Uri;

/// Why a URL cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// It is no URL.
    Malformed,
    /// It does not begin with `http:` or `https:`.
    Scheme,
    /// Its port does not fit any number.
    Port,
}

impl Problem {
    /// The problem in words that fit after the URL.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Malformed => "is not a URL",
            Self::Scheme => "is neither an `http` nor an `https` URL",
            Self::Port => "has a port that is no number",
        }
    }
}

/// Whether istiod could fetch keys from a URL; an empty host and a port above 65535 pass.
pub(super) fn check(text: &str) -> Result<(), Problem> {
    let uri = Uri::parse(text).ok_or(Problem::Malformed)?;
    if !matches!(uri.scheme.as_str(), "http" | "https") {
        return Err(Problem::Scheme);
    }
    let port = uri.host.rsplit_once(':').map_or("", |(_, port)| port);
    // The colon of an address in brackets is none before a port.
    if port.bytes().all(|byte| byte.is_ascii_digit()) && !port.is_empty() && port.parse::<i64>().is_err() {
        return Err(Problem::Port);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Problem;
    use super::check;

    #[test]
    fn key_sets_are_fetched_over_http() {
        for (text, expected) in [
            ("https://idp.example/keys", Ok(())),
            ("HTTP://idp.example/keys", Ok(())),
            ("https:a", Ok(())),
            ("https:", Ok(())),
            ("https:///k", Ok(())),
            ("https://u:p@idp.example/k#f", Ok(())),
            ("https://idp.example:99999/k", Ok(())),
            ("https://idp.example:/k", Ok(())),
            ("https://[::1]:8443/k", Ok(())),
            ("https://[::1]/k", Ok(())),
            ("https://idp.example/k?a b", Ok(())),
            ("https://idp.example:99999999999999999999/k", Err(Problem::Port)),
            ("idp.example/keys", Err(Problem::Scheme)),
            ("file:///k", Err(Problem::Scheme)),
            ("/k", Err(Problem::Scheme)),
            ("*", Err(Problem::Scheme)),
            ("a#https://b", Err(Problem::Scheme)),
            ("https://idp:port/k", Err(Problem::Malformed)),
            ("https://a:1:2/k", Err(Problem::Malformed)),
            ("https://a b/k", Err(Problem::Malformed)),
            ("https://a/%zz", Err(Problem::Malformed)),
            ("https://a/\n", Err(Problem::Malformed)),
            ("://a", Err(Problem::Malformed)),
            (" https://a", Err(Problem::Malformed)),
        ] {
            assert_eq!(check(text), expected, "{text:?}");
        }
    }
}
