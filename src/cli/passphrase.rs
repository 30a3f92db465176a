use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use zeroize::Zeroizing;

use crate::cli::env::Env;
use crate::cli::error::Error;

/// A passphrase; it is wiped when dropped.
pub(in crate::cli) type Passphrase = Zeroizing<String>;

/// The passphrase of keys that exist.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct PassphraseArgs {
    /// File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt
    #[arg(long, value_name = "FILE", help_heading = "Authority")]
    password_file: Option<PathBuf>,
}

/// The passphrase of keys that are made.
#[cfg(feature = "store")]
#[derive(Debug, Args)]
pub(in crate::cli) struct NewPassphraseArgs {
    #[command(flatten)]
    existing: PassphraseArgs,
    /// Write private keys unencrypted: whoever can read the file can sign
    #[arg(long, conflicts_with = "password_file", help_heading = "Authority")]
    insecure_no_password: bool,
}

const VARIABLE: &str = "MESHSEC_PASSWORD";
const WAYS: &str = "give `--password-file FILE`, set MESHSEC_PASSWORD, or run it on a terminal";

/// A passphrase longer than this is a mistake in the file's name.
const LIMIT: usize = 4096;

impl PassphraseArgs {
    /// As if the file had been named on the command line.
    #[cfg(feature = "store")]
    pub(in crate::cli) fn from_file(password_file: Option<PathBuf>) -> Self {
        Self { password_file }
    }

    /// The passphrase, from the file, the environment or the terminal, in this order.
    pub(in crate::cli) fn existing(&self, env: &Env<'_>) -> Result<Passphrase, Error> {
        match self.given(env)? {
            Some(passphrase) => Ok(passphrase),
            None => ask(env, "passphrase: ")?.ok_or_else(|| missing(WAYS)),
        }
    }

    /// A passphrase to be set; one that is typed is typed twice.
    #[cfg(feature = "store")]
    pub(in crate::cli) fn new_one(&self, env: &Env<'_>) -> Result<Passphrase, Error> {
        match self.given(env)? {
            Some(passphrase) => Ok(passphrase),
            None => ask_twice(env)?.ok_or_else(|| missing(WAYS)),
        }
    }

    /// The passphrase from the file or the environment, if there is one.
    pub(in crate::cli) fn given(&self, env: &Env<'_>) -> Result<Option<Passphrase>, Error> {
        if let Some(path) = &self.password_file {
            return from_file(path).map(Some);
        }
        let Some(value) = (env.variable)(VARIABLE) else { return Ok(None) };
        let text = value.into_string().map_err(|_| Error::question(format!("{VARIABLE} is no UTF-8 text"), None))?;
        not_empty(Zeroizing::new(text), VARIABLE).map(Some)
    }
}

#[cfg(feature = "store")]
impl NewPassphraseArgs {
    /// The passphrase to write keys under; none when the user wants them in the clear.
    pub(in crate::cli) fn new_one(&self, env: &Env<'_>) -> Result<Option<Passphrase>, Error> {
        if self.insecure_no_password {
            return Ok(None);
        }
        match self.existing.given(env)? {
            Some(passphrase) => Ok(Some(passphrase)),
            None => ask_twice(env)?.map(Some).ok_or_else(|| {
                missing(
                    "give `--password-file FILE`, set MESHSEC_PASSWORD, run it on a terminal, or say `--insecure-no-password`",
                )
            }),
        }
    }
}

fn missing(ways: &str) -> Error {
    Error::question("no passphrase was given", ways.to_owned())
}

/// The first line's end is not part of the passphrase; everything else is.
fn from_file(path: &Path) -> Result<Passphrase, Error> {
    let unreadable = |source| Error::Read { path: path.display().to_string(), source };
    let mut text = Zeroizing::new(String::with_capacity(LIMIT + 2));
    let file = File::open(path).map_err(unreadable)?;
    file.take(LIMIT as u64 + 2).read_to_string(&mut text).map_err(unreadable)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    let place = format!("`{}`", path.display());
    if text.contains('\n') {
        return Err(Error::question(format!("the passphrase in {place} has more than one line"), None));
    }
    if text.len() > LIMIT {
        return Err(Error::question(format!("the passphrase in {place} is longer than {LIMIT} bytes"), None));
    }
    not_empty(text, &place)
}

fn not_empty(text: Passphrase, place: &str) -> Result<Passphrase, Error> {
    if text.is_empty() {
        return Err(Error::question(format!("the passphrase in {place} is empty"), WAYS.to_owned()));
    }
    Ok(text)
}

fn ask(env: &Env<'_>, prompt: &str) -> Result<Option<Passphrase>, Error> {
    let Some(ask) = env.ask_secret else { return Ok(None) };
    let text = ask(prompt).map(Zeroizing::new).map_err(|source| Error::Read { path: "the terminal".to_owned(), source })?;
    not_empty(text, "the answer").map(Some)
}

#[cfg(feature = "store")]
fn ask_twice(env: &Env<'_>) -> Result<Option<Passphrase>, Error> {
    let Some(first) = ask(env, "new passphrase: ")? else { return Ok(None) };
    let second = ask(env, "the same again: ")?;
    if second.as_ref() != Some(&first) {
        return Err(Error::question("the two passphrases differ", None));
    }
    Ok(Some(first))
}
