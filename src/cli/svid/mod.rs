//! `meshsec svid`: identities of workloads, as X.509 certificates.

mod files;
pub(in crate::cli) mod identity;
pub(in crate::cli) mod issuance;
mod issue;
mod list;
pub(in crate::cli) mod request;
mod revoke;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Issue, list and revoke identities of workloads
#[derive(Debug, Subcommand)]
pub(super) enum SvidCommand {
    Issue(issue::IssueArgs),
    List(list::ListArgs),
    Revoke(revoke::RevokeArgs),
}

impl SvidCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Issue(arguments) => arguments.run(env),
            Self::List(arguments) => arguments.run(env),
            Self::Revoke(arguments) => arguments.run(env),
        }
    }
}
