use std::collections::BTreeMap;

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Rule;

/// What a check of manifests found.
#[derive(Debug, Default)]
pub struct Report {
    /// Every object in reading order, with what admission says.
    pub documents: Vec<JudgedDocument>,
    /// Every finding, by place; those that do not count are marked.
    pub findings: Vec<Reported>,
    /// What was not given, and how many findings depend on it.
    pub missing: BTreeMap<String, usize>,
    /// What was looked at.
    pub counts: Counts,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Sources that are no live objects.
    pub files: usize,
    /// Live objects.
    pub live: usize,
    /// Objects.
    pub documents: usize,
    /// Objects that admission judges.
    pub policies: usize,
    /// Workloads of the mesh.
    pub workloads: usize,
}

/// One object and whether `kubectl apply` would go through.
#[derive(Debug, Clone)]
pub struct JudgedDocument {
    /// Which object.
    pub object: ObjectName,
    /// Where it starts.
    pub place: Span,
    /// Both gates accept; `None` for kinds that are not judged.
    pub accepted: Option<bool>,
    /// istiod's webhook accepts; `None` for kinds that are not judged.
    pub accepted_by_istiod: Option<bool>,
    /// istiod's warnings, as the client sees them.
    pub warnings: Vec<String>,
}

/// Kind, namespace and name of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ObjectName {
    /// The kind; empty when it cannot be seen.
    pub kind: String,
    /// The namespace it lands in; empty for kinds without.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// A finding with what became of it.
#[derive(Debug)]
pub struct Reported {
    /// The rule.
    pub rule: &'static Rule,
    /// The finding, at the level the user wants.
    pub finding: Finding,
    /// The object it is about, when it stands in one.
    pub object: Option<ObjectName>,
    /// The path of the value it points at, without list indices: `spec.rules.from.source.principals`.
    pub path: String,
    /// Names the finding over time: moving lines and reordering rules do not change it.
    pub fingerprint: String,
    /// Why it does not count, when it does not.
    pub suppressed: Option<Suppressed>,
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suppressed {
    /// A comment or annotation of the user, with the reason given.
    InSource {
        /// Why.
        reason: String,
    },
    /// An annotation for another program, which the user wants honoured.
    ByPeer {
        /// The annotation, and the code it names.
        reason: String,
    },
    /// It stands in the baseline.
    Baseline,
}

impl Report {
    /// The findings that count.
    pub fn active(&self) -> impl Iterator<Item = &Reported> {
        self.findings.iter().filter(|reported| reported.suppressed.is_none())
    }

    /// How many findings that count have a level.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.active().filter(|reported| reported.finding.severity == severity).count()
    }

    /// How many findings the user has suppressed in the source.
    #[must_use]
    pub fn suppressed(&self) -> usize {
        let is_so = |reported: &&Reported| matches!(reported.suppressed, Some(Suppressed::InSource { .. }));
        self.findings.iter().filter(is_so).count()
    }

    /// How many findings annotations for other programs have suppressed.
    #[must_use]
    pub fn suppressed_by_peers(&self) -> usize {
        let is_so = |reported: &&Reported| matches!(reported.suppressed, Some(Suppressed::ByPeer { .. }));
        self.findings.iter().filter(is_so).count()
    }

    /// How many findings stand in the baseline.
    #[must_use]
    pub fn in_baseline(&self) -> usize {
        self.findings.iter().filter(|reported| reported.suppressed == Some(Suppressed::Baseline)).count()
    }

    /// The highest level among the findings that count.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.active().map(|reported| reported.finding.severity).max()
    }
}
