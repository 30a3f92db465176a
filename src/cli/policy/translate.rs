use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::cli::simulate::question;
use crate::envoy;
use crate::mesh::Asker;
use crate::render;
use crate::simulate::Names;

/// Print the Envoy configuration that istiod would send to a workload's sidecar
///
/// The listener `virtualInbound` with its chains: RBAC, JWT, external authorization and TLS, named as istiod names them. With
/// `-o envoy-bootstrap`, a file that an ordinary Envoy starts with.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct TranslateArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// The workload: `namespace/name`
    #[arg(short, long, value_name = "WORKLOAD")]
    workload: String,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Yaml, help_heading = "Output")]
    output: Format,
    /// Port the bootstrap listens on, on 127.0.0.1
    #[arg(long, value_name = "PORT", default_value_t = 15006, help_heading = "Output")]
    port: u16,
}

const EXAMPLES: &str = "Examples:
  meshsec policy translate -f examples/online-boutique -f examples/online-boutique/policies --workload default/frontend -o yaml
  meshsec policy translate -f manifests/ --workload default/frontend -o envoy-bootstrap > envoy.yaml && envoy --mode validate -c envoy.yaml";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// YAML
    Yaml,
    /// JSON
    Json,
    /// A static Envoy configuration, as YAML
    EnvoyBootstrap,
}

impl TranslateArgs {
    pub(in crate::cli) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let Loaded { mesh, sources, default_namespace, .. } = self.manifests.load(env)?;
        let names = Names { mesh: &mesh, default_namespace: default_namespace.as_deref() };
        let id = names.workload("workload", &self.workload).map_err(|error| question(&error, true, &sources))?;
        let translation = envoy::Translated::new(&mesh, id)
            .map_err(|error| Error::question(format!("`{}` is not translated: {error}", self.workload), None))?;
        let input = translation.input(&mesh).ok_or_else(|| Error::question(format!("`{}` is unknown", self.workload), None))?;
        let value = match self.output {
            Format::Yaml | Format::Json => serde_json::json!({ "listeners": envoy::listeners(&input) }),
            Format::EnvoyBootstrap => envoy::bootstrap(&input, self.port),
        };
        match self.output {
            Format::Json => {
                serde_json::to_writer_pretty(&mut *env.stdout, &value).map_err(std::io::Error::from)?;
                writeln!(env.stdout)?;
            }
            Format::Yaml | Format::EnvoyBootstrap => render::yaml(env.stdout, &value)?,
        }
        for note in translation.notes(&mesh) {
            writeln!(env.stderr, "{} {note}", env.style.warning("warning:"))?;
        }
        let is_doubtful = mesh.workload(id).is_some_and(|workload| mesh.doubts(workload, Asker::default()).next().is_some());
        Ok(if is_doubtful { Outcome::Undetermined } else { Outcome::Yes })
    }
}
