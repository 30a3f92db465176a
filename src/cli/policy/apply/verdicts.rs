//! What requests feel of a change: which verdicts differ, and whether what is expected holds.

use jiff::Timestamp;

use crate::analysis;
use crate::analysis::Change;
use crate::analysis::Diff;
use crate::apply::Suite;
use crate::cli::error::Error;
use crate::cli::manifests::read_text;
use crate::cli::simulate::broken_expectation;
use crate::cli::simulate::files::FileCache;
use crate::cli::simulate::question;
use crate::diag::SourceMap;
use crate::mesh::Mesh;
use crate::simulate::DecidedBy;
use crate::simulate::Decision;
use crate::simulate::Detail;
use crate::simulate::KeySets;
use crate::simulate::Setting;
use crate::simulate::Simulator;

/// Scenarios of `--expect`, with the name of their file.
pub(super) struct Expectations {
    suite: Suite,
    file: String,
}

/// A scenario that does not end as expected.
pub(super) struct Broken {
    /// `flows.yaml:3 (name)`
    pub(super) scenario: String,
    /// In words.
    pub(super) why: String,
}

impl Expectations {
    pub(super) fn read(file: &str) -> Result<Self, Error> {
        let suite = Suite::parse(&read_text(file)?).map_err(|error| {
            let help = "give a YAML list of scenarios, or one JSON object per line, each with `expect`".to_owned();
            Error::question(format!("`{file}` is no suite: {error}"), help)
        })?;
        Ok(Self { suite, file: file.to_owned() })
    }

    pub(super) fn len(&self) -> usize {
        self.suite.scenarios.len()
    }

    /// The answers of a mesh, in order.
    pub(super) fn ask(&self, mesh: &Mesh, sources: &SourceMap, namespace: &str, now: Timestamp) -> Result<Vec<Decision>, Error> {
        let setting = Setting {
            mesh,
            default_namespace: Some(namespace),
            now,
            keys: KeySets::default(),
            certificate_defect: None,
            detail: Detail::Verdict,
        };
        let mut simulator = Simulator::new(setting);
        let mut files = FileCache::beside(&self.file);
        let mut answer = |(number, scenario): &(usize, crate::simulate::scenario::Scenario<'static>)| {
            simulator.answer(scenario, &mut files).map_err(|error| {
                let mut error = question(&error, false, sources);
                if let Error::Question { message, .. } = &mut error {
                    *message = format!("`{}`, scenario {number}: {message}", self.file);
                }
                error
            })
        };
        self.suite.scenarios.iter().map(&mut answer).collect()
    }

    /// Which scenarios do not end as expected.
    pub(super) fn broken(&self, decisions: &[Decision]) -> Vec<Broken> {
        let pairs = self.suite.scenarios.iter().zip(decisions);
        let broken = pairs.filter_map(|((number, scenario), decision)| {
            let why = broken_expectation(scenario.expect.as_ref()?, decision)?;
            let name = decision.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
            Some(Broken { scenario: format!("{}, scenario {number}{name}", self.file), why })
        });
        broken.collect()
    }
}

/// For each difference, whether a scenario speaks of it.
///
/// A scenario speaks of a difference when it is about the same port, the same objects decide about it on both sides, and its verdict
/// changes in the same way.
pub(super) fn are_expected(diff: &Diff, before: &[Decision], after: &[Decision]) -> Vec<bool> {
    let is_told = |change: &Change| {
        before.iter().zip(after).any(|(old, new)| {
            let is_same_verdict = old.verdict == change.before.verdict && new.verdict == change.after.verdict;
            let is_same_port = change.ports.iter().any(|port| {
                new.connection.port == port.port && new.connection.destination == format!("{}/{}", port.namespace, port.workload)
            });
            let is_same_rule = is_same(old.decided_by.as_ref(), change.before.decided_by.as_ref())
                && is_same(new.decided_by.as_ref(), change.after.decided_by.as_ref());
            is_same_verdict && is_same_port && is_same_rule
        })
    };
    diff.changes.iter().map(is_told).collect()
}

fn is_same(one: Option<&DecidedBy>, other: Option<&DecidedBy>) -> bool {
    let name = |by: &DecidedBy| (by.kind, by.namespace.clone(), by.name.clone(), by.rule);
    one.map(name) == other.map(name)
}

/// Every difference between two meshes.
pub(super) fn difference(before: &Mesh, after: &Mesh, now: Timestamp) -> Diff {
    analysis::diff(before, after, now)
}
