//! The authority that signs now: its key opened, its chain and the roots that peers are to trust.

use clap::Args;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::home::HomeArgs;
use crate::cli::passphrase::Passphrase;
use crate::cli::passphrase::PassphraseArgs;
use crate::pki::Certificate;
use crate::pki::Signer;
use crate::store::Authority;
use crate::store::AuthorityKind;
use crate::store::AuthorityName;
use crate::store::Home;
use crate::store::Ledger;
use crate::store::StoreError;

/// Where the authority lives and what opens its keys.
#[derive(Debug, Args)]
pub(in crate::cli) struct AuthorityArgs {
    #[command(flatten)]
    home: HomeArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

impl AuthorityArgs {
    /// Whether a home was named on the command line.
    #[cfg(feature = "proxy")]
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.home.is_given()
    }

    /// Opens the home for what needs no private key.
    pub(in crate::cli) fn open_without_keys(&self, env: &Env<'_>) -> Result<Home, Error> {
        self.home.open(env)
    }

    /// Opens the home, and asks for the passphrase when its keys are encrypted.
    pub(in crate::cli) fn open(&self, env: &Env<'_>) -> Result<(Home, Option<Passphrase>), Error> {
        let home = self.home.open(env)?;
        let passphrase = self.passphrase(&home, env)?;
        Ok((home, passphrase))
    }

    /// Asks for the passphrase when the keys of this home are encrypted.
    pub(in crate::cli) fn passphrase(&self, home: &Home, env: &Env<'_>) -> Result<Option<Passphrase>, Error> {
        home.ledger().settings()?.are_keys_encrypted.then(|| self.passphrase.existing(env)).transpose()
    }
}

/// An intermediate with its key, and what stands above it.
#[derive(Debug)]
pub(in crate::cli) struct Issuer {
    pub(in crate::cli) authority: Authority,
    pub(in crate::cli) signer: Signer,
    /// Certificates of the roots that peers are to trust, oldest first.
    pub(in crate::cli) bundle: Vec<Certificate>,
}

impl Issuer {
    /// The intermediate of this name under the active root.
    pub(in crate::cli) fn open(home: &Home, name: &AuthorityName, passphrase: Option<&str>) -> Result<Self, Error> {
        let authority = home.ledger().signing_authority(name)?;
        let signer = home.load_signer(&authority, passphrase)?;
        Ok(Self { authority, signer, bundle: bundle(home.ledger())? })
    }

    /// What a workload sends in a handshake: its certificate and those above it, without the root.
    pub(in crate::cli) fn chain<'c>(&'c self, svid: &'c Certificate) -> [&'c Certificate; 2] {
        [svid, self.signer.certificate()]
    }
}

/// The certificates of all roots that are not revoked, oldest first.
pub(in crate::cli) fn bundle(ledger: &Ledger) -> Result<Vec<Certificate>, StoreError> {
    Ok(trusted_roots(ledger)?.into_iter().map(|root| root.certificate).collect())
}

/// All roots that are not revoked, oldest first.
pub(in crate::cli) fn trusted_roots(ledger: &Ledger) -> Result<Vec<Authority>, StoreError> {
    let authorities = ledger.authorities()?.into_iter();
    Ok(authorities.filter(|authority| authority.kind == AuthorityKind::Root && authority.state.is_trusted()).collect())
}

/// The root that signs now.
pub(in crate::cli) fn active_root(ledger: &Ledger) -> Result<Authority, Error> {
    ledger
        .active_root()?
        .ok_or_else(|| Error::question("no root of this authority is active", "see `meshsec ca show`".to_owned()))
}
