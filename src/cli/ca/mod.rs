//! `meshsec ca`: the authority that vouches for the workloads of a trust domain.

mod backup;
pub(in crate::cli) mod crl;
mod export;
pub(in crate::cli) mod init;
#[cfg(feature = "cluster")]
mod install;
mod intermediate;
mod making;
mod material;
mod plug_in;
mod restore;
mod rotate;
mod show;
mod sign;
pub(in crate::cli) mod signing;
mod verify;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Run a certificate authority for a trust domain
#[derive(Debug, Subcommand)]
pub(super) enum CaCommand {
    Init(init::InitArgs),
    Show(show::ShowArgs),
    Intermediate(intermediate::IntermediateArgs),
    Sign(sign::SignArgs),
    Export(export::ExportArgs),
    #[cfg(feature = "cluster")]
    Install(Box<install::InstallArgs>),
    Crl(crl::CrlArgs),
    Verify(verify::VerifyArgs),
    #[command(subcommand)]
    Rotate(rotate::RotateCommand),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
}

impl CaCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Init(arguments) => arguments.run(env),
            Self::Show(arguments) => arguments.run(env),
            Self::Intermediate(arguments) => arguments.run(env),
            Self::Sign(arguments) => arguments.run(env),
            Self::Export(arguments) => arguments.run(env),
            #[cfg(feature = "cluster")]
            Self::Install(arguments) => arguments.run(env),
            Self::Crl(arguments) => arguments.run(env),
            Self::Verify(arguments) => arguments.run(env),
            Self::Rotate(command) => command.run(env),
            Self::Backup(arguments) => arguments.run(env),
            Self::Restore(arguments) => arguments.run(env),
        }
    }
}
