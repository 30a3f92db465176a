use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Print the version, and what its answers were checked against
#[derive(Debug, clap::Args)]
pub(super) struct VersionArgs {}

impl VersionArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let Self {} = self;
        writeln!(env.stdout, "meshsec {}", env!("CARGO_PKG_VERSION"))?;
        writeln!(env.stdout, "answers checked against istiod 1.32-dev (27 August 2026) and Envoy 1.40.0")?;
        Ok(Outcome::Yes)
    }
}
