//! `meshsec jwt`: tokens.

mod inspect;
mod key_input;
mod token_input;
mod verify;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Mint, inspect and verify JSON Web Tokens
#[derive(Debug, Subcommand)]
pub(super) enum JwtCommand {
    Inspect(inspect::InspectArgs),
    Verify(Box<verify::VerifyArgs>),
}

impl JwtCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Inspect(arguments) => arguments.run(env),
            Self::Verify(arguments) => arguments.run(env),
        }
    }
}
