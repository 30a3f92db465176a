use clap::Args;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwk::input::warn;
use crate::cli::jwk::set::file::Opened;
use crate::jose::ThumbprintHash;

/// Remove keys from a set
///
/// Keep a key until the last token it signed has expired. Exit code 1 when the set has no such key; then nothing is changed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct RemoveArgs {
    /// The set
    #[arg(value_name = "SET")]
    set: String,
    /// `kid`, or thumbprint, of the keys that go
    #[arg(required = true, value_name = "KID")]
    keys: Vec<String>,
}

const EXAMPLES: &str = "Examples:
  meshsec jwk set remove jwks.json 2025-11";

impl RemoveArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut opened = Opened::open(&self.set, false, env)?;
        let mut missing = Vec::new();
        for name in &self.keys {
            let mut removed = opened.set.retain(|element| element.key_id() != Some(name));
            if removed == 0 {
                removed = opened
                    .set
                    .retain(|element| element.key.as_ref().map_or(true, |key| key.thumbprint(ThumbprintHash::Sha256) != *name));
            }
            if removed == 0 {
                missing.push(name.as_str());
            }
        }
        if !missing.is_empty() {
            let known: Vec<&str> = opened.set.elements().iter().filter_map(|element| element.key_id()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            writeln!(
                env.stderr,
                "{} `{}` has no key {}; its keys: {known}; nothing was changed",
                env.style.error("error:"),
                self.set,
                missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
            )?;
            return Ok(Outcome::No);
        }
        if opened.set.elements().is_empty() {
            warn(env, &self.set, "the set is empty now: every token is refused")?;
        }
        opened.save()?;
        if !env.quiet {
            for name in &self.keys {
                writeln!(env.stdout, "removed {name} from {}", self.set)?;
            }
        }
        Ok(Outcome::Yes)
    }
}
