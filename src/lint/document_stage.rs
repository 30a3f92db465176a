//! What can be said of one source alone: syntax, admission, and the rules about single objects.

use std::cell::OnceCell;

use crate::admission;
use crate::admission::Verdict;
use crate::diag::Finding;
use crate::diag::SourceId;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::JudgedDocument;
use crate::lint::ObjectName;
use crate::lint::Options;
use crate::lint::RULES;
use crate::lint::Raw;
use crate::lint::admitted;
use crate::lint::place::Place;
use crate::lint::place::Places;
use crate::lint::repairs;
use crate::lint::rules;
use crate::lint::suppression;
use crate::manifest;
use crate::manifest::Body;
use crate::manifest::Document;
use crate::manifest::ReadObject;

/// What was read and found in one source.
#[derive(Debug, Default)]
pub struct SourceReport {
    /// It is an object in force.
    pub(super) is_live: bool,
    pub(super) judged: Vec<JudgedDocument>,
    /// How many of them admission judges.
    pub(super) policies: usize,
    /// Objects for the mesh: typed, and refused by no gate.
    pub(super) documents: Vec<Document>,
    pub(super) raw: Vec<Raw>,
    pub(super) findings: Vec<Finding>,
    /// Where each of them points.
    pub(super) places: Vec<Place>,
    pub(super) suppressions: Vec<suppression::Written>,
}

/// Kinds that live in no namespace.
const CLUSTER_SCOPED: &[&str] = &[
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "GatewayClass",
    "MutatingWebhookConfiguration",
    "PersistentVolume",
    "ValidatingWebhookConfiguration",
];

pub(super) fn run(id: SourceId, text: &str, is_live: bool, options: &Options<'_>) -> SourceReport {
    let mut report = SourceReport { is_live, suppressions: suppression::comments(id, text), ..SourceReport::default() };
    let default_namespace = options.mesh.default_namespace.as_deref().unwrap_or("default");
    let source = Source { text, is_live, default_namespace };
    manifest::objects(id, text, &mut |object| one(object, &source, options, &mut report));
    let places = Places::new(id, text);
    report.places = report.findings.iter().map(|finding| places.of(finding)).collect();
    report
}

/// Where an object is from.
struct Source<'s> {
    text: &'s str,
    /// It is in force: no gate keeps it out of the mesh any more.
    is_live: bool,
    default_namespace: &'s str,
}

fn one(object: ReadObject<'_>, source: &Source<'_>, options: &Options<'_>, report: &mut SourceReport) {
    let Source { text, is_live, default_namespace } = *source;
    let ReadObject { node, place, header, document, mut findings } = object;
    let namespace = if CLUSTER_SCOPED.contains(&header.kind.as_str()) {
        String::new()
    } else {
        header.namespace.as_ref().map_or(default_namespace, |namespace| namespace.as_str()).to_owned()
    };
    let verdict = node.and_then(|node| admission::judge(node, default_namespace));
    if verdict.as_ref().is_some_and(|verdict| !verdict.is_accepted()) {
        findings.retain(|finding| !admitted::is_told_by_admission(finding.code));
    }
    if document.is_none() {
        findings = findings.into_iter().map(|finding| rules::of_bad_yaml(finding, text)).collect();
    }
    let refused = if document.is_none() && findings.iter().any(Finding::is_error) { Some(false) } else { None };
    let name = ObjectName { kind: header.kind.value.clone(), namespace, name: header.name.value.clone() };
    if let Some(node) = node {
        let view = DocumentView {
            node,
            text,
            header: &header,
            group: header.group(),
            namespace: &name.namespace,
            document: document.as_ref(),
            verdict: verdict.as_ref(),
            now: options.now,
            options: &options.levels.options,
            inline_keys: OnceCell::new(),
            secret: OnceCell::new(),
            lists: OnceCell::new(),
        };
        let mut found = Vec::new();
        for rule in RULES.iter() {
            if let Check::Document(check) = rule.check {
                check(&view, &mut found);
            }
        }
        if let Some(verdict) = &verdict {
            let told = admitted::findings(verdict);
            // What a gate refuses is not told a second time under another name.
            found.retain(|finding| !told.iter().any(|known| known.is_error() && stands_within(finding.span(), known.span())));
            findings.extend(told.into_iter().map(|finding| repairs::repaired(finding, node, text)));
        }
        findings.append(&mut found);
        report.suppressions.extend(suppression::annotations(node, place));
    }
    report.policies += usize::from(verdict.is_some());
    report.judged.push(JudgedDocument {
        accepted: verdict.as_ref().map(Verdict::is_accepted).or(refused),
        accepted_by_istiod: verdict.as_ref().map(Verdict::is_accepted_by_istiod).or(refused),
        warnings: verdict.iter().flat_map(Verdict::client_warnings).map(|warning| warning.text.clone()).collect(),
        object: name.clone(),
        place,
    });
    report.findings.append(&mut findings);
    let is_admitted = options.assume_admitted || is_live || verdict.is_none_or(|verdict| verdict.is_accepted());
    if let (Some(document), true) = (document, is_admitted) {
        if let (Body::Other, Some(node)) = (&document.body, node) {
            report.raw.push(Raw { header, namespace: name.namespace, node: node.clone() });
        }
        report.documents.push(document);
    }
}

fn stands_within(inner: Span, outer: Span) -> bool {
    inner.source == outer.source && (outer.offset..=outer.offset.saturating_add(outer.length)).contains(&inner.offset)
}
