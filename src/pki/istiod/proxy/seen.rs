//! A certificate as BoringSSL sees it (`x509v3_cache_extensions`): stricter than Go about encodings and about what is present.

use std::rc::Rc;

use crate::pki::istiod::go::Certificate;
use crate::pki::istiod::go::Name;
use crate::pki::istiod::go::der::BOOLEAN;
use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::GENERALIZED_TIME;
use crate::pki::istiod::go::der::INTEGER;
use crate::pki::istiod::go::der::OBJECT_IDENTIFIER;
use crate::pki::istiod::go::der::OCTET_STRING;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::der::UTC_TIME;
use crate::pki::istiod::go::der::context;
use crate::pki::istiod::go::der::context_constructed;
use crate::pki::istiod::proxy::names::GeneralName;
use crate::pki::istiod::proxy::names::Subtree;

/// A certificate with what its extensions say to a proxy.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) certificate: Rc<Certificate>,
    /// An extension that cannot be read: no path goes through it.
    pub(super) is_invalid: bool,
    pub(super) key_usage: Option<u16>,
    /// Whether `extKeyUsage` allows servers and clients.
    pub(super) purposes: Option<(bool, bool)>,
    pub(super) is_ca: bool,
    pub(super) path_length: Option<u64>,
    key_id: Option<Vec<u8>>,
    issuer_key: Option<IssuerKey>,
    pub(super) names: Vec<GeneralName>,
    /// Permitted and excluded subtrees.
    pub(super) constraints: Option<(Vec<Subtree>, Vec<Subtree>)>,
    pub(super) has_unknown_critical: bool,
    pub(super) is_self_issued: bool,
    pub(super) is_self_signed: bool,
    /// Times that are read and then never accepted.
    pub(super) has_offset_times: bool,
    /// Extensions about policies that say nothing, or what they must not.
    pub(super) has_bad_policies: bool,
}

/// `authorityKeyIdentifier`.
#[derive(Debug, Clone, Default)]
pub(super) struct IssuerKey {
    key_id: Option<Vec<u8>>,
    serial: Option<Vec<u8>>,
    issuer: Option<Name>,
}

impl IssuerKey {
    pub(super) fn read(mut value: Der<'_>) -> Option<Self> {
        let mut inner = value.read(SEQUENCE).filter(|_| value.is_empty())?;
        let key_id = inner.optional(context(0))?.map(|id| id.0.to_vec());
        let mut issuer = None;
        if let Some(mut names) = inner.optional(context_constructed(1))? {
            while !names.is_empty() {
                if let GeneralName::Directory(name) = GeneralName::read(&mut names)? {
                    issuer.get_or_insert(name);
                }
            }
        }
        let serial = inner.optional(context(2))?.map(|serial| serial.0.to_vec());
        inner.is_empty().then_some(Self { key_id, serial, issuer })
    }
}

/// Whether BoringSSL reads a certificate that Go reads: nothing behind the fields, and times in full.
pub(super) fn is_readable(certificate: &Certificate) -> bool {
    reads(&certificate.raw).is_some()
}

/// Whether a time has an offset from UTC, when the certificate can be read.
fn reads(raw: &[u8]) -> Option<bool> {
    let end = |der: Der<'_>| der.is_empty().then_some(());
    let mut outer = Der(raw).read(SEQUENCE)?;
    let mut tbs = outer.read(SEQUENCE)?;
    outer.read(SEQUENCE)?;
    outer.any()?;
    end(outer)?;
    let version = tbs.optional(context_constructed(0))?;
    tbs.any()?;
    tbs.any()?;
    tbs.any()?;
    let mut validity = tbs.read(SEQUENCE)?;
    let has_offset = time(&mut validity)? | time(&mut validity)?;
    end(validity)?;
    tbs.any()?;
    tbs.any()?;
    let version = version.map_or(0, |mut inner| inner.small_integer(INTEGER).unwrap_or(-1));
    if version >= 1 {
        tbs.optional(context(1))?;
        tbs.optional(context(2))?;
    }
    if version >= 2 {
        tbs.optional(context_constructed(3))?;
    }
    end(tbs)?;
    Some(has_offset)
}

/// `UTCTime` with seconds, perhaps with an offset, which is told; `GeneralizedTime` without.
fn time(der: &mut Der<'_>) -> Option<bool> {
    let element = der.any()?;
    let text = element.content.0;
    let is_good = match element.tag {
        UTC_TIME => text.get(..12).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit)),
        GENERALIZED_TIME => text.len() == 15 && text.ends_with(b"Z"),
        _ => false,
    };
    is_good.then_some(!text.ends_with(b"Z"))
}

