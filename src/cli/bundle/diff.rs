use clap::Args;
use clap::ValueEnum;

use crate::bundle::BundleDiff;
use crate::cli::bundle::input::TrustDomainArgs;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::render;

/// Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change
///
/// Order and repetitions do not count. Exit code 0: both trust the same; 1: they differ.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct DiffArgs {
    /// The old bundle, or `-`
    #[arg(value_name = "OLD")]
    old: String,
    /// The new bundle, or `-`
    #[arg(value_name = "NEW")]
    new: String,
    #[command(flatten)]
    trust_domain: TrustDomainArgs,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec bundle diff root-cert.pem new/root-cert.pem
  kubectl get configmap istio-ca-root-cert -o yaml | meshsec bundle diff - root-cert.pem -o json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl DiffArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        if self.old == "-" && self.new == "-" {
            return Err(Error::question("standard input can be read only once", "give a file for one of the bundles".to_owned()));
        }
        let old = self.trust_domain.read_one(&self.old, env)?;
        let new = self.trust_domain.read_one(&self.new, env)?;
        for part in [&old, &new] {
            for note in &part.read.notes {
                writeln!(env.stderr, "{} {}: {note}", env.style.warning("warning:"), part.name)?;
            }
        }
        let diff = BundleDiff::between(&old.read.bundle, &new.read.bundle);
        if !env.quiet {
            match self.output {
                Format::Text => render::bundle_diff_text(env.stdout, &diff, env.now, env.style)?,
                Format::Json => render::bundle_diff_json(env.stdout, &diff)?,
            }
        }
        Ok(if diff.is_same() { Outcome::Yes } else { Outcome::No })
    }
}
