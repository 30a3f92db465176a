use clap::Args;

use crate::cli::ca::rotate::pair;
use crate::cli::ca::rotate::proof::Claim;
use crate::cli::ca::rotate::proof::prove;
use crate::cli::ca::rotate::status;
use crate::cli::ca::show::Format;
use crate::cli::ca::signing;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::pki::AuthorityState;
use crate::pki::Certificate;
use crate::pki::RotationStep;
use crate::store::AuthorityKind;
use crate::store::Order;

/// Take a tainted root out of the bundle; nothing under it is trusted any more
///
/// Refused, with exit code 1, while certificates that are still valid chain to it, unless forced: their holders would be locked out.
#[derive(Debug, Args)]
pub(in crate::cli) struct RevokeArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// The root: name or identifier; the tainted one when absent
    #[arg(long, value_name = "ROOT")]
    root: Option<String>,
    /// Lock out the holders of certificates that still chain to it
    #[arg(long)]
    force: bool,
    /// Output format of the state afterwards
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

/// How many holders are named.
const NAMED: usize = 5;

impl RevokeArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let (mut home, passphrase) = self.authority.open(env)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        let ledger = home.ledger();
        let root = pair::root_for(ledger, self.root.as_deref(), RotationStep::Revoke)?;
        let state = pair::state_after(&root, RotationStep::Revoke)?;
        let filter = status::still_chaining(&root, env.now);
        let count = ledger.count_certificates(&filter)?;
        if count > 0 && !self.force {
            let holders = ledger.certificates(&filter, Order::Expiry)?;
            let named = holders.iter().take(NAMED).filter_map(|record| record.spiffe_id.as_ref()).map(|id| format!("`{id}`"));
            writeln!(
                env.stderr,
                "{} {count} valid certificates still chain to `{}`: {}{}\n  {} renew them with `meshsec svid renew --all`, wait until they end, or \
                 lock them out with `--force`",
                env.style.error("not revoked:"),
                root.name,
                named.collect::<Vec<_>>().join(", "),
                if holders.len() > NAMED { ", .." } else { "" },
                env.style.note("help:")
            )?;
            return Ok(Outcome::No);
        }
        let after: Vec<Certificate> = signing::trusted_roots(ledger)?
            .into_iter()
            .filter(|trusted| trusted.id != root.id)
            .map(|trusted| trusted.certificate)
            .collect();
        let mut signers = Vec::new();
        for authority in ledger.authorities()?.into_iter().filter(|authority| authority.kind == AuthorityKind::Intermediate) {
            let is_below = authority.parent.as_ref() == Some(&root.id);
            if is_below || authority.state == AuthorityState::Active {
                let words = if is_below { "is refused by" } else { "is trusted by" };
                let words = format!("what `{}` signed ({}) {words} peers with the new bundle", authority.name, authority.id);
                if authority.certificate.is_valid_at(env.now) {
                    signers.push((words, home.load_signer(&authority, passphrase)?, !is_below));
                }
            }
        }
        let claims: Vec<Claim<'_>> = signers
            .iter()
            .map(|(words, signer, is_trusted)| Claim { words: words.clone(), signer, bundle: &after, is_trusted: *is_trusted })
            .collect();
        prove(&claims, &root.trust_domain, env)?;
        home.ledger_mut().transaction(|transaction| {
            transaction.set_state(&root.id, state, env.now)?;
            transaction.advance_bundle().map(|_| ())
        })?;
        if !env.quiet {
            let note = format!("the keys of `{}` are of no further use: {}", root.name, home.key_path(&root.id).display());
            writeln!(env.stderr, "{} {note}", env.style.note("note:"))?;
        }
        status::write(env, &home, self.output)?;
        Ok(Outcome::Yes)
    }
}
