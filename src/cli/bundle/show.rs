use clap::Args;
use clap::ValueEnum;
use jiff::Timestamp;

use crate::cli::bundle::input::OwnArgs;
use crate::cli::bundle::input::TrustDomainArgs;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::render;

/// Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd
///
/// Reads PEM, DER, a SPIFFE bundle (JWKS), a map of SPIFFE bundles by trust domain, and `ConfigMaps` or Secrets that hold
/// `root-cert.pem`, `ca.crt` or `bundle.crt`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ShowArgs {
    /// File, or `-` for standard input; repeatable; the bundle of the own authority when absent
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    own: OwnArgs,
    #[command(flatten)]
    trust_domain: TrustDomainArgs,
    /// Time at which lifetimes are judged, RFC 3339; now when absent
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec bundle show
  meshsec bundle show root-cert.pem
  kubectl get configmap istio-ca-root-cert -o yaml | meshsec bundle show -
  meshsec bundle show --trust-domain example.org -o json bundles.json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl ShowArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let at = self.at.unwrap_or(env.now);
        let mut found = Vec::new();
        if self.files.is_empty() {
            found.push(self.own.read(env)?);
        }
        for file in &self.files {
            found.extend(self.trust_domain.read(file, env)?);
        }
        if env.quiet {
            return Ok(Outcome::Yes);
        }
        let views: Vec<_> =
            found.iter().map(|named| render::BundleView { source: &named.name, form: named.form, read: &named.read }).collect();
        match self.output {
            Format::Text => render::bundle_text(env.stdout, &views, at, env.style)?,
            Format::Json => render::bundle_json(env.stdout, &views, at)?,
        }
        Ok(Outcome::Yes)
    }
}
