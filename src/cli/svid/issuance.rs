//! One way to a workload's certificate, for `issue`, `renew` and `ca sign`: lifetime by the rules, key, signature, row.

use std::path::PathBuf;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::ca::signing::Issuer;
use crate::cli::error::Error;
use crate::cli::svid::identity::Identity;
use crate::pki::Certificate;
use crate::pki::Entropy;
use crate::pki::KeyType;
use crate::pki::Lifetime;
use crate::pki::PrivateKey;
use crate::pki::PublicKey;
use crate::pki::SerialNumber;
use crate::pki::SvidProfile;
use crate::store::Authority;
use crate::store::NewCertificate;
use crate::store::Origin;
use crate::store::Settings;
use crate::store::Signed;

/// Life of an SVID when nothing is said, as istiod's.
pub(in crate::cli) const DEFAULT_TTL: SignedDuration = SignedDuration::from_hours(24);

/// The key to certify.
#[derive(Debug)]
pub(in crate::cli) enum SubjectKey {
    /// A new one, of this type.
    New(KeyType),
    /// One whose holder asked for a certificate, or that is used again.
    Given(PublicKey),
}

/// Everything a certificate is made from but its serial number.
#[derive(Debug)]
pub(in crate::cli) struct Order {
    pub(in crate::cli) identity: Identity,
    pub(in crate::cli) key: SubjectKey,
    pub(in crate::cli) lifetime: Lifetime,
    pub(in crate::cli) origin: Origin,
    pub(in crate::cli) output: Option<PathBuf>,
    pub(in crate::cli) renewed_from: Option<(crate::store::AuthorityId, SerialNumber)>,
}

/// A certificate with its key, when the key was made here.
#[derive(Debug)]
pub(in crate::cli) struct Issued {
    pub(in crate::cli) certificate: Certificate,
    pub(in crate::cli) key: Option<PrivateKey>,
}

/// The lifetime of a certificate: what was asked for, or the default cut to what the authority and its own end allow.
///
/// # Errors
/// What was asked for is refused when it is longer than the authority's longest, or than the signer lives: it would not be kept.
pub(in crate::cli) fn lifetime(
    signer: &Authority,
    asked: Option<SignedDuration>,
    settings: &Settings,
    now: Timestamp,
) -> Result<Lifetime, Error> {
    if let Some(asked) = asked.filter(|asked| *asked > settings.max_svid_ttl) {
        return Err(Error::question(
            format!("`--ttl` is {asked:#}; this authority issues for {:#} at most", settings.max_svid_ttl),
            "shorten it: the longest was set by `meshsec ca init --max-svid-ttl`".to_owned(),
        ));
    }
    let ttl = asked.unwrap_or(DEFAULT_TTL.min(settings.max_svid_ttl));
    let lifetime = Lifetime::under(&signer.certificate, now, ttl)?;
    if asked.is_some() && lifetime.is_clamped {
        let end = signer.certificate.not_after();
        return Err(Error::question(
            format!("`--ttl` reaches beyond the signer `{}`, which ends at {end}", signer.name),
            format!("shorten it, or renew the signer with `meshsec ca intermediate --name {} --replace`", signer.name),
        ));
    }
    Ok(lifetime)
}

impl Issuer {
    /// The lifetime of a certificate that this issuer signs.
    ///
    /// # Errors
    /// As [`lifetime`].
    pub(in crate::cli) fn lifetime(
        &self,
        asked: Option<SignedDuration>,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Lifetime, Error> {
        lifetime(&self.authority, asked, settings, now)
    }

    /// Signs an order with a serial number; the row is to be recorded before the certificate is shown to anybody.
    pub(in crate::cli) fn sign(
        &self,
        order: &Order,
        serial: SerialNumber,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Signed<Option<PrivateKey>>, Error> {
        let Identity { spiffe_id, dns_names, addresses } = order.identity.clone();
        let profile = SvidProfile { spiffe_id, dns_names, addresses, serial, lifetime: order.lifetime };
        let (key, public) = match &order.key {
            SubjectKey::Given(public) => (None, public.clone()),
            SubjectKey::New(key_type) => {
                let key = entropy.private_key(*key_type)?;
                let public = key.public_key()?;
                (Some(key), public)
            }
        };
        let certificate = self.signer.sign_svid(&profile, &public)?;
        let row = NewCertificate {
            issuer: self.authority.id.clone(),
            certificate,
            origin: order.origin,
            issued_at: now,
            output: order.output.clone(),
            renewed_from: order.renewed_from.clone(),
        };
        Ok(Signed { row, rest: key })
    }
}
