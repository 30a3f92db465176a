//! `policy diff`: what differs between two meshes, as text, JSON and Markdown.

use std::io;
use std::io::Write;

use serde_json::Value;
use serde_json::json;

use crate::analysis::Answer;
use crate::analysis::Callers;
use crate::analysis::Change;
use crate::analysis::Diff;
use crate::analysis::Direction;
use crate::analysis::FieldChange;
use crate::analysis::ObjectChange;
use crate::analysis::ObjectFate;
use crate::analysis::Side;
use crate::analysis::WorkloadPort;
use crate::diag::SourceMap;
use crate::render::Style;
use crate::simulate::DecidedBy;

/// What is shown.
#[derive(Debug)]
pub struct PolicyDiffView<'a> {
    /// Objects that differ.
    pub objects: &'a [ObjectChange],
    /// Requests that get another verdict.
    pub diff: &'a Diff,
    /// The texts of both sides.
    pub sources: [&'a SourceMap; 2],
}

/// So many ports of one change are listed.
const PORTS: usize = 6;
/// Values are cut at so many characters.
const VALUE: usize = 120;

impl PolicyDiffView<'_> {
    fn place(&self, side: Side, by: &DecidedBy) -> String {
        let [before, after] = self.sources;
        let sources = match side {
            Side::Before => before,
            Side::After => after,
        };
        sources.position(by.span).to_string()
    }

    /// The object, rule and line behind a change.
    fn responsible(&self, change: &Change) -> Option<String> {
        let (side, by) = change.responsible()?;
        Some(format!("{} ({} {})", named(by), self.place(side, by), side.as_str()))
    }
}

fn named(by: &DecidedBy) -> String {
    let rule = by.rule.map_or_else(String::new, |rule| format!(" rule {rule}"));
    format!("{} {}/{}{rule}", by.kind, by.namespace, by.name)
}

