//! Name constraints (RFC 5280 section 4.2.1.10) as Go reads and applies them: to every certificate below, whatever it is.

use std::net::IpAddr;

use crate::pki::istiod::go::certificate::Certificate;
use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::der::context_constructed;
use crate::pki::istiod::go::names::Mailbox;
use crate::pki::istiod::go::names::is_domain;
use crate::pki::istiod::go::url::Uri;
use crate::pki::istiod::go::url::address_of;

/// What an authority's certificate allows and forbids below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NameConstraints {
    /// Names must lie in these, kind by kind.
    pub permitted: Subtrees,
    /// Names must not lie in these.
    pub excluded: Subtrees,
}

/// Subtrees by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subtrees {
    /// DNS domains.
    pub dns: Vec<String>,
    /// Hosts of URIs.
    pub uris: Vec<String>,
    /// Mailboxes and mail domains.
    pub emails: Vec<String>,
    /// Blocks of addresses.
    addresses: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
    address: Vec<u8>,
    mask: Vec<u8>,
}

impl NameConstraints {
    /// The constraints, and whether all of their kinds are understood.
    pub(super) fn read(value: Der<'_>) -> Result<(Self, bool), String> {
        let invalid = || "x509: invalid NameConstraints extension".to_owned();
        let mut outer = value;
        let mut inner = outer.read(SEQUENCE).filter(|_| outer.is_empty()).ok_or_else(invalid)?;
        let permitted = inner.optional(context_constructed(0)).ok_or_else(invalid)?.unwrap_or(Der(&[]));
        let excluded = inner.optional(context_constructed(1)).ok_or_else(invalid)?.unwrap_or(Der(&[]));
        if !inner.is_empty() {
            return Err(invalid());
        }
        if permitted.is_empty() && excluded.is_empty() {
            return Err("x509: empty name constraints extension".to_owned());
        }
        let mut is_handled = true;
        let permitted = Subtrees::read(permitted, &mut is_handled)?;
        let excluded = Subtrees::read(excluded, &mut is_handled)?;
        Ok((Self { permitted, excluded }, is_handled))
    }
}

impl Subtrees {
    fn read(mut list: Der<'_>, is_handled: &mut bool) -> Result<Self, String> {
        let mut trees = Self::default();
        while !list.is_empty() {
            let base = list.read(SEQUENCE).and_then(|mut tree| tree.any()).ok_or("x509: invalid NameConstraints extension")?;
            let bytes = base.content.0;
            let text = || match std::str::from_utf8(bytes) {
                Ok(text) if text.is_ascii() => Ok(text.to_owned()),
                _ => Err("x509: invalid constraint value: it cannot be encoded as an IA5String".to_owned()),
            };
            let failed = |kind: &str, text: &str| Err(format!("x509: failed to parse {kind} constraint {text:?}"));
            match base.tag {
                0x82 => {
                    let domain = text()?;
                    if !is_domain(&domain, true) {
                        return failed("dnsName", &domain);
                    }
                    trees.dns.push(domain);
                }
                0x87 => trees.addresses.push(Block::read(bytes)?),
                0x81 => {
                    let name = text()?;
                    let is_good = if name.contains('@') { Mailbox::parse(&name).is_some() } else { is_domain(&name, true) };
                    if !is_good {
                        return failed("rfc822Name", &name);
                    }
                    trees.emails.push(name);
                }
                0x86 => {
                    let host = text()?;
                    if host.parse::<IpAddr>().is_ok() || !is_domain(&host, true) {
                        return failed("URI", &host);
                    }
                    trees.uris.push(host);
                }
                _ => *is_handled = false,
            }
        }
        trees.addresses.sort();
        Ok(trees)
    }
}

impl Block {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let half = match bytes.len() {
            8 => 4,
            32 => 16,
            length => return Err(format!("x509: IP constraint contained value of length {length}")),
        };
        let (address, mask) = bytes.split_at_checked(half).unwrap_or_default();
        let ones: u32 = mask.iter().map(|byte| byte.count_ones()).sum();
        let leading = mask.iter().take_while(|byte| **byte == u8::MAX).count();
        let in_next = mask.get(leading).map_or(0, |byte| byte.leading_ones());
        if u32::try_from(leading * 8).unwrap_or(u32::MAX) + in_next != ones {
            return Err("x509: IP constraint contained invalid mask".to_owned());
        }
        Ok(Self { address: address.to_vec(), mask: mask.to_vec() })
    }

    fn contains(&self, address: &[u8]) -> bool {
        // An IPv4 address may be written in sixteen bytes.
        let short = |bytes: &'_ [u8]| match bytes {
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, short @ ..] => short.to_vec(),
            other => other.to_vec(),
        };
        let (own, other) = (short(&self.address), short(address));
        let mask = self.mask.get(self.mask.len() - own.len().min(self.mask.len())..).unwrap_or_default();
        own.len() == other.len() && own.iter().zip(&other).zip(mask).all(|((own, other), mask)| own & mask == other & mask)
    }

    fn contains_block(&self, other: &Self) -> bool {
        let last: Vec<u8> = other.address.iter().zip(&other.mask).map(|(byte, mask)| byte | !mask).collect();
        self.contains(&other.address) && self.contains(&last)
    }
}

