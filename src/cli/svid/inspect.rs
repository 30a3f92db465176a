use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::passphrase::PassphraseArgs;
use crate::cli::svid::parse_time;
use crate::cli::svid::read_container;
use crate::pki::inspect;
use crate::pki::svid::Severity;
use crate::render;

/// Show certificates in whatever form they come, and what is wrong with them
///
/// Reads PEM (certificates, keys, revocation lists and requests in any mixture), DER, PKCS#12, Secrets of Kubernetes in YAML or JSON, the output of
/// `istioctl proxy-config secret -o json` or Envoy's `/config_dump`, and Envoy's `/certs`. Private keys are named and never printed. Nothing is
/// trusted by being shown: `meshsec svid verify` follows the chain to a bundle.
///
/// Exit code 0: it was read, whatever is wrong with it; 1: with `--fail-on-problems`, there is an error or a warning; 2: it cannot be read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct InspectArgs {
    /// The file, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// The time that counts, RFC 3339; now when absent
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// End with 1 when there are errors or warnings; notes do not count
    #[arg(long)]
    fail_on_problems: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec svid inspect certs/cert-chain.pem
  kubectl get secret istio.frontend -o yaml | meshsec svid inspect -
  istioctl proxy-config secret deploy/frontend -o json | meshsec svid inspect - -o json
  kubectl exec deploy/frontend -c istio-proxy -- pilot-agent request GET certs | meshsec svid inspect -";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl InspectArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let at = parse_time(self.at.as_deref(), env.now)?;
        let container = read_container(&self.file, &self.passphrase, env)?;
        let inspection = inspect(container, at);
        if !env.quiet {
            let file = if self.file == "-" { "standard input" } else { &self.file };
            match self.output {
                Format::Text => render::svid_inspect_text(env.stdout, file, &inspection, env.style)?,
                Format::Json => render::svid_inspect_json(env.stdout, file, &inspection)?,
            }
        }
        let is_bad = inspection.problems().any(|problem| problem.check.severity > Severity::Note);
        Ok(if self.fail_on_problems && is_bad { Outcome::No } else { Outcome::Yes })
    }
}
