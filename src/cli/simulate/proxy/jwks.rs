//! `--fetch-jwks` while a proxy runs: key sets are fetched, kept and fetched again as istiod does it for its proxies.
//!
//! A rule's keys are fetched when it first appears, once. What cannot be fetched becomes a set that verifies nothing, and is tried again at
//! once in the background. All sets are fetched again every 20 minutes (`PILOT_JWT_PUB_KEY_REFRESH_INTERVAL`); after a failure in a minute,
//! after further ones in twice the time, up to an hour. A set that cannot be fetched again is used for a week.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::cli::duration::parse_ttl;
use crate::cli::error::Error;
use crate::cli::simulate::keys::KeyArgs;
use crate::cli::simulate::keys::fetch;
use crate::mesh::Mesh;
use crate::simulate::KeySets;
use crate::simulate::KeySource;

const REFRESH: Duration = Duration::from_secs(20 * 60);
const REFRESH_ON_FAILURE: Duration = Duration::from_secs(60);
const LONGEST_REFRESH: Duration = Duration::from_secs(60 * 60);
const RETRIES: usize = 7;
const RETRY: Duration = Duration::from_secs(1);
const EVICTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long an answer may take where the rule does not say.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where a rule's keys come from: its `jwksUri`, or its issuer where it has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Uri(String),
    Issuer(String),
}

impl Place {
    fn name(&self) -> &str {
        match self {
            Self::Uri(name) | Self::Issuer(name) => name,
        }
    }
}

/// A key set that was fetched, or was to be.
#[derive(Debug, Clone)]
struct Entry {
    text: Option<String>,
    fetched_at: Instant,
    timeout: Duration,
}

type Entries = Arc<Mutex<BTreeMap<Place, Entry>>>;

/// Key sets, given and fetched.
#[derive(Debug, Clone)]
pub(super) struct LiveKeys {
    arguments: KeyArgs,
    entries: Entries,
}

/// What a round of fetching brought.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// What to tell.
    pub(super) told: Vec<String>,
    pub(super) has_changed: bool,
    pub(super) has_failed: bool,
}

impl LiveKeys {
    pub(super) fn new(arguments: KeyArgs) -> Self {
        Self { arguments, entries: Entries::default() }
    }

    /// The key sets for a mesh. What is wanted and was never fetched is fetched now. Blocks.
    pub(super) fn load(&self, mesh: &Mesh) -> Result<(KeySets, Vec<String>), Error> {
        let mut keys = self.arguments.given()?;
        if !self.arguments.fetches() {
            return Ok((keys, Vec::new()));
        }
        let wanted = wanted(mesh, &keys);
        let mut entries = self.lock().clone();
        entries.retain(|place, _| wanted.contains_key(place));
        let missing = wanted.into_iter().filter(|(place, _)| !entries.contains_key(place)).collect();
        let mut told = Vec::new();
        for (place, timeout, fetched) in fetch_all(missing, 0) {
            let text = fetched.map_err(|why| told.push(cannot_fetch(&place, &why, false))).ok();
            entries.insert(place, Entry { text, fetched_at: Instant::now(), timeout });
        }
        for (place, entry) in &entries {
            let source = entry.text.as_deref().map_or(KeySource::Unreachable, KeySource::from_text);
            keys.insert(place.name().to_owned(), source);
        }
        *self.lock() = entries;
        Ok((keys, told))
    }

