//! Where a bundle is written to, and how.

use std::path::Path;

use clap::ValueEnum;

use crate::bundle::TrustBundle;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::text_file;

/// A form to write a bundle in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// PEM blocks of the X.509 authorities
    Pem,
    /// SPIFFE bundle: a JWKS document
    Spiffe,
}

impl Form {
    /// The text of a bundle in this form; what the form cannot hold is said on standard error.
    pub(super) fn write(self, bundle: &TrustBundle, env: &mut Env<'_>) -> Result<String, Error> {
        match self {
            Self::Spiffe => bundle.to_jwks().map_err(|error| {
                Error::question(format!("no SPIFFE bundle can be written: {error}"), "write PEM instead".to_owned())
            }),
            Self::Pem => {
                let lost = bundle.jwt_keys().len();
                if lost > 0 {
                    let words = if lost == 1 {
                        "1 JWT key has no PEM form and is".to_owned()
                    } else {
                        format!("{lost} JWT keys have no PEM form and are")
                    };
                    writeln!(env.stderr, "{} {words} left out", env.style.warning("warning:"))?;
                }
                if bundle.authorities().is_empty() {
                    return Err(Error::question(
                        "there is no X.509 authority, and PEM cannot say that nothing is trusted",
                        "write a SPIFFE bundle instead".to_owned(),
                    ));
                }
                Ok(bundle.to_pem())
            }
        }
    }
}

/// Writes to a file, which holds the old text or the new one and never a part, or to standard output.
pub(super) fn write(path: Option<&Path>, text: &str, env: &mut Env<'_>) -> Result<(), Error> {
    let Some(path) = path.filter(|path| *path != Path::new("-")) else {
        env.stdout.write_all(text.as_bytes())?;
        return Ok(());
    };
    text_file::replace(path, text.as_bytes())
}
