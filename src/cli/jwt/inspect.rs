use clap::Args;
use clap::ValueEnum;
use jiff::Timestamp;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwt::token_input::read_token;
use crate::jose::InspectError;
use crate::jose::Inspection;
use crate::render;

/// Show what a token says, without verifying it
///
/// Header, claims, times relative to now, and what is odd or dangerous about it. No key is read, and nothing is verified: use `meshsec jwt
/// verify` for that. A token endpoint's answer is understood too: its `access_token` is taken.
/// Exit code 0: it is a token, whatever is odd about it; 2: it is none.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct InspectArgs {
    /// The token, `@FILE`, or `-` for standard input
    #[arg(value_name = "TOKEN", default_value = "-", hide_default_value = true, allow_hyphen_values = true)]
    token: String,
    /// Time to compare with, RFC 3339; now when absent
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec jwt inspect @token.jwt
  curl -s https://idp.example/token -d grant_type=client_credentials | meshsec jwt inspect -
  meshsec jwt inspect @token.jwt -o json | jq .claims.exp";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl InspectArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let pasted = read_token(&self.token, env)?;
        let inspection = Inspection::of(&pasted.text, self.at.unwrap_or(env.now)).map_err(|error| no_token(&error))?;
        if !env.quiet {
            match self.output {
                Format::Text => render::token_inspection_text(env.stdout, &inspection, &pasted.notes, env.style)?,
                Format::Json => render::token_inspection_json(env.stdout, &inspection, &pasted.notes)?,
            }
        }
        Ok(Outcome::Yes)
    }
}

/// What to do about a text that is no token.
fn no_token(error: &InspectError) -> Error {
    let help = match error {
        InspectError::Pieces { pieces: 1 } => "an opaque token holds nothing to read; to read one from a file write `@FILE`",
        InspectError::Pieces { .. } => "copy the whole token: header, payload and signature between two dots",
        InspectError::Header(_) => "copy the whole token; base64url has letters, digits, `-` and `_` only",
        InspectError::HeaderJson(_) => "a token begins with its header, which almost always starts with `eyJ`",
        InspectError::Json => "give a token, or an answer with `access_token` or `id_token`",
    };
    Error::question(format!("this is no token: {error}"), help.to_owned())
}
