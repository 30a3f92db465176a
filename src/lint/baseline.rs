//! Findings that were there before: `meshsec-baseline.json`.
//!
//! An entry is a fingerprint (code, object, path without indices, value) with how often it may occur, so that moved lines and reordered rules
//! do not bring a finding back, and one more of the same does.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::diag::Severity;
use crate::lint::Report;
use crate::lint::Suppressed;

/// The content of a baseline file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Baseline {
    /// `meshsec.dev/baseline/v1`
    pub schema_version: String,
    /// By fingerprint.
    pub findings: BTreeMap<String, Entry>,
}

/// One known finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Entry {
    /// The rule's code.
    pub code: String,
    /// `Kind namespace/name`.
    pub object: String,
    /// The path of the value.
    pub path: String,
    /// How often it may occur.
    pub count: usize,
}

/// The version this program writes and reads.
pub const SCHEMA_VERSION: &str = "meshsec.dev/baseline/v1";

impl Baseline {
    /// Everything a report holds that counts, information aside.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut findings: BTreeMap<String, Entry> = BTreeMap::new();
        for reported in report.active().filter(|reported| reported.finding.severity > Severity::Info) {
            let object = reported.object.as_ref();
            let entry = findings.entry(reported.fingerprint.clone()).or_insert_with(|| Entry {
                code: reported.rule.code.0.to_owned(),
                object: object.map(|object| format!("{} {}/{}", object.kind, object.namespace, object.name)).unwrap_or_default(),
                path: reported.path.clone(),
                count: 0,
            });
            entry.count += 1;
        }
        Self { schema_version: SCHEMA_VERSION.to_owned(), findings }
    }

    /// Marks what is known, and returns the entries that are found no more (or less often).
    pub fn apply(&self, report: &mut Report) -> Vec<Entry> {
        let mut left: BTreeMap<&str, usize> =
            self.findings.iter().map(|(fingerprint, entry)| (fingerprint.as_str(), entry.count)).collect();
        for reported in report.findings.iter_mut().filter(|reported| reported.suppressed.is_none()) {
            if let Some(count) = left.get_mut(reported.fingerprint.as_str()).filter(|count| **count > 0) {
                *count -= 1;
                reported.suppressed = Some(Suppressed::Baseline);
            }
        }
        self.findings
            .iter()
            .filter_map(|(fingerprint, entry)| {
                let count = left.get(fingerprint.as_str()).copied().filter(|count| *count > 0)?;
                Some(Entry { count, ..entry.clone() })
            })
            .collect()
    }
}
