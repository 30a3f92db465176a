//! DNS names as istiod checks them: labels of letters of both cases, digits and `-`.

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem<'t> {
    Empty,
    TooLong,
    /// The last label is a number.
    Number(&'t str),
    Label(&'t str),
}

impl Problem<'_> {
    /// The problem in words that fit after the name.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Empty => "is empty".to_owned(),
            Self::TooLong => "is longer than 255 bytes".to_owned(),
            Self::Number(label) => format!("ends in the number `{label}`, which no DNS name does"),
            Self::Label("") => "has an empty label".to_owned(),
            Self::Label(label) => format!("has the label `{label}`, which is no DNS label"),
        }
    }
}

/// Whether a text is a DNS label of at most 63 bytes.
pub(super) fn is_label(text: &str) -> bool {
    text.len() <= 63 && is_long_label(text)
}

/// Whether a text is a DNS label of any length.
fn is_long_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Checks a full name.
pub(super) fn check(name: &str) -> Result<(), Problem<'_>> {
    length(name)?;
    labels(name)
}

/// Checks a name whose first label may be `*`, or a label behind `*` or `*-`.
pub(super) fn check_wildcard(name: &str) -> Result<(), Problem<'_>> {
    length(name)?;
    let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let label = first.strip_prefix("*-").or_else(|| first.strip_prefix('*')).unwrap_or(first);
    if first.len() > 63 || (first != "*" && !is_long_label(label)) {
        return Err(Problem::Label(first));
    }
    rest.map_or(Ok(()), labels)
}

fn length(name: &str) -> Result<(), Problem<'_>> {
    match name.len() {
        0 => Err(Problem::Empty),
        1..=255 => Ok(()),
        _ => Err(Problem::TooLong),
    }
}

/// Checks labels between dots; the last may be empty, so a name may end in a dot, and may not be a number.
fn labels(name: &str) -> Result<(), Problem<'_>> {
    let (before, last) = name.rsplit_once('.').map_or((None, name), |(before, last)| (Some(before), last));
    if last.parse::<i64>().is_ok() {
        return Err(Problem::Number(last));
    }
    let before = before.into_iter().flat_map(|before| before.split('.'));
    let mut checked = before.chain((!last.is_empty()).then_some(last));
    checked.find(|label| !is_label(label)).map_or(Ok(()), |label| Err(Problem::Label(label)))
}

/// Whether a text can be the key of a label, as istiod checks subsets: the prefix may have upper case and labels of any length.
pub(super) fn is_label_key(text: &str) -> bool {
    let (prefix, name) = text.rsplit_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    let is_prefix = prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(is_long_label));
    is_prefix && name.len() <= 63 && is_qualified(name)
}

/// Whether a text can be the value of a label, as istiod checks subsets: of any length.
pub(super) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_qualified(text)
}

fn is_qualified(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::check;
    use super::check_wildcard;
    use super::is_label_key;
    use super::is_label_value;

    #[test]
    fn a_host_may_begin_with_a_star() {
        let (label, long) = ("a".repeat(63), "a".repeat(64));
        let (longest, too_long) = (format!("{}bbb", "a.".repeat(126)), format!("{}bbbb", "a.".repeat(126)));
        for name in
            ["a", "a.b", "A.b", "a.", "*", "*.a", "*a.b", "*-a.b", "5", "1.b", &label, &longest, "a.99999999999999999999", "*."]
        {
            assert_eq!(check_wildcard(name), Ok(()), "{name}");
        }
        for name in [
            "", ".", "a..", "a..b", ".a", "a*", "a.*", "*.*", "**", "*-", "*-.b", "-a", "a-", "a_b", "a.5", "1.2.3.4", "a b",
            &long, &too_long, "a.\u{e9}", "a.+5",
        ] {
            assert!(check_wildcard(name).is_err(), "{name}");
        }
        for name in ["5", "*", "*.a", "10.0.0.1"] {
            assert!(check(name).is_err(), "{name}");
        }
        for name in ["a", "a.b.", "5a"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn labels_of_subsets_are_nearly_those_of_kubernetes() {
        let (name, long) = ("a".repeat(63), "a".repeat(64));
        for key in ["app", "a.b/app", "A.B/App", "a_b.c-d", &name, &format!("{long}/a")] {
            assert!(is_label_key(key), "{key}");
        }
        for key in ["", "a/", "/a", "a/b/c", "-a", "a-", "a b", "a_b/c", "a..b/c", &long, &format!("{}/a", "a".repeat(254))] {
            assert!(!is_label_key(key), "{key}");
        }
        for (value, expected) in
            [("", true), ("v1", true), ("a_b.c-d", true), (long.as_str(), true), ("-a", false), ("a/b", false), ("a ", false)]
        {
            assert_eq!(is_label_value(value), expected, "{value}");
        }
    }
}
