use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::cli::simulate::question;
use crate::mesh::Asker;
use crate::policy;
use crate::render;
use crate::render::EffectiveView;
use crate::simulate::Names;

/// Show everything that decides about the traffic of a workload, in order, and why other objects do not
///
/// The merged mutual TLS mode of each port and the object it comes from, the rules for tokens, the AuthorizationPolicies in order of evaluation, what
/// DestinationRules make callers do, and every policy that does not apply, with the reason.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct EffectiveArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// The workload: `namespace/name`
    #[arg(short, long, value_name = "WORKLOAD")]
    workload: String,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec policy effective --workload default/frontend -f examples/online-boutique -f examples/online-boutique/policies
  meshsec policy effective --workload default/frontend -f examples/online-boutique -o json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text
    Text,
    /// JSON
    Json,
}

impl EffectiveArgs {
    pub(in crate::cli) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let Loaded { mesh, sources, default_namespace, .. } = self.manifests.load(env)?;
        let names = Names { mesh: &mesh, default_namespace: default_namespace.as_deref() };
        let id = names.workload("workload", &self.workload).map_err(|error| question(&error, true, &sources))?;
        let effective =
            policy::effective(&mesh, id).ok_or_else(|| Error::question(format!("`{}` is unknown", self.workload), None))?;
        let view = EffectiveView { mesh: &mesh, sources: &sources, effective: &effective };
        match self.output {
            Format::Text => render::effective_text(env.stdout, &view, env.style)?,
            Format::Json => render::effective_json(env.stdout, &view)?,
        }
        let asker = mesh.workload(id).map(|workload| {
            let namespace = Some(workload.namespace.as_str());
            (workload, Asker { namespace, service_namespace: namespace })
        });
        let is_doubtful = asker.is_some_and(|(workload, asker)| mesh.doubts(workload, asker).next().is_some());
        Ok(if is_doubtful { Outcome::Undetermined } else { Outcome::Yes })
    }
}
