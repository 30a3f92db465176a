//! Waiting until what was applied is in force, as far as that can be seen.

use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::apply::Journal;
use crate::apply::JournalStep;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::policy::apply::execute::item;
use crate::cli::policy::apply::live;
use crate::cluster::Cluster;

/// How long is waited between two looks.
const PAUSE: Duration = Duration::from_millis(300);

/// How long proxies have to be in sync. istiod waits 100 ms for further changes before it sends anything (`PILOT_DEBOUNCE_AFTER`), and until
/// it does, proxies are in sync with what was before.
const QUIET: Duration = Duration::from_secs(1);

/// How far it could be seen that a change is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    /// The API server serves it.
    Served,
    /// istiod wrote that it has read it.
    Read,
    /// istiod says that proxies have taken what it sent.
    InProxies,
}

impl Seen {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Read => "read by istiod",
            Self::InProxies => "in proxies",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Served => {
                "the API server serves every change; whether proxies have it was not seen: istiod writes no status here, and its `/debug/syncz` \
                 does not answer"
            }
            Self::Read => {
                "istiod has read every change, by its status; whether proxies have it was not seen: its `/debug/syncz` does not answer"
            }
            Self::InProxies => "every proxy has acknowledged what istiod sent, by its `/debug/syncz`",
        }
    }
}

/// Waits, and says how far it was seen.
pub(super) fn run(cluster: &Cluster, journal: &Journal, timeout: Duration, env: &mut Env<'_>) -> Result<Seen, Error> {
    let until = Instant::now() + timeout;
    let steps: Vec<&JournalStep> = journal.steps.iter().collect();
    let unserved = |step: &&&JournalStep| match cluster.get(&live::object_key(&step.key)) {
        Ok(object) => !journal.is_done(step, object.as_ref().map(item).as_ref()),
        Err(_) => true,
    };
    wait(until, timeout, "the API server does not serve", || Ok(steps.iter().find(unserved).map(|step| step.key.to_string())))?;
    let mut seen = Seen::Served;
    // istiod writes conditions where it is told to; where none is there none is waited for.
    let with_status: Vec<&&JournalStep> = steps
        .iter()
        .filter(|step| step.manifest.is_some() && step.key.group().ends_with("istio.io"))
        .filter(|step| reconciled(cluster, step).is_some())
        .collect();
    if !with_status.is_empty() {
        wait(until, timeout, "istiod has not read", || {
            Ok(with_status.iter().find(|step| reconciled(cluster, step) != Some(true)).map(|step| step.key.to_string()))
        })?;
        seen = Seen::Read;
    }
    if synced(cluster, &journal.root_namespace).is_some() {
        let mut since = Instant::now();
        wait(until, timeout, "proxies have not acknowledged", || {
            if synced(cluster, &journal.root_namespace) == Some(false) {
                since = Instant::now();
            }
            Ok((since.elapsed() < QUIET).then(|| "what istiod sent".to_owned()))
        })?;
        seen = Seen::InProxies;
    }
    if !env.quiet {
        writeln!(env.stderr, "{} {}", env.style.note("note:"), seen.in_words())?;
    }
    Ok(seen)
}

/// Looks again and again until nothing is missing.
fn wait(
    until: Instant,
    timeout: Duration,
    what: &str,
    mut missing: impl FnMut() -> Result<Option<String>, Error>,
) -> Result<(), Error> {
    loop {
        let Some(object) = missing()? else { return Ok(()) };
        if Instant::now() >= until {
            return Err(Error::NotInForce { what: format!("{what} {object}"), seconds: timeout.as_secs() });
        }
        thread::sleep(PAUSE);
    }
}

/// Whether istiod has read the object in its present state; `None` when it writes no status.
fn reconciled(cluster: &Cluster, step: &JournalStep) -> Option<bool> {
    let whole = cluster.get_whole(&live::object_key(&step.key)).ok()??;
    let observed = whole.pointer("/status/observedGeneration").and_then(|generation| {
        // A protobuf number of 64 bits is a string in JSON.
        generation.as_u64().or_else(|| generation.as_str()?.parse().ok())
    })?;
    let generation = whole.pointer("/metadata/generation").and_then(Value::as_u64)?;
    Some(observed >= generation)
}

/// Whether every proxy has acknowledged all that istiod sent; `None` when istiod cannot be asked.
fn synced(cluster: &Cluster, root_namespace: &str) -> Option<bool> {
    let path = format!("/api/v1/namespaces/{root_namespace}/services/istiod:15014/proxy/debug/syncz");
    let proxies = cluster.get_path(&path).ok()?;
    let proxies = proxies.as_array()?;
    let is_synced = |proxy: &Value| {
        ["cluster", "listener", "route", "endpoint"].iter().all(|kind| {
            let nonce = |which: &str| proxy.get(format!("{kind}_{which}")).and_then(Value::as_str).unwrap_or_default();
            nonce("sent") == nonce("acked")
        })
    };
    Some(proxies.iter().all(is_synced))
}
