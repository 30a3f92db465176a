//! `--watch`: checks again whenever a file changes, reading only what changed.

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

use jiff::Timestamp;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::policy::check::CheckArgs;
use crate::cli::policy::check::Input;
use crate::cli::policy::check::config::Settings;
use crate::diag::SourceId;
use crate::lint;
use crate::lint::SourceReport;

/// How long between two looks at the files.
const PAUSE: Duration = Duration::from_millis(100);

/// What a look at a file shows: size and time of the last change.
type Seen = Option<(u64, SystemTime)>;

/// Checks until interrupted.
pub(super) fn run(arguments: &CheckArgs, settings: &Settings, env: &mut Env<'_>) -> Result<Outcome, Error> {
    let mut input = arguments.read(settings, env)?;
    let mut seen = look(&input);
    let mut read = read_all(arguments, settings, &input, env);
    tell(arguments, settings, &input, &read, env, Instant::now())?;
    loop {
        thread::sleep(PAUSE);
        let now = look(&input);
        let listed = arguments.manifests.read_names(&arguments.paths);
        let is_same_set = listed.is_none_or(|names| names == file_names(&input));
        if is_same_set && now == seen {
            continue;
        }
        let started = Instant::now();
        env.now = Timestamp::now();
        let changed: Vec<SourceId> = now.iter().filter(|(id, state)| seen.get(id) != Some(state)).map(|(id, _)| *id).collect();
        let texts: Option<Vec<(SourceId, String)>> = changed.iter().map(|id| Some((*id, reread(&input, *id)?))).collect();
        if let Some(texts) = texts.filter(|_| is_same_set) {
            for (id, text) in texts {
                input.read.map.replace(id, text);
                let options = arguments.options(&input, settings, env);
                read.insert(id, lint::read_source(&input.read.map, id, &options));
            }
            seen = now;
        } else {
            // Files came or went, or one cannot be read: everything is looked at again.
            input = arguments.read(settings, env)?;
            seen = look(&input);
            read = read_all(arguments, settings, &input, env);
        }
        tell(arguments, settings, &input, &read, env, started)?;
    }
}

fn read_all(arguments: &CheckArgs, settings: &Settings, input: &Input, env: &Env<'_>) -> BTreeMap<SourceId, SourceReport> {
    let options = arguments.options(input, settings, env);
    input.read.ids.iter().map(|id| (*id, lint::read_source(&input.read.map, *id, &options))).collect()
}

fn tell(
    arguments: &CheckArgs,
    settings: &Settings,
    input: &Input,
    read: &BTreeMap<SourceId, SourceReport>,
    env: &mut Env<'_>,
    started: Instant,
) -> Result<(), Error> {
    let in_order: Vec<&SourceReport> = input.read.ids.iter().filter_map(|id| read.get(id)).collect();
    let options = arguments.options(input, settings, env);
    let mut report = lint::join(&input.read.map, &in_order, &options);
    drop(options);
    arguments.settle(&mut report, settings, env)?;
    for target in &arguments.outputs {
        target.write(&report, &input.read.map, arguments, arguments.threshold(settings), env)?;
    }
    // What cannot be read is said; the exit code is nobody's while the watch goes on.
    let _ = arguments.outcome(&report, input, settings, env);
    env.stdout.flush()?;
    if !env.quiet {
        writeln!(env.stderr, "checked in {} ms; waiting for changes", started.elapsed().as_millis())?;
    }
    Ok(())
}

fn look(input: &Input) -> BTreeMap<SourceId, Seen> {
    let state = |id: &SourceId| {
        let name = &input.read.map.get(*id)?.name;
        let metadata = fs::metadata(name.as_ref()).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    };
    input.read.ids.iter().map(|id| (*id, state(id))).collect()
}

fn file_names(input: &Input) -> Vec<String> {
    input.read.ids.iter().filter_map(|id| input.read.map.get(*id)).map(|source| source.name.to_string()).collect()
}

fn reread(input: &Input, id: SourceId) -> Option<String> {
    fs::read_to_string(input.read.map.get(id)?.name.as_ref()).ok()
}
