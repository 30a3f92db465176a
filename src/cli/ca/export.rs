use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::cli::ca::plug_in::PlugIn;
use crate::cli::ca::plug_in::PlugInArgs;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::render;
use crate::store;
use crate::store::publish;

/// Write an intermediate for the program that is to sign with it
///
/// For Istio that is the plug-in authority: `ca-cert.pem`, `ca-key.pem`, `cert-chain.pem`, `root-cert.pem`, and `ca-crl.pem` with `--crl`.
/// The key leaves unencrypted, because istiod has no passphrase: the directory is for its owner only, the Secret for a pipe. What is
/// written is first loaded as istiod would load it. During a rotation it holds what belongs to the present step.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ExportArgs {
    #[command(flatten)]
    plug_in: PlugInArgs,
    /// The program that is to sign
    #[arg(long = "for", value_enum, value_name = "CONSUMER")]
    consumer: Consumer,
    /// Replace files of the same names that something else wrote
    #[arg(long, help_heading = "Output")]
    overwrite: bool,
    /// Directory to write, or `k8s` for a Secret `cacerts` on standard output
    #[arg(short, long, value_name = "DIR|k8s", help_heading = "Output")]
    output: PathBuf,
}

const EXAMPLES: &str = "Examples:
  meshsec ca export --for istio --name cluster-east -o cacerts/
  meshsec ca export --for istio --name cluster-east -o k8s | kubectl apply -f -";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Consumer {
    /// istiod, as Secret `cacerts`
    Istio,
}

impl ExportArgs {
    fn is_for_kubernetes(&self) -> bool {
        self.output == Path::new("k8s")
    }

    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let Consumer::Istio = self.consumer;
        let mut opened = self.plug_in.open(env)?;
        // Everything that can be refused is refused before a revocation list gets its number.
        if !self.is_for_kubernetes() {
            store::require_writable(&self.output)?;
        }
        let refusable = PlugIn::of(&opened.issuer, None, env.now)?;
        if !self.is_for_kubernetes() && !self.overwrite {
            let names: Vec<&str> = refusable.files().iter().map(|file| file.name).collect();
            store::require_own(&self.output, &names)?;
        }
        let lists = self.plug_in.lists(&mut opened, env.now)?;
        let plug_in = PlugIn::of(&opened.issuer, lists.as_deref(), env.now)?;
        if self.is_for_kubernetes() {
            render::kubernetes_secret(env.stdout, &plug_in.secret(&self.plug_in.namespace))?;
            return Ok(Outcome::Yes);
        }
        let version = format!("{}-{}", opened.issuer.signer.certificate().serial(), env.now.as_nanosecond());
        publish(&self.output, &version, &plug_in.files(), self.overwrite)?;
        if !env.quiet {
            let names: Vec<&str> = plug_in.files().iter().map(|file| file.name).collect();
            writeln!(env.stderr, "wrote {} in {}", names.join(", "), self.output.display())?;
            writeln!(env.stderr, "{} ca-key.pem is not encrypted: istiod has no passphrase", env.style.warning("warning:"))?;
        }
        Ok(Outcome::Yes)
    }
}
