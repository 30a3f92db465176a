//! What extensions say, as Go reads them (`processExtensions`). One that cannot be read makes the certificate unreadable; one that Go
//! does not know is remembered when it is critical.

use crate::pki::istiod::go::certificate::Extension;
use crate::pki::istiod::go::certificate::Purpose;
use crate::pki::istiod::go::certificate::Says;
use crate::pki::istiod::go::constraints::NameConstraints;
use crate::pki::istiod::go::der::BOOLEAN;
use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::INTEGER;
use crate::pki::istiod::go::der::OBJECT_IDENTIFIER;
use crate::pki::istiod::go::der::OCTET_STRING;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::der::context;
use crate::pki::istiod::go::der::context_constructed;
use crate::pki::istiod::go::names::is_domain;
use crate::pki::istiod::go::url::Uri;

pub(super) fn read(extensions: &[Extension]) -> Result<Says, String> {
    let mut says = Says::default();
    for extension in extensions {
        let value = Der(&extension.value);
        let is_known = match extension.oid.as_slice() {
            [2, 5, 29, arc] => says.read(*arc, extension, value)?,
            [1, 3, 6, 1, 5, 5, 7, 1, 1] => {
                authority_information(extension.critical, value)?;
                true
            }
            _ => false,
        };
        if extension.critical && !is_known {
            says.unhandled_critical.push(extension.oid.clone());
        }
    }
    Ok(says)
}