/// Whether an address lies in one of the blocks, found as Go finds it: blocks in order, those inside their predecessor dropped, then the
/// one just before the address. A block written with host bits may be missed that way.
fn has_address(blocks: &[Block], address: &[u8]) -> bool {
    let mut kept: Vec<&Block> = Vec::new();
    for block in blocks.iter().filter(|block| block.address.len() == address.len()) {
        if !kept.last().is_some_and(|last| last.contains_block(block)) {
            kept.push(block);
        }
    }
    let position = kept.partition_point(|block| block.address.as_slice() < address);
    if kept.get(position).is_some_and(|block| block.address == address) {
        return true;
    }
    kept.get(position.saturating_sub(1)).is_some_and(|block| block.contains(address))
}

/// Whether a name lies under a domain. `.example.com` means what is below `example.com`.
fn is_under(domain: &str, name: &str) -> bool {
    let Some(offset) = name.len().checked_sub(domain.len()) else { return false };
    let (front, end) = name.as_bytes().split_at_checked(offset).unwrap_or_default();
    end.eq_ignore_ascii_case(domain.as_bytes()) && (domain.starts_with('.') || front.is_empty() || front.ends_with(b"."))
}

fn has_domain(domains: &[String], name: &str, is_permitted: bool) -> bool {
    let first_label_off = |name: &str| name.find('.').and_then(|dot| name.get(dot..)).unwrap_or_default().to_ascii_lowercase();
    domains.iter().any(|domain| {
        let is_touched_by_wildcard = || {
            let parent = first_label_off(domain);
            !is_permitted && name.starts_with('*') && !parent.is_empty() && parent == first_label_off(name)
        };
        domain.is_empty() || is_under(domain, name) || is_touched_by_wildcard()
    })
}

fn has_mailbox(trees: &[String], mailbox: &Mailbox, is_permitted: bool) -> bool {
    let (exact, domains): (Vec<String>, Vec<String>) = trees.iter().cloned().partition(|tree| tree.contains('@'));
    exact.iter().filter_map(|tree| Mailbox::parse(tree)).any(|tree| tree == *mailbox)
        || has_domain(&domains, &mailbox.domain, is_permitted)
}

/// Names of a certificate as constraints see them.
struct Names<'c> {
    certificate: &'c Certificate,
    hosts: Vec<String>,
    mailboxes: Vec<Mailbox>,
}

impl<'c> Names<'c> {
    fn of(certificate: &'c Certificate) -> Result<Self, String> {
        let hosts = certificate.says.uris.iter().map(comparable_host).collect::<Result<_, _>>()?;
        let mailbox = |email: &String| Mailbox::parse(email).ok_or_else(|| format!("cannot parse rfc822Name {email:?}"));
        let mailboxes = certificate.says.emails.iter().map(mailbox).collect::<Result<_, _>>()?;
        Ok(Self { certificate, hosts, mailboxes })
    }

    fn check(&self, constraints: &NameConstraints) -> Result<(), String> {
        let NameConstraints { permitted, excluded } = constraints;
        let verdict = |kind: &str, name: &str, permitted: Option<bool>, is_excluded: bool| match (permitted, is_excluded) {
            (Some(false), _) => Err(format!("{kind} {name:?} is not permitted by any constraint")),
            (_, true) => Err(format!("{kind} {name:?} is excluded by a constraint")),
            _ => Ok(()),
        };
        let domain = |kind: &str, name: &str, permitted: &[String], excluded: &[String]| {
            let is_permitted = (!permitted.is_empty()).then(|| has_domain(permitted, name, true));
            verdict(kind, name, is_permitted, has_domain(excluded, name, false))
        };
        for address in &self.certificate.says.addresses {
            let is_permitted = (!permitted.addresses.is_empty()).then(|| has_address(&permitted.addresses, address));
            verdict("IP address", &format!("{address:?}"), is_permitted, has_address(&excluded.addresses, address))?;
        }
        for name in &self.certificate.says.dns_names {
            if !is_domain(name, false) {
                return Err(format!("x509: cannot parse dnsName {name:?}"));
            }
            domain("DNS name", name, &permitted.dns, &excluded.dns)?;
        }
        for (host, uri) in self.hosts.iter().zip(&self.certificate.says.uris) {
            if !is_domain(host, false) {
                return Err(format!("x509: internal error: URI SAN {:?} failed to parse", uri.text));
            }
            let is_permitted = (!permitted.uris.is_empty()).then(|| has_domain(&permitted.uris, host, true));
            verdict("URI", &uri.text, is_permitted, has_domain(&excluded.uris, host, false))?;
        }
        for mailbox in &self.mailboxes {
            if !is_domain(&mailbox.domain, false) {
                return Err(format!("x509: cannot parse rfc822Name {:?}", mailbox.local));
            }
            let is_permitted = (!permitted.emails.is_empty()).then(|| has_mailbox(&permitted.emails, mailbox, true));
            verdict("email address", &mailbox.local, is_permitted, has_mailbox(&excluded.emails, mailbox, false))?;
        }
        Ok(())
    }
}

