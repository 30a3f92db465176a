use std::path::PathBuf;

use clap::Args;

use crate::bundle;
use crate::bundle::MergeError;
use crate::cli::bundle::input::TrustDomainArgs;
use crate::cli::bundle::output;
use crate::cli::bundle::output::Form;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Merge bundles of one trust domain into one, as a change of roots needs it
///
/// Authorities that occur twice are written once. The sequence number becomes one more than the highest of the parts. Bundles of different
/// trust domains are refused: whoever trusts a bundle lets each of its authorities make any identity.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct MergeArgs {
    /// Files, or `-` for standard input, in the order of the result
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    #[command(flatten)]
    trust_domain: TrustDomainArgs,
    /// File to write, replaced in one step; standard output when absent
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Form to write
    #[arg(long, value_enum, default_value_t = Form::Pem, help_heading = "Output")]
    format: Form,
}

const EXAMPLES: &str = "Examples:
  meshsec bundle merge old-root.pem new-root.pem -o root-cert.pem
  meshsec bundle merge --format spiffe --trust-domain example.org a.json b.pem -o bundle.json";

impl MergeArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut parts = Vec::new();
        for file in &self.files {
            parts.extend(self.trust_domain.read(file, env)?);
        }
        for part in &parts {
            for note in &part.read.notes {
                writeln!(env.stderr, "{} {}: {note}", env.style.warning("warning:"), part.name)?;
            }
        }
        let named: Vec<_> = parts.iter().map(|part| (part.name.as_str(), &part.read.bundle)).collect();
        let merged = bundle::merge(&named).map_err(|error| {
            let help = match error {
                MergeError::TrustDomains(_) => {
                    "keep one bundle for each trust domain, and let a peer choose by the caller's".to_owned()
                }
                MergeError::KeyId { .. } => "take the outdated key out of its bundle first".to_owned(),
                MergeError::Sequence(_) => "publish under a new start of the sequence".to_owned(),
            };
            Error::question(error.to_string(), help)
        })?;
        for authority in merged.bundle.authorities().iter().filter(|authority| authority.not_after() < env.now) {
            let words = format!("`{}` expired at {}, it is kept", authority.subject(), authority.not_after());
            writeln!(env.stderr, "{} {words}", env.style.warning("warning:"))?;
        }
        let text = self.format.write(&merged.bundle, env)?;
        output::write(self.output.as_deref(), &text, env)?;
        if !env.quiet {
            let authorities = merged.bundle.authorities().len();
            let keys = merged.bundle.jwt_keys().len();
            let summary = format!("{authorities} authorities, {keys} JWT keys; {} repeated", merged.repeated);
            writeln!(env.stderr, "{}", env.style.faint(&summary))?;
        }
        Ok(Outcome::Yes)
    }
}
