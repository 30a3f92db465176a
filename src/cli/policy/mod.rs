//! `meshsec policy`: what policies amount to.

#[cfg(all(feature = "cluster", feature = "store"))]
mod apply;
mod check;
#[cfg(all(feature = "cluster", feature = "store"))]
mod delete;
mod diff;
mod effective;
mod explain;
#[cfg(feature = "cluster")]
mod get;
mod translate;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Look at policies themselves
#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    Check(Box<check::CheckArgs>),
    #[cfg(all(feature = "cluster", feature = "store"))]
    Apply(Box<apply::ApplyArgs>),
    #[cfg(all(feature = "cluster", feature = "store"))]
    Delete(Box<delete::DeleteArgs>),
    #[cfg(feature = "cluster")]
    Get(Box<get::GetArgs>),
    Diff(diff::DiffArgs),
    Explain(explain::ExplainArgs),
    Effective(effective::EffectiveArgs),
    Translate(translate::TranslateArgs),
}

impl PolicyCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Check(arguments) => arguments.run(env),
            #[cfg(all(feature = "cluster", feature = "store"))]
            Self::Apply(arguments) => arguments.run(env),
            #[cfg(all(feature = "cluster", feature = "store"))]
            Self::Delete(arguments) => arguments.run(env),
            #[cfg(feature = "cluster")]
            Self::Get(arguments) => arguments.run(env),
            Self::Diff(arguments) => arguments.run(env),
            Self::Explain(arguments) => arguments.run(env),
            Self::Effective(arguments) => arguments.run(env),
            Self::Translate(arguments) => arguments.run(env),
        }
    }
}
