//! The proxies' all-or-nothing rule: with one revocation list in the file, every authority of a path needs a good one.

use std::rc::Rc;

use jiff::Timestamp;

use crate::pki::istiod::go::RevocationList;
use crate::pki::istiod::go::Second;
use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::GENERALIZED_TIME;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::der::UTC_TIME;
use crate::pki::istiod::go::der::context;
use crate::pki::istiod::go::der::context_constructed;
use crate::pki::istiod::material::FileName;
use crate::pki::istiod::material::Material;
use crate::pki::istiod::proxy::about_lists;
use crate::pki::istiod::proxy::has_lists;
use crate::pki::istiod::proxy::path::Path;
use crate::pki::istiod::proxy::path::verifies;
use crate::pki::istiod::proxy::pem::Damage;
use crate::pki::istiod::proxy::pem::blocks;
use crate::pki::istiod::proxy::seen::CRL_SIGN;
use crate::pki::istiod::proxy::seen::IssuerKey;
use crate::pki::istiod::proxy::seen::Seen;
use crate::pki::istiod::proxy::warn_about_lists;
use crate::pki::istiod::verdict::Finding;
use crate::pki::istiod::verdict::ListFacts;

/// The lists of the file, when istiod hands it on.
pub(super) struct Lists(Option<Vec<List>>);

#[expect(clippy::struct_field_names, reason = "the list itself beside what was read from it")]
struct List {
    list: RevocationList,
    issuer_key: Option<IssuerKey>,
    has_critical: bool,
    scope: Scope,
}

/// `issuingDistributionPoint`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Scope {
    users_only: bool,
    authorities_only: bool,
    /// Of a kind that is not supported at all.
    is_foreign: bool,
    /// For attribute certificates, or bound to a distribution point.
    is_elsewhere: bool,
}

impl Lists {
    pub(super) fn read(material: &Material) -> Result<Self, Damage> {
        if !has_lists(material) {
            return Ok(Self(None));
        }
        let mut lists = Vec::new();
        for block in blocks(material.content(FileName::CaCrl)) {
            let block = block?;
            if block.label == b"X509 CRL" {
                let unreadable = || Damage { message: "a revocation list in it cannot be read".to_owned() };
                lists.push(List::read(&block.der).ok_or_else(unreadable)?);
            }
        }
        Ok(Self(Some(lists)))
    }
}

impl List {
    fn read(der: &[u8]) -> Option<Self> {
        let list = RevocationList::read(der).ok()?;
        is_exact(der)?;
        let value =
            |arc: u32| list.extensions.iter().find(|extension| extension.oid == [2, 5, 29, arc]).map(|found| Der(&found.value));
        let issuer_key = match value(35) {
            Some(value) => Some(IssuerKey::read(value)?),
            None => None,
        };
        let scope = match value(28) {
            Some(value) => Scope::read(value)?,
            None => Scope::default(),
        };
        let is_known = |oid: &[u32]| matches!(oid, [2, 5, 29, 28 | 35]);
        let has_critical = list.extensions.iter().any(|extension| extension.critical && !is_known(&extension.oid))
            || list.entries.iter().any(|entry| entry.has_critical);
        let is_empty = list.has_empty_extensions || list.entries.iter().any(|entry| entry.has_empty_extensions);
        (!is_empty).then_some(Self { list, issuer_key, has_critical, scope })
    }

    fn is_current(&self, now: Timestamp) -> bool {
        let second = now.as_second();
        self.list.this_update.0 <= second && self.list.next_update.is_none_or(|next| next.0 > second)
    }
}