    /// Whether there is a key set that was not fetched yet.
    fn has_missing(&self) -> bool {
        self.lock().values().any(|entry| entry.text.is_none())
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Fetches again: all sets, or those that are not there. Blocks, for several seconds where something fails.
    fn refresh(&self, only_missing: bool) -> Round {
        let known = self.lock().clone();
        let due = known.iter().filter(|(_, entry)| !only_missing || entry.text.is_none());
        let due = due.map(|(place, entry)| (place.clone(), entry.timeout)).collect();
        let mut round = Round::default();
        for (place, _, fetched) in fetch_all(due, RETRIES) {
            let mut entries = self.lock();
            // A rule may have gone meanwhile.
            let Some(entry) = entries.get_mut(&place) else { continue };
            match fetched {
                Ok(text) => {
                    entry.fetched_at = Instant::now();
                    if entry.text.as_ref() != Some(&text) {
                        let what = if entry.text.is_some() { "changed" } else { "are there now" };
                        round.told.push(format!("the keys of `{}` {what}", place.name()));
                        entry.text = Some(text);
                        round.has_changed = true;
                    }
                }
                Err(why) => {
                    round.has_failed = true;
                    if entry.text.is_some() && entry.fetched_at.elapsed() >= EVICTION {
                        entry.text = None;
                        round.has_changed = true;
                    }
                    round.told.push(cannot_fetch(&place, &why, entry.text.is_some()));
                }
            }
        }
        round
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Place, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cannot_fetch(place: &Place, why: &str, has_old: bool) -> String {
    let rest = if has_old { "those of before hold" } else { "its tokens are refused until they are there" };
    format!("cannot fetch the keys of `{}`: {why}; {rest}", place.name())
}

/// The rules that neither have their keys in them nor were given them.
fn wanted(mesh: &Mesh, given: &KeySets) -> BTreeMap<Place, Duration> {
    let rules = mesh.request_authentications.iter().flat_map(|policy| &policy.spec.jwt_rules);
    let outside = rules.filter(|rule| rule.jwks.as_ref().is_none_or(|jwks| jwks.value.is_empty()));
    outside
        .filter_map(|rule| {
            let uri = rule.jwks_uri.as_ref().map(|uri| uri.value.clone()).filter(|uri| !uri.is_empty());
            let place = uri.map_or_else(|| Place::Issuer(rule.issuer.value.clone()), Place::Uri);
            let is_given = given.contains_key(place.name()) || given.contains_key(&rule.issuer.value);
            let written = rule.timeout.as_ref().and_then(|text| parse_ttl(&text.value).ok());
            let timeout = written.and_then(|timeout| timeout.try_into().ok()).unwrap_or(TIMEOUT);
            (!is_given && !place.name().is_empty()).then_some((place, timeout))
        })
        .collect()
}

/// Fetches each, all at once, and again so many times in distances of a second.
fn fetch_all(places: Vec<(Place, Duration)>, retries: usize) -> Vec<(Place, Duration, Result<String, String>)> {
    let started: Vec<_> = places
        .into_iter()
        .map(|(place, timeout)| {
            let for_thread = place.clone();
            (place, timeout, thread::spawn(move || fetch_one(&for_thread, timeout, retries)))
        })
        .collect();
    started
        .into_iter()
        .map(|(place, timeout, handle)| {
            let fetched = handle.join().unwrap_or_else(|_| Err("fetching was cut short".to_owned()));
            (place, timeout, fetched)
        })
        .collect()
}

fn fetch_one(place: &Place, timeout: Duration, retries: usize) -> Result<String, String> {
    let mut retries = retries;
    loop {
        let fetched = match place {
            Place::Uri(uri) => fetch(uri, timeout),
            Place::Issuer(issuer) => discover(issuer, timeout).and_then(|uri| fetch(&uri, timeout)),
        };
        if fetched.is_ok() || retries == 0 {
            return fetched;
        }
        retries -= 1;
        thread::sleep(RETRY);
    }
}

/// The `jwks_uri` of an issuer (OpenID Connect Discovery 1.0, section 4).
fn discover(issuer: &str, timeout: Duration) -> Result<String, String> {
    let url = format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer));
    let document: serde_json::Value =
        serde_json::from_str(&fetch(&url, timeout)?).map_err(|_| format!("`{url}` holds no JSON"))?;
    let uri = document.get("jwks_uri").and_then(serde_json::Value::as_str);
    uri.map(str::to_owned).ok_or_else(|| format!("`{url}` has no `jwks_uri`"))
}

/// When key sets are fetched again.
pub(super) struct Clock {
    usual: Duration,
    interval: Duration,
    next: Instant,
    has_failed: bool,
    /// Something was not there when it was first wanted.
    is_urgent: bool,
}

impl Clock {
    pub(super) fn new(mesh: &Mesh, keys: &LiveKeys) -> Self {
        let written = mesh.settings.features.get("PILOT_JWT_PUB_KEY_REFRESH_INTERVAL").and_then(|text| parse_ttl(text).ok());
        let usual = written.and_then(|interval| interval.try_into().ok()).unwrap_or(REFRESH);
        Self { usual, interval: usual, next: Instant::now() + usual, has_failed: false, is_urgent: keys.has_missing() }
    }

    /// Something that was not there is wanted.
    pub(super) fn hurry(&mut self, keys: &LiveKeys) {
        self.is_urgent |= keys.has_missing();
    }

    /// What to do now, to be done on another thread.
    pub(super) fn due(&mut self, keys: &LiveKeys) -> Option<impl FnOnce() -> Round + Send + use<>> {
        let only_missing = std::mem::take(&mut self.is_urgent) && Instant::now() < self.next;
        let is_due = only_missing || Instant::now() >= self.next;
        let keys = keys.clone();
        (is_due && !keys.is_empty()).then_some(move || keys.refresh(only_missing))
    }

    /// A round is over: when the next one is.
    pub(super) fn done(&mut self, round: &Round) {
        if Instant::now() < self.next {
            // What was tried out of turn changes no interval.
            return;
        }
        self.interval = match (self.has_failed, round.has_failed) {
            (_, false) => self.usual,
            (false, true) => REFRESH_ON_FAILURE,
            (true, true) => (self.interval * 2).min(LONGEST_REFRESH),
        };
        self.has_failed = round.has_failed;
        self.next = Instant::now() + self.interval;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_tried_again_soon_and_then_ever_later() {
        let mut clock = Clock { usual: REFRESH, interval: REFRESH, next: Instant::now(), has_failed: false, is_urgent: false };
        let mut minutes = Vec::new();
        for has_failed in [true, true, true, true, true, true, true, true, false, true, false] {
            clock.next = Instant::now();
            clock.done(&Round { has_failed, ..Round::default() });
            minutes.push(clock.interval.as_secs() / 60);
        }
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60, 20, 1, 20]);
    }
}
