//! Names and name constraints as BoringSSL compares them (`NAME_CONSTRAINTS_check`): by the letter of RFC 5280, where Go is more lenient.

use crate::pki::istiod::go::Name;
use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::OBJECT_IDENTIFIER;
use crate::pki::istiod::go::der::SEQUENCE;

/// `GeneralName` (RFC 5280 section 4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GeneralName {
    Email(Vec<u8>),
    Dns(Vec<u8>),
    Uri(Vec<u8>),
    Directory(Name),
    Ip(Vec<u8>),
    Other(u8),
}

/// One constraint.
#[derive(Debug, Clone)]
pub(super) struct Subtree {
    pub(super) base: GeneralName,
    /// Whether it has a minimum or maximum, which nobody supports.
    pub(super) has_distance: bool,
}

impl GeneralName {
    pub(super) fn read(der: &mut Der<'_>) -> Option<Self> {
        let element = der.any()?;
        let content = element.content;
        Some(match element.tag {
            0x81 => Self::Email(content.0.to_vec()),
            0x82 => Self::Dns(content.0.to_vec()),
            0x86 => Self::Uri(content.0.to_vec()),
            0x87 => Self::Ip(content.0.to_vec()),
            0xa4 => {
                let mut inner = content;
                let name = inner.read_whole(SEQUENCE).filter(|_| inner.is_empty())?;
                Self::Directory(Name::read(name).ok()?)
            }
            0xa0 => {
                let mut inner = content;
                inner.read(OBJECT_IDENTIFIER)?;
                inner.read(0xa0).filter(|_| inner.is_empty())?;
                Self::Other(0)
            }
            0xa3 | 0xa5 => Self::Other(element.tag),
            0x88 => {
                // The content of an object identifier.
                let whole = [&[OBJECT_IDENTIFIER, u8::try_from(content.0.len()).ok()?], content.0].concat();
                Der(&whole).object_identifier()?;
                Self::Other(element.tag)
            }
            _ => return None,
        })
    }

    fn is_same_kind(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other(own), Self::Other(other)) => own == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// Why names are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Violation {
    NotPermitted,
    Excluded,
    /// A name or constraint of a kind or form that is not supported.
    Unsupported,
}

/// Checks the subject and the other names of one certificate against the constraints of another.
pub(super) fn check(
    subject: &Name,
    names: &[GeneralName],
    (permitted, excluded): &(Vec<Subtree>, Vec<Subtree>),
) -> Result<(), Violation> {
    let subject = (!subject.is_empty()).then(|| GeneralName::Directory(subject.clone()));
    subject.iter().chain(names).try_for_each(|name| check_one(name, permitted, excluded))
}

fn check_one(name: &GeneralName, permitted: &[Subtree], excluded: &[Subtree]) -> Result<(), Violation> {
    let mut is_permitted = None;
    for tree in permitted.iter().filter(|tree| tree.base.is_same_kind(name)) {
        if tree.has_distance {
            return Err(Violation::Unsupported);
        }
        if is_permitted != Some(true) {
            is_permitted = Some(matches(name, &tree.base, false)?);
        }
    }
    if is_permitted == Some(false) {
        return Err(Violation::NotPermitted);
    }
    for tree in excluded.iter().filter(|tree| tree.base.is_same_kind(name)) {
        if tree.has_distance {
            return Err(Violation::Unsupported);
        }
        if matches(name, &tree.base, true)? {
            return Err(Violation::Excluded);
        }
    }
    Ok(())
}

