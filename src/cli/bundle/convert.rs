use std::path::PathBuf;

use clap::Args;

use crate::cli::bundle::input::OwnArgs;
use crate::cli::bundle::input::TrustDomainArgs;
use crate::cli::bundle::output;
use crate::cli::bundle::output::Form;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Write a bundle in another form: PEM, or a SPIFFE bundle
///
/// A SPIFFE bundle keeps sequence number, refresh hint and JWT keys; PEM holds the X.509 authorities only, and what is lost is said.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ConvertArgs {
    /// File, or `-` for standard input; the bundle of the own authority when absent
    #[arg(value_name = "FILE")]
    file: Option<String>,
    #[command(flatten)]
    own: OwnArgs,
    #[command(flatten)]
    trust_domain: TrustDomainArgs,
    /// Form to write
    #[arg(long, value_enum, help_heading = "Output")]
    to: Form,
    /// File to write, replaced in one step; standard output when absent
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  meshsec bundle convert --to spiffe
  meshsec bundle convert --to spiffe root-cert.pem -o bundle.json
  meshsec bundle convert --to pem --trust-domain example.org bundles.json";

impl ConvertArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let found = match &self.file {
            Some(file) => self.trust_domain.read_one(file, env)?,
            None => self.own.read(env)?,
        };
        for note in &found.read.notes {
            writeln!(env.stderr, "{} {}: {note}", env.style.warning("warning:"), found.name)?;
        }
        let text = self.to.write(&found.read.bundle, env)?;
        output::write(self.output.as_deref(), &text, env)?;
        Ok(Outcome::Yes)
    }
}
