//! `--fix`: repairs in the files, checked before anything is written.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use similar::TextDiff;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::policy::check::CheckArgs;
use crate::cli::policy::check::Input;
use crate::cli::policy::check::config::Settings;
use crate::cli::text_file;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::lint::Report;
use crate::lint::fix;
use crate::manifest::yaml;

/// How often a text is repaired and checked again: a repair may make room for another.
const ROUNDS: usize = 10;

/// Repairs, writes (or shows) what changed, and returns the report of what is left.
pub(super) fn run(
    arguments: &CheckArgs,
    settings: &Settings,
    input: &mut Input,
    mut report: Report,
    env: &mut Env<'_>,
) -> Result<Report, Error> {
    // What is not shown is not changed either.
    let least = if arguments.info { Severity::Info } else { Severity::Warning };
    let most = if arguments.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
    let mut before: BTreeMap<SourceId, Arc<str>> = BTreeMap::new();
    let mut repaired = 0;
    let mut refused: BTreeMap<SourceId, &'static str> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let mut fixed = fix::apply(&report, &input.read.map, most, least);
        fixed.retain(|id, _| !refused.contains_key(id));
        let mut tried: BTreeMap<SourceId, (Arc<str>, usize)> = BTreeMap::new();
        for (id, (text, count)) in fixed {
            let Some(source) = input.read.map.get(id).cloned() else { continue };
            if let Some(why) = unfit(&source.name, &source.text) {
                refused.insert(id, why);
            } else if yaml::documents(id, &text).any(|parsed| parsed.root.is_none()) {
                refused.insert(id, "the repaired text would be no YAML");
            } else {
                input.read.map.replace(id, text);
                tried.insert(id, (source.text, count));
            }
        }
        if tried.is_empty() {
            break;
        }
        let mut after = arguments.check(input, settings, env, Instant::now());
        let worse: Vec<SourceId> = tried.keys().copied().filter(|id| !is_better(&report, &after, *id, least)).collect();
        for id in &worse {
            if let Some((old, _)) = tried.remove(id) {
                input.read.map.replace(*id, old);
                refused.insert(*id, "the finding would still be there after the repair");
            }
        }
        if !worse.is_empty() {
            after = arguments.check(input, settings, env, Instant::now());
        }
        repaired += tried.values().map(|(_, count)| count).sum::<usize>();
        for (id, (old, _)) in tried {
            before.entry(id).or_insert(old);
        }
        report = after;
    }
    for (id, old) in &before {
        let Some(source) = input.read.map.get(*id) else { continue };
        if arguments.diff {
            let name = source.name.trim_start_matches('/');
            let diff = TextDiff::from_lines(old.as_ref(), source.text.as_ref());
            let (a, b) = (format!("a/{name}"), format!("b/{name}"));
            write!(env.stdout, "{}", diff.unified_diff().header(&a, &b))?;
        } else {
            text_file::replace(Path::new(source.name.as_ref()), &source.text)?;
        }
    }
    for (id, why) in &refused {
        let name = input.read.map.get(*id).map_or("", |source| &source.name);
        writeln!(env.stderr, "{} `{name}` is left as it is: {why}", env.style.warning("warning:"))?;
    }
    if !env.quiet {
        let verb = if arguments.diff { "would be repaired" } else { "repaired" };
        writeln!(env.stderr, "{repaired} {verb} in {} files", before.len())?;
    }
    Ok(report)
}

/// Why a text is not touched at all.
fn unfit(name: &str, text: &str) -> Option<&'static str> {
    if name == "<stdin>" || name.starts_with("kustomize:") {
        return Some("it is not a file");
    }
    let is_conflict = |line: &str| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
    text.lines().any(is_conflict).then_some("it holds the marks of a merge conflict")
}

/// Fewer findings that a repair was offered for in this text, and no new error in it.
fn is_better(before: &Report, after: &Report, id: SourceId, least: Severity) -> bool {
    let here = |report: &Report, counts: &dyn Fn(&Finding) -> bool| {
        report.active().filter(|reported| reported.finding.span().source == id && counts(&reported.finding)).count()
    };
    let offered = |finding: &Finding| finding.fix.is_some() && finding.severity >= least;
    here(after, &offered) < here(before, &offered) && here(after, &Finding::is_error) <= here(before, &Finding::is_error)
}
