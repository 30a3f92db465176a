//! Making a root or an intermediate: key first, then the row.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::entropy::SystemEntropy;
use crate::cli::error::Error;
use crate::pki::AuthorityProfile;
use crate::pki::AuthorityState;
use crate::pki::Entropy;
use crate::pki::Fingerprint;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::pki::Lifetime;
use crate::pki::PkiError;
use crate::pki::PublicKey;
use crate::pki::Signer;
use crate::spiffe::TrustDomain;
use crate::store::AuthorityId;
use crate::store::AuthorityName;
use crate::store::Home;
use crate::store::NewAuthority;
use crate::store::StoreError;

/// What a new authority is to be, beside its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) trust_domain: &'a TrustDomain,
    pub(super) key_type: KeyType,
    pub(super) ttl: SignedDuration,
    pub(super) path_length: Option<u8>,
    pub(super) is_constrained: bool,
    pub(super) now: Timestamp,
}

/// Life of an intermediate when nothing is said.
const INTERMEDIATE_TTL: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

/// The life of an intermediate under a new root: what was asked for, or the default cut to the root's.
pub(super) fn intermediate_ttl(asked: Option<SignedDuration>, root: SignedDuration) -> Result<SignedDuration, Error> {
    if asked.is_some_and(|asked| asked > root) {
        return Err(Error::question(
            "`--intermediate-ttl` is longer than `--ttl`: nothing outlives the root above it",
            "shorten it, or give the root a longer life".to_owned(),
        ));
    }
    Ok(asked.unwrap_or(INTERMEDIATE_TTL.min(root)))
}

/// An authority that was signed, and not yet kept.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) signer: Signer,
    pub(super) id: AuthorityId,
    row: NewAuthority,
}

impl Made {
    /// Signs a new root by itself.
    pub(super) fn root(name: &AuthorityName, wanted: &Wanted<'_>, entropy: &mut SystemEntropy) -> Result<Self, Error> {
        let key = entropy.private_key(wanted.key_type)?;
        let profile = AuthorityProfile {
            trust_domain: wanted.trust_domain.clone(),
            common_name: common_name(name, &key.public_key()?),
            serial: entropy.serial()?,
            lifetime: Lifetime::of(wanted.now, wanted.ttl),
            path_length: wanted.path_length,
            is_constrained: wanted.is_constrained,
        };
        Self::new(name, None, wanted, Signer::self_signed(&profile, key)?)
    }

    /// Signs a new intermediate by a root. It may not outlive the root.
    pub(super) fn intermediate(
        name: &AuthorityName,
        root: (&AuthorityId, &Signer),
        wanted: &Wanted<'_>,
        entropy: &mut SystemEntropy,
    ) -> Result<Self, Error> {
        let (root_id, root) = root;
        let lifetime = Lifetime::under(root.certificate(), wanted.now, wanted.ttl)?;
        let key = entropy.private_key(wanted.key_type)?;
        let public = key.public_key()?;
        let profile = AuthorityProfile {
            trust_domain: wanted.trust_domain.clone(),
            common_name: common_name(name, &public),
            serial: entropy.serial()?,
            lifetime,
            path_length: wanted.path_length,
            is_constrained: wanted.is_constrained,
        };
        let signer = Signer::new(root.sign_intermediate(&profile, &public)?, key)?;
        Self::new(name, Some(root_id.clone()), wanted, signer)
    }

    fn new(name: &AuthorityName, parent: Option<AuthorityId>, wanted: &Wanted<'_>, signer: Signer) -> Result<Self, Error> {
        let certificate = signer.certificate();
        let id =
            AuthorityId::of(certificate).ok_or_else(|| PkiError::Certificate("it has no subject key identifier".to_owned()))?;
        let row = NewAuthority {
            name: name.clone(),
            parent,
            trust_domain: wanted.trust_domain.clone(),
            state: AuthorityState::Active,
            certificate: certificate.clone(),
            key_type: wanted.key_type,
            created_at: wanted.now,
        };
        Ok(Self { signer, id, row })
    }

    /// What it is called.
    pub(super) fn name(&self) -> &AuthorityName {
        &self.row.name
    }

    /// The row to insert once the key is written.
    pub(super) fn row(&self, state: AuthorityState) -> NewAuthority {
        NewAuthority { state, ..self.row.clone() }
    }

    /// Writes the private key, encrypted unless there is no passphrase.
    pub(super) fn write_key(&self, home: &Home, passphrase: Option<&str>, entropy: &mut SystemEntropy) -> Result<(), StoreError> {
        let encryption = passphrase.map_or(KeyEncryption::Plain, KeyEncryption::Passphrase);
        let pem = self.signer.key().to_pem(&encryption, entropy)?;
        home.write_key(&self.id, &pem)?;
        Ok(())
    }
}

/// Names of authorities must differ, also between those of one name at different times: peers find revocation lists by name.
fn common_name(name: &AuthorityName, key: &PublicKey) -> String {
    let [first, second, third, fourth, ..] = *Fingerprint::of(key.info()).as_bytes();
    format!("meshsec {name} {first:02x}{second:02x}{third:02x}{fourth:02x}")
}
