//! The names that Kubernetes takes.

/// Lower-case letters, digits and inner hyphens.
pub(super) fn is_lower_case_label(text: &str) -> bool {
    let is_edge = |letter: Option<&u8>| letter.is_some_and(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    let bytes = text.as_bytes();
    is_edge(bytes.first())
        && is_edge(bytes.last())
        && bytes.iter().all(|letter| *letter == b'-' || letter.is_ascii_lowercase() || letter.is_ascii_digit())
}

/// The name of a namespace: RFC 1123 label in lower case, at most 63 bytes.
pub(super) fn is_dns_label(text: &str) -> bool {
    text.len() <= 63 && is_lower_case_label(text)
}

/// The name of most objects: labels joined by dots, at most 253 bytes.
pub(super) fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_lower_case_label)
}

/// A label value, or the last part of a key: at most 63 of `[-_.A-Za-z0-9]` between alphanumeric ends.
fn is_plain_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|letter| matches!(letter, b'-' | b'_' | b'.') || letter.is_ascii_alphanumeric())
}

/// A key of a label or annotation, or a finalizer: a name, perhaps after a DNS name and a slash.
pub(super) fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_dns_subdomain(prefix) && is_plain_name(name),
        None => is_plain_name(text),
    }
}

/// A label value.
pub(super) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_plain_name(text)
}

#[cfg(test)]
mod tests {
    use super::is_dns_label;
    use super::is_dns_subdomain;
    use super::is_label_value;
    use super::is_qualified_name;

    /// A grammar, what it allows and what it does not.
    type Case<'t> = (&'t str, fn(&str) -> bool, &'t [&'t str], &'t [&'t str]);

    #[test]
    fn names_end_where_kubernetes_ends_them() {
        let long = "a".repeat(63);
        let longest = [long.as_str(); 4].join(".");
        let longest = longest.get(..253).unwrap();
        let cases: &[Case<'_>] = &[
            ("label", is_dns_label, &["a", "0", "a-b", &long], &["", "-a", "a-", "A", "a.b", "a_b", &(long.clone() + "a")]),
            (
                "subdomain",
                is_dns_subdomain,
                &["a.b", "a-b.c", longest],
                &["", ".", "a.", "a..b", "A", &(longest.to_owned() + "a")],
            ),
            (
                "key",
                is_qualified_name,
                &["a", "A_b.c-d", "a.b/C", &(longest.to_owned() + "/" + &long)],
                &["", "/", "a/", "/a", "a/b/c", "A/b", "-a", "a-", "a b", &(long.clone() + "a")],
            ),
            ("value", is_label_value, &["", "a", "A.b_c-d", &long], &["-a", "a.", "a b", "a/b", "\u{e4}", &(long.clone() + "a")]),
        ];
        let mut wrong = Vec::new();
        for (name, allows, good, bad) in cases {
            wrong.extend(good.iter().filter(|text| !allows(text)).map(|text| format!("{name} refuses {text:?}")));
            wrong.extend(bad.iter().filter(|text| allows(text)).map(|text| format!("{name} allows {text:?}")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
