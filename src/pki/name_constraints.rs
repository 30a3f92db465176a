//! Which names an authority may certify (RFC 5280 section 4.2.1.10): written for one trust domain, read in general.

use rcgen::CustomExtension;
use x509_parser::extensions::GeneralName;
use x509_parser::extensions::GeneralSubtree;

use crate::spiffe::TrustDomain;

/// OID of the extension (RFC 5280 section 4.2.1.10).
const NAME_CONSTRAINTS: &[u64] = &[2, 5, 29, 30];

/// The names below an authority that are permitted, and those that are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameConstraints {
    /// Of each kind of name that occurs here, one must match.
    pub permitted: Vec<NameSubtree>,
    /// None of these may match.
    pub excluded: Vec<NameSubtree>,
    /// Whether the extension is critical.
    pub is_critical: bool,
}

/// A part of the space of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameSubtree {
    /// The host of a URI, or the hosts below it when it begins with a dot.
    Uri(String),
    /// A DNS name and what is below it.
    Dns(String),
    /// A block of addresses: as many octets of address as of mask.
    Ip(Vec<u8>),
    /// A mailbox, a host or, after a dot, the hosts below it.
    Email(String),
    /// A prefix of a distinguished name.
    Directory(String),
    /// A kind of name that no certificate of a mesh carries.
    Other(String),
}

impl NameConstraints {
    pub(super) fn from_parsed(found: &x509_parser::extensions::NameConstraints<'_>, is_critical: bool) -> Self {
        let read = |subtrees: &Option<Vec<GeneralSubtree<'_>>>| {
            subtrees.iter().flatten().map(|subtree| NameSubtree::from_parsed(&subtree.base)).collect()
        };
        Self { permitted: read(&found.permitted_subtrees), excluded: read(&found.excluded_subtrees), is_critical }
    }

    /// Whether the hosts of URIs are among what is constrained.
    #[must_use]
    pub fn is_about_uris(&self) -> bool {
        self.permitted.iter().chain(&self.excluded).any(|subtree| matches!(subtree, NameSubtree::Uri(_)))
    }
}

impl NameSubtree {
    fn from_parsed(name: &GeneralName<'_>) -> Self {
        match name {
            GeneralName::URI(host) => Self::Uri((*host).to_owned()),
            GeneralName::DNSName(name) => Self::Dns((*name).to_owned()),
            GeneralName::IPAddress(block) => Self::Ip(block.to_vec()),
            GeneralName::RFC822Name(mailbox) => Self::Email((*mailbox).to_owned()),
            GeneralName::DirectoryName(name) => Self::Directory(name.to_string()),
            GeneralName::OtherName(..)
            | GeneralName::X400Address(_)
            | GeneralName::EDIPartyName(_)
            | GeneralName::RegisteredID(_)
            | GeneralName::Invalid(..) => Self::Other(name.to_string()),
        }
    }
}

/// A critical name constraint that permits URIs of one trust domain only. The host of a URI is compared exactly when the constraint
/// does not begin with a dot, so `cluster.local` does not let `x.cluster.local` through.
pub(super) fn for_trust_domain(trust_domain: &TrustDomain) -> CustomExtension {
    // GeneralSubtree { uniformResourceIdentifier [6] } inside permittedSubtrees [0]. A trust domain has at most 255 bytes.
    let uri = element(0x86, trust_domain.as_str().as_bytes());
    let constraints = element(0x30, &element(0xa0, &element(0x30, &uri)));
    let mut extension = CustomExtension::from_oid_content(NAME_CONSTRAINTS, constraints);
    extension.set_criticality(true);
    extension
}

/// A DER element of at most 65,535 bytes.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length) if length < 0x80 => bytes.push(length),
        Ok(length) => bytes.extend([0x81, length]),
        Err(_) => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    bytes.extend_from_slice(content);
    bytes
}
