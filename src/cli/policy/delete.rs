use clap::Args;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::policy::apply::Common;
use crate::cli::policy::apply::Task;

/// Remove the objects of manifests from a cluster, in an order that opens no hole on the way
///
/// What is in the files says only which objects: they are removed as they are on the cluster, what is not there is passed over. The same
/// plan, questions and journal as with `policy apply`, whose --resume and --undo work here too.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct DeleteArgs {
    #[command(flatten)]
    common: Common,
}

const EXAMPLES: &str = "Examples:
  meshsec policy delete -f old/ --plan-only
  meshsec policy delete -f old/ --dry-run=server
  meshsec policy delete -f old/ --expect flows.yaml --yes
  meshsec policy apply --undo";

impl DeleteArgs {
    pub(in crate::cli) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let task = Task::of_removal(&self.common, env)?;
        task.run(&self.common, env)
    }
}
