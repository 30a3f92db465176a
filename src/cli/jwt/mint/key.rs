//! The private key a token is signed with.

use std::fs;
use std::path::Path;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::jwt::key_input::key_bytes;
use crate::cli::jwt::key_input::read_secret;
use crate::cli::jwt::mint::MintArgs;
use crate::jose::KeyFileError;
use crate::jose::SigningKey;

/// How private keys are called that `meshsec jwk generate` writes.
const PRIVATE_JWK: &str = ".private.jwk.json";

impl MintArgs {
    pub(super) fn signing_key(&self, env: &Env<'_>) -> Result<SigningKey, Error> {
        if let Some(path) = &self.secret_file {
            return read_secret(path);
        }
        let path = self.key.as_deref().unwrap_or_default();
        let is_directory = fs::metadata(path).map_err(|source| Error::Read { path: path.to_owned(), source })?.is_dir();
        let key = if is_directory { self.key_of_directory(path, env)? } else { self.read_key(path, env)? };
        if key.is_secret() && !self.allow_hmac {
            return Err(Error::question(
                format!("`{path}` is a shared secret: whoever can verify such a token can also make one"),
                "sign with an RSA, EC or Ed25519 key; if it must be a secret, say `--allow-hmac`".to_owned(),
            ));
        }
        Ok(key)
    }

    /// The one private key of a directory, or the one `--kid` names.
    fn key_of_directory(&self, directory: &str, env: &Env<'_>) -> Result<SigningKey, Error> {
        let failed = |source| Error::Read { path: directory.to_owned(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(PRIVATE_JWK)) {
                files.push(path);
            }
        }
        files.sort();
        let mut keys = Vec::new();
        for path in &files {
            keys.push((path, self.read_key(&path.display().to_string(), env)?));
        }
        if let Some(kid) = &self.kid {
            let named = keys.into_iter().find(|(_, key)| key.key_id() == Some(kid.as_str()));
            return named.map(|(_, key)| key).ok_or_else(|| {
                Error::question(format!("`{directory}` holds no private key with the `kid` `{kid}`"), names(&files))
            });
        }
        match (keys.pop(), keys.is_empty()) {
            (Some((_, key)), true) => Ok(key),
            (None, _) => Err(Error::question(
                format!("`{directory}` holds no private key (`*{PRIVATE_JWK}`)"),
                format!("make one: `meshsec jwk generate --alg ES256 --out {directory}`"),
            )),
            (Some(_), false) => Err(Error::question(
                format!("`{directory}` holds {} private keys", files.len()),
                format!("pick one with `--kid`: {}", names(&files).unwrap_or_default()),
            )),
        }
    }

    fn read_key(&self, path: &str, env: &Env<'_>) -> Result<SigningKey, Error> {
        let bytes = key_bytes(path)?;
        let key = match SigningKey::read(&bytes, None) {
            Err(KeyFileError::PassphraseMissing) => {
                let passphrase = self.passphrase.existing(env)?;
                SigningKey::read(&bytes, Some(&passphrase))
            }
            result => result,
        };
        key.map_err(|error| {
            let help = if error == KeyFileError::Public {
                "give the private key: tokens are signed with it and verified with the public one"
            } else if error == KeyFileError::PassphraseWrong {
                "check the passphrase"
            } else if matches!(error, KeyFileError::Several(_)) {
                "give a file with one key"
            } else {
                "give a private key in PEM, DER or JWK: `meshsec jwk generate` makes one"
            };
            Error::question(format!("`{path}`: {error}"), help.to_owned())
        })
    }
}

fn names(files: &[impl AsRef<Path>]) -> Option<String> {
    let names = files.iter().filter_map(|path| path.as_ref().file_name()?.to_str()?.strip_suffix(PRIVATE_JWK));
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
