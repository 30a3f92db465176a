//! `meshsec jwt`: tokens.

mod inspect;
mod key_input;
#[cfg(feature = "store")]
pub(in crate::cli) mod mesh_key;
mod mint;
mod request_authentication;
mod token_input;
mod verify;

pub(in crate::cli) use token_input::read_token;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::jose::Algorithm;

/// Mint, inspect and verify JSON Web Tokens
#[derive(Debug, Subcommand)]
pub(super) enum JwtCommand {
    Mint(Box<mint::MintArgs>),
    Inspect(inspect::InspectArgs),
    Verify(Box<verify::VerifyArgs>),
    RequestAuthentication(request_authentication::RequestAuthenticationArgs),
}

impl JwtCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Mint(arguments) => arguments.run(env),
            Self::Inspect(arguments) => arguments.run(env),
            Self::Verify(arguments) => arguments.run(env),
            Self::RequestAuthentication(arguments) => arguments.run(env),
        }
    }
}

/// Reads an `alg` value.
fn parse_algorithm(text: &str) -> Result<Algorithm, String> {
    Algorithm::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Algorithm::ALL.into_iter().map(Algorithm::name).collect();
        format!("it is none of {}", names.join(", "))
    })
}
