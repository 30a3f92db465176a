use clap::Args;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Serve a key set
#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArgs {}

impl ServeArgs {
    pub(super) fn run(self, _env: &mut Env<'_>) -> Result<Outcome, Error> {
        let Self {} = self;
        Ok(Outcome::Yes)
    }
}
