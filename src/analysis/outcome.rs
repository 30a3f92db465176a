//! What a comparison of two meshes says.

use std::fmt;

use serde_json::Value;

use crate::simulate::DecidedBy;
use crate::simulate::Decision;
use crate::simulate::Verdict;

/// The difference between two meshes, as far as requests feel it.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// Requests whose verdict differs, those that open something first.
    pub changes: Vec<Change>,
    /// Workloads that only one of the meshes has; nothing is said about requests to them.
    pub workloads: Vec<WorkloadChange>,
    /// Where the answer is not known to be complete.
    pub inexact: Vec<Inexact>,
    /// How much was compared.
    pub compared: Compared,
}

impl Diff {
    /// Whether no request gets another verdict, and that is certain.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.workloads.is_empty() && self.inexact.is_empty()
    }

    /// How many changes go into this direction.
    #[must_use]
    pub fn count(&self, direction: Direction) -> usize {
        self.changes.iter().filter(|change| change.direction() == direction).count()
    }
}

/// How much was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compared {
    /// Workloads that both meshes have.
    pub workloads: usize,
    /// Their ports, each workload's undeclared ports counted as one.
    pub ports: usize,
}

/// Requests of one form that get another verdict.
#[derive(Debug, Clone)]
pub struct Change {
    /// Who sends them.
    pub callers: Callers,
    /// Where they go: every port at which the same happens.
    pub ports: Vec<WorkloadPort>,
    /// What they look like.
    pub requests: Requests,
    /// The answer before.
    pub before: Answer,
    /// The answer after.
    pub after: Answer,
    /// One of them.
    pub witness: Witness,
}

impl Change {
    /// Whether something opens or closes.
    #[must_use]
    pub fn direction(&self) -> Direction {
        match (self.before.verdict, self.after.verdict) {
            (Verdict::Allowed, _) => Direction::Closed,
            (_, Verdict::Allowed) => Direction::Opened,
            _ => Direction::Other,
        }
    }

    /// Who is responsible: the rule that lets in or keeps out, on the side that has it.
    #[must_use]
    pub fn responsible(&self) -> Option<(Side, &DecidedBy)> {
        let rule = |answer: &Answer| answer.decided_by.as_ref().is_some_and(|by| by.rule.is_some());
        let (before, after) = (self.before.decided_by.as_ref(), self.after.decided_by.as_ref());
        let of_before = before.map(|by| (Side::Before, by));
        let of_after = after.map(|by| (Side::After, by));
        if rule(&self.before) && !rule(&self.after) { of_before.or(of_after) } else { of_after.or(of_before) }
    }
}

/// What a change means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Refused before, allowed after.
    Opened,
    /// Allowed before, refused after.
    Closed,
    /// Refused in another way.
    Other,
}

impl Direction {
    /// The word in every output format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Other => "other",
        }
    }
}

/// One of the two meshes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The one that was.
    Before,
    /// The one that is to be.
    After,
}

impl Side {
    /// The word in every output format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Callers {
    /// Anyone, in plaintext or with an identity of the mesh.
    Anyone,
    /// Anyone who sends plaintext, from outside of the mesh or from within.
    Plaintext,
    /// Identities of the mesh, over mutual TLS.
    Identities {
        /// In words: `shop/cart`, `namespace shop`, `any identity but shop/cart`.
        text: String,
        /// It is every one of them.
        is_all: bool,
        /// Known workloads among them, `namespace/name`.
        workloads: Vec<String>,
    },
    /// Workloads whose own proxies now speak otherwise to the destination than before.
    Workloads {
        /// Their names, `namespace/name`.
        workloads: Vec<String>,
    },
}

impl fmt::Display for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("anyone"),
            Self::Plaintext => f.write_str("anyone in plaintext"),
            Self::Identities { text, .. } => f.write_str(text),
            Self::Workloads { workloads } => f.write_str(&some_of(workloads, "workloads")),
        }
    }
}

/// `a`, `a and b`, or the first few and how many more there are.
pub(in crate::analysis) fn some_of(names: &[String], what: &str) -> String {
    const SHOWN: usize = 4;
    match names {
        [] => format!("no {what}"),
        [one] => one.clone(),
        few if few.len() <= SHOWN => {
            let (last, start) = few.split_last().map_or(("", &[][..]), |(last, start)| (last.as_str(), start));
            format!("{} and {last}", start.join(", "))
        }
        many => {
            let start: Vec<&str> = many.iter().take(SHOWN - 1).map(String::as_str).collect();
            format!("{} and {} more {what}", start.join(", "), many.len() - start.len())
        }
    }
}

/// A port of a workload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadPort {
    /// Namespace.
    pub namespace: String,
    /// Workload.
    pub workload: String,
    /// It stands for every port that nothing declares.
    pub is_any_other: bool,
    /// Its own port. Where [`is_any_other`](Self::is_any_other) holds, one of many.
    pub port: u16,
}

impl fmt::Display for WorkloadPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, workload, port, is_any_other } = self;
        if *is_any_other {
            write!(f, "{namespace}/{workload} (undeclared ports)")
        } else {
            write!(f, "{namespace}/{workload}:{port}")
        }
    }
}

/// What requests look like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requests {
    /// In one line: `POST /charge*`, `every request`, `every connection`.
    pub text: String,
    /// By attribute, what is not free: `method`, `path`, `host`, `header x-team`, `claim groups`, ..
    pub parts: Vec<(String, String)>,
}

/// The answer to the witness.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The verdict.
    pub verdict: Verdict,
    /// The status the caller sees, when it sees one.
    pub http_status: Option<u16>,
    /// The sentence that explains it.
    pub message: String,
    /// The object that decided.
    pub decided_by: Option<DecidedBy>,
}

impl From<&Decision> for Answer {
    fn from(decision: &Decision) -> Self {
        Self {
            verdict: decision.verdict,
            http_status: decision.http_status,
            message: decision.message.as_ref().to_owned(),
            decided_by: decision.decided_by.clone(),
        }
    }
}

/// One request, put to both meshes by the simulator, which confirmed both answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The scenario, as `simulate request --request` reads it.
    pub scenario: Value,
    /// What was put in place of something that is not known here; `None` when nothing was.
    pub assumes: Option<String>,
}

/// A workload that only one of the meshes has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkloadChange {
    /// Kind of its object.
    pub kind: String,
    /// `namespace/name`.
    pub name: String,
    /// The mesh that has it.
    pub side: Side,
}

/// A place where there may be more differences than those listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inexact {
    /// Where: a workload port, or the whole mesh.
    pub place: String,
    /// Why, in one sentence.
    pub why: String,
}
