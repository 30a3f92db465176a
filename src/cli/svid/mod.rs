//! `meshsec svid`: identities of workloads, as X.509 certificates.

#[cfg(feature = "store")]
mod files;
#[cfg(feature = "store")]
pub(in crate::cli) mod identity;
mod input;
mod inspect;
#[cfg(all(feature = "store", feature = "cluster"))]
mod install;
#[cfg(feature = "store")]
pub(in crate::cli) mod issuance;
#[cfg(feature = "store")]
mod issue;
#[cfg(feature = "store")]
mod list;
#[cfg(feature = "store")]
mod renew;
#[cfg(feature = "store")]
pub(in crate::cli) mod request;
#[cfg(feature = "store")]
mod revoke;
#[cfg(feature = "store")]
mod secret;
mod verify;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

pub(in crate::cli) use input::chain_of;
pub(in crate::cli) use input::parse_time;
pub(in crate::cli) use input::read_container;

/// Issue, inspect, verify, list and revoke identities of workloads
#[derive(Debug, Subcommand)]
pub(super) enum SvidCommand {
    #[cfg(feature = "store")]
    Issue(Box<issue::IssueArgs>),
    Inspect(inspect::InspectArgs),
    #[cfg(all(feature = "store", feature = "cluster"))]
    Install(Box<install::InstallArgs>),
    Verify(Box<verify::VerifyArgs>),
    #[cfg(feature = "store")]
    List(list::ListArgs),
    #[cfg(feature = "store")]
    Renew(Box<renew::RenewArgs>),
    #[cfg(feature = "store")]
    Revoke(revoke::RevokeArgs),
}

impl SvidCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            #[cfg(feature = "store")]
            Self::Issue(arguments) => arguments.run(env),
            Self::Inspect(arguments) => arguments.run(env),
            #[cfg(all(feature = "store", feature = "cluster"))]
            Self::Install(arguments) => arguments.run(env),
            Self::Verify(arguments) => arguments.run(env),
            #[cfg(feature = "store")]
            Self::List(arguments) => arguments.run(env),
            #[cfg(feature = "store")]
            Self::Renew(arguments) => arguments.run(env),
            #[cfg(feature = "store")]
            Self::Revoke(arguments) => arguments.run(env),
        }
    }
}
