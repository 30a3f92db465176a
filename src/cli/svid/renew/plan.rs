//! Whether a directory's certificate is to be renewed, why, and into what.

use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::ca::signing;
use crate::cli::duration::parse_ttl;
use crate::cli::error::Error;
use crate::cli::svid::files;
use crate::cli::svid::identity::Identity;
use crate::cli::svid::identity::IdentityArgs;
use crate::cli::svid::issuance;
use crate::cli::svid::renew::held::Held;
use crate::pki::Certificate;
use crate::pki::KeyType;
use crate::pki::Lifetime;
use crate::pki::RenewalReason;
use crate::pki::RenewalRule;
use crate::pki::RevocationReason;
use crate::pki::SubjectAltName;
use crate::spiffe::SpiffeId;
use crate::store;
use crate::store::Authority;
use crate::store::AuthorityName;
use crate::store::CertificateRecord;
use crate::store::Ledger;
use crate::store::Origin;
use crate::store::Settings;
use crate::store::StoreError;

/// When to renew, and what is to be different.
#[derive(Debug, Args)]
pub(in crate::cli::svid) struct WishArgs {
    /// Share of the life that must be left, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = RenewalRule::default().ratio, value_parser = parse_share)]
    pub(in crate::cli::svid) ratio: f64,
    /// Largest distance from the ratio, other for each certificate, so that not all renew at once
    #[arg(long, value_name = "SHARE", default_value_t = RenewalRule::default().jitter, value_parser = parse_share)]
    pub(in crate::cli::svid) jitter: f64,
    /// Renew also what is not due
    #[arg(long)]
    pub(in crate::cli::svid) force: bool,
    /// Life of the new certificate; as long as the one before when absent
    #[arg(long, value_name = "TIME", value_parser = parse_ttl)]
    pub(in crate::cli::svid) ttl: Option<SignedDuration>,
    /// Kind of key to make; as before when absent
    #[arg(long, value_name = "TYPE")]
    pub(in crate::cli::svid) key_type: Option<KeyType>,
    /// Certify the present key again instead of making a new one
    #[arg(long, conflicts_with = "key_type")]
    pub(in crate::cli::svid) reuse_key: bool,
    /// Intermediate that signs; the one of the same name that signs now when absent
    #[arg(long, value_name = "NAME", help_heading = "Authority")]
    pub(in crate::cli::svid) issuer: Option<AuthorityName>,
    #[command(flatten)]
    pub(in crate::cli::svid) identity: IdentityArgs,
    /// Replace files of the same names that something else wrote
    #[arg(long, help_heading = "Output")]
    pub(in crate::cli::svid) overwrite: bool,
}

pub(in crate::cli::svid) fn parse_share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "write a number between 0 and 1".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("it lies outside of 0 to 1".to_owned()) }
}

impl WishArgs {
    pub(in crate::cli::svid) fn rule(&self) -> RenewalRule {
        RenewalRule { ratio: self.ratio, jitter: self.jitter }
    }

    /// Whether other names are wanted than the certificate has.
    pub(in crate::cli::svid) fn has_names(&self) -> bool {
        self.identity.is_given() || self.identity.names_beside().is_ok_and(|names| names.is_some())
    }
}

/// What was found out about a directory.
#[derive(Debug)]
pub(in crate::cli::svid) struct Examined {
    pub(in crate::cli::svid) facts: Facts,
    pub(in crate::cli::svid) step: Step,
    /// Why a certificate cannot be renewed, whether it is due or not.
    pub(in crate::cli::svid) obstacle: Option<Error>,
}

/// What is said of a certificate.
#[derive(Debug, Clone)]
pub(in crate::cli::svid) struct Facts {
    pub(in crate::cli::svid) directory: PathBuf,
    pub(in crate::cli::svid) spiffe_id: Option<SpiffeId>,
    pub(in crate::cli::svid) record: CertificateRecord,
    pub(in crate::cli::svid) due_at: Timestamp,
    /// Why it needs renewal; nothing when it does not.
    pub(in crate::cli::svid) reasons: Vec<RenewalReason>,
    /// Whether the roots beside it are not those of the ledger.
    pub(in crate::cli::svid) has_other_roots: bool,
}

