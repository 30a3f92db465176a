//! `--watch`: renews for as long as it runs.
//!
//! Each round reads the ledger and the directories anew, so certificates that were issued meanwhile, rotations, other roots and a clock that
//! was set are noticed with the next one. A round comes when something is due, after a failure's waiting time, and at least every `--poll`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::cli::ca::init::DEFAULT;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::passphrase::Passphrase;
use crate::cli::stop::Stop;
use crate::cli::svid::renew::RenewArgs;
use crate::cli::svid::renew::act;
use crate::cli::svid::renew::act::Change;
use crate::cli::svid::renew::act::Done;
use crate::cli::svid::renew::act::Issuers;
use crate::cli::svid::renew::backoff::Backoff;
use crate::cli::svid::renew::hook;
use crate::cli::svid::renew::plan::Facts;
use crate::cli::svid::renew::plan::Present;
use crate::cli::svid::renew::plan::Step;
use crate::cli::svid::renew::report;
use crate::render;
use crate::store::Home;

/// How many certificates are renewed before it is looked whether the program is to end.
const CHUNK: usize = 50;
/// The shortest time between two rounds.
const PAUSE: Duration = Duration::from_millis(200);

struct Watch<'a> {
    arguments: &'a RenewArgs,
    passphrase: Option<Passphrase>,
    issuers: Issuers,
    failures: BTreeMap<PathBuf, Backoff>,
    stop: Stop,
    /// When the next certificate that is fine becomes due.
    next: Option<Timestamp>,
}

/// Renews until a signal comes.
pub(super) fn run(arguments: &RenewArgs, env: &mut Env<'_>) -> Result<Outcome, Error> {
    let stop = Stop::listen()?;
    let home = arguments.authority.open_without_keys(env)?;
    let passphrase = arguments.authority.passphrase(&home, env)?;
    let mut watch = Watch { arguments, passphrase, issuers: Issuers::default(), failures: BTreeMap::new(), stop, next: None };
    let count = watch.begin(&home, env.now)?;
    drop(home);
    say(env, &format!("watching {count} {}", if count == 1 { "directory" } else { "directories" }))?;
    let mut failure = None;
    while !watch.stop.is_set() {
        env.now = Timestamp::now();
        watch.next = None;
        match watch.round(env) {
            Ok(()) => failure = None,
            Err(error) => {
                complain(env, None, &error)?;
                failure = Some(Backoff::after(failure, env.now));
            }
        }
        watch.wait(failure);
    }
    env.now = Timestamp::now();
    say(env, "ended by a signal")?;
    Ok(Outcome::Yes)
}

