use crate::policy::Attribute;

/// The side of a rule a condition is joined to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// With every `from` entry: istiod's principals.
    From,
    /// With every `to` entry: istiod's permissions.
    To,
}

/// What the key of a `when` condition means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// An attribute.
    Known(Side, Attribute),
    /// The start is known, the brackets are not as they must be.
    Broken,
    /// Not a key.
    Unknown,
}

impl Key {
    pub(super) fn parse(key: &str) -> Self {
        match key {
            "destination.ip" => Self::Known(Side::To, Attribute::DestinationIp),
            "destination.port" => Self::Known(Side::To, Attribute::DestinationPort),
            "connection.sni" => Self::Known(Side::To, Attribute::Sni),
            "source.ip" => Self::Known(Side::From, Attribute::SourceIp),
            "remote.ip" => Self::Known(Side::From, Attribute::RemoteIp),
            "source.namespace" => Self::Known(Side::From, Attribute::Namespace),
            "source.trustDomain" => Self::Known(Side::From, Attribute::TrustDomain),
            "source.serviceAccount" => Self::Known(Side::From, Attribute::ServiceAccount),
            "source.principal" => Self::Known(Side::From, Attribute::Principal),
            "request.auth.principal" => Self::Known(Side::From, Attribute::RequestPrincipal),
            "request.auth.audiences" => Self::Known(Side::From, Attribute::Audiences),
            "request.auth.presenter" => Self::Known(Side::From, Attribute::Presenter),
            _ => Self::parse_bracketed(key),
        }
    }

    fn parse_bracketed(key: &str) -> Self {
        if let Some(filter) = key.strip_prefix("experimental.").filter(|rest| rest.starts_with("envoy.filters.")) {
            let filter = filter.strip_suffix(']').unwrap_or(filter);
            match filter.split_once('[') {
                Some((name, key)) => Self::Known(Side::To, Attribute::Metadata(name.to_owned(), key.to_owned())),
                None => Self::Broken,
            }
        } else if let Some(rest) = key.strip_prefix("request.headers") {
            match in_brackets(rest) {
                Some(name) => Self::Known(Side::From, Attribute::Header(name.to_owned())),
                None => Self::Broken,
            }
        } else if let Some(rest) = key.strip_prefix("request.auth.claims") {
            match claim_path(rest) {
                Some(path) => Self::Known(Side::From, Attribute::Claim(path)),
                None => Self::Broken,
            }
        } else {
            Self::Unknown
        }
    }
}

/// Everything between the first `[` and the final `]`.
fn in_brackets(text: &str) -> Option<&str> {
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']'))
}

/// `[a][b]` is two keys; where the groups are not plain, the whole inside of the outer brackets is one.
fn claim_path(text: &str) -> Option<Vec<String>> {
    let mut path = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let group = rest.strip_prefix('[').and_then(|inside| inside.split_once(']')).filter(|(name, _)| !name.contains('['));
        let Some((name, after)) = group else {
            return in_brackets(text).map(|name| vec![name.to_owned()]);
        };
        path.push(name.to_owned());
        rest = after;
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(path: &[&str]) -> Key {
        Key::Known(Side::From, Attribute::Claim(path.iter().map(|&part| part.to_owned()).collect()))
    }

    #[test]
    fn bracketed_keys() {
        let header = |name: &str| Key::Known(Side::From, Attribute::Header(name.to_owned()));
        let metadata = |name: &str, key: &str| Key::Known(Side::To, Attribute::Metadata(name.to_owned(), key.to_owned()));
        let cases = [
            ("request.headers[X-Foo]", header("X-Foo")),
            ("request.headers[a][b]", header("a][b")),
            ("request.headersX[a]", Key::Broken),
            ("request.headers", Key::Broken),
            ("request.headers[", Key::Broken),
            ("request.auth.claims[a]", claim(&["a"])),
            ("request.auth.claims[a][b][c]", claim(&["a", "b", "c"])),
            ("request.auth.claims[a.b]", claim(&["a.b"])),
            ("request.auth.claims[a]]", claim(&["a]"])),
            ("request.auth.claims[[a]]", claim(&["[a]"])),
            ("request.auth.claims[a]x[b]", claim(&["a]x[b"])),
            ("request.auth.claims", claim(&[])),
            ("request.auth.claims.x[a]", Key::Broken),
            ("request.auth.claims[a", Key::Broken),
            ("experimental.envoy.filters.a.b[c]", metadata("envoy.filters.a.b", "c")),
            ("experimental.envoy.filters.a[b][c]", metadata("envoy.filters.a", "b][c")),
            ("experimental.envoy.filters.a", Key::Broken),
            ("source.serviceaccount", Key::Unknown),
            ("destination.labels[v]", Key::Unknown),
            ("", Key::Unknown),
        ];
        for (key, wanted) in cases {
            assert_eq!(Key::parse(key), wanted, "{key}");
        }
    }
}
