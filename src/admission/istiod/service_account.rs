//! Service accounts as policies name them: `name` or `namespace/name`.

/// How many a list may hold.
pub(super) const MOST: usize = 16;

/// How long one may be.
const LONGEST: usize = 320;

/// What is wrong with the text of a service account.
pub(super) fn problem(text: &str) -> Option<String> {
    if text.contains('*') {
        return Some("holds a `*`, and service accounts have no patterns".to_owned());
    }
    if text.len() > LONGEST {
        return Some(format!("is longer than {LONGEST} bytes"));
    }
    let parts: Vec<_> = text.split('/').collect();
    if parts.len() > 2 {
        return Some("has more than one `/`".to_owned());
    }
    parts.iter().any(|part| part.is_empty()).then(|| "lacks a part".to_owned())
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn a_service_account_has_one_part_or_two() {
        let (longest, too_long) = ("a".repeat(320), "a".repeat(321));
        for text in ["a", "ns/a", "A.b c", &longest] {
            assert_eq!(problem(text), None, "{text}");
        }
        for text in ["", "/", "/a", "ns/", "a/b/c", "*", "ns/*", &too_long] {
            assert!(problem(text).is_some(), "{text}");
        }
    }
}
