use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwk::set::file::read;
use crate::render;

/// Check a set before it is published, by the standards and as Envoy reads it
///
/// Finds keys that cannot be used or that Envoy skips, private members, shared secrets, equal `kid`s, missing `kid` and `alg`, weak keys.
/// Exit code 0: nothing found; 1: findings.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct CheckArgs {
    /// The set, or `-`
    #[arg(value_name = "SET")]
    set: String,
    /// Exit with 0 when there are warnings only
    #[arg(long)]
    allow_warnings: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec jwk set check keys/jwks.json
  curl -s https://idp.example/jwks | meshsec jwk set check -";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl CheckArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let set = read(&self.set, env)?;
        let findings = set.check();
        match self.output {
            Format::Text if env.quiet => {}
            Format::Text => render::set_findings_text(env.stdout, &set, &findings, env.style)?,
            Format::Json => writeln!(env.stdout, "{:#}", render::set_findings_json(&set, &findings))?,
        }
        let counts = |finding: &crate::jose::SetFinding| finding.problem.is_error() || !self.allow_warnings;
        Ok(if findings.iter().any(counts) { Outcome::No } else { Outcome::Yes })
    }
}
