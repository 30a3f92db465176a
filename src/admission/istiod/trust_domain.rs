//! Trust domains as policies name them: exact, or with one `*` at an end.

/// What is wrong with the pattern of a trust domain.
pub(super) fn problem(text: &str) -> Option<&'static str> {
    match text.matches('*').count() {
        0 => None,
        1 if text.starts_with('*') || text.ends_with('*') => None,
        1 => Some("has a `*` inside"),
        _ => Some("has more than one `*`"),
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn a_star_stands_at_an_end() {
        for text in ["td", "*", "*.td", "td*", "a/b"] {
            assert_eq!(problem(text), None, "{text}");
        }
        for text in ["a*b", "**", "*a*"] {
            assert!(problem(text).is_some(), "{text}");
        }
    }
}
