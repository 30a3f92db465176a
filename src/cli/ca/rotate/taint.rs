use clap::Args;

use crate::cli::ca::rotate::pair;
use crate::cli::ca::rotate::status;
use crate::cli::ca::show::Format;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::home::HomeArgs;
use crate::pki::RotationStep;

/// Have everything that an old root signed replaced; it is still trusted
///
/// `meshsec svid renew` then counts what chains to it as due. Needs no passphrase.
#[derive(Debug, Args)]
pub(in crate::cli) struct TaintArgs {
    #[command(flatten)]
    home: HomeArgs,
    /// The root: name or identifier; the old one when absent
    #[arg(long, value_name = "ROOT")]
    root: Option<String>,
    /// Output format of the state afterwards
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

impl TaintArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut home = self.home.open(env)?;
        let root = pair::root_for(home.ledger(), self.root.as_deref(), RotationStep::Taint)?;
        let state = pair::state_after(&root, RotationStep::Taint)?;
        home.ledger_mut().transaction(|transaction| transaction.set_state(&root.id, state, env.now))?;
        status::write(env, &home, self.output)?;
        Ok(Outcome::Yes)
    }
}
