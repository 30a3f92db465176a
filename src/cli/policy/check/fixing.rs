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
use crate::diag::Code;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::lint::Report;
use crate::lint::fix;
use crate::manifest::yaml;
use crate::render;

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
        let mut tried: BTreeMap<SourceId, (Arc<str>, Vec<Code>)> = BTreeMap::new();
        for (id, (text, codes)) in fixed {
            let Some(source) = input.read.map.get(id).cloned() else { continue };
            if source.is_live {
                refused.insert(id, "it is not a file");
            } else if let Some(why) = unfit(&source.name, &source.text) {
                refused.insert(id, why);
            } else if yaml::documents(id, &text).any(|parsed| parsed.root.is_none()) {
                refused.insert(id, "the repaired text would be no YAML");
            } else {
                input.read.map.replace(id, text);
                tried.insert(id, (source.text, codes));
            }
        }
        if tried.is_empty() {
            break;
        }
        let mut after = arguments.check(input, settings, env, Instant::now());
        let worse: Vec<SourceId> =
            tried.iter().filter(|(id, (_, codes))| !is_better(&report, &after, **id, codes)).map(|(id, _)| *id).collect();
        for id in &worse {
            if let Some((old, _)) = tried.remove(id) {
                input.read.map.replace(*id, old);
                refused.insert(*id, "the finding would still be there after the repair");
            }
        }
        if !worse.is_empty() {
            after = arguments.check(input, settings, env, Instant::now());
        }
        repaired += tried.values().map(|(_, codes)| codes.len()).sum::<usize>();
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
            text_file::replace(Path::new(source.name.as_ref()), source.text.as_bytes())?;
        }
    }
    for (id, why) in &refused {
        let name = input.read.map.get(*id).map_or("", |source| &source.name);
        writeln!(env.stderr, "{} `{name}` is left as it is: {why}", env.style.warning("warning:"))?;
    }
    if !env.quiet {
        let verb = if arguments.diff { "would be repaired" } else { "repaired" };
        writeln!(env.stderr, "{repaired} {verb} in {}", render::count(before.len(), "file", "files"))?;
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

/// Fewer findings of each kind that was repaired in this text, and no object of it that is refused now and was not before. Other findings
/// may come to light: what could not be read before the repair was not looked at either.
fn is_better(before: &Report, after: &Report, id: SourceId, codes: &[Code]) -> bool {
    let here = |report: &Report, code: Code| {
        report.active().filter(|reported| reported.finding.span().source == id && reported.rule.code == code).count()
    };
    let refused = |report: &Report| {
        report.documents.iter().filter(|document| document.place.source == id && document.accepted == Some(false)).count()
    };
    codes.iter().all(|code| here(after, *code) < here(before, *code)) && refused(after) <= refused(before)
}