impl Seen {
    pub(super) fn new(certificate: Rc<Certificate>) -> Self {
        let mut is_invalid = false;
        let is_self_issued = certificate.subject.is_like(&certificate.issuer);
        let constraints = read(&certificate, 19, &mut is_invalid, basic_constraints);
        let key_usage = read(&certificate, 15, &mut is_invalid, key_usage);
        let purposes = read(&certificate, 37, &mut is_invalid, purposes);
        let key_id = read(&certificate, 14, &mut is_invalid, |mut value| {
            value.read(OCTET_STRING).filter(|_| value.is_empty()).map(|id| id.0.to_vec())
        });
        let issuer_key = read(&certificate, 35, &mut is_invalid, IssuerKey::read);
        let names = read(&certificate, 17, &mut is_invalid, names);
        let name_constraints = read(&certificate, 30, &mut is_invalid, name_constraints);
        read(&certificate, 31, &mut is_invalid, distribution_points);
        let known = [15, 17, 19, 30, 32, 33, 36, 37, 54];
        let is_known = |oid: &[u32]| matches!(oid, [2, 5, 29, arc] if known.contains(arc));
        let has_unknown_critical = certificate.extensions.iter().any(|extension| extension.critical && !is_known(&extension.oid));
        let (is_ca, path_length) = constraints.unwrap_or_default();
        let names = if certificate.raw.is_empty() {
            certificate.says.uris.iter().map(|uri| GeneralName::Uri(uri.text.clone().into_bytes())).collect()
        } else {
            names.unwrap_or_default()
        };
        let mut seen = Self {
            is_invalid,
            key_usage,
            purposes,
            is_ca,
            path_length,
            key_id,
            issuer_key,
            names,
            constraints: name_constraints,
            has_unknown_critical,
            is_self_issued,
            is_self_signed: false,
            has_bad_policies: has_bad_policies(&certificate),
            has_offset_times: reads(&certificate.raw) == Some(true),
            certificate,
        };
        if seen.certificate.raw.is_empty() {
            // A workload's certificate that is still to be made.
            let says = &seen.certificate.says;
            seen.is_invalid = false;
            seen.key_usage = Some(says.key_usage);
            seen.purposes = Some((true, true));
            let id = &says.authority_key_id;
            seen.issuer_key = (!id.is_empty()).then(|| IssuerKey { key_id: Some(id.clone()), ..IssuerKey::default() });
        }
        seen.is_self_signed = is_self_issued
            && seen.fits(seen.issuer_key.as_ref())
            && seen.key_usage.is_none_or(|usage| usage & KEY_CERT_SIGN != 0);
        seen
    }

    /// Whether this can be the key that an identifier names.
    pub(super) fn fits(&self, wanted: Option<&IssuerKey>) -> bool {
        let Some(wanted) = wanted else { return true };
        let other_key = wanted.key_id.as_ref().is_some_and(|id| self.key_id.as_ref().is_some_and(|own| own != id));
        let own_serial = self.certificate.serial.to_signed_bytes_be();
        let other_serial = wanted.serial.as_ref().is_some_and(|serial| *serial != own_serial);
        let other_issuer = wanted.issuer.as_ref().is_some_and(|issuer| !issuer.is_like(&self.certificate.issuer));
        !other_key && !other_serial && !other_issuer
    }

    /// Whether this may be the issuer of another certificate (`X509_check_issued`); signatures are looked at later.
    pub(super) fn may_have_issued(&self, child: &Self) -> bool {
        self.certificate.subject.is_like(&child.certificate.issuer)
            && !self.is_invalid
            && !child.is_invalid
            && self.fits(child.issuer_key.as_ref())
            && self.key_usage.is_none_or(|usage| usage & KEY_CERT_SIGN != 0)
    }

    /// Whether it is an authority's certificate; those of version 1 that signed themselves are.
    pub(super) fn is_authority(&self) -> bool {
        let may_sign = self.key_usage.is_none_or(|usage| usage & KEY_CERT_SIGN != 0);
        may_sign && !self.is_invalid && (self.is_ca || (self.certificate.version == 1 && self.is_self_signed))
    }
}

pub(super) const KEY_CERT_SIGN: u16 = 1 << 5;
pub(super) const CRL_SIGN: u16 = 1 << 6;

/// An extension, when it is there; one that cannot be read is remembered as such.
fn read<T>(certificate: &Certificate, arc: u32, is_invalid: &mut bool, parse: impl Fn(Der<'_>) -> Option<T>) -> Option<T> {
    let extension = certificate.extension(arc)?;
    let value = parse(Der(&extension.value));
    *is_invalid |= value.is_none();
    value
}

const ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];

