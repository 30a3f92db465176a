use std::collections::BTreeSet;
use std::fmt;

/// Objects that may be there, and were not read: what an answer says holds only if they change nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// API group; empty for the core one.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// The namespace they are in; `None` for all but `except`.
    pub namespace: Option<String>,
    /// Namespaces whose objects were read all the same.
    pub except: BTreeSet<String>,
    /// The object, when it is about one.
    pub name: Option<String>,
    /// Why.
    pub why: String,
}

impl Unread {
    /// Whether objects of this namespace may be missing.
    #[must_use]
    pub fn concerns(&self, namespace: &str) -> bool {
        match &self.namespace {
            Some(unread) => unread == namespace,
            None => !self.except.contains(namespace),
        }
    }
}

impl fmt::Display for Unread {
    /// What was not read, without the reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => write!(f, "{} {namespace}/{name}", self.kind),
            (None, Some(name)) => write!(f, "{} {name}", self.kind),
            (Some(namespace), None) => write!(f, "{} objects of namespace `{namespace}`", self.kind),
            (None, None) if self.except.is_empty() => write!(f, "{} objects", self.kind),
            (None, None) => {
                let read: Vec<String> = self.except.iter().map(|namespace| format!("`{namespace}`")).collect();
                write!(f, "{} objects outside of {}", self.kind, read.join(", "))
            }
        }
    }
}
