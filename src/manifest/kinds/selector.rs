use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;

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

impl Selector {
    /// `selector: {matchLabels}`.
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let match_labels = fields.labels(decoder, "matchLabels");
        Self::finish(match_labels, fields, decoder)
    }

    /// `workloadSelector: {labels}`, the form of `ServiceEntry` and Sidecar.
    pub(in crate::manifest) fn decode_workload(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let match_labels = fields.labels(decoder, "labels");
        Self::finish(match_labels, fields, decoder)
    }

    fn finish(match_labels: Labels, fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let place = fields.place();
        fields.finish(decoder);
        Self { match_labels, place }
    }
}

impl TargetRef {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let target = Self {
            group: fields.string(decoder, "group"),
            kind: fields.required_string(decoder, "kind"),
            name: fields.required_string(decoder, "name"),
            namespace: fields.string(decoder, "namespace"),
            place: fields.place(),
        };
        fields.finish(decoder);
        target
    }
}
