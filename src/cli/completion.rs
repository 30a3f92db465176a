use clap::ValueEnum;
use clap_complete::Shell;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Print the completion script of a shell, or of kubectl for the plugin
///
/// For bash: `source <(meshsec completion bash)`. For `kubectl meshsec`: put what `meshsec completion kubectl` prints into a file
/// `kubectl_complete-meshsec` on the path, executable.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Target,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Target {
    /// Bash
    Bash,
    /// Elvish
    Elvish,
    /// Fish
    Fish,
    /// kubectl, whatever the shell
    Kubectl,
    /// `PowerShell`
    #[value(name = "powershell")]
    PowerShell,
    /// Zsh
    Zsh,
}

/// What kubectl runs when it completes words behind `kubectl meshsec`.
const KUBECTL: &str = "#!/bin/sh\nexec kubectl meshsec __complete \"$@\"\n";

impl CompletionArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let shell = match self.shell {
            Target::Bash => Shell::Bash,
            Target::Elvish => Shell::Elvish,
            Target::Fish => Shell::Fish,
            Target::PowerShell => Shell::PowerShell,
            Target::Zsh => Shell::Zsh,
            Target::Kubectl => {
                env.stdout.write_all(KUBECTL.as_bytes())?;
                return Ok(Outcome::Yes);
            }
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut super::definition(), "meshsec", &mut script);
        env.stdout.write_all(&script)?;
        Ok(Outcome::Yes)
    }
}
