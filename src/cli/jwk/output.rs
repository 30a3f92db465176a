//! Where keys are written.

use std::path::Path;

use clap::Args;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::store::Existing;
use crate::store::write_private;
use crate::store::write_public;

/// `--out` and `--overwrite`.
#[derive(Debug, Args)]
pub(super) struct OutArgs {
    /// File to write instead of standard output; one with a private key is for its owner alone (0600)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) out: Option<String>,
    /// Replace the file if it exists
    #[arg(long, requires = "out", help_heading = "Output")]
    overwrite: bool,
}

impl OutArgs {
    /// Writes the text whole or not at all.
    pub(super) fn write(&self, text: &str, is_private: bool, env: &mut Env<'_>) -> Result<(), Error> {
        let Some(path) = self.out.as_deref().filter(|path| *path != "-") else {
            env.stdout.write_all(text.as_bytes())?;
            return Ok(());
        };
        let existing = if self.overwrite { Existing::Replace } else { Existing::Keep };
        let write = if is_private { write_private } else { write_public };
        write(Path::new(path), text.as_bytes(), existing)?;
        Ok(())
    }
}
