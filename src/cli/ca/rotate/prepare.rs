use clap::Args;
use jiff::SignedDuration;

use crate::cli::ca::init::ROOT;
use crate::cli::ca::making;
use crate::cli::ca::making::Made;
use crate::cli::ca::making::Wanted;
use crate::cli::ca::rotate::pair;
use crate::cli::ca::rotate::proof::Claim;
use crate::cli::ca::rotate::proof::prove;
use crate::cli::ca::rotate::status;
use crate::cli::ca::show::Format;
use crate::cli::ca::signing;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::pki::AuthorityState;
use crate::pki::KeyType;
use crate::store::AuthorityName;
use crate::store::Ledger;

/// Make a new root with intermediates of the same names; the old ones go on signing
///
/// From now on both roots are in every bundle that is written. Peers have to learn the new root before anything is signed under it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct PrepareArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// Kind of key of the new root and its intermediates; the active root's when absent
    #[arg(long, value_name = "TYPE")]
    key_type: Option<KeyType>,
    /// Life of the new root
    #[arg(long, value_name = "TIME", default_value = "10y", value_parser = parse_ttl)]
    ttl: SignedDuration,
    /// Life of its intermediates [default: 2y, or the root's when that is shorter]
    #[arg(long, value_name = "TIME", value_parser = parse_ttl)]
    intermediate_ttl: Option<SignedDuration>,
    /// Let the new root's certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go
    /// and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it
    #[arg(long)]
    constrain: bool,
    /// Output format of the state afterwards
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca rotate prepare
  meshsec ca rotate status --for istio --name cluster-east --out rotation/";

impl PrepareArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let intermediate_ttl = making::intermediate_ttl(self.intermediate_ttl, self.ttl)?;
        let (mut home, passphrase) = self.authority.open(env)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        let ledger = home.ledger();
        let roots = pair::roots(ledger)?;
        if let Some(prepared) = roots.iter().find(|root| root.state == AuthorityState::Prepared) {
            return Err(Error::question(
                format!("`{}` is prepared already", prepared.name),
                "publish it, then `meshsec ca rotate activate`".to_owned(),
            ));
        }
        let active = signing::active_root(ledger)?;
        let mut entropy = SystemEntropy::new();
        let wanted = Wanted {
            trust_domain: &active.trust_domain,
            key_type: self.key_type.unwrap_or(active.key_type),
            ttl: self.ttl,
            path_length: Some(1),
            is_constrained: self.constrain,
            now: env.now,
        };
        let name = free_name(roots.len(), ledger)?;
        let root = Made::root(&name, &wanted, &mut entropy)?;
        let below = Wanted { ttl: intermediate_ttl, path_length: Some(0), is_constrained: false, ..wanted };
        let mut made = Vec::new();
        let mut old_signers = Vec::new();
        for old in pair::intermediates(ledger, &active)?.into_iter().filter(|old| old.state == AuthorityState::Active) {
            made.push(Made::intermediate(&old.name, (&root.id, &root.signer), &below, &mut entropy)?);
            old_signers.push(home.load_signer(&old, passphrase)?);
        }
        let before = signing::bundle(ledger)?;
        let mut after = before.clone();
        after.push(root.signer.certificate().clone());
        let mut claims = Vec::new();
        for (old, new) in old_signers.iter().zip(&made) {
            let name = new.name();
            claims.push(Claim {
                words: format!("what `{name}` signs now is trusted by peers with the new bundle"),
                signer: old,
                bundle: &after,
                is_trusted: true,
            });
            claims.push(Claim {
                words: format!("what the new `{name}` will sign is trusted by peers with the new bundle"),
                signer: &new.signer,
                bundle: &after,
                is_trusted: true,
            });
            claims.push(Claim {
                words: format!("and not by peers that still have the old bundle: publish before `activate` (`{name}`)"),
                signer: &new.signer,
                bundle: &before,
                is_trusted: false,
            });
        }
        prove(&claims, &active.trust_domain, env)?;
        for made in std::iter::once(&root).chain(&made) {
            made.write_key(&home, passphrase, &mut entropy)?;
        }
        home.ledger_mut().transaction(|transaction| {
            transaction.insert_authority(&root.row(AuthorityState::Prepared))?;
            for made in &made {
                transaction.insert_authority(&made.row(AuthorityState::Prepared))?;
            }
            transaction.advance_bundle().map(|_| ())
        })?;
        home.sweep()?;
        status::write(env, &home, self.output)?;
        Ok(Outcome::Yes)
    }
}

/// `root-2` and so on. Intermediates share the names, because whoever names an authority does not say which kind it is.
fn free_name(roots: usize, ledger: &Ledger) -> Result<AuthorityName, Error> {
    let taken = ledger.authorities()?;
    let mut number = roots;
    loop {
        number += 1;
        let name: AuthorityName = format!("{ROOT}-{number}").parse()?;
        if taken.iter().all(|authority| authority.name != name) {
            return Ok(name);
        }
    }
}