/// RFC 5280 sections 4.2.1.4, 4.2.1.5, 4.2.1.11 and 4.2.1.14: lists are not empty, anyPolicy is not mapped, numbers are not negative.
fn has_bad_policies(certificate: &Certificate) -> bool {
    let says = &certificate.says;
    let has = |arc| certificate.extension(arc).is_some();
    let maps_any = says.policy_mappings.iter().any(|(issuer, subject)| issuer == ANY_POLICY || subject == ANY_POLICY);
    let negative = |arc, tag: Option<u8>| {
        let value = certificate.extension(arc).map(|extension| extension.value.as_slice());
        let Some(mut value) = value.map(Der) else { return false };
        let inner = if tag.is_some() { value.read(SEQUENCE) } else { Some(value) };
        inner.is_some_and(|mut inner| {
            while let Some(element) = inner.any() {
                if element.content.0.first().is_some_and(|first| *first >= 0x80) {
                    return true;
                }
            }
            false
        })
    };
    let constraints = certificate.extension(36).is_some_and(|extension| extension.value == [SEQUENCE, 0]);
    (has(32) && says.policies.is_empty())
        || (has(33) && says.policy_mappings.is_empty())
        || maps_any
        || constraints
        || negative(36, Some(SEQUENCE))
        || negative(54, None)
}

fn basic_constraints(mut value: Der<'_>) -> Option<(bool, Option<u64>)> {
    let mut inner = value.read(SEQUENCE).filter(|_| value.is_empty())?;
    let is_ca = inner.next_is(BOOLEAN) && inner.boolean()?;
    let length = if inner.next_is(INTEGER) { Some(inner.small_integer(INTEGER)?) } else { None };
    let length = match length {
        Some(length) if length < 0 || !is_ca => return None,
        Some(length) => u64::try_from(length).ok(),
        None => None,
    };
    inner.is_empty().then_some((is_ca, length))
}

fn key_usage(mut value: Der<'_>) -> Option<u16> {
    let bits = value.bit_string().filter(|_| value.is_empty())?;
    Some((0..9).filter(|bit| bits.is_set(*bit)).map(|bit| 1 << bit).sum())
}

fn purposes(mut value: Der<'_>) -> Option<(bool, bool)> {
    let mut inner = value.read(SEQUENCE).filter(|_| value.is_empty())?;
    let mut found = (false, false);
    while !inner.is_empty() {
        match inner.read(OBJECT_IDENTIFIER)?.0 {
            [0x2b, 6, 1, 5, 5, 7, 3, 1] => found.0 = true,
            [0x2b, 6, 1, 5, 5, 7, 3, 2] => found.1 = true,
            _ => {}
        }
    }
    Some(found)
}

fn names(mut value: Der<'_>) -> Option<Vec<GeneralName>> {
    let mut inner = value.read(SEQUENCE).filter(|_| value.is_empty())?;
    let mut names = Vec::new();
    while !inner.is_empty() {
        names.push(GeneralName::read(&mut inner)?);
    }
    Some(names)
}

fn name_constraints(mut value: Der<'_>) -> Option<(Vec<Subtree>, Vec<Subtree>)> {
    let mut inner = value.read(SEQUENCE).filter(|_| value.is_empty())?;
    let permitted = subtrees(inner.optional(context_constructed(0))?)?;
    let excluded = subtrees(inner.optional(context_constructed(1))?)?;
    inner.is_empty().then_some((permitted, excluded))
}

fn subtrees(list: Option<Der<'_>>) -> Option<Vec<Subtree>> {
    let mut list = list.unwrap_or(Der(&[]));
    let mut trees = Vec::new();
    while !list.is_empty() {
        let mut tree = list.read(SEQUENCE)?;
        let base = GeneralName::read(&mut tree)?;
        let minimum = tree.optional(context(0))?.is_some();
        let maximum = tree.optional(context(1))?.is_some();
        tree.is_empty().then_some(())?;
        trees.push(Subtree { base, has_distance: minimum || maximum });
    }
    Some(trees)
}

fn distribution_points(mut value: Der<'_>) -> Option<()> {
    let mut points = value.read(SEQUENCE).filter(|_| value.is_empty())?;
    while !points.is_empty() {
        let mut point = points.read(SEQUENCE)?;
        for tag in [context_constructed(0), context(1), context_constructed(2)] {
            point.optional(tag)?;
        }
        point.is_empty().then_some(())?;
    }
    Some(())
}
