use clap_complete::Shell;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Print the completion script of a shell
///
/// For bash: `source <(meshsec completion bash)`
#[derive(Debug, clap::Args)]
pub(super) struct CompletionArgs {
    /// The shell
    shell: Shell,
}

impl CompletionArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::definition(), "meshsec", &mut script);
        env.stdout.write_all(&script)?;
        Ok(Outcome::Yes)
    }
}
