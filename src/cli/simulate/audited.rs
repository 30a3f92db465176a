//! `--from-audit`: decisions of a log, made again by the manifests that are given.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::rc::Rc;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::diag::SourceMap;
use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::render;
use crate::simulate::Desk;
use crate::simulate::Enforcer;
use crate::simulate::KeySets;
use crate::simulate::Names;
use crate::simulate::replay::Entry;
use crate::simulate::replay::Replayed;

/// How changes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Array,
    Lines,
}

/// What each workload of the log enforces now, or why that cannot be said.
struct Enforcers {
    mesh: Rc<Mesh>,
    keys: KeySets,
    by_name: BTreeMap<String, Result<Rc<Enforcer>, String>>,
}

impl Enforcers {
    fn of(&mut self, workload: &str) -> Result<Rc<Enforcer>, String> {
        if let Some(known) = self.by_name.get(workload) {
            return known.clone();
        }
        let made = self.make(workload);
        self.by_name.insert(workload.to_owned(), made.clone());
        made
    }

    fn make(&self, workload: &str) -> Result<Rc<Enforcer>, String> {
        let names = Names { mesh: &self.mesh, default_namespace: None };
        let id = names.workload("workload", workload).map_err(|_| format!("{workload} is not in these manifests"))?;
        if self.mesh.workload(id).is_none_or(|workload| workload.proxy != Proxy::Sidecar) {
            return Err(format!("{workload} has no sidecar in these manifests"));
        }
        Enforcer::new(Rc::clone(&self.mesh), id, &self.keys, None).map(Rc::new).map_err(|error| error.to_string())
    }
}

/// What came out.
#[derive(Default)]
struct Tally {
    decisions: u64,
    changes: BTreeMap<(String, &'static str), u64>,
    unknown: BTreeMap<String, u64>,
    missing: u64,
    unusable: u64,
}

/// Replays these files in order, and writes each decision that would be another one.
pub(super) fn run(files: &[String], loaded: Loaded, keys: KeySets, form: Form, env: &mut Env<'_>) -> Result<Outcome, Error> {
    let Loaded { mesh, sources, .. } = loaded;
    let mut enforcers = Enforcers { mesh: Rc::new(mesh), keys, by_name: BTreeMap::new() };
    let mut tally = Tally::default();
    let mut desk = Desk::default();
    for path in files {
        let failed = |source| Error::Read { path: path.clone(), source };
        let file = File::open(path).map_err(failed)?;
        for (number, line) in (1_u64..).zip(BufReader::new(file).lines()) {
            let line = line.map_err(failed)?;
            let recorded = match Entry::from_json(&line) {
                Ok(Entry::Decision(recorded)) => recorded,
                Ok(Entry::Gap(missing)) => {
                    tally.missing += missing;
                    continue;
                }
                Err(message) => {
                    tally.unusable += 1;
                    writeln!(env.stderr, "{path}:{number}: {message}")?;
                    continue;
                }
            };
            tally.decisions += 1;
            let replayed = match enforcers.of(&recorded.connection.workload) {
                Ok(enforcer) => recorded.replay(&enforcer, &mut desk),
                Err(why) => Replayed::Unknown(why),
            };
            match replayed {
                Replayed::Same => {}
                Replayed::Unknown(why) => *tally.unknown.entry(why).or_default() += 1,
                Replayed::Changed(decision) => {
                    let before = recorded.decision.verdict.clone();
                    let is_first = tally.changes.is_empty();
                    *tally.changes.entry((before, decision.verdict.as_str())).or_default() += 1;
                    if !env.quiet {
                        let change = render::Change { path, line: number, recorded: &recorded, decision: &decision };
                        write_change(&change, form, is_first, &sources, env)?;
                    }
                }
            }
        }
    }
    if form == Form::Array && !env.quiet {
        env.stdout.write_all(if tally.changes.is_empty() { b"[]\n" } else { b"\n]\n" })?;
    }
    if !env.quiet {
        writeln!(env.stderr, "{}", tally.summary())?;
    }
    Ok(tally.outcome())
}

fn write_change(
    change: &render::Change<'_>,
    form: Form,
    is_first: bool,
    sources: &SourceMap,
    env: &mut Env<'_>,
) -> Result<(), Error> {
    match form {
        Form::Text => render::audited_change_text(env.stdout, change, sources, env.style)?,
        Form::Lines => {
            render::audited_change_json(env.stdout, change, sources)?;
            writeln!(env.stdout)?;
        }
        Form::Array => {
            env.stdout.write_all(if is_first { b"[\n" } else { b",\n" })?;
            render::audited_change_json(env.stdout, change, sources)?;
        }
    }
    Ok(())
}

impl Tally {
    fn summary(&self) -> String {
        let changed: u64 = self.changes.values().sum();
        let mut text = format!("{} decisions replayed: ", self.decisions);
        if changed == 0 {
            text.push_str("none changes");
        } else {
            let parts: Vec<String> =
                self.changes.iter().map(|((before, after), count)| format!("{count} {before} -> {after}")).collect();
            text = format!("{text}{changed} change ({})", parts.join(", "));
        }
        let unknown: u64 = self.unknown.values().sum();
        if unknown > 0 {
            let reasons: Vec<String> = self.unknown.iter().map(|(why, count)| format!("{count}: {why}")).collect();
            text = format!("{text}; {unknown} cannot be told\n  {}", reasons.join("\n  "));
        }
        if self.missing > 0 {
            text = format!("{text}\n  {} decisions are missing in the log: they were dropped or lost", self.missing);
        }
        if self.unusable > 0 {
            text = format!("{text}\n  {} lines were unusable", self.unusable);
        }
        text
    }

    fn outcome(&self) -> Outcome {
        match () {
            () if self.unusable > 0 => Outcome::Invalid,
            () if !self.changes.is_empty() => Outcome::No,
            () if !self.unknown.is_empty() => Outcome::Undetermined,
            () => Outcome::Yes,
        }
    }
}