/// What is to be done.
#[derive(Debug)]
pub(in crate::cli::svid) enum Step {
    /// It is fine.
    Nothing,
    /// The roots beside it are to be replaced.
    Roots(Box<Held>),
    /// A new certificate is to take its place.
    Renew(Box<Renewal>),
}

/// A certificate to be made.
#[derive(Debug)]
pub(in crate::cli::svid) struct Renewal {
    pub(in crate::cli::svid) held: Held,
    pub(in crate::cli::svid) identity: Identity,
    pub(in crate::cli::svid) signer: Authority,
    pub(in crate::cli::svid) lifetime: Lifetime,
    pub(in crate::cli::svid) key_type: KeyType,
}

/// What is new about a certificate to be made.
struct Successor {
    signer: Authority,
    lifetime: Lifetime,
    key_type: KeyType,
}

/// What everything is compared with.
#[derive(Debug)]
pub(in crate::cli::svid) struct Present<'a> {
    pub(in crate::cli::svid) ledger: &'a Ledger,
    pub(in crate::cli::svid) settings: Settings,
    pub(in crate::cli::svid) bundle: Vec<Certificate>,
    pub(in crate::cli::svid) now: Timestamp,
}

impl<'a> Present<'a> {
    pub(in crate::cli::svid) fn of(ledger: &'a Ledger, now: Timestamp) -> Result<Self, Error> {
        Ok(Self { settings: ledger.settings()?, bundle: signing::bundle(ledger)?, ledger, now })
    }

    /// Reads a directory and decides.
    pub(in crate::cli::svid) fn examine(&self, directory: &Path, wishes: &WishArgs) -> Result<Examined, Error> {
        self.examine_held(Held::read(directory, self.ledger)?, wishes)
    }

    /// Decides about what was read elsewhere.
    pub(in crate::cli::svid) fn examine_held(&self, held: Held, wishes: &WishArgs) -> Result<Examined, Error> {
        let identity = self.wanted(&held, wishes)?;
        let mut reasons = self.reasons(&held.record, wishes)?;
        reasons.extend(RenewalReason::names_changed(&held.certificate, &identity.subject_alt_names()));
        reasons.extend(held.key.as_ref().err().filter(|_| held.record.origin != Origin::Sign).cloned());
        let facts = Facts {
            directory: held.directory.clone(),
            spiffe_id: Some(identity.spiffe_id.clone()),
            due_at: due_at(&held.record, wishes),
            reasons,
            has_other_roots: held.has_other_roots(&self.bundle),
            record: held.record.clone(),
        };
        let obstacle = require_renewable(&held);
        let found = obstacle.and_then(|()| match facts.reasons.as_slice() {
            [] => Ok(None),
            _ => self.successor(&held, &facts, wishes).map(Some),
        });
        let (successor, obstacle) = match found {
            Ok(successor) => (successor, None),
            Err(error) => (None, Some(error)),
        };
        let step = match successor {
            Some(Successor { signer, lifetime, key_type }) => {
                Step::Renew(Box::new(Renewal { held, identity, signer, lifetime, key_type }))
            }
            // Peers may learn of another root although nothing new can be signed here.
            None if facts.has_other_roots => Step::Roots(Box::new(held)),
            None => Step::Nothing,
        };
        Ok(Examined { facts, step, obstacle })
    }

    /// What is known of a directory that cannot be read.
    pub(in crate::cli::svid) fn facts_of(
        &self,
        directory: &Path,
        record: CertificateRecord,
        wishes: &WishArgs,
    ) -> Result<Facts, Error> {
        Ok(Facts {
            directory: directory.to_owned(),
            spiffe_id: record.spiffe_id.clone(),
            due_at: due_at(&record, wishes),
            reasons: self.reasons(&record, wishes)?,
            has_other_roots: false,
            record,
        })
    }

