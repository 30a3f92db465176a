//! `meshsec snapshot`: a mesh in one file.

#[cfg(feature = "cluster")]
mod save;
pub(in crate::cli) mod saved;
mod show;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Keep a mesh in one file, and ask it later
#[derive(Debug, Subcommand)]
pub(super) enum SnapshotCommand {
    #[cfg(feature = "cluster")]
    Save(save::SaveArgs),
    Show(show::ShowArgs),
}

impl SnapshotCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            #[cfg(feature = "cluster")]
            Self::Save(arguments) => arguments.run(env),
            Self::Show(arguments) => arguments.run(env),
        }
    }
}