/// Whether nothing stands behind the fields, which Go does not look at.
fn is_exact(der: &[u8]) -> Option<()> {
    let end = |der: Der<'_>| der.is_empty().then_some(());
    let mut outer = Der(der).read(SEQUENCE)?;
    let mut list = outer.read(SEQUENCE)?;
    outer.read(SEQUENCE)?;
    outer.any()?;
    end(outer)?;
    let is_time = |list: &mut Der<'_>| {
        let is_time = list.next_is(UTC_TIME) || list.next_is(GENERALIZED_TIME);
        if is_time { list.any().map(|_| ()) } else { Some(()) }
    };
    list.any()?;
    list.any()?;
    list.any()?;
    is_time(&mut list)?;
    is_time(&mut list)?;
    if let Some(mut entries) = list.optional(SEQUENCE)? {
        while !entries.is_empty() {
            let mut entry = entries.read(SEQUENCE)?;
            entry.any()?;
            entry.any()?;
            entry.optional(SEQUENCE)?;
            end(entry)?;
        }
    }
    list.optional(context_constructed(0))?;
    end(list)
}

impl Scope {
    fn read(mut value: Der<'_>) -> Option<Self> {
        let mut inner = value.read(SEQUENCE).filter(|_| value.is_empty())?;
        let point = inner.optional(context_constructed(0))?;
        let mut flag = |number| Some(inner.optional(context(number))?.is_some_and(|flag| flag.0 != [0]));
        let (users_only, authorities_only) = (flag(1)?, flag(2)?);
        let reasons = flag(3)?;
        let (indirect, attributes) = (flag(4)?, flag(5)?);
        let is_contradictory = [users_only, authorities_only, attributes].iter().filter(|flag| **flag).count() > 1;
        inner.is_empty().then_some(Self {
            users_only,
            authorities_only,
            is_foreign: reasons || indirect || is_contradictory,
            is_elsewhere: attributes || point.is_some(),
        })
    }

    fn covers(self, seen: &Seen) -> bool {
        !self.is_elsewhere && !(if seen.is_ca { self.users_only } else { self.authorities_only })
    }
}

pub(crate) fn facts(material: &Material) -> Vec<ListFacts> {
    let Ok(Lists(Some(lists))) = Lists::read(material) else { return Vec::new() };
    lists
        .iter()
        .map(|List { list, .. }| ListFacts {
            issuer: list.issuer.text(),
            this_update: list.this_update.timestamp(),
            next_update: list.next_update.map(Second::timestamp),
            entries: list.entries.len(),
        })
        .collect()
}

/// What is worth knowing whatever the paths are.
pub(super) fn remarks(material: &Material, lists: &Lists, now: Timestamp) -> Vec<Finding> {
    let Some(lists) = &lists.0 else {
        let is_ignored = !has_lists(material) && !material.content(FileName::CaCrl).is_empty();
        let message = "istiod looks for revocation lists beside `ca-cert.pem` only";
        let help = "use the names `ca-cert.pem`, `ca-key.pem`, `cert-chain.pem` and `root-cert.pem`";
        return is_ignored.then(|| warn_about_lists("crl-not-looked-at", message).help(help)).into_iter().collect();
    };
    if lists.is_empty() {
        let message = "no block `X509 CRL` is found in it; proxies load it all the same and then refuse every peer";
        let help = "give PEM blocks labelled `X509 CRL`, or leave `ca-crl.pem` out";
        return vec![about_lists("crl-not-found", message).help(help)];
    }
    let current: Vec<&List> = lists.iter().filter(|list| list.is_current(now)).collect();
    let mut findings = Vec::new();
    for (index, list) in current.iter().enumerate() {
        let is_like = |other: &&&List| other.list.issuer.is_like(&list.list.issuer);
        if current.iter().take(index).filter(is_like).count() == 1 {
            let message = format!("there are several current lists of `{}`; proxies look at one only", list.list.issuer.text());
            findings.push(warn_about_lists("crl-twice", message).help("keep the newest list of each authority"));
        }
    }
    findings
}

/// Why proxies refuse this path for its revocation lists, if they do.
pub(super) fn problem(path: &Path, lists: &Lists, now: Timestamp) -> Option<Finding> {
    let lists = lists.0.as_ref().filter(|lists| !lists.is_empty())?;
    (0..path.seen.len()).find_map(|index| check(path, index, lists, now).err())
}

