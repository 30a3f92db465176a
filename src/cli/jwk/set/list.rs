use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwk::input::warn;
use crate::cli::jwk::set::file::read;
use crate::render;

/// List the keys of a set
///
/// Exit code 2 also when a key cannot be used; it is listed with the reason.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ListArgs {
    /// The set, or `-`
    #[arg(value_name = "SET")]
    set: String,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec jwk set list keys/jwks.json
  curl -s https://idp.example/jwks | meshsec jwk set list - -o json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl ListArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let set = read(&self.set, env)?;
        if set.has_private_members() {
            warn(env, &self.set, "the set holds private members: whoever reads it can sign; treat the keys as known to others")?;
        }
        match self.output {
            Format::Text => env.stdout.write_all(render::key_set_table(&set).as_bytes())?,
            Format::Json => writeln!(env.stdout, "{:#}", render::key_set_json(&set))?,
        }
        let is_whole = set.elements().iter().all(|element| element.key.is_ok());
        Ok(if is_whole { Outcome::Yes } else { Outcome::Invalid })
    }
}
