//! `meshsec jwk set`: the file in which public keys are published.

mod add;
mod check;
mod file;
mod list;
mod remove;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Keep a JWK set: add, remove, list and check its keys
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SetCommand {
    Add(add::AddArgs),
    Remove(remove::RemoveArgs),
    List(list::ListArgs),
    Check(check::CheckArgs),
}

impl SetCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Add(arguments) => arguments.run(env),
            Self::Remove(arguments) => arguments.run(env),
            Self::List(arguments) => arguments.run(env),
            Self::Check(arguments) => arguments.run(env),
        }
    }
}
