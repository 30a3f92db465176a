//! What admission says about an object, as findings under the rules that stand for its causes.

use crate::admission::Cause;
use crate::admission::Refusal;
use crate::admission::Verdict;
use crate::admission::Warning;
use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::rules;
use crate::manifest;

/// Mistakes of reading that admission reports itself, better, for the kinds it judges.
const TOLD_BY_ADMISSION: &[Code] =
    &[manifest::codes::UNKNOWN_FIELD, manifest::codes::WRONG_TYPE, manifest::codes::MISSING_FIELD, manifest::codes::BAD_VALUE];

/// Rules about the form of a value, whatever it means.
const FORM: &[&str] = &["MS006", "MS007", "MS028", "MS029", "MS303"];

/// Whether a mistake of reading is told by admission when that refuses the object.
#[must_use]
pub fn is_told_by_admission(code: Code) -> bool {
    TOLD_BY_ADMISSION.contains(&code)
}

/// What admission says, under the rules that stand for its causes.
#[must_use]
pub fn findings(verdict: &Verdict) -> Vec<Finding> {
    let api_server = verdict.api_server.iter().map(|refusal| (refusal, Gates::API_SERVER));
    let as_written = verdict.istiod.iter().map(|refusal| (refusal, Gates::AS_WRITTEN));
    let left = verdict.refusals_by_istiod().iter().map(|refusal| (refusal, Gates::ISTIOD));
    let mut told: Vec<(Finding, Gates)> = Vec::new();
    for (refusal, gate) in api_server.chain(as_written).chain(left) {
        let finding = of_refusal(refusal);
        // One value, one mistake: what one gate says of its form gives way to what another says of its meaning.
        if let Some((known, gates)) = told.iter_mut().find(|(known, _)| known.primary == finding.primary)
            && (FORM.contains(&known.code.0) || FORM.contains(&finding.code.0))
        {
            gates.add(gate);
            if FORM.contains(&known.code.0) {
                *known = finding;
            }
            continue;
        }
        let same = told.iter_mut().find(|(known, _)| known.code == finding.code && known.primary == finding.primary);
        match same {
            Some((_, gates)) => gates.add(gate),
            None => told.push((finding, gate)),
        }
    }
    let mut findings: Vec<Finding> = told.into_iter().map(|(finding, gates)| gates.note(finding)).collect();
    findings.extend(verdict.client_warnings().iter().map(of_warning));
    findings
}

/// Who refuses.
#[derive(Debug, Clone, Copy, Default)]
struct Gates {
    api_server: bool,
    /// istiod, of what the API server left.
    istiod: bool,
    /// istiod, of what was written, as offline tools ask it.
    as_written: bool,
}

impl Gates {
    const API_SERVER: Self = Self { api_server: true, istiod: false, as_written: false };
    const ISTIOD: Self = Self { api_server: false, istiod: true, as_written: false };
    const AS_WRITTEN: Self = Self { api_server: false, istiod: false, as_written: true };

    fn add(&mut self, other: Self) {
        self.api_server |= other.api_server;
        self.istiod |= other.istiod;
        self.as_written |= other.as_written;
    }

    fn note(self, mut finding: Finding) -> Finding {
        if !self.api_server && !self.istiod {
            // What `kubectl apply` accepts is no error.
            finding.severity = Severity::Warning;
        }
        finding.with_note(match (self.api_server, self.istiod, self.as_written) {
            (true, false, false) => "the API server refuses the object; istiod alone would take it",
            (true, ..) => "the API server and istiod refuse the object",
            (false, true, _) => "istiod refuses the object",
            (false, false, _) => "tools that check offline refuse the object; the API server drops this before istiod is asked",
        })
    }
}

/// A warning of istiod; where its words mislead, in others, and with them as a note.
fn of_warning(warning: &Warning) -> Finding {
    let finding = |headline: &str| Finding::new(rules::of_cause(warning.cause).code, Severity::Warning, headline, warning.span);
    let told = format!("istiod accepts the object and warns: {}", warning.text);
    if warning.cause == Cause::DenyHttpOnlyRule {
        return finding("this rule denies every TCP connection: nothing it looks at exists in TCP")
            .with_label("what is left of it on a TCP port matches everything")
            .with_help("add the HTTP ports it is meant for: `ports` in every `operation`")
            .with_note(told);
    }
    if warning.cause == Cause::SelectorWithoutLabels {
        return finding("a selector without labels selects the whole namespace")
            .with_help("remove it if that is meant, or write the labels of the workloads")
            .with_note(told);
    }
    finding(&warning.text).with_note("istiod accepts the object with this warning")
}

fn of_refusal(refusal: &Refusal) -> Finding {
    let rule = rules::of_cause(refusal.cause);
    let mut finding = Finding::new(rule.code, Severity::Error, refusal.message.clone(), refusal.span);
    finding.help.clone_from(&refusal.help);
    finding
}
