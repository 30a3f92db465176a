//! What is to be done to a cluster, in order, with reasons.

use std::io;
use std::io::Write;

use serde_json::Value;
use serde_json::json;

use crate::apply::Kept;
use crate::apply::Plan;
use crate::render::Style;

/// Writes the steps of a plan, and where no order is good.
///
/// # Errors
/// When the writer fails.
pub fn plan_text(out: &mut dyn Write, plan: &Plan, style: Style) -> io::Result<()> {
    if plan.steps.is_empty() {
        return writeln!(out, "nothing is to be done");
    }
    for (index, step) in plan.steps.iter().enumerate() {
        let change = &step.change;
        writeln!(out, "{:>3}  {:<9}  {}", index + 1, change.action.as_str(), change.key)?;
        writeln!(out, "     {}", style.faint(&step.reason))?;
        for (because, steps) in reasons(plan, index) {
            writeln!(out, "     {}", style.faint(&format!("after {steps}: {because}")))?;
        }
    }
    for gap in &plan.gaps {
        let between = format!("between step {} and step {}", gap.from + 1, gap.to + 1);
        writeln!(out, "{} {between}, {}; no order of these steps was found that avoids it", style.warning("warning:"), gap.what)?;
    }
    Ok(())
}

/// Each reason once, with the steps it names.
fn reasons(plan: &Plan, index: usize) -> Vec<(&'static str, String)> {
    let mut reasons: Vec<(&'static str, Vec<usize>)> = Vec::new();
    for after in plan.steps.get(index).into_iter().flat_map(|step| &step.after) {
        match reasons.iter_mut().find(|(because, _)| *because == after.because) {
            Some((_, steps)) => steps.push(after.step + 1),
            None => reasons.push((after.because, vec![after.step + 1])),
        }
    }
    reasons.into_iter().map(|(because, steps)| (because, listing(&steps))).collect()
}

/// `step 3`, `steps 1, 2 and 5`, or the first few and how many more.
fn listing(steps: &[usize]) -> String {
    const SHOWN: usize = 5;
    if let [one] = steps {
        format!("step {one}")
    } else {
        let shown: Vec<String> = steps.iter().take(SHOWN).map(ToString::to_string).collect();
        match steps.len().saturating_sub(SHOWN) {
            0 => format!("steps {}", shown.join(", ")),
            more => format!("steps {} and {more} more", shown.join(", ")),
        }
    }
}

/// The plan as JSON.
#[must_use]
pub fn plan_json(plan: &Plan, kept: &[Kept]) -> Value {
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| {
            let key = &step.change.key;
            let after: Vec<Value> =
                step.after.iter().map(|after| json!({ "step": after.step, "because": after.because })).collect();
            json!({
                "action": step.change.action.as_str(),
                "apiVersion": key.api_version,
                "kind": key.kind,
                "namespace": key.namespace,
                "name": key.name,
                "reason": step.reason,
                "after": after,
            })
        })
        .collect();
    let gaps: Vec<Value> = plan
        .gaps
        .iter()
        .map(|gap| json!({ "from": gap.from, "to": gap.to, "what": gap.what, "opensAHole": gap.is_hole }))
        .collect();
    let kept: Vec<Value> = kept.iter().map(|kept| json!({ "object": kept.key.to_string(), "why": kept.why })).collect();
    json!({ "schemaVersion": "meshsec.dev/policy-apply-plan/v1", "steps": steps, "gaps": gaps, "notPruned": kept })
}
