use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Labels;

/// `selector`: the labels a workload must carry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// `matchLabels`; empty when absent.
    pub match_labels: Labels,
    /// Where the selector stands.
    pub place: Place,
}

/// One entry of `targetRefs`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetRef {
    /// API group; empty for the core group.
    pub group: Option<Spanned<String>>,
    /// Kind, compared exactly.
    pub kind: Spanned<String>,
    /// Name of the object.
    pub name: Spanned<String>,
    /// Namespace; admission refuses it.
    pub namespace: Option<Spanned<String>>,
    /// Where the entry stands.
    pub place: Place,
}

/// A place that takes no part in comparison.
pub type Place = Spanned<()>;

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self::new((), span)
    }
}
