//! Recorded answers of the real gates.

use serde::Deserialize;
use std::fmt::Write;

use super::judge;
use crate::diag::SourceId;
use crate::manifest::yaml;

/// One document with what the real gates said about it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    yaml: String,
    accepted: bool,
    accepted_by_api_server: bool,
    accepted_by_istiod: bool,
    warnings: Vec<String>,
    #[serde(default)]
    api_server_message: String,
    #[serde(default)]
    istiod_message: String,
    #[serde(default)]
    later_message: String,
}

/// What this program says, in the same terms; `None` for a kind that is not judged.
fn answers(text: &str) -> Option<(bool, bool, bool, Vec<String>, String)> {
    let mut documents = yaml::documents(SourceId::default(), text);
    let Some(root) = documents.next().and_then(|parsed| parsed.root) else {
        return Some((false, false, false, Vec::new(), "no tree".to_owned()));
    };
    let verdict = judge(&root, "default")?;
    let mut why = String::new();
    for (gate, refusals) in [("api server", &verdict.api_server), ("istiod", &verdict.istiod)] {
        for refusal in refusals {
            writeln!(why, "  {gate}: {} {:?}: {}", refusal.path, refusal.cause, refusal.message).unwrap();
        }
    }
    let warnings = verdict.client_warnings().iter().map(|warning| warning.text.clone()).collect();
    Some((verdict.is_accepted(), verdict.is_accepted_by_api_server(), verdict.is_accepted_by_istiod(), warnings, why))
}

/// Each disagreement in words.
fn disagreements(recorded: &str, is_istiod_done: bool) -> Vec<String> {
    let mut found = Vec::new();
    for line in recorded.lines() {
        let theirs: Recorded = serde_json::from_str(line).unwrap();
        let Some((accepted, by_api_server, by_istiod, warnings, why)) = answers(&theirs.yaml) else {
            if theirs.accepted {
                found.push(format!("{}not judged", theirs.yaml));
            }
            continue;
        };
        let mut differences = Vec::new();
        if by_api_server != theirs.accepted_by_api_server {
            differences.push(format!("API server: {by_api_server}, real: {}", theirs.accepted_by_api_server));
        }
        if is_istiod_done && by_istiod != theirs.accepted_by_istiod {
            differences.push(format!("istiod: {by_istiod}, real: {}", theirs.accepted_by_istiod));
        }
        if is_istiod_done && accepted != theirs.accepted {
            differences.push(format!("both: {accepted}, real: {}", theirs.accepted));
        }
        if is_istiod_done && warnings != theirs.warnings {
            differences.push(format!("warnings: {warnings:?}, real: {:?}", theirs.warnings));
        }
        if !differences.is_empty() {
            found.push(format!(
                "{}\n{}\nreal: {}\nreal istiod: {}{}\nours:\n{why}",
                theirs.yaml,
                differences.join("\n"),
                theirs.api_server_message,
                theirs.istiod_message,
                theirs.later_message,
            ));
        }
    }
    found
}

/// Compares with a file of answers that `oracle admission generate` wrote; `MESHSEC_ADMISSION_FILE` names it.
#[test]
#[expect(clippy::disallowed_methods, reason = "a file of recorded answers, named by whoever runs the test")]
fn a_generated_file_of_answers_agrees() {
    let Ok(path) = std::env::var("MESHSEC_ADMISSION_FILE") else {
        println!("SKIPPED a_generated_file_of_answers_agrees: MESHSEC_ADMISSION_FILE names no file");
        return;
    };
    let recorded = std::fs::read_to_string(path).unwrap();
    let found = disagreements(&recorded, std::env::var("MESHSEC_ADMISSION_API_ONLY").is_err());
    let shown = found.iter().take(12).cloned().collect::<Vec<_>>().join("\n----\n");
    assert!(found.is_empty(), "{} of {} differ\n{shown}", found.len(), recorded.lines().count());
}
