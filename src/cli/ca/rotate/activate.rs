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
use crate::pki::RotationStep;

/// Let the prepared root sign; the one that signed becomes old
///
/// Do this once every peer has the bundle with both roots. What the old root signed stays trusted.
#[derive(Debug, Args)]
pub(in crate::cli) struct ActivateArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// The root: name or identifier; the prepared one when absent
    #[arg(long, value_name = "ROOT")]
    root: Option<String>,
    /// Output format of the state afterwards
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

impl ActivateArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let (mut home, passphrase) = self.authority.open(env)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        let ledger = home.ledger();
        let coming = pair::root_for(ledger, self.root.as_deref(), RotationStep::Activate)?;
        let state = pair::state_after(&coming, RotationStep::Activate)?;
        let leaving = signing::active_root(ledger)?;
        let bundle = signing::bundle(ledger)?;
        let mut signers = Vec::new();
        for (root, when) in [(&leaving, "what was signed so far"), (&coming, "what will be signed")] {
            for authority in pair::intermediates(ledger, root)?.into_iter().filter(|below| below.state != AuthorityState::Revoked)
            {
                let words = format!("{when} by `{}` under `{}` is trusted by peers with the bundle", authority.name, root.name);
                signers.push((words, home.load_signer(&authority, passphrase)?));
            }
        }
        let missing: Vec<String> = pair::intermediates(ledger, &leaving)?
            .into_iter()
            .filter(|old| old.state == AuthorityState::Active && pair::intermediate(ledger, &coming, &old.name).is_err())
            .map(|old| format!("`{}`", old.name))
            .collect();
        if !missing.is_empty() {
            return Err(Error::question(
                format!("the root `{}` has no intermediate {}: nothing would sign in its place", coming.name, missing.join(", ")),
                "make it with `meshsec ca intermediate --name NAME`".to_owned(),
            ));
        }
        let claim = |(words, signer)| Claim { words, signer, bundle: &bundle, is_trusted: true };
        let claims: Vec<Claim<'_>> = signers.iter().map(|(words, signer)| claim((words.clone(), signer))).collect();
        prove(&claims, &coming.trust_domain, env)?;
        home.ledger_mut().transaction(|transaction| {
            transaction.set_state(&leaving.id, AuthorityState::Old, env.now)?;
            transaction.set_state(&coming.id, state, env.now)
        })?;
        status::write(env, &home, self.output)?;
        Ok(Outcome::Yes)
    }
}
