//! Files that scenarios name: key sets to verify with and keys to sign with.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;

use crate::cli::manifests::read_text;
use crate::simulate::Files;
use crate::simulate::scenario::MintedToken;

/// Reads each file once. Relative paths count from `base`.
#[derive(Debug, Default)]
pub(in crate::cli) struct FileCache {
    base: Option<PathBuf>,
    texts: BTreeMap<String, Arc<str>>,
}

impl FileCache {
    /// Relative paths count from the folder of this file.
    pub(in crate::cli) fn beside(file: &str) -> Self {
        Self { base: Path::new(file).parent().map(Path::to_owned), texts: BTreeMap::new() }
    }
}

impl Files for FileCache {
    fn read(&mut self, path: &str) -> Result<Arc<str>, String> {
        if let Some(text) = self.texts.get(path) {
            return Ok(Arc::clone(text));
        }
        let full = match &self.base {
            Some(base) if Path::new(path).is_relative() => base.join(path).display().to_string(),
            _ => path.to_owned(),
        };
        let text: Arc<str> = read_text(&full).map_err(|error| with_cause(&error))?.into();
        self.texts.insert(path.to_owned(), Arc::clone(&text));
        Ok(text)
    }

    fn mint(&mut self, token: &MintedToken) -> Result<String, String> {
        let pem = self.read(&token.signed_by)?;
        let (algorithm, key) = signing_key(&pem, token.algorithm.as_deref())?;
        let header = Header { kid: token.key_id.clone(), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, &token.claims, &key).map_err(|error| format!("cannot sign a token: {error}"))
    }
}

/// The message of an error and of what caused it.
pub(super) fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("cannot be used: {error}: {cause}"),
        None => format!("cannot be used: {error}"),
    }
}

fn signing_key(pem: &str, algorithm: Option<&str>) -> Result<(Algorithm, EncodingKey), String> {
    let wanted: Option<Algorithm> = algorithm
        .map(|name| name.parse().map_err(|_| format!("`alg` names no algorithm that can sign: `{name}`")))
        .transpose()?;
    let bytes = pem.as_bytes();
    let candidates = [
        (EncodingKey::from_rsa_pem(bytes), Algorithm::RS256),
        (EncodingKey::from_ec_pem(bytes), Algorithm::ES256),
        (EncodingKey::from_ed_pem(bytes), Algorithm::EdDSA),
    ];
    for (key, default) in candidates {
        if let Ok(key) = key {
            return Ok((wanted.unwrap_or(default), key));
        }
    }
    Err("holds no RSA, EC or Ed25519 private key in PEM".to_owned())
}
