//! What admission says about an object, as findings under the rules that stand for its causes.

use crate::admission::Refusal;
use crate::admission::Verdict;
use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::rules;
use crate::manifest;

/// Mistakes of reading that admission reports itself, better, for the kinds it judges.
const TOLD_BY_ADMISSION: &[Code] = &[
    manifest::codes::UNKNOWN_FIELD,
    manifest::codes::WRONG_TYPE,
    manifest::codes::MISSING_FIELD,
    manifest::codes::BAD_VALUE,
    manifest::codes::DUPLICATE_KEY,
];

/// Whether a mistake of reading is told by admission when that refuses the object.
#[must_use]
pub fn is_told_by_admission(code: Code) -> bool {
    TOLD_BY_ADMISSION.contains(&code)
}

/// What admission says, under the rules that stand for its causes.
#[must_use]
pub fn findings(verdict: &Verdict) -> Vec<Finding> {
    let mut findings: Vec<(Finding, bool, bool)> = Vec::new();
    let refusals = verdict.api_server.iter().map(|refusal| (refusal, true));
    for (refusal, by_api_server) in refusals.chain(verdict.istiod.iter().map(|refusal| (refusal, false))) {
        let finding = of_refusal(refusal);
        let same = findings.iter_mut().find(|(known, ..)| known.code == finding.code && known.primary == finding.primary);
        match same {
            Some((_, api_server, istiod)) => {
                *api_server |= by_api_server;
                *istiod |= !by_api_server;
            }
            None => findings.push((finding, by_api_server, !by_api_server)),
        }
    }
    let mut findings: Vec<Finding> = findings
        .into_iter()
        .map(|(finding, api_server, istiod)| {
            finding.with_note(match (api_server, istiod) {
                (true, true) => "the API server and istiod refuse the object",
                (true, false) => "the API server refuses the object; istiod alone would take it",
                _ => "istiod refuses the object",
            })
        })
        .collect();
    findings.extend(verdict.warnings.iter().map(|warning| {
        let rule = rules::of_cause(warning.cause);
        Finding::new(rule.code, Severity::Warning, warning.text.clone(), warning.span)
            .with_note("istiod accepts the object with this warning")
    }));
    findings
}

fn of_refusal(refusal: &Refusal) -> Finding {
    let rule = rules::of_cause(refusal.cause);
    let mut finding = Finding::new(rule.code, Severity::Error, refusal.message.clone(), refusal.span);
    finding.help.clone_from(&refusal.help);
    finding
}