impl Watch<'_> {
    /// What would be refused without `--watch` is refused here too, and a wrong passphrase is noticed now and not when something is due.
    fn begin(&mut self, home: &Home, now: Timestamp) -> Result<usize, Error> {
        let present = Present::of(home.ledger(), now)?;
        let wishes = &self.arguments.wishes;
        let directories = self.arguments.directories(home)?;
        let mut signers = BTreeMap::new();
        for (directory, record) in &directories {
            let record = match record {
                Some(record) => record.clone(),
                None => present.examine(directory, wishes)?.facts.record,
            };
            signers.insert(record.issuer.clone(), present.signer_of(&record, wishes)?);
        }
        let mut signers: Vec<_> = signers.into_values().flatten().collect();
        if signers.is_empty() {
            signers.extend(home.ledger().signing_authority(&DEFAULT.parse()?).ok());
        }
        for signer in signers {
            let passphrase = self.passphrase.as_ref().map(|passphrase| passphrase.as_str());
            self.issuers.open(home, &signer, passphrase)?;
        }
        Ok(directories.len())
    }

    fn round(&mut self, env: &mut Env<'_>) -> Result<(), Error> {
        let mut home = self.arguments.authority.open_without_keys(env)?;
        let mut steps = self.examine(&home, env)?;
        for (_, step) in &steps {
            if let Step::Renew(renewal) = step {
                let passphrase = self.passphrase.as_ref().map(|passphrase| passphrase.as_str());
                self.issuers.open(&home, &renewal.signer, passphrase)?;
            }
        }
        while !steps.is_empty() && !self.stop.is_set() {
            let rest = steps.split_off(steps.len().min(CHUNK));
            let chunk = std::mem::replace(&mut steps, rest);
            for done in act::take(&mut home, &self.issuers, chunk, self.arguments.manner(env.now), &|| {})? {
                self.finish(done, env)?;
            }
        }
        Ok(())
    }

    /// What is to be done now.
    fn examine(&mut self, home: &Home, env: &mut Env<'_>) -> Result<Vec<(Facts, Step)>, Error> {
        let present = Present::of(home.ledger(), env.now)?;
        let directories = self.arguments.directories(home)?;
        self.failures.retain(|directory, _| directories.contains_key(directory));
        let mut steps = Vec::new();
        for (directory, record) in directories {
            if let Some(failure) = self.failures.get(&directory).filter(|failure| failure.until > env.now) {
                self.look_at(failure.until);
                continue;
            }
            let examined = match present.examine(&directory, &self.arguments.wishes) {
                Ok(examined) => examined,
                Err(error) => {
                    let is_named = record.is_none();
                    if is_named || self.arguments.is_missed(&present, &directory, record, &error)?.is_some() {
                        self.fail(directory, &error, env)?;
                    }
                    continue;
                }
            };
            match (examined.obstacle, examined.step) {
                (Some(error), Step::Nothing) if !examined.facts.reasons.is_empty() => self.fail(directory, &error, env)?,
                (_, Step::Nothing) => {
                    self.failures.remove(&directory);
                    self.look_at(examined.facts.due_at);
                }
                (_, step) => steps.push((examined.facts, step)),
            }
        }
        Ok(steps)
    }

    fn finish(&mut self, done: Done, env: &mut Env<'_>) -> Result<(), Error> {
        let Done { facts, result } = done;
        let change = match result {
            Ok(change) => change,
            Err(error) => return self.fail(facts.directory, &error, env),
        };
        self.failures.remove(&facts.directory);
        let view = report::view(self.arguments, &facts, Ok(&change), env.now);
        let due_at = match &change {
            Change::Renewed(certificate) => self.arguments.due_at(certificate, env.now),
            Change::Roots | Change::Nothing => facts.due_at,
        };
        self.look_at(due_at);
        say(env, &format!("{}; due again at {due_at}", render::renewal_line(&view)))?;
        let Some(command) = &self.arguments.exec else { return Ok(()) };
        if let Err(error) = hook::run(command, &facts, &|| self.stop.is_set()) {
            complain(env, Some(&facts.directory.display().to_string()), &error)?;
        }
        Ok(())
    }

    fn fail(&mut self, directory: PathBuf, error: &Error, env: &mut Env<'_>) -> Result<(), Error> {
        complain(env, Some(&directory.display().to_string()), error)?;
        let backoff = Backoff::after(self.failures.get(&directory).copied(), env.now);
        self.look_at(backoff.until);
        self.failures.insert(directory, backoff);
        Ok(())
    }

    /// Has the next round come no later than this.
    fn look_at(&mut self, time: Timestamp) {
        self.next = Some(self.next.map_or(time, |next| next.min(time)));
    }

    fn wait(&self, failure: Option<Backoff>) {
        let poll = self.arguments.poll.unsigned_abs();
        let next = failure.map(|failure| failure.until).or(self.next);
        let until_next = |next: Timestamp| Duration::try_from(next.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO);
        self.stop.wait(next.map_or(poll, until_next).min(poll).max(PAUSE));
    }
}

/// One line for each event.
fn say(env: &mut Env<'_>, text: &str) -> Result<(), Error> {
    if !env.quiet {
        writeln!(env.stderr, "{} {text}", seconds(env.now))?;
    }
    Ok(())
}

/// A failure in one line, with its causes and what to do.
fn complain(env: &mut Env<'_>, place: Option<&str>, error: &Error) -> Result<(), Error> {
    let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
    writeln!(env.stderr, "{} {} {place}{}", seconds(env.now), env.style.error("error:"), error.in_one_line())?;
    Ok(())
}

fn seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
