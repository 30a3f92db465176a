use jiff::Timestamp;

use crate::diag::Spanned;
use crate::manifest::Header;
use crate::manifest::Labels;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;

/// The fields of `metadata` that are not looked at.
const METADATA_FIELDS: &[&str] = &[
    "clusterName",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Takes `metadata` of an object into its header.
pub(super) fn metadata(header: &mut Header, fields: &mut Fields<'_>, decoder: &mut Decoder) {
    // The installer takes its input file without a name; it never reaches an API server.
    let is_nameless = header.kind.value == "IstioOperator";
    let metadata = if is_nameless { fields.fields(decoder, "metadata") } else { fields.required_fields(decoder, "metadata") };
    let Some(mut metadata) = metadata else { return };
    metadata.ignore(METADATA_FIELDS);
    let prefix = metadata.string(decoder, "generateName");
    header.name = if prefix.is_some() || is_nameless {
        metadata.string(decoder, "name").or(prefix).unwrap_or_default()
    } else {
        metadata.required_string(decoder, "name")
    };
    header.namespace = metadata.string(decoder, "namespace").filter(|namespace| !namespace.value.is_empty());
    header.labels = metadata.labels(decoder, "labels");
    header.annotations = metadata.labels(decoder, "annotations");
    header.creation_timestamp = metadata.string(decoder, "creationTimestamp").and_then(|written| timestamp(&written, decoder));
    metadata.finish(decoder);
}

/// Takes labels and annotations out of the `metadata` of a pod template.
pub(super) fn template_metadata(fields: &mut Fields<'_>, decoder: &mut Decoder) -> (Labels, Labels) {
    let Some(mut metadata) = fields.fields(decoder, "metadata") else { return (Labels::new(), Labels::new()) };
    metadata.ignore(METADATA_FIELDS);
    metadata.ignore(&["name", "generateName", "namespace", "creationTimestamp"]);
    let labels = metadata.labels(decoder, "labels");
    let annotations = metadata.labels(decoder, "annotations");
    metadata.finish(decoder);
    (labels, annotations)
}

fn timestamp(written: &Spanned<String>, decoder: &mut Decoder) -> Option<Timestamp> {
    let parsed = written.value.parse().ok();
    if parsed.is_none() {
        let headline = format!("`creationTimestamp` cannot be `{}`", written.value);
        decoder.bad_value(headline, written.span, "write a time such as `2023-05-01T00:00:00Z`");
    }
    parsed
}