impl Says {
    /// Whether the extension is one Go handles.
    fn read(&mut self, arc: u32, extension: &Extension, mut value: Der<'_>) -> Result<bool, String> {
        match arc {
            15 => {
                let bits = value.bit_string().ok_or("x509: invalid key usage")?;
                self.key_usage = (0..9).filter(|bit| bits.is_set(*bit)).map(|bit| 1 << bit).sum();
            }
            19 => self.basic_constraints(value).ok_or("x509: invalid basic constraints")?,
            17 => {
                self.names(value)?;
                return Ok(!(self.dns_names.is_empty()
                    && self.emails.is_empty()
                    && self.addresses.is_empty()
                    && self.uris.is_empty()));
            }
            30 => {
                let (constraints, is_handled) = NameConstraints::read(value)?;
                self.name_constraints = Some(constraints);
                return Ok(is_handled);
            }
            31 => distribution_points(value)?,
            35 if extension.critical => {
                return Err("x509: authority key identifier incorrectly marked critical".to_owned());
            }
            35 => self.authority_key_id = authority_key_id(value).ok_or("x509: invalid authority key identifier")?,
            36 => self.policy_constraints(value).ok_or("x509: invalid policy constraints extension")?,
            37 => self.purposes = purposes(value).ok_or("x509: invalid extended key usages")?,
            14 if extension.critical => {
                return Err("x509: subject key identifier incorrectly marked critical".to_owned());
            }
            14 => {
                let identifier = value.read(OCTET_STRING).ok_or("x509: invalid subject key identifier")?;
                self.subject_key_id = identifier.0.to_vec();
            }
            32 => self.policies = policies(value).ok_or("x509: invalid certificate policies")?,
            33 => self.policy_mappings = policy_mappings(value).ok_or("x509: invalid policy mappings extension")?,
            54 => {
                let skip = value.small_integer(INTEGER).ok_or("x509: invalid inhibit any policy extension")?;
                self.inhibit_any_policy = Some(skip).filter(|skip| *skip >= 0);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn basic_constraints(&mut self, mut value: Der<'_>) -> Option<()> {
        let mut inner = value.read(SEQUENCE)?;
        self.is_ca = inner.next_is(BOOLEAN) && inner.boolean()?;
        if inner.next_is(INTEGER) {
            self.max_path_length = Some(u64::try_from(inner.small_integer(INTEGER)?).ok()?);
        }
        self.has_basic_constraints = true;
        Some(())
    }

    fn names(&mut self, mut value: Der<'_>) -> Result<(), String> {
        let mut names = value.read(SEQUENCE).ok_or("x509: invalid subject alternative names")?;
        while !names.is_empty() {
            let name = names.any().ok_or("x509: invalid subject alternative name")?;
            let text = || String::from_utf8_lossy(name.content.0).into_owned();
            let malformed =
                |kind: &str| if name.content.0.is_ascii() { Ok(()) } else { Err(format!("x509: SAN {kind} is malformed")) };
            match name.tag {
                0x81 => {
                    malformed("rfc822Name")?;
                    self.emails.push(text());
                }
                0x82 => {
                    malformed("dNSName")?;
                    self.dns_names.push(text());
                }
                0x86 => {
                    malformed("uniformResourceIdentifier")?;
                    let uri = Uri::parse(&text()).ok_or_else(|| format!("x509: cannot parse URI {:?}", text()))?;
                    if !uri.host.is_empty() && !is_domain(&uri.host, false) {
                        return Err(format!("x509: cannot parse URI {:?}: invalid domain", text()));
                    }
                    self.uris.push(uri);
                }
                0x87 => match name.content.0.len() {
                    4 | 16 => self.addresses.push(name.content.0.to_vec()),
                    length => return Err(format!("x509: cannot parse IP address of length {length}")),
                },
                _ => {}
            }
        }
        Ok(())
    }

    fn policy_constraints(&mut self, mut value: Der<'_>) -> Option<()> {
        let mut inner = value.read(SEQUENCE)?;
        if inner.next_is(context(0)) {
            self.require_explicit_policy = Some(inner.small_integer(context(0))?).filter(|skip| *skip >= 0);
        }
        if inner.next_is(context(1)) {
            self.inhibit_policy_mapping = Some(inner.small_integer(context(1))?).filter(|skip| *skip >= 0);
        }
        Some(())
    }
}

fn authority_key_id(mut value: Der<'_>) -> Option<Vec<u8>> {
    let mut inner = value.read(SEQUENCE)?;
    Some(inner.optional(context(0))?.map_or_else(Vec::new, |identifier| identifier.0.to_vec()))
}

fn purposes(mut value: Der<'_>) -> Option<Vec<Purpose>> {
    let mut inner = value.read(SEQUENCE)?;
    let mut purposes = Vec::new();
    while !inner.is_empty() {
        let oid = inner.object_identifier()?;
        purposes.push(match oid.as_slice() {
            [2, 5, 29, 37, 0] => Purpose::Any,
            [1, 3, 6, 1, 5, 5, 7, 3, 1] => Purpose::Server,
            [1, 3, 6, 1, 5, 5, 7, 3, 2] => Purpose::Client,
            _ => Purpose::Other(oid),
        });
    }
    Some(purposes)
}

fn policies(mut value: Der<'_>) -> Option<Vec<Vec<u8>>> {
    let mut inner = value.read(SEQUENCE)?;
    let mut policies: Vec<Vec<u8>> = Vec::new();
    while !inner.is_empty() {
        let policy = inner.read(SEQUENCE)?.read(OBJECT_IDENTIFIER)?.0;
        let is_new = !policies.iter().any(|other| other == policy);
        if !is_new || !is_encoded_identifier(policy) {
            return None;
        }
        policies.push(policy.to_vec());
    }
    Some(policies)
}

/// Complete and minimal arcs of any size.
fn is_encoded_identifier(bytes: &[u8]) -> bool {
    let is_minimal = bytes.iter().enumerate().all(|(index, byte)| {
        let starts = index.checked_sub(1).is_none_or(|before| bytes.get(before).is_some_and(|before| *before < 0x80));
        !starts || *byte != 0x80
    });
    is_minimal && bytes.last().is_some_and(|last| *last < 0x80)
}

fn policy_mappings(mut value: Der<'_>) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut inner = value.read(SEQUENCE)?;
    let mut mappings = Vec::new();
    while !inner.is_empty() {
        let mut pair = inner.read(SEQUENCE)?;
        mappings.push((pair.read(OBJECT_IDENTIFIER)?.0.to_vec(), pair.read(OBJECT_IDENTIFIER)?.0.to_vec()));
    }
    Some(mappings)
}

fn distribution_points(mut value: Der<'_>) -> Result<(), String> {
    let one = || "x509: invalid CRL distribution point".to_owned();
    let mut points = value.read(SEQUENCE).ok_or("x509: invalid CRL distribution points")?;
    while !points.is_empty() {
        let mut point = points.read(SEQUENCE).ok_or_else(one)?;
        let Some(mut name) = point.optional(context_constructed(0)).ok_or_else(one)? else { continue };
        let mut uris = name.read(context_constructed(0)).ok_or_else(one)?;
        while uris.next_is(context(6)) {
            uris.read(context(6)).ok_or_else(one)?;
        }
    }
    Ok(())
}

fn authority_information(critical: bool, mut value: Der<'_>) -> Result<(), String> {
    if critical {
        return Err("x509: authority info access incorrectly marked critical".to_owned());
    }
    let invalid = || "x509: invalid authority info access".to_owned();
    let mut accesses = value.read(SEQUENCE).ok_or_else(invalid)?;
    while !accesses.is_empty() {
        let mut access = accesses.read(SEQUENCE).ok_or_else(invalid)?;
        access.object_identifier().ok_or_else(invalid)?;
        if access.next_is(context(6)) {
            access.read(context(6)).ok_or_else(invalid)?;
        }
    }
    Ok(())
}
