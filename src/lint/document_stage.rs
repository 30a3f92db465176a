//! What can be said of one source alone: syntax, admission, and the rules about single objects.

use std::cell::OnceCell;

use crate::admission;
use crate::admission::Refusal;
use crate::admission::Verdict;
use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::JudgedDocument;
use crate::lint::ObjectName;
use crate::lint::Options;
use crate::lint::RULES;
use crate::lint::Raw;
use crate::lint::rules;
use crate::lint::suppression;
use crate::manifest;
use crate::manifest::Body;
use crate::manifest::Document;
use crate::manifest::ReadObject;

/// What was read and found in one source.
#[derive(Debug, Default)]
pub struct SourceReport {
    pub(super) judged: Vec<JudgedDocument>,
    /// Objects for the mesh: typed, and refused by no gate.
    pub(super) documents: Vec<Document>,
    pub(super) raw: Vec<Raw>,
    pub(super) findings: Vec<Finding>,
    pub(super) suppressions: Vec<suppression::Written>,
}

/// Mistakes of reading that admission reports itself, better, for the kinds it judges.
const TOLD_BY_ADMISSION: &[Code] = &[
    manifest::codes::UNKNOWN_FIELD,
    manifest::codes::WRONG_TYPE,
    manifest::codes::MISSING_FIELD,
    manifest::codes::BAD_VALUE,
    manifest::codes::DUPLICATE_KEY,
];

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

pub(super) fn run(id: SourceId, text: &str, options: &Options<'_>) -> SourceReport {
    let mut report = SourceReport { suppressions: suppression::comments(id, text), ..SourceReport::default() };
    let default_namespace = options.mesh.default_namespace.as_deref().unwrap_or("default");
    manifest::objects(id, text, &mut |object| one(object, text, default_namespace, options, &mut report));
    report
}

fn one(object: ReadObject<'_>, text: &str, default_namespace: &str, options: &Options<'_>, report: &mut SourceReport) {
    let ReadObject { node, place, header, document, mut findings } = object;
    let namespace = if CLUSTER_SCOPED.contains(&header.kind.as_str()) {
        String::new()
    } else {
        header.namespace.as_ref().map_or(default_namespace, |namespace| namespace.as_str()).to_owned()
    };
    let verdict = node.and_then(|node| admission::judge(node, default_namespace));
    if let Some(verdict) = &verdict
        && !verdict.is_accepted()
    {
        findings.retain(|finding| !TOLD_BY_ADMISSION.contains(&finding.code));
    }
    let refused = if document.is_none() && findings.iter().any(Finding::is_error) { Some(false) } else { None };
    let name = ObjectName { kind: header.kind.value.clone(), namespace, name: header.name.value.clone() };
    if let Some(node) = node {
        let view = DocumentView {
            node,
            text,
            header: &header,
            namespace: &name.namespace,
            document: document.as_ref(),
            verdict: verdict.as_ref(),
            now: options.now,
            lists: OnceCell::new(),
        };
        let mut found = Vec::new();
        for rule in RULES.iter() {
            if let Check::Document(check) = rule.check {
                check(&view, &mut found);
            }
        }
        if let Some(verdict) = &verdict {
            let admitted = admission_findings(verdict);
            // What a gate refuses is not told a second time under another name.
            found.retain(|finding| !admitted.iter().any(|known| known.is_error() && stands_within(finding.span(), known.span())));
            findings.extend(admitted);
        }
        findings.append(&mut found);
        report.suppressions.extend(suppression::annotations(node, place));
    }
    report.judged.push(JudgedDocument {
        accepted: verdict.as_ref().map(Verdict::is_accepted).or(refused),
        accepted_by_istiod: verdict.as_ref().map(Verdict::is_accepted_by_istiod).or(refused),
        warnings: verdict.iter().flat_map(|verdict| &verdict.warnings).map(|warning| warning.text.clone()).collect(),
        object: name.clone(),
        place,
    });
    report.findings.append(&mut findings);
    let is_admitted = verdict.is_none_or(|verdict| verdict.is_accepted());
    if let (Some(document), true) = (document, is_admitted) {
        if let (Body::Other, Some(node)) = (&document.body, node) {
            report.raw.push(Raw { header, namespace: name.namespace, node: node.clone() });
        }
        report.documents.push(document);
    }
}

/// What admission says, under the rules that stand for its causes.
fn admission_findings(verdict: &Verdict) -> Vec<Finding> {
    let mut findings: Vec<(Finding, bool, bool)> = Vec::new();
    let refusals = verdict.api_server.iter().map(|refusal| (refusal, true));
    for (refusal, by_api_server) in refusals.chain(verdict.istiod.iter().map(|refusal| (refusal, false))) {
        let finding = of_refusal(refusal);
        let same = findings.iter_mut().find(|(known, ..)| known.code == finding.code && known.primary == finding.primary);
        match same {
            Some((_, api_server, istiod)) => {
                *api_server |= by_api_server;
                *istiod |= !by_api_server;
            }
            None => findings.push((finding, by_api_server, !by_api_server)),
        }
    }
    let mut findings: Vec<Finding> = findings
        .into_iter()
        .map(|(finding, api_server, istiod)| {
            finding.with_note(match (api_server, istiod) {
                (true, true) => "the API server and istiod refuse the object",
                (true, false) => "the API server refuses the object; istiod alone would take it",
                _ => "istiod refuses the object",
            })
        })
        .collect();
    findings.extend(verdict.warnings.iter().map(|warning| {
        let rule = rules::of_cause(warning.cause);
        Finding::new(rule.code, Severity::Warning, warning.text.clone(), warning.span)
            .with_note("istiod accepts the object with this warning")
    }));
    findings
}

fn of_refusal(refusal: &Refusal) -> Finding {
    let rule = rules::of_cause(refusal.cause);
    let mut finding = Finding::new(rule.code, Severity::Error, refusal.message.clone(), refusal.span);
    finding.help.clone_from(&refusal.help);
    finding
}

fn stands_within(inner: Span, outer: Span) -> bool {
    inner.source == outer.source && (outer.offset..=outer.offset.saturating_add(outer.length)).contains(&inner.offset)
}
