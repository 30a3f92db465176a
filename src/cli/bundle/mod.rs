//! `meshsec bundle`: who may vouch for identities.

mod convert;
mod diff;
pub(in crate::cli) mod input;
mod merge;
mod output;
mod show;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Look at trust bundles, merge, compare and convert them
#[derive(Debug, Subcommand)]
pub(super) enum BundleCommand {
    Show(show::ShowArgs),
    Merge(merge::MergeArgs),
    Diff(diff::DiffArgs),
    Convert(convert::ConvertArgs),
}

impl BundleCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Show(arguments) => arguments.run(env),
            Self::Merge(arguments) => arguments.run(env),
            Self::Diff(arguments) => arguments.run(env),
            Self::Convert(arguments) => arguments.run(env),
        }
    }
}
