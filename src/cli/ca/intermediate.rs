use clap::Args;
use jiff::SignedDuration;

use crate::cli::ca::init::DEFAULT;
use crate::cli::ca::making::Made;
use crate::cli::ca::making::Wanted;
use crate::cli::ca::show;
use crate::cli::ca::signing;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::pki::AuthorityState;
use crate::pki::KeyType;
use crate::store::Authority;
use crate::store::AuthorityKind;
use crate::store::AuthorityName;

/// Make an issuing authority under the root, one for each cluster
///
/// Its certificates are for `ca export --for istio --name NAME`. While a new root is prepared, the intermediate is made under
/// that one too, so that it is there when the root is activated.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct IntermediateArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// What to call it, such as the cluster's name
    #[arg(long, value_name = "NAME")]
    name: AuthorityName,
    /// Its life; no longer than the root's
    #[arg(long, value_name = "TIME", default_value = "2y", value_parser = parse_ttl)]
    ttl: SignedDuration,
    /// Kind of key; the root's when absent
    #[arg(long, value_name = "TYPE")]
    key_type: Option<KeyType>,
    /// Let its certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go
    /// and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it
    #[arg(long)]
    constrain: bool,
    /// Take the place of the intermediate of this name; certificates it signed stay good
    #[arg(long)]
    replace: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = show::Format::Text, help_heading = "Output")]
    output: show::Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca intermediate --name cluster-east --ttl 2y
  meshsec ca intermediate --name default --replace";

impl IntermediateArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let (mut home, passphrase) = self.authority.open(env)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        let ledger = home.ledger();
        let active = signing::active_root(ledger)?;
        let prepared = signing::trusted_roots(ledger)?.into_iter().find(|root| root.state == AuthorityState::Prepared);
        let replaced = self.replaced(&ledger.authorities()?, &active)?;
        let mut entropy = SystemEntropy::new();
        let mut made = Vec::new();
        for root in std::iter::once(&active).chain(prepared.as_ref().filter(|_| replaced.is_none())) {
            require_within(root, self.ttl, env.now)?;
            let wanted = Wanted {
                trust_domain: &root.trust_domain,
                key_type: self.key_type.unwrap_or(root.key_type),
                ttl: self.ttl,
                path_length: Some(0),
                is_constrained: self.constrain,
                now: env.now,
            };
            let signer = home.load_signer(root, passphrase)?;
            made.push(Made::intermediate(&self.name, (&root.id, &signer), &wanted, &mut entropy)?);
        }
        for made in &made {
            made.write_key(&home, passphrase, &mut entropy)?;
        }
        home.ledger_mut().transaction(|transaction| {
            if let Some(replaced) = &replaced {
                transaction.retire(&replaced.id, env.now)?;
            }
            made.iter().try_for_each(|made| transaction.insert_authority(&made.row(AuthorityState::Active)).map(|_| ()))
        })?;
        home.sweep()?;
        if !env.quiet {
            show::write(env, &home, self.output)?;
        }
        Ok(Outcome::Yes)
    }
}

impl IntermediateArgs {
    /// The one whose place is taken; one that was revoked needs a successor more than any other.
    fn replaced(&self, authorities: &[Authority], root: &Authority) -> Result<Option<Authority>, Error> {
        let name = &self.name;
        if authorities.iter().any(|authority| authority.kind == AuthorityKind::Root && authority.name == *name) {
            return Err(Error::question(format!("`{name}` is the name of a root"), "give another name".to_owned()));
        }
        let is_it = |authority: &&Authority| {
            authority.name == *name && authority.parent.as_ref() == Some(&root.id) && authority.retired_at.is_none()
        };
        match (authorities.iter().find(is_it), self.replace) {
            (Some(existing), true) => Ok(Some(existing.clone())),
            (None, false) => Ok(None),
            (Some(existing), false) => Err(Error::question(
                format!("there is an intermediate `{name}` already, {}", existing.state),
                "give another name, or `--replace` it".to_owned(),
            )),
            (None, true) => Err(Error::question(
                format!("there is no intermediate `{name}` to replace"),
                format!("leave `--replace` out to make it; `{DEFAULT}` is the one made with the root"),
            )),
        }
    }
}

/// A life that was asked for is kept or refused, never silently cut.
fn require_within(root: &Authority, ttl: SignedDuration, now: jiff::Timestamp) -> Result<(), Error> {
    let end = root.certificate.not_after();
    if now.saturating_add(ttl).is_ok_and(|wanted| wanted <= end) {
        return Ok(());
    }
    Err(Error::question(
        format!("`--ttl` reaches beyond the root `{}`, which ends at {end}", root.name),
        "shorten it, or bring in a new root with `meshsec ca rotate prepare`".to_owned(),
    ))
}