    /// Who would sign a certificate again.
    pub(in crate::cli::svid) fn signer_of(
        &self,
        record: &CertificateRecord,
        wishes: &WishArgs,
    ) -> Result<Option<Authority>, Error> {
        Ok(self.signers(record, wishes)?.1.ok())
    }

    /// Why a certificate needs renewal, as far as the ledger and the time say.
    pub(in crate::cli::svid) fn reasons(
        &self,
        record: &CertificateRecord,
        wishes: &WishArgs,
    ) -> Result<Vec<RenewalReason>, Error> {
        let mut reasons = Vec::new();
        if wishes.force {
            reasons.push(RenewalReason::Forced);
        }
        if record.revocation.is_some() {
            reasons.push(RenewalReason::Revoked);
        }
        let luck = RenewalRule::luck_of(&record.fingerprint);
        reasons.extend(wishes.rule().reason(record.issued_at, record.not_after, self.now, luck));
        let (former, present) = self.signers(record, wishes)?;
        // A name that nobody has any more is told when it comes to signing.
        if present.map_or(true, |present| present.id != former.id) {
            reasons.push(RenewalReason::SignerChanged { issuer: former.certificate.subject().to_owned() });
        }
        Ok(reasons)
    }

    /// Who signed it, and who would now.
    fn signers(
        &self,
        record: &CertificateRecord,
        wishes: &WishArgs,
    ) -> Result<(Authority, Result<Authority, StoreError>), StoreError> {
        let former = self.ledger.authority_by_id(&record.issuer)?;
        let former = former.ok_or_else(|| StoreError::NoAuthority(record.issuer.to_string()))?;
        let present = self.ledger.signing_authority(wishes.issuer.as_ref().unwrap_or(&former.name));
        match present {
            Ok(_) | Err(StoreError::NoSigner(_) | StoreError::Retired { .. }) => Ok((former, present)),
            Err(error) => Err(error),
        }
    }

    /// The names it is to carry: those it carries, unless others were asked for.
    fn wanted(&self, held: &Held, wishes: &WishArgs) -> Result<Identity, Error> {
        let trust_domain = &self.settings.trust_domain;
        let mut identity = carried(held)?;
        if wishes.identity.is_given() {
            identity.spiffe_id = wishes.identity.parse(trust_domain)?.spiffe_id;
        }
        if let Some((dns_names, addresses)) = wishes.identity.names_beside()? {
            identity.dns_names = dns_names;
            identity.addresses = addresses;
        }
        Ok(identity)
    }

    fn successor(&self, held: &Held, facts: &Facts, wishes: &WishArgs) -> Result<Successor, Error> {
        let (_, signer) = self.signers(&held.record, wishes)?;
        let signer = signer?;
        if wishes.reuse_key {
            require_reusable_key(held)?;
        }
        let key_type = wishes.key_type.or_else(|| held.certificate.public_key().key_type()).unwrap_or_default();
        let lifetime = self.lifetime(held, &signer, facts, wishes)?;
        Ok(Successor { signer, lifetime, key_type })
    }

    fn lifetime(&self, held: &Held, signer: &Authority, facts: &Facts, wishes: &WishArgs) -> Result<Lifetime, Error> {
        let record = &held.record;
        let lifetime = if wishes.ttl.is_some() {
            issuance::lifetime(signer, wishes.ttl, &self.settings, self.now)?
        } else {
            let ttl = self.ttl_before(record)?.min(self.settings.max_svid_ttl);
            Lifetime::under(&signer.certificate, self.now, ttl)?
        };
        let is_only_due = facts.reasons.iter().all(|reason| matches!(reason, RenewalReason::Due { .. }));
        if is_only_due && lifetime.is_clamped && lifetime.not_after <= record.not_after {
            return Err(Error::question(
                format!("it ends at {} with its signer `{}`, and a new one could live no longer", record.not_after, signer.name),
                format!("renew the signer: `meshsec ca intermediate --name {} --replace`", signer.name),
            ));
        }
        Ok(lifetime)
    }