fn check(path: &Path, index: usize, lists: &[List], now: Timestamp) -> Result<(), Finding> {
    let Some(seen) = path.seen.get(index) else { return Ok(()) };
    let above: Vec<&Rc<Seen>> = match path.seen.get(index + 1..) {
        Some([]) | None => vec![seen],
        Some(above) => above.iter().collect(),
    };
    let Some(issuer) = above.first() else { return Ok(()) };
    let refuse = |name, message: String, help| Err(about_lists(name, message).about(&issuer.certificate).help(help));
    let best = lists.iter().filter_map(|list| score(list, seen, &above, now).map(|(score, signer)| (score, list, signer)));
    // Of equal ones the newer, of those the first.
    let best = best.reduce(|best, other| {
        let is_better = (other.0, other.1.list.this_update) > (best.0, best.1.list.this_update);
        if is_better { other } else { best }
    });
    let Some((_, List { list, has_critical, scope, .. }, signer)) = best else {
        if index + 1 == path.seen.len() && !seen.is_self_issued {
            let message = "with a revocation list the last certificate of a path must be a self-signed root".to_owned();
            return refuse("crl-without-root", message, "put the root itself into `root-cert.pem`");
        }
        let message = "there is no revocation list of this authority, so proxies refuse every peer below it".to_owned();
        return refuse("crl-not-of-every-authority", message, "add a list of every authority on the path, the root included");
    };
    if signer.key_usage.is_some_and(|usage| usage & CRL_SIGN == 0) {
        let message =
            "there is a revocation list of it, but its keyUsage lacks cRLSign, so proxies refuse every peer below it".to_owned();
        return refuse("crl-sign-not-allowed", message, "issue the authority with cRLSign, or leave `ca-crl.pem` out");
    }
    if !scope.covers(seen) {
        let message = "its revocation list is restricted to other certificates".to_owned();
        return refuse("crl-scope", message, "issue the list without issuingDistributionPoint");
    }
    if list.this_update.is_after(now) {
        let message = format!(
            "its revocation list counts from {} only, so proxies refuse every peer below it",
            list.this_update.timestamp()
        );
        return refuse("crl-not-yet-valid", message, "give a current list");
    }
    if let Some(next) = list.next_update.filter(|next| next.0 <= now.as_second()) {
        let message = format!("its revocation list expired at {}, so proxies refuse every peer below it", next.timestamp());
        return refuse("crl-expired", message, "give a current list, and replace it before its next update");
    }
    let key = signer.certificate.public_key.as_ref();
    if !key.is_some_and(|key| verifies(list.signature_algorithm, &list.message, &list.signature, key)) {
        let message = "its revocation list is not signed by its key".to_owned();
        return refuse("crl-signature", message, "give the list that the authority itself signed");
    }
    if *has_critical {
        let message = "its revocation list has a critical extension that proxies do not understand".to_owned();
        return refuse("crl-critical-extension", message, "issue the list without the extension");
    }
    let is_made = !seen.certificate.raw.is_empty();
    if is_made && list.entries.iter().any(|entry| entry.serial == seen.certificate.serial) {
        let finding =
            about_lists("authority-revoked", "it is revoked, so proxies refuse every peer below it").about(&seen.certificate);
        return Err(finding.help("issue a new signing certificate"));
    }
    Ok(())
}

/// How well a list suits a certificate (`get_crl_score`), and the authority it is taken to be of.
fn score<'s>(list: &List, seen: &Seen, above: &[&'s Rc<Seen>], now: Timestamp) -> Option<(u16, &'s Rc<Seen>)> {
    if list.scope.is_foreign || !list.list.issuer.is_like(&seen.certificate.issuer) {
        return None;
    }
    let key = list.issuer_key.as_ref();
    let (signer, rank) = match above.split_first()? {
        (first, _) if first.fits(key) => (*first, 0x1c),
        (_, rest) => {
            let is_it = |one: &&&Rc<Seen>| one.certificate.subject.is_like(&list.list.issuer) && one.fits(key);
            (*rest.iter().find(is_it)?, 0x0c)
        }
    };
    let points = [(!list.has_critical, 0x100), (list.scope.covers(seen), 0x80), (list.is_current(now), 0x40)];
    Some((points.iter().filter(|(holds, _)| *holds).map(|(_, points)| points).sum::<u16>() + rank, signer))
}
