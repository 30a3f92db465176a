//! The service accounts, and what their Secrets hold.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::cli::error::Error;
use crate::cli::svid::identity::Identity;
use crate::cli::svid::install::InstallArgs;
use crate::cli::svid::renew::held::Held;
use crate::cli::svid::renew::plan::Examined;
use crate::cli::svid::renew::plan::Facts;
use crate::cli::svid::renew::plan::Present;
use crate::cli::svid::renew::plan::Renewal;
use crate::cli::svid::renew::plan::Step;
use crate::cluster;
use crate::cluster::Cluster;
use crate::cluster::ObjectKey;

/// Namespaces of Kubernetes itself: nothing in them is in a mesh.
const SYSTEM: [&str; 4] = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/// What every Secret written here is labelled with, so that all are found at once.
pub(super) const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "meshsec");

/// A service account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Account {
    pub(super) namespace: String,
    pub(super) name: String,
}

/// What its Secret is in need of.
pub(super) enum Found {
    /// There is none, or one that is to be replaced whatever it holds.
    New(Identity),
    /// Its certificate is to be renewed.
    Due(Facts, Box<Renewal>),
    /// Only its roots are to be replaced.
    Roots(Facts, Box<Held>),
    /// Nothing.
    Fine(Facts),
    /// It is in need of something that cannot be done.
    Hopeless(Error),
}

impl Found {
    pub(super) fn is_to_be_written(&self) -> bool {
        matches!(self, Self::New(_) | Self::Due(..) | Self::Roots(..))
    }
}

/// The accounts that were named, or all that there are.
pub(super) fn accounts(arguments: &InstallArgs, cluster: &Cluster) -> Result<Vec<Account>, Error> {
    let mut accounts = Vec::new();
    if arguments.all {
        for object in cluster.list("v1", "ServiceAccount", arguments.namespace.as_deref(), None)? {
            let namespace = object.key.namespace.unwrap_or_default();
            if arguments.namespace.is_some() || !SYSTEM.contains(&namespace.as_str()) {
                accounts.push(Account { namespace, name: object.key.name });
            }
        }
    }
    for written in &arguments.accounts {
        let here = arguments.namespace.as_deref().unwrap_or_else(|| cluster.default_namespace());
        let (namespace, name) = written.split_once('/').unwrap_or((here, written));
        let key = key("ServiceAccount", namespace, name);
        if cluster.get(&key)?.is_none() {
            return Err(cluster::Error::NotFound { object: key }.into());
        }
        accounts.push(Account { namespace: namespace.to_owned(), name: name.to_owned() });
    }
    accounts.sort();
    accounts.dedup();
    if accounts.is_empty() {
        let place =
            arguments.namespace.as_ref().map_or_else(|| "the cluster".to_owned(), |namespace| format!("namespace `{namespace}`"));
        return Err(Error::question(
            format!("{place} has no service accounts"),
            "check the namespace and the context".to_owned(),
        ));
    }
    Ok(accounts)
}

/// Reads the Secret of each account, and decides.
pub(super) fn look(
    arguments: &InstallArgs,
    cluster: &Cluster,
    present: &Present<'_>,
    accounts: &[Account],
) -> Result<Vec<(Account, Found)>, Error> {
    let mut known = known_secrets(arguments, cluster, accounts)?;
    let mut found = Vec::with_capacity(accounts.len());
    for account in accounts {
        let name = arguments.layout.secret_name(&account.name);
        let secret = match known.remove(&(account.namespace.clone(), name.clone())) {
            Some(secret) => Some(secret),
            None => match cluster.get(&key("Secret", &account.namespace, &name)) {
                Ok(secret) => secret.map(|object| object.value),
                Err(error) if error.is_about_everything() => return Err(error.into()),
                Err(error) => {
                    found.push((account.clone(), Found::Hopeless(error.into())));
                    continue;
                }
            },
        };
        let decided = decide(arguments, present, account, secret.as_ref());
        found.push((account.clone(), decided.unwrap_or_else(Found::Hopeless)));
    }
    Ok(found)
}

/// The Secrets that were written here before, by namespace and name.
fn known_secrets(
    arguments: &InstallArgs,
    cluster: &Cluster,
    accounts: &[Account],
) -> Result<BTreeMap<(String, String), Value>, Error> {
    if accounts.len() < 2 {
        return Ok(BTreeMap::new());
    }
    let (name, value) = LABEL;
    match cluster.list("v1", "Secret", arguments.namespace.as_deref(), Some(&format!("{name}={value}"))) {
        Ok(secrets) => Ok(secrets
            .into_iter()
            .map(|object| ((object.key.namespace.unwrap_or_default(), object.key.name), object.value))
            .collect()),
        // Who may not list them may still read those that are named.
        Err(cluster::Error::Forbidden(_)) => Ok(BTreeMap::new()),
        Err(error) => Err(error.into()),
    }
}

fn decide(arguments: &InstallArgs, present: &Present<'_>, account: &Account, secret: Option<&Value>) -> Result<Found, Error> {
    let Account { namespace, name } = account;
    let identity = || Identity::of_service_account(&present.settings.trust_domain, namespace, name).map(Found::New);
    let Some(secret) = secret else { return identity() };
    let secret_name = arguments.layout.secret_name(name);
    let found_type = secret.get("type").and_then(Value::as_str).unwrap_or_default();
    if found_type != arguments.layout.secret_type() {
        return Err(Error::question(
            format!("Secret `{namespace}/{secret_name}` is of type `{found_type}`, and a type cannot be changed"),
            format!("remove it, if nothing needs it: `kubectl delete secret -n {namespace} {secret_name}`"),
        ));
    }
    let decode = |key: &str| {
        let text = secret.get("data").and_then(|data| data.get(key)).and_then(Value::as_str)?;
        STANDARD.decode(text).ok().map(Zeroizing::new)
    };
    let place = PathBuf::from(format!("{namespace}/{secret_name}"));
    let held = match Held::of(&place, arguments.layout.keys().map(decode), present.ledger) {
        Ok(held) => held,
        Err(_) if arguments.overwrite => return identity(),
        Err(Error::Question { message, .. }) => {
            let help = "replace it with `--overwrite`, or name the home of the authority that issued it with `--home`";
            return Err(Error::question(message, help.to_owned()));
        }
        Err(error) => return Err(error),
    };
    let Examined { facts, step, obstacle } = present.examine_held(held, &arguments.wishes(account))?;
    if let Some(error) = obstacle.filter(|_| !facts.reasons.is_empty()) {
        return Err(error);
    }
    Ok(match step {
        Step::Nothing => Found::Fine(facts),
        Step::Roots(held) => Found::Roots(facts, held),
        Step::Renew(renewal) => Found::Due(facts, renewal),
    })
}

pub(super) fn key(kind: &str, namespace: &str, name: &str) -> ObjectKey {
    ObjectKey {
        api_version: "v1".to_owned(),
        kind: kind.to_owned(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    }
}
