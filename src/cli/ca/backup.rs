use std::path::PathBuf;

use clap::Args;

use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::home::HomeArgs;
use crate::cli::passphrase::PassphraseArgs;

/// Write the ledger and every private key into one encrypted file
///
/// The file is encrypted under a passphrase, which may be that of the private keys or another one. Inside, the keys are as they lie in the
/// home: encrypted once more, under their own passphrase, unless the authority was made without one. Others may go on issuing meanwhile.
/// An existing file is never replaced. The file is in the format of the `age` program, with a tar archive inside: `age -d FILE | tar -x`
/// opens it without meshsec.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct BackupArgs {
    #[command(flatten)]
    home: HomeArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// File to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

const EXAMPLES: &str = "Examples:
  meshsec ca backup -o authority.age
  meshsec ca backup -o authority-$(date +%F).age --password-file backup-passphrase.txt";

impl BackupArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let home = self.home.open(env)?;
        let passphrase = self.passphrase.new_one(env)?;
        let backup = home.back_up(&self.output, &passphrase, &mut SystemEntropy::new(), env.now)?;
        if !env.quiet {
            writeln!(
                env.stdout,
                "{} authorities with their keys and {} certificates in {}",
                backup.authorities,
                backup.certificates,
                self.output.display()
            )?;
        }
        Ok(Outcome::Yes)
    }
}
