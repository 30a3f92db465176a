//! `meshsec jwk`: keys that sign tokens, and the sets in which their public halves are published.

mod convert;
mod generate;
mod input;
mod output;
mod serve;
mod set;
mod thumbprint;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::jose::Algorithm;

/// Make keys that sign tokens, convert them, publish their public halves
#[derive(Debug, Subcommand)]
pub(super) enum JwkCommand {
    Generate(generate::GenerateArgs),
    Convert(convert::ConvertArgs),
    Thumbprint(thumbprint::ThumbprintArgs),
    #[command(subcommand)]
    Set(set::SetCommand),
    Serve(serve::ServeArgs),
}

impl JwkCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Generate(arguments) => arguments.run(env),
            Self::Convert(arguments) => arguments.run(env),
            Self::Thumbprint(arguments) => arguments.run(env),
            Self::Set(command) => command.run(env),
            Self::Serve(arguments) => arguments.run(env),
        }
    }
}

/// The values of `--alg`.
pub(in crate::cli) fn algorithm_parser() -> impl TypedValueParser<Value = Algorithm> {
    PossibleValuesParser::new(Algorithm::ALL.map(Algorithm::name))
        .try_map(|name| Algorithm::from_name(&name).ok_or("no such algorithm"))
}
