use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::DocumentView;
use crate::lint::MeshView;

/// One kind of finding: what it is called, what it means, and how it is found.
#[derive(Debug)]
pub struct Rule {
    /// Such as `MS104`; never used again for something else.
    pub code: Code,
    /// The thing found, such as `principal-with-spiffe-scheme`.
    pub name: &'static str,
    /// Level unless the user says otherwise.
    pub severity: Severity,
    /// Who else reports it: `istiod`, `istiod-warn`, `api` (the API server), codes of `istioctl analyze` and Kiali. Empty: nobody.
    pub peers: &'static [&'static str],
    /// What must be given for it to be evaluated.
    pub needs: Needs,
    /// One sentence: what it finds.
    pub finds: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Manifests in which it is found: exactly this rule and no other error or warning.
    pub example: &'static str,
    /// Manifests as they should be: nothing is found.
    pub instead: &'static str,
    /// Where the behaviour is described.
    pub specification: &'static str,
    /// How it is found.
    pub check: Check,
}

/// How a rule finds.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// The API server or istiod refuses an object, or istiod warns, for one of these causes.
    Admission(&'static [Cause]),
    /// The reader of manifests or the mesh says so under the rule's code; or the check itself does (suppressions).
    Told,
    /// Looks at one object.
    Document(fn(&DocumentView<'_>, &mut Vec<Finding>)),
    /// Looks at everything together.
    Mesh(fn(&MeshView<'_>, &mut Vec<Finding>)),
}

/// What a rule needs beside the object it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Nothing.
    Document,
    /// The other manifests of the run.
    Manifests,
    /// The mesh configuration, or flags or version of istiod.
    MeshConfiguration,
    /// Namespaces, workloads, services, secrets.
    Inventory,
}

impl Needs {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Document => "one document",
            Self::Manifests => "the other manifests",
            Self::MeshConfiguration => "the mesh configuration",
            Self::Inventory => "workloads, services and namespaces",
        }
    }
}

impl Rule {
    /// A finding of this rule.
    #[must_use]
    pub fn at(&self, span: Span, headline: impl Into<String>) -> Finding {
        Finding::new(self.code, self.severity, headline, span)
    }
}