    /// The life that was wanted for a certificate. One that was cut short by its signer's end says nothing about that; then the one before it
    /// does, or the default.
    fn ttl_before(&self, record: &CertificateRecord) -> Result<SignedDuration, Error> {
        let mut record = record.clone();
        loop {
            let signer = self.ledger.authority_by_id(&record.issuer)?;
            if signer.is_none_or(|signer| signer.certificate.not_after() != record.not_after) {
                return Ok(record.not_after.duration_since(record.issued_at));
            }
            let Some((issuer, serial)) = record.renewed_from else { return Ok(issuance::DEFAULT_TTL) };
            let filter =
                store::CertificateFilter { issuer: Some(issuer), serial: Some(serial), ..store::CertificateFilter::default() };
            let Some(before) = self.ledger.certificates(&filter, store::Order::Recorded)?.into_iter().next() else {
                return Ok(issuance::DEFAULT_TTL);
            };
            record = before;
        }
    }
}

/// When it becomes due.
pub(in crate::cli::svid) fn due_at(record: &CertificateRecord, wishes: &WishArgs) -> Timestamp {
    wishes.rule().due_at(record.issued_at, record.not_after, RenewalRule::luck_of(&record.fingerprint))
}

/// The names in the certificate.
fn carried(held: &Held) -> Result<Identity, Error> {
    let spiffe_id = held.record.spiffe_id.clone().ok_or_else(|| {
        let place = held.directory.join(files::CHAIN);
        Error::question(format!("the certificate in `{}` does not carry exactly one SPIFFE ID", place.display()), None)
    })?;
    let mut identity = Identity { spiffe_id, dns_names: Vec::new(), addresses: Vec::new() };
    for name in held.certificate.subject_alt_names() {
        match name {
            SubjectAltName::Dns(name) => identity.dns_names.push(name.clone()),
            SubjectAltName::Ip(address) => identity.addresses.push(*address),
            SubjectAltName::Uri(_) | SubjectAltName::Email(_) | SubjectAltName::Other(_) => {}
        }
    }
    Ok(identity)
}

/// Some certificates are not renewed by themselves, however due they are.
fn require_renewable(held: &Held) -> Result<(), Error> {
    let record = &held.record;
    if record.origin == Origin::Sign {
        let id = record.spiffe_id.as_ref().map_or("ID", |id| id.as_str());
        return Err(Error::question(
            format!("`{}` holds a certificate whose key was made elsewhere (`--csr`)", held.directory.display()),
            format!(
                "let the key's holder ask again: `meshsec svid issue --spiffe-id {id} --csr FILE --out {}`",
                held.directory.display()
            ),
        ));
    }
    let Some(revocation) = record.revocation else { return Ok(()) };
    match revocation.reason {
        RevocationReason::AffiliationChanged
        | RevocationReason::CessationOfOperation
        | RevocationReason::CertificateHold
        | RevocationReason::RemoveFromCrl
        | RevocationReason::PrivilegeWithdrawn => Err(Error::question(
            format!(
                "the identity in `{}` was revoked at {} for {}, so it gets no new certificate by renewal",
                held.directory.display(),
                revocation.revoked_at,
                revocation.reason
            ),
            "issue one anew with `meshsec svid issue` if it is to come back".to_owned(),
        )),
        RevocationReason::Unspecified
        | RevocationReason::KeyCompromise
        | RevocationReason::CaCompromise
        | RevocationReason::Superseded
        | RevocationReason::AaCompromise => Ok(()),
    }
}

fn require_reusable_key(held: &Held) -> Result<(), Error> {
    let place = held.directory.join(files::KEY);
    let leave_out = || "leave `--reuse-key` out: then a new key is made".to_owned();
    if let Err(reason) = &held.key {
        return Err(Error::question(format!("`{}` cannot be used again: {reason}", place.display()), leave_out()));
    }
    if held.record.revocation.is_some_and(|revocation| revocation.reason == RevocationReason::KeyCompromise) {
        return Err(Error::question(format!("`{}` is known to others (key-compromise)", place.display()), leave_out()));
    }
    Ok(())
}
