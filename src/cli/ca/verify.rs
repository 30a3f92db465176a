use clap::Args;
use jiff::Timestamp;

use crate::cli::ca::material;
use crate::cli::ca::show::Format;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::pki::istiod;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Finding;
use crate::pki::istiod::Peers;
use crate::pki::istiod::Severity;
use crate::render;
use crate::render::AuthorityCheck;
use crate::spiffe::TrustDomain;

/// Tell whether istiod would load an authority, and whether the mesh would work with it
///
/// Reads the files of the secret `cacerts` as istiod does, makes every check istiod makes, in its order, and then those it should
/// make: istiod starts with authorities whose certificates every peer refuses. Nothing is sent anywhere.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct VerifyArgs {
    /// Directory with the files, a Kubernetes Secret as YAML or JSON, or `-` for a Secret on standard input
    #[arg(value_name = "DIR|FILE|-")]
    path: String,
    /// Trust domain of the mesh, whose identities name constraints must permit
    #[arg(long, value_name = "NAME", default_value = "cluster.local")]
    trust_domain: TrustDomain,
    /// The time to verify at, now when absent
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// The files a running istiod has loaded: also tell whether it takes the change without a restart
    #[arg(long, value_name = "DIR|FILE")]
    current: Option<String>,
    /// istiod runs with `ISTIO_MULTIROOT_MESH=true`
    #[arg(long, requires = "current")]
    multi_root: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca verify cacerts/
  kubectl get secret cacerts -n istio-system -o yaml | meshsec ca verify -
  meshsec ca verify new/ --current old/ --multi-root -o json

Exit codes: 0 istiod loads it and peers accept; 1 not; 2 the files cannot be read";

impl VerifyArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let given = material::read(&self.path, env)?;
        let current = match &self.current {
            Some(path) if path == "-" && self.path == "-" => {
                return Err(Error::question("standard input is named twice", "give one of the two as a file".to_owned()));
            }
            Some(path) => Some(material::read(path, env)?),
            None => None,
        };
        let now = self.at.unwrap_or(env.now);
        let mut verdict = istiod::verify(&given.material, self.trust_domain.as_str(), now);
        verdict.findings.extend(given.secret.as_deref().and_then(unmounted));
        let reload = current.map(|current| istiod::reload(&current.material, &given.material, self.multi_root, now));
        let is_good = verdict.usable && reload.as_ref().is_none_or(|reload| reload.accepted);
        let files: Vec<FileName> = given.material.names().collect();
        let check = AuthorityCheck { path: &self.path, files: &files, verdict: &verdict, reload: reload.as_ref(), now };
        match self.output {
            Format::Text if env.quiet => {}
            Format::Text => render::authority_check_text(env.stdout, &check, env.style)?,
            Format::Json => render::authority_check_json(env.stdout, &check)?,
        }
        Ok(if is_good { Outcome::Yes } else { Outcome::No })
    }
}

/// istiod mounts one Secret and no other.
fn unmounted(name: &str) -> Option<Finding> {
    (name != material::SECRET_NAME).then(|| Finding {
        name: "secret-name",
        severity: Severity::Warning,
        message: format!("the Secret is named `{name}`; istiod mounts `{}` only", material::SECRET_NAME),
        file: None,
        certificate: None,
        refused_by: Peers::default(),
        help: Some("name it `cacerts`, in istiod's namespace"),
    })
}
