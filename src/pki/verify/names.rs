//! Which names an authority lets through (RFC 5280 section 4.2.1.10).
//!
//! The host of a URI is compared as a whole, or, when the constraint begins with a dot, by what follows its first label; that is how `BoringSSL` (Envoy)
//! reads the rule. Go also lets through the hosts below a constraint without a dot, and refuses trust domains that look like addresses.
//! A kind of name that is constrained and not compared here refuses every certificate that may hold one.

use std::fmt;
use std::net::IpAddr;

use crate::pki::Certificate;
use crate::pki::NameConstraints;
use crate::pki::NameSubtree;
use crate::pki::SubjectAltName;

/// A name that is not let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pki) struct NotPermitted {
    name: String,
    why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    Excluded(String),
    NotAmong(Vec<String>),
    NotCompared,
}

impl fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Excluded(by) => write!(f, "`{}` is excluded by `{by}`", self.name),
            Why::NotAmong(permitted) => write!(f, "`{}` is not within {}", self.name, permitted.join(", ")),
            Why::NotCompared => write!(f, "{} are constrained, which is not compared here", self.name),
        }
    }
}

/// Compares every name of a certificate with the constraints of an authority above it.
pub(in crate::pki) fn check(constraints: &NameConstraints, certificate: &Certificate) -> Result<(), NotPermitted> {
    let all = constraints.permitted.iter().chain(&constraints.excluded);
    for subtree in all {
        let (what, is_concerned) = match subtree {
            NameSubtree::Directory(_) => ("distinguished names", !certificate.has_empty_subject()),
            NameSubtree::Other(_) => {
                let has_other = certificate.subject_alt_names().iter().any(|name| matches!(name, SubjectAltName::Other(_)));
                ("names of a rare kind", has_other)
            }
            NameSubtree::Uri(_) | NameSubtree::Dns(_) | NameSubtree::Ip(_) | NameSubtree::Email(_) => continue,
        };
        if is_concerned {
            return Err(NotPermitted { name: what.to_owned(), why: Why::NotCompared });
        }
    }
    certificate.subject_alt_names().iter().try_for_each(|name| check_name(constraints, name))
}

fn check_name(constraints: &NameConstraints, name: &SubjectAltName) -> Result<(), NotPermitted> {
    let refuse = |why| NotPermitted { name: text(name), why };
    if let Some(by) = constraints.excluded.iter().find(|subtree| holds(subtree, name, true) == Some(true)) {
        return Err(refuse(Why::Excluded(subtree_text(by))));
    }
    let of_kind: Vec<&NameSubtree> =
        constraints.permitted.iter().filter(|subtree| holds(subtree, name, false).is_some()).collect();
    if of_kind.is_empty() || of_kind.iter().any(|subtree| holds(subtree, name, false) == Some(true)) {
        return Ok(());
    }
    Err(refuse(Why::NotAmong(of_kind.into_iter().map(subtree_text).collect())))
}

/// Whether the name lies within; `None` when the constraint is about another kind of name.
fn holds(subtree: &NameSubtree, name: &SubjectAltName, is_exclusion: bool) -> Option<bool> {
    match (subtree, name) {
        // A URI without a host can be neither permitted nor shown not to be excluded.
        (NameSubtree::Uri(constraint), SubjectAltName::Uri(uri)) => {
            Some(host(uri).map_or(is_exclusion, |host| is_host_within(host, constraint)))
        }
        (NameSubtree::Dns(constraint), SubjectAltName::Dns(name)) => Some(is_dns_within(name, constraint, is_exclusion)),
        (NameSubtree::Ip(block), SubjectAltName::Ip(address)) => Some(is_address_within(*address, block)),
        (NameSubtree::Email(constraint), SubjectAltName::Email(mailbox)) => {
            Some(mailbox.rsplit_once('@').map_or(is_exclusion, |(_, host)| {
                if constraint.contains('@') { mailbox == constraint } else { is_host_within(host, constraint) }
            }))
        }
        _ => None,
    }
}

/// The host of `scheme://user@host:port/path`.
fn host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

fn is_host_within(host: &str, constraint: &str) -> bool {
    match constraint.strip_prefix('.') {
        Some(parent) => is_below(host, parent),
        None => host.eq_ignore_ascii_case(constraint),
    }
}

/// A DNS constraint holds for the name itself and everything below it; an exclusion also for a wildcard that could stand for such a name.
fn is_dns_within(name: &str, constraint: &str, is_exclusion: bool) -> bool {
    let parent = constraint.strip_prefix('.').unwrap_or(constraint);
    if constraint.is_empty() {
        return true;
    }
    let covers = |wildcard: &str| parent.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(wildcard));
    if is_exclusion && name.strip_prefix("*.").is_some_and(covers) {
        return true;
    }
    is_below(name, parent) || (!constraint.starts_with('.') && name.eq_ignore_ascii_case(parent))
}

fn is_below(name: &str, parent: &str) -> bool {
    let Some(at) = name.len().checked_sub(parent.len() + 1).filter(|at| *at > 0) else { return false };
    name.split_at_checked(at)
        .is_some_and(|(_, tail)| tail.strip_prefix('.').is_some_and(|tail| tail.eq_ignore_ascii_case(parent)))
}

