//! Making what was planned: one batch in the ledger, then one directory after another.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::cli::ca::signing;
use crate::cli::ca::signing::Issuer;
use crate::cli::entropy::SystemEntropy;
use crate::cli::error::Error;
use crate::cli::svid::files;
use crate::cli::svid::files::Writing;
use crate::cli::svid::issuance::Issued;
use crate::cli::svid::issuance::Order;
use crate::cli::svid::issuance::SubjectKey;
use crate::cli::svid::renew::held::Held;
use crate::cli::svid::renew::plan::Facts;
use crate::cli::svid::renew::plan::Renewal;
use crate::cli::svid::renew::plan::Step;
use crate::pki::Certificate;
use crate::pki::pem_chain;
use crate::store;
use crate::store::Authority;
use crate::store::AuthorityId;
use crate::store::Home;
use crate::store::Origin;
use crate::store::PublishedFile;
use crate::store::StoreError;

/// The issuers that were opened, so that no key is decrypted twice.
#[derive(Debug, Default)]
pub(in crate::cli::svid) struct Issuers(BTreeMap<AuthorityId, Issuer>);

/// What became of a directory.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) facts: Facts,
    pub(super) result: Result<Change, Error>,
}

/// What was changed.
#[derive(Debug)]
pub(super) enum Change {
    Nothing,
    Roots,
    Renewed(Box<Certificate>),
}

impl Issuers {
    /// Opens the authority's key unless that was done before.
    pub(in crate::cli::svid) fn open(
        &mut self,
        home: &Home,
        authority: &Authority,
        passphrase: Option<&str>,
    ) -> Result<(), Error> {
        let bundle = signing::bundle(home.ledger())?;
        if let Some(opened) = self.0.get_mut(&authority.id) {
            opened.bundle = bundle;
            return Ok(());
        }
        let signer = home.load_signer(authority, passphrase)?;
        self.0.insert(authority.id.clone(), Issuer { authority: authority.clone(), signer, bundle });
        Ok(())
    }

    /// One that was opened.
    pub(in crate::cli::svid) fn get(&self, id: &AuthorityId) -> Result<&Issuer, StoreError> {
        self.0.get(id).ok_or_else(|| StoreError::NoSigner(id.to_string()))
    }
}

/// How to make it, beside what is planned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) is_key_reused: bool,
    pub(super) overwrite: bool,
    pub(super) now: Timestamp,
}

/// Takes the steps. Nothing is signed for a directory that cannot be written, and what fails in one directory stops no other.
///
/// `progress` hears each time a certificate was recorded or a directory was dealt with.
///
/// # Errors
/// When the batch could not be signed and recorded; then nothing was changed.
pub(super) fn take(
    home: &mut Home,
    issuers: &Issuers,
    steps: Vec<(Facts, Step)>,
    manner: Manner,
    progress: &dyn Fn(),
) -> Result<Vec<Done>, Error> {
    let mut done = Vec::with_capacity(steps.len());
    let (mut renewals, mut others) = (Vec::new(), Vec::new());
    for (facts, step) in steps {
        match step {
            Step::Renew(renewal) => match files::require_writable(&renewal.held.directory, manner.overwrite) {
                Ok(()) => renewals.push((facts, *renewal)),
                Err(error) => done.push(Done { facts, result: Err(error) }),
            },
            Step::Roots(held) => others.push((facts, Some(held))),
            Step::Nothing => others.push((facts, None)),
        }
    }
    done.extend(sign_and_publish(home, issuers, renewals, manner, progress)?);
    for (facts, held) in others {
        let result = match held {
            Some(held) => write_roots(&held, home, manner).map(|()| Change::Roots),
            None => Ok(Change::Nothing),
        };
        done.push(Done { facts, result });
        progress();
    }
    done.sort_by(|one, other| one.facts.directory.cmp(&other.facts.directory));
    Ok(done)
}

fn sign_and_publish(
    home: &mut Home,
    issuers: &Issuers,
    renewals: Vec<(Facts, Renewal)>,
    manner: Manner,
    progress: &dyn Fn(),
) -> Result<Vec<Done>, Error> {
    let order = |(_, renewal): &(Facts, Renewal)| Ok((renewal.signer.id.clone(), order(renewal, manner)?));
    let orders = renewals.iter().map(order).collect::<Result<Vec<_>, Error>>()?;
    let mut recorded = 0;
    let signed = store::issue_batch(
        home.ledger_mut(),
        &mut SystemEntropy::new(),
        &orders,
        |(signer, order), serial, entropy| issuers.get(signer)?.sign(order, serial, manner.now, entropy),
        |count| {
            (recorded..count).for_each(|_| progress());
            recorded = count;
        },
    )?;
    let mut placed = Vec::with_capacity(renewals.len());
    for ((facts, renewal), (certificate, key)) in renewals.into_iter().zip(signed) {
        let Renewal { held, signer, .. } = renewal;
        let new = Issued { certificate, key: key.or(held.key.ok()) };
        placed.push((facts, held.directory, issuers.get(&signer.id)?, new));
    }
    let writings: Vec<Writing<'_>> =
        placed.iter().map(|(_, directory, issuer, new)| Writing { directory, issuer, issued: new }).collect();
    let written = files::write_all(&writings, manner.overwrite);
    let done = placed.into_iter().zip(written).map(|((facts, _, _, new), written)| {
        progress();
        Done { facts, result: written.map(|()| Change::Renewed(Box::new(new.certificate))) }
    });
    Ok(done.collect())
}

fn order(renewal: &Renewal, manner: Manner) -> Result<Order, Error> {
    let Renewal { held, identity, signer: _, lifetime, key_type } = renewal;
    let key = match &held.key {
        Ok(key) if manner.is_key_reused => SubjectKey::Given(key.public_key()?),
        _ => SubjectKey::New(*key_type),
    };
    Ok(Order {
        identity: identity.clone(),
        key,
        lifetime: *lifetime,
        origin: Origin::Renew,
        output: Some(held.directory.clone()),
        renewed_from: Some((held.record.issuer.clone(), held.record.serial.clone())),
    })
}

/// Publishes chain and key as they are, beside the roots of the ledger.
fn write_roots(held: &Held, home: &Home, manner: Manner) -> Result<(), Error> {
    let roots = pem_chain(&signing::bundle(home.ledger())?);
    let mut published = vec![
        PublishedFile { name: files::CHAIN, bytes: held.chain(), is_private: false },
        PublishedFile { name: files::ROOTS, bytes: roots.as_bytes(), is_private: false },
    ];
    if let Some(key) = held.key_text() {
        published.push(PublishedFile { name: files::KEY, bytes: key, is_private: true });
    }
    let version = format!("{}-{}", held.record.serial, manner.now.as_nanosecond());
    Ok(store::publish(&held.directory, &version, &published, manner.overwrite)?)
}

/// The directories to which the ledger says that certificates went, each once, with the latest certificate.
pub(super) fn directories(home: &Home) -> Result<BTreeMap<PathBuf, store::CertificateRecord>, StoreError> {
    let filter = store::CertificateFilter { is_latest: true, ..store::CertificateFilter::default() };
    let mut found = BTreeMap::new();
    home.ledger().visit_certificates(&filter, store::Order::Recorded, |record| {
        if let Some(directory) = &record.output {
            found.insert(directory.clone(), record);
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(found)
}