fn ports(ports: &[WorkloadPort]) -> String {
    let shown: Vec<String> = ports.iter().take(PORTS).map(ToString::to_string).collect();
    let more = ports.len() - shown.len();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn answer(answer: &Answer) -> String {
    match answer.http_status {
        Some(status) => format!("{} ({status})", answer.verdict),
        None => answer.verdict.to_string(),
    }
}

fn value(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(VALUE) {
        Some((at, _)) => format!("{}..", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

fn counts(diff: &Diff) -> String {
    let count = |direction: Direction| format!("{} {}", diff.count(direction), direction.as_str());
    [Direction::Opened, Direction::Closed, Direction::Other].map(count).join(", ")
}

/// Writes a diff for people.
///
/// # Errors
/// When the writer fails.
pub fn policy_diff_text(out: &mut dyn Write, view: &PolicyDiffView<'_>, style: Style) -> io::Result<()> {
    for object in view.objects {
        let word = object.what.as_str();
        let word = match &object.what {
            ObjectFate::Created => style.success(word),
            ObjectFate::Removed => style.error(word),
            ObjectFate::Changed(_) => style.warning(word),
        };
        writeln!(out, "{word} {}", object.name)?;
        if let ObjectFate::Changed(fields) = &object.what {
            for FieldChange { path, before, after } in fields {
                match (before, after) {
                    (Some(before), Some(after)) => writeln!(out, "  {path}: {} -> {}", value(before), value(after))?,
                    (Some(before), None) => writeln!(out, "  {path}: {} -> nothing", value(before))?,
                    (None, Some(after)) => writeln!(out, "  {path}: nothing -> {}", value(after))?,
                    (None, None) => {}
                }
            }
        }
    }
    if !view.objects.is_empty() {
        writeln!(out)?;
    }
    changes_text(out, view, style)
}

/// Writes the changes of verdicts alone.
///
/// # Errors
/// When the writer fails.
pub fn changes_text(out: &mut dyn Write, view: &PolicyDiffView<'_>, style: Style) -> io::Result<()> {
    let diff = view.diff;
    for change in &diff.changes {
        let word = change.direction().as_str();
        let word = match change.direction() {
            Direction::Opened => style.warning(word),
            Direction::Closed => style.note(word),
            Direction::Other => style.faint(word),
        };
        writeln!(out, "{word}: {} from {} to {}", change.requests.text, change.callers, ports(&change.ports))?;
        writeln!(out, "  {} -> {}", answer(&change.before), answer(&change.after))?;
        if let Some(text) = view.responsible(change) {
            writeln!(out, "  by {text}")?;
        }
        writeln!(out, "  {} {}", style.faint("witness:"), change.witness.scenario)?;
        if let Some(assumes) = &change.witness.assumes {
            writeln!(out, "  {} {assumes}", style.faint("note:"))?;
        }
    }
    for workload in &diff.workloads {
        let what = match workload.side {
            Side::Before => "is gone",
            Side::After => "is new",
        };
        writeln!(out, "{} {} {} {what}: requests to it are not compared", style.note("workload:"), workload.kind, workload.name)?;
    }
    for inexact in &diff.inexact {
        writeln!(out, "{} {}: {}", style.warning("inexact:"), inexact.place, inexact.why)?;
    }
    if diff.changes.is_empty() && diff.inexact.is_empty() {
        writeln!(out, "no request gets another verdict")?;
    } else if !diff.changes.is_empty() {
        writeln!(out, "{}", counts(diff))?;
    }
    Ok(())
}

fn answer_json(view: &PolicyDiffView<'_>, side: Side, answer: &Answer) -> Value {
    let by = answer.decided_by.as_ref().map(|by| by_json(view, side, by));
    json!({"verdict": answer.verdict.as_str(), "httpStatus": answer.http_status, "message": answer.message, "decidedBy": by})
}

fn by_json(view: &PolicyDiffView<'_>, side: Side, by: &DecidedBy) -> Value {
    let [before, after] = view.sources;
    let place = match side {
        Side::Before => before.position(by.span),
        Side::After => after.position(by.span),
    };
    json!({
        "kind": by.kind, "namespace": &*by.namespace, "name": &*by.name, "rule": by.rule,
        "file": &*place.file, "line": place.line, "column": place.column
    })
}

/// One change of a verdict as JSON.
#[must_use]
pub fn change_json(view: &PolicyDiffView<'_>, change: &Change) -> Value {
    let callers = match &change.callers {
        Callers::Anyone => json!({"kind": "anyone", "text": change.callers.to_string()}),
        Callers::Plaintext => json!({"kind": "plaintext", "text": change.callers.to_string()}),
        Callers::Identities { workloads, .. } => {
            json!({"kind": "identities", "text": change.callers.to_string(), "workloads": workloads})
        }
        Callers::Workloads { workloads } => {
            json!({"kind": "workloads", "text": change.callers.to_string(), "workloads": workloads})
        }
    };
    let ports: Vec<Value> = change
        .ports
        .iter()
        .map(|port| {
            let number = (!port.is_any_other).then_some(port.port);
            json!({"namespace": port.namespace, "workload": port.workload, "port": number})
        })
        .collect();
    let attributes: serde_json::Map<String, Value> =
        change.requests.parts.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
    let responsible = change.responsible().map(|(side, by)| {
        let mut value = by_json(view, side, by);
        if let Value::Object(members) = &mut value {
            members.insert("side".to_owned(), json!(side.as_str()));
        }
        value
    });
    json!({
        "direction": change.direction().as_str(),
        "callers": callers,
        "ports": ports,
        "requests": {"text": change.requests.text, "parts": attributes},
        "before": answer_json(view, Side::Before, &change.before),
        "after": answer_json(view, Side::After, &change.after),
        "responsible": responsible,
        "witness": change.witness.scenario,
        "witnessAssumes": change.witness.assumes,
    })
}

fn object_json(object: &ObjectChange) -> Value {
    let fields = match &object.what {
        ObjectFate::Changed(fields) => fields
            .iter()
            .map(|field| json!({"path": field.path, "before": field.before, "after": field.after}))
            .collect::<Vec<_>>(),
        ObjectFate::Created | ObjectFate::Removed => Vec::new(),
    };
    let name = &object.name;
    json!({
        "kind": name.kind, "group": name.group, "namespace": name.namespace, "name": name.name,
        "change": object.what.as_str(), "fields": fields
    })
}

/// Writes a diff as one indented object. Fields are added, never renamed.
///
/// # Errors
/// When the writer fails.
pub fn policy_diff_json(out: &mut dyn Write, view: &PolicyDiffView<'_>) -> io::Result<()> {
    let diff = view.diff;
    let workloads: Vec<Value> = diff
        .workloads
        .iter()
        .map(|workload| json!({"kind": workload.kind, "name": workload.name, "side": workload.side.as_str()}))
        .collect();
    let inexact: Vec<Value> = diff.inexact.iter().map(|one| json!({"place": one.place, "why": one.why})).collect();
    let document = json!({
        "schemaVersion": "meshsec.dev/policy-diff/v1",
        "objects": view.objects.iter().map(object_json).collect::<Vec<_>>(),
        "changes": diff.changes.iter().map(|change| change_json(view, change)).collect::<Vec<_>>(),
        "workloads": workloads,
        "inexact": inexact,
        "summary": {
            "opened": diff.count(Direction::Opened),
            "closed": diff.count(Direction::Closed),
            "other": diff.count(Direction::Other),
            "objects": view.objects.len(),
            "workloads": diff.compared.workloads,
            "ports": diff.compared.ports,
        },
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*").replace('\n', " ")
}

/// Writes a diff as the comment on a pull request.
///
/// # Errors
/// When the writer fails.
pub fn policy_diff_markdown(out: &mut dyn Write, view: &PolicyDiffView<'_>) -> io::Result<()> {
    let diff = view.diff;
    if diff.changes.is_empty() {
        writeln!(out, "### No request gets another verdict\n")?;
    } else {
        writeln!(out, "### Requests that get another verdict: {}\n", counts(diff))?;
        writeln!(out, "| | Requests | From | To | Before | After | By |")?;
        writeln!(out, "|---|---|---|---|---|---|---|")?;
        for change in &diff.changes {
            let by = view.responsible(change).unwrap_or_default();
            let cells = [
                format!("**{}**", change.direction().as_str()),
                cell(&change.requests.text),
                cell(&change.callers.to_string()),
                cell(&ports(&change.ports)),
                cell(&answer(&change.before)),
                cell(&answer(&change.after)),
                cell(&by),
            ];
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
        writeln!(
            out,
            "\n<details><summary>One request of each, for <code>meshsec simulate request --request -</code></summary>\n"
        )?;
        writeln!(out, "```json")?;
        for change in &diff.changes {
            writeln!(out, "{}", change.witness.scenario)?;
        }
        writeln!(out, "```\n\n</details>\n")?;
    }
    for inexact in &diff.inexact {
        writeln!(out, "- :warning: not exact at {}: {}", cell(&inexact.place), cell(&inexact.why))?;
    }
    for workload in &diff.workloads {
        let what = match workload.side {
            Side::Before => "is gone",
            Side::After => "is new",
        };
        writeln!(out, "- {} `{}` {what}", workload.kind, workload.name)?;
    }
    if !view.objects.is_empty() {
        writeln!(out, "\n<details><summary>{} objects differ</summary>\n", view.objects.len())?;
        for object in view.objects {
            writeln!(out, "- **{}** `{}`", object.what.as_str(), object.name)?;
            if let ObjectFate::Changed(fields) = &object.what {
                for field in fields {
                    let side = |value_of: &Option<Value>| value_of.as_ref().map_or_else(|| "nothing".to_owned(), value);
                    writeln!(out, "  - `{}`: `{}` → `{}`", field.path, side(&field.before), side(&field.after))?;
                }
            }
        }
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}
