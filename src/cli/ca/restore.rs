use std::path::PathBuf;

use clap::Args;

use crate::cli::ca::show;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::home::HomeArgs;
use crate::cli::passphrase::PassphraseArgs;
use crate::store::Home;

/// Make a home from a backup
///
/// The home must not exist. It appears whole or not at all, after the file was read to its end, the ledger was checked and the key of every
/// authority was found. What was issued or revoked after the backup is not in the restored ledger: revoke such certificates again by their
/// serial numbers, and do not let the old home and the restored one issue side by side.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct RestoreArgs {
    /// Backup to read
    #[arg(value_name = "FILE")]
    backup: PathBuf,
    #[command(flatten)]
    home: HomeArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = show::Format::Text, help_heading = "Output")]
    output: show::Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca restore authority.age --home restored/
  meshsec ca restore authority.age --password-file backup-passphrase.txt";

impl RestoreArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let path = self.home.path(env)?;
        // Looked at before a passphrase is asked for; restoring looks again.
        Home::require_vacant(&path)?;
        let passphrase = self.passphrase.existing(env)?;
        let home = Home::restore(&self.backup, &passphrase, &path)?;
        if !env.quiet {
            show::write(env, &home, self.output)?;
        }
        Ok(Outcome::Yes)
    }
}
