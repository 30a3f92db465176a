use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwk::input::ReadArgs;
use crate::cli::jwk::input::warn;
use crate::jose::Jwk;
use crate::jose::ThumbprintHash;
use crate::render;
use crate::render::ThumbprintRow;

/// Print the thumbprint of a key, which is the usual `kid` (RFC 7638)
///
/// Private and public half of a key have the same. Of several keys each gets a line with its `kid` and its file.
/// Kubernetes names its keys otherwise: `--kubernetes` prints that name.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ThumbprintArgs {
    /// Key files of any format, or `-`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    read: ReadArgs,
    /// Digest
    #[arg(long, value_enum, default_value_t = Hash::Sha256)]
    hash: Hash,
    /// Print the URI form (RFC 9278)
    #[arg(long, conflicts_with = "kubernetes")]
    uri: bool,
    /// Print the `kid` of Kubernetes' API server instead: SHA-256 of the public key in DER
    #[arg(long, conflicts_with = "hash")]
    kubernetes: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec jwk thumbprint key.pem
  meshsec jwk thumbprint --uri keys/jwks.json
  kubectl get --raw /openid/v1/jwks | meshsec jwk thumbprint --kubernetes -";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hash {
    #[value(name = "sha-256")]
    Sha256,
    #[value(name = "sha-384")]
    Sha384,
    #[value(name = "sha-512")]
    Sha512,
}

impl From<Hash> for ThumbprintHash {
    fn from(hash: Hash) -> Self {
        match hash {
            Hash::Sha256 => Self::Sha256,
            Hash::Sha384 => Self::Sha384,
            Hash::Sha512 => Self::Sha512,
        }
    }
}

impl ThumbprintArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut rows = Vec::new();
        let mut skipped = 0;
        for path in &self.files {
            let file = self.read.read(path, env)?;
            skipped += file.skipped.len();
            for key in &file.keys {
                if key.is_secret() {
                    warn(env, path, "the thumbprint of a shared secret is a digest of the secret: do not publish it")?;
                }
                rows.push(ThumbprintRow {
                    thumbprint: self.thumbprint(key)?,
                    key_id: key.key_id().map(str::to_owned),
                    file: path.clone(),
                });
            }
        }
        match self.output {
            Format::Text => render::thumbprints_text(env.stdout, &rows)?,
            Format::Json => writeln!(env.stdout, "{:#}", render::thumbprints_json(&rows))?,
        }
        Ok(if skipped > 0 { Outcome::Invalid } else { Outcome::Yes })
    }

    fn thumbprint(&self, key: &Jwk) -> Result<String, Error> {
        if self.kubernetes {
            return key.kubernetes_key_id().ok_or_else(|| {
                Error::question("a shared secret has no name in Kubernetes", "leave `--kubernetes` out".to_owned())
            });
        }
        let hash = ThumbprintHash::from(self.hash);
        let thumbprint = key.thumbprint(hash);
        Ok(if self.uri { hash.uri(&thumbprint) } else { thumbprint })
    }
}
