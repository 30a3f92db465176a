//! Trust bundles from files, standard input and Kubernetes objects.

use clap::Args;

use crate::bundle;
use crate::bundle::BundleForm;
#[cfg(feature = "store")]
use crate::bundle::JwtKey;
use crate::bundle::ReadBundle;
#[cfg(feature = "store")]
use crate::bundle::TrustBundle;
#[cfg(feature = "store")]
use crate::cli::ca::signing::bundle as own_roots;
use crate::cli::env::Env;
use crate::cli::error::Error;
#[cfg(feature = "store")]
use crate::cli::home::HomeArgs;
use crate::cli::kubernetes;
use crate::cli::kubernetes::DataObject;
use crate::cli::manifests::read_bytes;
use crate::spiffe::TrustDomain;

/// Keys of a ConfigMap or Secret that hold a bundle, by preference: Istio's, a TLS secret's, SPIRE's.
const KEYS: [&str; 3] = ["root-cert.pem", "ca.crt", "bundle.crt"];

/// A bundle and where it comes from.
#[derive(Debug)]
pub(in crate::cli) struct NamedBundle {
    pub(in crate::cli) name: String,
    /// How it was written; none for the ledger's.
    pub(in crate::cli) form: Option<BundleForm>,
    pub(in crate::cli) read: ReadBundle,
}

/// The own authority, whose bundle is taken when no file is named.
#[derive(Debug, Args)]
pub(super) struct OwnArgs {
    #[cfg(feature = "store")]
    #[command(flatten)]
    home: HomeArgs,
}

impl OwnArgs {
    /// The roots of the own authority that are not revoked.
    #[cfg(feature = "store")]
    pub(super) fn read(&self, env: &mut Env<'_>) -> Result<NamedBundle, Error> {
        let home = self.home.open(env)?;
        let settings = home.ledger().settings()?;
        let mut bundle = TrustBundle::of(Some(settings.trust_domain), own_roots(home.ledger())?);
        bundle.sequence = Some(settings.bundle_sequence);
        for key in home.ledger().jwt_keys()? {
            if !key.is_published(env.now, settings.max_svid_ttl) {
                // It left the bundle without anybody writing that down.
                bundle.sequence = bundle.sequence.map(|number| number.saturating_add(1));
                continue;
            }
            if let Ok(serde_json::Value::Object(members)) = serde_json::from_str(&key.public_jwk) {
                bundle.add_jwt_key(JwtKey::new(key.key_id, &members));
            }
        }
        let name = home.path().display().to_string();
        Ok(NamedBundle { name, form: None, read: ReadBundle { bundle, notes: Vec::new() } })
    }

    /// There is no own authority without a ledger.
    #[cfg(not(feature = "store"))]
    pub(super) fn read(&self, _env: &mut Env<'_>) -> Result<NamedBundle, Error> {
        Err(Error::question("no file was named", "name a file with a trust bundle, or `-`".to_owned()))
    }
}

/// `--trust-domain` for files that do not say whose they are.
#[derive(Debug, Clone, Args)]
pub(super) struct TrustDomainArgs {
    /// Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`
    #[arg(long, value_name = "NAME")]
    trust_domain: Option<String>,
}

impl TrustDomainArgs {
    /// The bundles of a file, all of the given trust domain if one was given.
    pub(super) fn read(&self, path: &str, env: &mut Env<'_>) -> Result<Vec<NamedBundle>, Error> {
        let found = read_bundles(path, env)?;
        let Some(typed) = &self.trust_domain else { return Ok(found) };
        let wanted = TrustDomain::from_argument(typed)
            .map_err(|error| Error::question(format!("`--trust-domain {typed}`: {error}"), None))?;
        let known = names(&found);
        let mut chosen = Vec::new();
        for mut named in found {
            match named.read.bundle.trust_domain() {
                Some(own) if *own != wanted => continue,
                _ => named.read.bundle = named.read.bundle.with_trust_domain(wanted.clone()),
            }
            chosen.push(named);
        }
        if chosen.is_empty() {
            return Err(Error::question(format!("`{path}` has no bundle of `{wanted}`"), format!("it has those of {known}")));
        }
        Ok(chosen)
    }

    /// The one bundle of a file.
    pub(super) fn read_one(&self, path: &str, env: &mut Env<'_>) -> Result<NamedBundle, Error> {
        let mut found = self.read(path, env)?;
        match found.len() {
            1 => {}
            0 => return Err(Error::question(format!("`{path}` holds no bundle"), None)),
            count if found.iter().all(|named| named.form == Some(BundleForm::Map)) => {
                return Err(Error::question(
                    format!("`{path}` holds the bundles of {count} trust domains"),
                    format!("choose one with `--trust-domain`: {}", names(&found)),
                ));
            }
            // One bundle in many namespaces is still one.
            count if found.windows(2).any(|pair| matches!(pair, [a, b] if a.read.bundle != b.read.bundle)) => {
                return Err(Error::question(
                    format!("`{path}` holds {count} objects with different bundles"),
                    "give one of them, or put them together with `meshsec bundle merge`".to_owned(),
                ));
            }
            _ => {}
        }
        Ok(found.swap_remove(0))
    }
}

fn names(found: &[NamedBundle]) -> String {
    let names = found.iter().filter_map(|named| named.read.bundle.trust_domain()).map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}

/// The bundles of a file, or of standard input when the path is `-`.
pub(in crate::cli) fn read_bundles(path: &str, env: &mut Env<'_>) -> Result<Vec<NamedBundle>, Error> {
    let bytes = read_bytes(path, env)?;
    let name = if path == "-" { "<stdin>" } else { path };
    bundles_of(name, &bytes)
}

/// The bundles that the bytes of a file hold.
pub(in crate::cli) fn bundles_of(name: &str, bytes: &[u8]) -> Result<Vec<NamedBundle>, Error> {
    match str::from_utf8(bytes) {
        Ok(text) if kubernetes::is_kubernetes(text) => from_objects(name, text),
        _ => from_bytes(name, bytes),
    }
}

fn from_bytes(name: &str, bytes: &[u8]) -> Result<Vec<NamedBundle>, Error> {
    let found = bundle::read(bytes).map_err(|error| {
        Error::question(
            format!("`{name}` is no trust bundle: {error}"),
            "give PEM, DER, a SPIFFE bundle (JWKS), or a ConfigMap or Secret with `root-cert.pem`".to_owned(),
        )
    })?;
    let form = Some(found.form);
    let named = |read| NamedBundle { name: name.to_owned(), form, read };
    Ok(found.bundles.into_iter().map(named).collect())
}

fn from_objects(name: &str, text: &str) -> Result<Vec<NamedBundle>, Error> {
    let objects = kubernetes::data_objects(text)
        .map_err(|error| Error::question(format!("`{name}` holds no Kubernetes objects that can be read: {error}"), None))?;
    let mut found = Vec::new();
    for DataObject { kind, namespace, name: object, data } in &objects {
        let Some((key, bytes)) = KEYS.iter().find_map(|key| data.get_key_value(*key)) else { continue };
        let namespace = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
        found.extend(from_bytes(&format!("{name}: {kind} {namespace}{object}, {key}"), bytes)?);
    }
    if found.is_empty() {
        return Err(Error::question(
            format!("`{name}` holds no ConfigMap or Secret with a trust bundle"),
            format!("one of these keys holds it: {}", KEYS.map(|key| format!("`{key}`")).join(", ")),
        ));
    }
    Ok(found)
}
