//! The attributes a condition can name.

/// What the values of an attribute must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// Any text that is not empty.
    Text,
    Address,
    Port,
    ServiceAccount,
    TrustDomain,
}

/// Why an attribute cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// It needs a name in brackets.
    Bracket,
    /// It was part of the first RBAC API; what replaces it.
    Removed(&'static str),
    /// There is no such attribute; the one that was probably meant.
    Unknown(Option<&'static str>),
}

const EXACT: &[(&str, Values)] = &[
    ("source.ip", Values::Address),
    ("remote.ip", Values::Address),
    ("source.namespace", Values::Text),
    ("source.serviceAccount", Values::ServiceAccount),
    ("source.principal", Values::Text),
    ("source.trustDomain", Values::TrustDomain),
    ("request.auth.principal", Values::Text),
    ("request.auth.audiences", Values::Text),
    ("request.auth.presenter", Values::Text),
    ("destination.ip", Values::Address),
    ("destination.port", Values::Port),
    ("connection.sni", Values::Text),
];

/// Attributes that go on in brackets.
const NAMED: &[&str] = &["request.headers", "request.auth.claims", "experimental.envoy.filters."];

/// What the values of the attribute with this key must be.
pub(super) fn read(key: &str) -> Result<Values, Problem> {
    if let Some((_, values)) = EXACT.iter().find(|(name, _)| *name == key) {
        return Ok(*values);
    }
    if NAMED.iter().any(|name| key.starts_with(name)) {
        return if has_brackets(key) { Ok(Values::Text) } else { Err(Problem::Bracket) };
    }
    Err(match key {
        "destination.namespace" => {
            Problem::Removed("policies apply to their own namespace: put this one into `metadata.namespace`")
        }
        _ if key.starts_with("destination.labels") => Problem::Removed("select workloads with `spec.selector`"),
        "destination.name" | "destination.user" => Problem::Removed("select workloads with `spec.selector`"),
        _ => Problem::Unknown(nearest(key)),
    })
}

/// Something, `[`, something more, and `]` at the end.
fn has_brackets(key: &str) -> bool {
    key.ends_with(']') && key.find('[').is_some_and(|open| open > 0 && open + 2 < key.len())
}

fn nearest(key: &str) -> Option<&'static str> {
    let stem = key.split('[').next().unwrap_or(key);
    let with_brackets = [("request.headers[name]", "request.headers"), ("request.auth.claims[name]", "request.auth.claims")];
    let names = EXACT.iter().map(|(name, _)| (*name, *name)).chain(with_brackets);
    let distance = |name: &str| strsim::damerau_levenshtein(&stem.to_ascii_lowercase(), &name.to_ascii_lowercase());
    names.map(|(shown, name)| (distance(name), shown)).filter(|(distance, _)| *distance <= 2).min().map(|(_, shown)| shown)
}

#[cfg(test)]
mod tests {
    use super::Problem;
    use super::Values;
    use super::read;

    #[test]
    fn attributes_are_those_of_istio() {
        for (key, expected) in [
            ("source.ip", Ok(Values::Address)),
            ("destination.port", Ok(Values::Port)),
            ("source.serviceAccount", Ok(Values::ServiceAccount)),
            ("source.trustDomain", Ok(Values::TrustDomain)),
            ("connection.sni", Ok(Values::Text)),
            ("request.headers[x]", Ok(Values::Text)),
            ("request.headersX[x]", Ok(Values::Text)),
            ("request.headers[a][b]", Ok(Values::Text)),
            ("request.auth.claims[a][b]", Ok(Values::Text)),
            ("request.auth.claims[a]b[c]", Ok(Values::Text)),
            ("experimental.envoy.filters.a[b]", Ok(Values::Text)),
            ("request.headers", Err(Problem::Bracket)),
            ("request.headers[]", Err(Problem::Bracket)),
            ("request.headers[a", Err(Problem::Bracket)),
            ("request.auth.claims.role", Err(Problem::Bracket)),
            ("experimental.envoy.filters.", Err(Problem::Bracket)),
            ("request.header[x]", Err(Problem::Unknown(Some("request.headers[name]")))),
            ("source.principals", Err(Problem::Unknown(Some("source.principal")))),
            ("Source.ip", Err(Problem::Unknown(Some("source.ip")))),
            ("request.method", Err(Problem::Unknown(None))),
            ("", Err(Problem::Unknown(None))),
        ] {
            assert_eq!(read(key), expected, "{key}");
        }
        for key in
            ["destination.namespace", "destination.labels[app]", "destination.labels", "destination.name", "destination.user"]
        {
            assert!(matches!(read(key), Err(Problem::Removed(_))), "{key}");
        }
    }
}
