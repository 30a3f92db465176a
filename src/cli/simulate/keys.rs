//! `--jwks` and `--fetch-jwks`: where key sets come from.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::cli::error::Error;
use crate::cli::manifests::read_text;
use crate::jose::Jwks;
use crate::mesh::Mesh;
use crate::simulate::KeySets;
use crate::simulate::KeySource;

/// How long a key set may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Key sets for `jwksUri` and issuers.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Keys")]
pub(super) struct KeyArgs {
    /// Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable
    #[arg(long = "jwks", value_name = "ISSUER=FILE")]
    jwks: Vec<String>,
    /// Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again
    /// while it runs, as istiod does
    #[arg(long)]
    fetch_jwks: bool,
}

impl KeyArgs {
    /// The key sets that were given.
    pub(super) fn given(&self) -> Result<KeySets, Error> {
        let mut keys = KeySets::new();
        for text in &self.jwks {
            let (target, file) = text.rsplit_once('=').ok_or_else(|| {
                Error::question(format!("`--jwks {text}` has no `=`"), "write it as `--jwks ISSUER=FILE`".to_owned())
            })?;
            let set = if file == "unreachable" { KeySource::Unreachable } else { parse(file, &read_text(file)?)? };
            keys.insert(target.to_owned(), set);
        }
        Ok(keys)
    }

    /// Whether others are fetched.
    #[cfg(feature = "proxy")]
    pub(super) fn fetches(&self) -> bool {
        self.fetch_jwks
    }

    /// The key sets that were given, and those that are fetched.
    pub(super) fn load(&self, mesh: &Mesh) -> Result<KeySets, Error> {
        let mut keys = self.given()?;
        if self.fetch_jwks {
            for rule in mesh.request_authentications.iter().flat_map(|policy| &policy.spec.jwt_rules) {
                let inline = rule.jwks.as_ref().is_some_and(|jwks| !jwks.value.is_empty());
                if let Some(uri) = rule.jwks_uri.as_ref().filter(|uri| !inline && !keys.contains_key(&uri.value)) {
                    let fetched = fetch(&uri.value, PATIENCE);
                    let text = fetched.map_err(|message| Error::Fetch { url: uri.value.clone(), message })?;
                    keys.insert(uri.value.clone(), KeySource::from_text(&text));
                }
            }
        }
        Ok(keys)
    }
}

fn parse(name: &str, text: &str) -> Result<KeySource, Error> {
    Jwks::parse(text).map(|keys| KeySource::Keys(Arc::new(keys))).map_err(|error| {
        Error::question(format!("`{name}` is no usable key set: {error}"), "give a JSON object with a `keys` list".to_owned())
    })
}

/// What an address answers; it has this long.
///
/// # Errors
/// Why there is nothing to be had, in words.
#[cfg(feature = "fetch")]
pub(super) fn fetch(url: &str, patience: Duration) -> Result<String, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(patience)).build().into();
    let mut response = agent.get(url).call().map_err(|error| error.to_string())?;
    response.body_mut().with_config().limit(1 << 20).read_to_string().map_err(|error| error.to_string())
}

#[cfg(not(feature = "fetch"))]
pub(super) fn fetch(_: &str, _: Duration) -> Result<String, String> {
    Err("this build has no network access".to_owned())
}