/// The host of a URI without its port. URIs without a host, or with an address, cannot be constrained and fail.
fn comparable_host(uri: &Uri) -> Result<String, String> {
    let text = &uri.text;
    if uri.host.is_empty() {
        return Err(format!("URI with empty host ({text:?}) cannot be matched against constraints"));
    }
    let mut host = uri.host.to_lowercase();
    if host.contains(':') && !host.ends_with(']') {
        let failed = || format!("cannot parse URI host {:?}", uri.host);
        let (name, _) = host.rsplit_once(':').ok_or_else(failed)?;
        let bracketed = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        if bracketed.is_none() && name.contains(':') {
            return Err(failed());
        }
        host = bracketed.unwrap_or(name).to_owned();
    }
    if address_of(&host).is_some() || (host.starts_with('[') && host.ends_with(']')) {
        return Err(format!("URI with IP ({text:?}) cannot be matched against constraints"));
    }
    Ok(host)
}

/// Applies the constraints of every certificate to the names of those below it; the leaf comes first.
pub(super) fn check(chain: &[&Certificate]) -> Result<(), String> {
    for (index, certificate) in chain.iter().enumerate() {
        let above = || chain.iter().skip(index + 1).filter_map(|above| above.says.name_constraints.as_ref());
        if certificate.extension(17).is_none() || above().next().is_none() {
            continue;
        }
        let names = Names::of(certificate)?;
        for constraints in above() {
            names.check(constraints)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Block;
    use super::Uri;
    use super::comparable_host;
    use super::has_address;
    use super::has_domain;

    #[test]
    fn names_lie_under_domains_at_label_borders() {
        for (domain, name, wanted) in [
            ("cluster.local", "cluster.local", true),
            ("cluster.local", "CLUSTER.LOCAL", true),
            ("cluster.local", "a.cluster.local", true),
            ("", "anything", true),
            (".local", "cluster.local", true),
            (".cluster.local", "cluster.local", false),
            ("cluster.local", "xcluster.local", false),
            ("a.cluster.local", "cluster.local", false),
            ("cluster.local", "", false),
        ] {
            assert_eq!(has_domain(&[domain.to_owned()], name, true), wanted, "{domain} {name}");
        }
        assert!(has_domain(&["a.b.c".to_owned()], "*.b.c", false) && !has_domain(&["a.b.c".to_owned()], "*.b.c", true));
    }

    #[test]
    fn addresses_are_found_where_go_looks() {
        let blocks = |list: &[[u8; 8]]| -> Vec<Block> {
            let mut blocks: Vec<Block> = list.iter().map(|bytes| Block::read(bytes).unwrap()).collect();
            blocks.sort();
            blocks
        };
        let ten = [10, 0, 0, 0, 255, 0, 0, 0];
        let with_host_bits = [10, 0, 0, 5, 255, 0, 0, 0];
        let nine = [9, 0, 0, 0, 255, 0, 0, 0];
        for (list, address, wanted) in [
            (vec![ten, nine], [10, 1, 2, 3], true),
            (vec![ten, nine], [11, 0, 0, 0], false),
            (vec![with_host_bits], [10, 0, 0, 1], true),
            (vec![with_host_bits, nine], [10, 0, 0, 1], false),
            (vec![], [10, 0, 0, 1], false),
        ] {
            assert_eq!(has_address(&blocks(&list), &address), wanted, "{list:?} {address:?}");
        }
        assert!(Block::read(&[10, 0, 0, 0, 255, 0, 255, 0]).is_err() && Block::read(&[10, 0]).is_err());
    }

    #[test]
    fn hosts_of_uris_lose_their_port() {
        for (text, wanted) in [
            ("x://Host:1/", Some("host")),
            ("spiffe://td/a", Some("td")),
            ("x://1.2.3.4/", None),
            ("x://[::1]:1/", None),
            ("x://[::1]/", None),
            ("x:a", None),
            ("x://a:1:2/", None),
        ] {
            assert_eq!(comparable_host(&Uri::parse(text).unwrap()).ok().as_deref(), wanted, "{text}");
        }
    }
}
