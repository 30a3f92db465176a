//! `meshsec svid`: certificates of workloads.

mod input;
mod inspect;
mod verify;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

pub(in crate::cli) use input::CertificateArgs;
pub(in crate::cli) use input::parse_time;
pub(in crate::cli) use input::read_container;

/// Work with the certificates of workloads (X509-SVIDs)
#[derive(Debug, Subcommand)]
pub(super) enum SvidCommand {
    Inspect(inspect::InspectArgs),
    Verify(verify::VerifyArgs),
}

impl SvidCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Inspect(arguments) => arguments.run(env),
            Self::Verify(arguments) => arguments.run(env),
        }
    }
}