fn matches(name: &GeneralName, base: &GeneralName, excluding: bool) -> Result<bool, Violation> {
    match (name, base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => Ok(name.starts_like(base)),
        (GeneralName::Dns(name), GeneralName::Dns(base)) => Ok(dns(name, base, excluding)),
        (GeneralName::Email(name), GeneralName::Email(base)) => email(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => uri(name, base),
        _ => Err(Violation::Unsupported),
    }
}

fn ends_like(text: &[u8], end: &[u8]) -> bool {
    text.len().checked_sub(end.len()).and_then(|from| text.get(from..)).is_some_and(|own| own.eq_ignore_ascii_case(end))
}

fn dns(name: &[u8], base: &[u8], excluding: bool) -> bool {
    if base.is_empty() {
        return true;
    }
    let name = name.strip_suffix(b".").unwrap_or(name);
    let base = base.strip_suffix(b".").unwrap_or(base);
    if excluding
        && let Some(parent) = name.strip_prefix(b"*.")
        && let Some(dot) = memchr::memchr(b'.', base)
        && base.get(dot + 1..).is_some_and(|base| base.eq_ignore_ascii_case(parent))
    {
        return true;
    }
    if base.starts_with(b".") || name.len() <= base.len() {
        return if base.starts_with(b".") { ends_like(name, base) } else { name.eq_ignore_ascii_case(base) };
    }
    ends_like(name, base) && name.get(name.len() - base.len() - 1) == Some(&b'.')
}

/// Only the host itself, unless the constraint starts with a full stop.
fn uri(uri: &[u8], base: &[u8]) -> Result<bool, Violation> {
    let colon = memchr::memchr(b':', uri).ok_or(Violation::Unsupported)?;
    let rest = uri.get(colon + 1..).and_then(|rest| rest.strip_prefix(b"//")).ok_or(Violation::Unsupported)?;
    let end = memchr::memchr(b':', rest).or_else(|| memchr::memchr(b'/', rest)).unwrap_or(rest.len());
    let host = rest.get(..end).filter(|host| !host.is_empty()).ok_or(Violation::Unsupported)?;
    Ok(if base.starts_with(b".") { ends_like(host, base) } else { host.eq_ignore_ascii_case(base) })
}

fn email(email: &[u8], base: &[u8]) -> Result<bool, Violation> {
    let split = |text: &[u8]| {
        let at = memchr::memchr(b'@', text)?;
        let (local, domain) = text.split_at_checked(at)?;
        Some((local.to_vec(), domain.get(1..)?.to_vec()))
    };
    let is_local = |text: &[u8]| {
        !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(byte))
    };
    let is_domain =
        |text: &[u8]| !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(byte));
    let (local, domain) =
        split(email).filter(|(local, domain)| is_local(local) && is_domain(domain)).ok_or(Violation::Unsupported)?;
    let (base_local, base_domain) = match split(base) {
        Some((local, domain)) if local.is_empty() => (None, domain),
        Some((local, domain)) => (Some(local), domain),
        None => (None, base.to_vec()),
    };
    if !is_domain(&base_domain) || base_local.as_ref().is_some_and(|local| !is_local(local)) {
        return Err(Violation::Unsupported);
    }
    Ok(match base_local {
        Some(base_local) => base_local == local && base_domain.eq_ignore_ascii_case(&domain),
        None if base_domain.starts_with(b".") => ends_like(&domain, &base_domain),
        None => base_domain.eq_ignore_ascii_case(&domain),
    })
}

#[cfg(test)]
mod tests {
    use super::Violation;
    use super::dns;
    use super::email;
    use super::uri;

    #[test]
    fn hosts_of_uris_match_alone() {
        for (name, base, wanted) in [
            ("spiffe://cluster.local/ns/a/sa/b", "cluster.local", Ok(true)),
            ("spiffe://CLUSTER.local", "cluster.LOCAL", Ok(true)),
            ("spiffe://a.cluster.local/x", "cluster.local", Ok(false)),
            ("spiffe://a.cluster.local/x", ".cluster.local", Ok(true)),
            ("spiffe://cluster.local/x", ".local", Ok(true)),
            ("spiffe://cluster.local/x", "local", Ok(false)),
            ("spiffe://cluster.local:1/x", "cluster.local", Ok(true)),
            ("spiffe:///x", "cluster.local", Err(Violation::Unsupported)),
            ("spiffe:x", "cluster.local", Err(Violation::Unsupported)),
        ] {
            assert_eq!(uri(name.as_bytes(), base.as_bytes()), wanted, "{name} {base}");
        }
    }

    #[test]
    fn domains_and_mailboxes_match() {
        for (name, base, wanted) in [
            ("a.svc", "svc", true),
            ("svc", "svc", true),
            ("xsvc", "svc", false),
            ("a.svc.", "svc", true),
            ("a.svc", ".svc", true),
            ("svc", ".svc", false),
            ("a", "", true),
        ] {
            assert_eq!(dns(name.as_bytes(), base.as_bytes(), false), wanted, "{name} {base}");
        }
        assert!(dns(b"*.a.b", b"x.a.b", true) && !dns(b"*.a.b", b"x.a.b", false));
        for (name, base, wanted) in [
            ("a@B.c", "b.C", Ok(true)),
            ("a@x.b.c", "b.c", Ok(false)),
            ("a@x.b.c", ".b.c", Ok(true)),
            ("a@b.c", "a@b.c", Ok(true)),
            ("A@b.c", "a@b.c", Ok(false)),
            ("a", "b.c", Err(Violation::Unsupported)),
            ("\"q\"@b.c", "b.c", Err(Violation::Unsupported)),
        ] {
            assert_eq!(email(name.as_bytes(), base.as_bytes()), wanted, "{name} {base}");
        }
    }
}
