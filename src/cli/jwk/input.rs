//! Key files named on the command line.
#![expect(clippy::wildcard_enum_match_arm, reason = "each question is about a few variants, and all others answer alike")]

use std::path::PathBuf;

use clap::Args;
use zeroize::Zeroizing;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::manifests::read_bytes;
use crate::cli::passphrase::PassphraseArgs;
use crate::jose::JwkError;
use crate::jose::JwkNote;
use crate::jose::KeyFile;
use crate::jose::KeyFileError;
use crate::jose::KeySetError;
use crate::jose::Strictness;
use crate::jose::read_key_file;

/// How key files are read.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    #[command(flatten)]
    pub(super) passphrase: PassphraseArgs,
    /// Correct lost zeros, padding and other spelling mistakes of a JWK instead of refusing it
    #[arg(long)]
    repair: bool,
}

impl ReadArgs {
    pub(super) fn strictness(&self) -> Strictness {
        if self.repair { Strictness::Repair } else { Strictness::Strict }
    }

    /// Reads a key file, or standard input when it is `-`. The user is asked for a passphrase only when the file needs one. What is worth
    /// knowing about the keys goes to standard error.
    pub(super) fn read(&self, path: &str, env: &mut Env<'_>) -> Result<KeyFile, Error> {
        let bytes = Zeroizing::new(read_bytes(path, env)?);
        let read = |passphrase: Option<&str>| read_key_file(&bytes, passphrase, self.strictness());
        let given = self.passphrase.given(env)?;
        let read = match read(given.as_ref().map(|passphrase| passphrase.as_str())) {
            Err(KeyFileError::PassphraseMissing) => read(Some(&self.passphrase.existing(env)?)),
            read => read,
        };
        let file = read.map_err(|error| unreadable(path, &error))?;
        for (index, error) in &file.skipped {
            warn(env, path, &format!("key {index} of the set is skipped: {error}"))?;
        }
        for key in &file.keys {
            for note in key.notes() {
                warn(env, path, &note_text(note))?;
            }
        }
        Ok(file)
    }
}

fn note_text(note: &JwkNote) -> String {
    match note {
        JwkNote::WeakEncryption(_) => format!("{note}: write it anew with `-o pem --show-private --encrypt --out FILE`"),
        note => note.to_string(),
    }
}

/// Says something on standard error that does not stop the work.
pub(super) fn warn(env: &mut Env<'_>, path: &str, message: &str) -> Result<(), Error> {
    let name = if path == "-" { "standard input" } else { path };
    writeln!(env.stderr, "{} {name}: {message}", env.style.warning("warning:"))?;
    Ok(())
}

/// Says on standard error what was done without being asked for; not with `--quiet`.
pub(super) fn note(env: &mut Env<'_>, message: &str) -> Result<(), Error> {
    if !env.quiet {
        writeln!(env.stderr, "{} {message}", env.style.note("note:"))?;
    }
    Ok(())
}

fn unreadable(path: &str, error: &KeyFileError) -> Error {
    let name = if path == "-" { "standard input" } else { path };
    Error::question(format!("`{name}`: {error}"), help(error).map(str::to_owned))
}

fn help(error: &KeyFileError) -> Option<&'static str> {
    match error {
        KeyFileError::PassphraseMissing => Some("give `--password-file FILE`, or set MESHSEC_PASSWORD"),
        KeyFileError::PassphraseWrong => Some("check the passphrase in `--password-file` or MESHSEC_PASSWORD"),
        KeyFileError::NoKey | KeyFileError::NoKeyBlock { .. } => {
            Some("JWK, JWK set, PEM and DER are read: private keys, public keys and certificates")
        }
        KeyFileError::WrongLabel { .. } => Some("`openssl pkey -in FILE` writes it with the label that fits"),
        KeyFileError::Label { label } if label.contains("OPENSSH") => Some("convert it first: `ssh-keygen -p -m PKCS8 -f FILE`"),
        KeyFileError::ExplicitCurve => Some("convert it first: `openssl ec -in FILE -param_enc named_curve`"),
        KeyFileError::Encryption { .. } | KeyFileError::Cost { .. } => Some("convert it first: `openssl pkcs8 -topk8 -in FILE`"),
        KeyFileError::Set(KeySetError::SingleKey) => Some("put it in a set: `meshsec jwk convert FILE -o jwks`"),
        KeyFileError::Jwk(JwkError::Encrypted) => Some("decrypt it first: `step crypto jwe decrypt < FILE`"),
        KeyFileError::Jwk(JwkError::Base64 { .. } | JwkError::Width { .. }) => {
            Some("`--repair` puts back lost zeros and takes away padding, if nothing else is wrong")
        }
        KeyFileError::Jwk(_)
        | KeyFileError::Set(_)
        | KeyFileError::Label { .. }
        | KeyFileError::Pem { .. }
        | KeyFileError::Der { .. }
        | KeyFileError::Algorithm { .. }
        | KeyFileError::NoCurve
        | KeyFileError::PssParameters
        | KeyFileError::Several(_)
        | KeyFileError::Public
        | KeyFileError::NotSigning { .. } => None,
    }
}

/// `--encrypt`: the passphrase under which private keys are written.
#[derive(Debug, Args)]
pub(super) struct EncryptArgs {
    /// Encrypt the private key; its passphrase comes from `--new-password-file`, else `$MESHSEC_PASSWORD`, else a prompt
    #[arg(long)]
    encrypt: bool,
    /// File with the passphrase to encrypt the private key under
    #[arg(long, value_name = "FILE")]
    new_password_file: Option<PathBuf>,
}

impl EncryptArgs {
    /// Nothing is encrypted.
    pub(super) fn none() -> Self {
        Self { encrypt: false, new_password_file: None }
    }

    /// The passphrase to write private keys under, when they are to be encrypted.
    pub(super) fn passphrase(self, env: &Env<'_>) -> Result<Option<Zeroizing<String>>, Error> {
        if !self.encrypt && self.new_password_file.is_none() {
            return Ok(None);
        }
        PassphraseArgs::from_file(self.new_password_file).new_one(env).map(Some)
    }
}
