use clap::Args;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwk::algorithm_parser;
use crate::cli::jwk::input::ReadArgs;
use crate::cli::jwk::input::note;
use crate::cli::jwk::set::file::Opened;
use crate::jose::Algorithm;
use crate::jose::Jwk;
use crate::jose::ThumbprintHash;

/// Add the public halves of keys to a set
///
/// The file is made when it is missing and replaced in one step. A key whose `kid` is in the set already is refused unless `--replace`
/// says that it takes the place; shared secrets are always refused. Publish a new key at least as long as verifiers keep the old set
/// (Envoy 5 minutes, istiod 20) before signing with it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct AddArgs {
    /// The set
    #[arg(value_name = "SET")]
    set: String,
    /// Key files of any format, or `-`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    read: ReadArgs,
    /// `kid` of the key; its own when absent, else its thumbprint
    #[arg(long, value_name = "KID")]
    kid: Option<String>,
    /// `alg` of the key; its own when absent, else the usual one of its type
    #[arg(long, value_name = "ALG", value_parser = algorithm_parser())]
    alg: Option<Algorithm>,
    /// Take the place of the key with the same `kid`
    #[arg(long)]
    replace: bool,
}

const EXAMPLES: &str = "Examples:
  meshsec jwk set add jwks.json public.pem
  meshsec jwk set add jwks.json certificate.pem --kid 2026-12 --alg RS256";

impl AddArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut keys = Vec::new();
        let mut skipped = 0;
        for path in &self.files {
            let file = self.read.read(path, env)?;
            skipped += file.skipped.len();
            if file.keys.iter().any(Jwk::is_secret) {
                return Err(Error::question(
                    format!("`{path}` holds a shared secret, and a set is for publication"),
                    "make a key pair: `meshsec jwk generate`".to_owned(),
                ));
            }
            keys.extend(file.keys);
        }
        if keys.len() > 1 && self.kid.is_some() {
            return Err(Error::question(
                format!("`--kid` names one key, and {} were read", keys.len()),
                "add them one by one, or leave `--kid` out".to_owned(),
            ));
        }
        let mut opened = Opened::open(&self.set, true, env)?;
        let mut added = Vec::new();
        for key in keys {
            let key = self.dressed(key, env)?;
            let kid = key.key_id().unwrap_or_default().to_owned();
            let is_there = opened.set.elements().iter().any(|element| element.key_id() == Some(&kid));
            if is_there && !self.replace {
                return Err(Error::question(
                    format!("`{}` has a key `{kid}` already, and stays as it is", self.set),
                    "give the new key another `--kid`, or say `--replace`".to_owned(),
                ));
            }
            opened.set.retain(|element| element.key_id() != Some(&kid));
            opened.set.add(&key);
            added.push(format!("{kid} ({})", key.description()));
        }
        opened.save()?;
        if !env.quiet {
            for key in added {
                writeln!(env.stdout, "added {key} to {}", self.set)?;
            }
        }
        Ok(if skipped > 0 { Outcome::Invalid } else { Outcome::Yes })
    }

    fn dressed(&self, key: Jwk, env: &mut Env<'_>) -> Result<Jwk, Error> {
        let refused = |error: crate::jose::JwkError| Error::question(error.to_string(), "leave `--alg` out".to_owned());
        let kid = self.kid.clone().or_else(|| key.key_id().map(str::to_owned));
        let kid = kid.unwrap_or_else(|| key.thumbprint(ThumbprintHash::Sha256));
        let key = key.with_key_id(Some(kid));
        if self.alg.is_some() {
            return key.with_algorithm(self.alg).map_err(refused);
        }
        match (key.algorithm(), key.algorithms().first().copied()) {
            (None, Some(usual)) => {
                note(env, &format!("`alg` is {usual}, the usual one for {}; `--alg` names another", key.description()))?;
                key.with_algorithm(Some(usual)).map_err(refused)
            }
            _ => Ok(key),
        }
    }
}
