use crate::admission::Cause;
use crate::admission::api_server::definition::grammar;
use crate::admission::api_server::schema::AtMostOne;
use crate::admission::api_server::schema::Grammar;
use crate::admission::api_server::schema::List;
use crate::admission::api_server::schema::Map;
use crate::admission::api_server::schema::Object;
use crate::admission::api_server::schema::Required;
use crate::admission::api_server::schema::Schema;
use crate::admission::api_server::schema::TEXT;
use crate::admission::api_server::schema::Text;
use crate::admission::api_server::schema::list;
use crate::admission::api_server::schema::object;

/// `selector`, `workloadSelector`.
pub(super) const SELECTOR: Schema = object(&[("matchLabels", MATCH_LABELS)]);

const MATCH_LABELS: Schema = Schema::Map(Map {
    values: &Schema::Text(Text {
        at_most: 63,
        wrong_length: Cause::LabelValueTooLong,
        grammar: &[Grammar {
            allows: grammar::has_no_star,
            cause: Cause::SelectorWildcard,
            problem: "has a wildcard, which selectors do not know",
            help: "labels are compared literally: select by a label that the workloads have in common",
        }],
        ..Text::ANY
    }),
    at_least: 0,
    at_most: 4096,
    too_few: Cause::SelectorEmptyKey,
    keys: &[
        Grammar {
            allows: grammar::has_no_star,
            cause: Cause::SelectorWildcard,
            problem: "has a wildcard, which selectors do not know",
            help: "label keys are compared literally: write the whole key",
        },
        Grammar {
            allows: grammar::is_not_empty,
            cause: Cause::SelectorEmptyKey,
            problem: "is no label key",
            help: "write the key of the label, for example `app`",
        },
    ],
});

/// `targetRef`, and an item of `targetRefs`.
pub(super) const TARGET: Schema = Schema::Object(Object {
    fields: &[
        (
            "group",
            Schema::Text(Text {
                at_most: 253,
                wrong_length: Cause::TargetKindNotAllowed,
                grammar: &[Grammar {
                    allows: grammar::is_group,
                    cause: Cause::TargetKindNotAllowed,
                    problem: "is no API group",
                    help: "write the group without a version, for example `gateway.networking.k8s.io`, or `\"\"` for a Service",
                }],
                ..Text::ANY
            }),
        ),
        (
            "kind",
            Schema::Text(Text {
                at_least: 1,
                at_most: 63,
                wrong_length: Cause::TargetKindNotAllowed,
                grammar: &[Grammar {
                    allows: grammar::is_kind,
                    cause: Cause::TargetKindNotAllowed,
                    problem: "is no kind",
                    help: "write the kind as manifests do, for example `Gateway` or `Service`",
                }],
            }),
        ),
        ("name", Schema::Text(Text { at_least: 1, at_most: 253, wrong_length: Cause::TargetNameEmpty, ..Text::ANY })),
        (
            "namespace",
            Schema::Text(Text {
                grammar: &[Grammar {
                    allows: grammar::is_empty,
                    cause: Cause::TargetNamespaceSet,
                    problem: "is a namespace, and a target cannot be in another one than the policy",
                    help: "remove `namespace`, and put the policy where its target is",
                }],
                ..Text::ANY
            }),
        ),
    ],
    required: &[
        Required { field: "kind", cause: Cause::TargetKindNotAllowed },
        Required { field: "name", cause: Cause::TargetNameEmpty },
    ],
    ..Object::EMPTY
});

/// `targetRefs`.
pub(super) const TARGETS: Schema = Schema::List(List { items: &TARGET, at_most: 16 });

/// A policy attaches by labels or to targets.
pub(super) const ONE_ATTACHMENT: AtMostOne = AtMostOne {
    of: &["selector", "targetRef", "targetRefs"],
    cause: Cause::SelectorAndTarget,
    help: "keep one of them: labels address sidecars, targets address gateways and waypoints. Write two policies for both",
};

/// `status`, which is not the user's to write. Only its known fields have fields that are known or not.
pub(in crate::admission::api_server) static STATUS: &[(&str, Schema)] = &[
    (
        "conditions",
        list(&object(&[
            ("lastProbeTime", TEXT),
            ("lastTransitionTime", TEXT),
            ("message", TEXT),
            ("observedGeneration", Schema::IntegerOrText),
            ("reason", TEXT),
            ("status", TEXT),
            ("type", TEXT),
        ])),
    ),
    ("observedGeneration", Schema::IntegerOrText),
    (
        "validationMessages",
        list(&object(&[("documentationUrl", TEXT), ("level", TEXT), ("type", object(&[("code", TEXT), ("name", TEXT)]))])),
    ),
];
