//! Domain names and mailboxes, as loosely as Go takes them.

/// Whether a DNS name, or the host of a URI or mailbox, can be compared; constraints may start with a full stop.
pub(super) fn is_domain(name: &str, is_constraint: bool) -> bool {
    if name.is_empty() {
        return true;
    }
    if name.ends_with('.') {
        return false;
    }
    let name = if is_constraint { name.strip_prefix('.').unwrap_or(name) } else { name };
    name.bytes().all(|byte| (33..=126).contains(&byte)) && name.split('.').all(|label| !label.is_empty())
}

/// A mailbox (RFC 2821 section 4.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mailbox {
    pub(super) local: String,
    /// In lower case.
    pub(super) domain: String,
}

impl Mailbox {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (local, rest) = match text.strip_prefix('"') {
            Some(quoted) => quoted_local(quoted)?,
            None => plain_local(text)?,
        };
        let domain = rest.strip_prefix('@')?;
        let is_good = domain.is_empty() || (!domain.ends_with('.') && is_domain(domain, false));
        is_good.then(|| Self { local, domain: domain.to_ascii_lowercase() })
    }
}

fn quoted_local(text: &str) -> Option<(String, &str)> {
    let is_escapable = |letter: char| matches!(letter, '\u{1}'..='\u{9}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{7f}');
    let is_plain = |letter: char| matches!(letter, '\u{b}' | '\u{c}' | ' ' | '!' | '\u{7f}' | '\u{1}'..='\u{8}' | '\u{e}'..='\u{1f}' | '#'..='[' | ']'..='~');
    let mut local = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next()? {
            '"' => return Some((local, letters.as_str())),
            '\\' => local.push(letters.next().filter(|letter| is_escapable(*letter))?),
            letter if is_plain(letter) => local.push(letter),
            _ => return None,
        }
    }
}

fn plain_local(text: &str) -> Option<(String, &str)> {
    let mut local = String::new();
    let mut letters = text.chars();
    loop {
        let before = letters.as_str();
        match letters.next() {
            Some('\\') => local.push(letters.next()?),
            Some(letter) if letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(letter) => local.push(letter),
            _ => {
                let is_good = !local.is_empty() && !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
                return is_good.then_some((local, before));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mailbox;
    use super::is_domain;

    #[test]
    fn domains_are_judged_as_go_judges_them() {
        for (name, plain, constraint) in [
            ("", true, true),
            ("a.b", true, true),
            ("*.a", true, true),
            ("a_b-", true, true),
            (".a", false, true),
            ("..a", false, false),
            (".", false, false),
            ("a.", false, false),
            ("a..b", false, false),
            ("a b", false, false),
            ("\u{e4}", false, false),
        ] {
            assert_eq!((is_domain(name, false), is_domain(name, true)), (plain, constraint), "{name}");
        }
    }

    #[test]
    fn mailboxes_are_split() {
        for (text, wanted) in [
            ("a@B.c", Some(("a", "b.c"))),
            ("\"a b\\\"\"@c", Some(("a b\"", "c"))),
            ("a\\@b@c", Some(("a@b", "c"))),
            ("a@", Some(("a", ""))),
            ("@c", None),
            ("a", None),
            (".a@c", None),
            ("a..b@c", None),
            ("a@c.", None),
            ("\"a@c", None),
            ("", None),
        ] {
            let found = Mailbox::parse(text);
            assert_eq!(found.as_ref().map(|found| (found.local.as_str(), found.domain.as_str())), wanted, "{text}");
        }
    }
}