fn is_address_within(address: IpAddr, block: &[u8]) -> bool {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let Some((base, mask)) = block.split_at_checked(octets.len()).filter(|(_, mask)| mask.len() == octets.len()) else {
        return false;
    };
    octets.iter().zip(base).zip(mask).all(|((octet, base), mask)| octet & mask == base & mask)
}

fn text(name: &SubjectAltName) -> String {
    match name {
        SubjectAltName::Uri(text) | SubjectAltName::Dns(text) | SubjectAltName::Email(text) | SubjectAltName::Other(text) => {
            text.clone()
        }
        SubjectAltName::Ip(address) => address.to_string(),
    }
}

fn subtree_text(subtree: &NameSubtree) -> String {
    match subtree {
        NameSubtree::Uri(text)
        | NameSubtree::Dns(text)
        | NameSubtree::Email(text)
        | NameSubtree::Directory(text)
        | NameSubtree::Other(text) => format!("`{text}`"),
        NameSubtree::Ip(block) => {
            let octets = |half: &[u8]| half.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
            let (base, mask) = block.split_at_checked(block.len() / 2).unwrap_or_default();
            format!("{}/{}", octets(base), octets(mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(subtree: NameSubtree) -> NameConstraints {
        NameConstraints { permitted: vec![subtree], excluded: Vec::new(), is_critical: true }
    }

    fn excluded(subtree: NameSubtree) -> NameConstraints {
        NameConstraints { permitted: Vec::new(), excluded: vec![subtree], is_critical: true }
    }

    #[test]
    fn the_host_of_a_spiffe_id_is_compared_as_a_whole() {
        for (constraint, uri, is_let_through) in [
            ("cluster.local", "spiffe://other/ns/a/sa/b", false),
            ("cluster.local", "spiffe://x.cluster.local/a", false),
            ("cluster.local", "spiffe://xcluster.local/a", false),
            ("cluster.local", "spiffe://cluster.local.evil/a", false),
            ("cluster.local", "spiffe:/cluster.local/a", false),
            ("cluster.local", "spiffe://cluster.local@evil/a", false),
            ("cluster.local", "spiffe:///a", false),
            ("cluster.local", "spiffe://cluster.local/a", true),
            ("cluster.local", "spiffe://CLUSTER.local:80/a", true),
            (".cluster.local", "spiffe://cluster.local/a", false),
            (".cluster.local", "spiffe://a.b.cluster.local/a", true),
            ("10.0.0.1", "spiffe://10.0.0.1/a", true),
        ] {
            let name = SubjectAltName::Uri(uri.to_owned());
            let verdict = check_name(&permitted(NameSubtree::Uri(constraint.to_owned())), &name);
            assert_eq!(verdict.is_ok(), is_let_through, "{uri} permitted by {constraint}: {verdict:?}");
            if host(uri).is_some() {
                let verdict = check_name(&excluded(NameSubtree::Uri(constraint.to_owned())), &name);
                assert_eq!(verdict.is_err(), is_let_through, "{uri} excluded by {constraint}: {verdict:?}");
            }
        }
    }

    #[test]
    fn names_of_other_kinds_are_compared_by_their_own_rules() {
        let dns = |text: &str| SubjectAltName::Dns(text.to_owned());
        let ip = |text: &str| SubjectAltName::Ip(text.parse().unwrap());
        let email = |text: &str| SubjectAltName::Email(text.to_owned());
        let block = vec![10, 0, 0, 0, 255, 0, 0, 0];
        for (subtree, name, is_within) in [
            (NameSubtree::Dns("b.c".to_owned()), dns("b.c"), true),
            (NameSubtree::Dns("b.c".to_owned()), dns("a.b.c"), true),
            (NameSubtree::Dns("b.c".to_owned()), dns("ab.c"), false),
            (NameSubtree::Dns(".b.c".to_owned()), dns("b.c"), false),
            (NameSubtree::Dns(String::new()), dns("b.c"), true),
            (NameSubtree::Ip(block.clone()), ip("10.9.8.7"), true),
            (NameSubtree::Ip(block.clone()), ip("11.9.8.7"), false),
            (NameSubtree::Ip(block.clone()), ip("::1"), false),
            (NameSubtree::Ip(Vec::new()), ip("::1"), false),
            (NameSubtree::Email("a@b.c".to_owned()), email("a@b.c"), true),
            (NameSubtree::Email("b.c".to_owned()), email("a@b.c"), true),
            (NameSubtree::Email(".b.c".to_owned()), email("a@b.c"), false),
        ] {
            let verdict = check_name(&permitted(subtree.clone()), &name);
            assert_eq!(verdict.is_ok(), is_within, "{name:?} in {subtree:?}");
        }
        let verdict = check_name(&excluded(NameSubtree::Dns("a.b.c".to_owned())), &dns("*.b.c"));
        assert!(verdict.is_err(), "a wildcard could stand for the excluded name");
        assert!(check_name(&permitted(NameSubtree::Dns("b".to_owned())), &ip("::1")).is_ok(), "another kind of name");
    }
}
