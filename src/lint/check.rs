//! The stages, one after the other, and over several threads where they allow it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use jiff::Timestamp;

use crate::diag::Confidence;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::Counts;
use crate::lint::JudgedDocument;
use crate::lint::Levels;
use crate::lint::ObjectName;
use crate::lint::Report;
use crate::lint::Reported;
use crate::lint::document_stage;
use crate::lint::document_stage::SourceReport;
use crate::lint::mesh_stage;
use crate::lint::place;
use crate::lint::place::Place;
use crate::lint::place::Places;
use crate::lint::rule;
use crate::lint::stray;
use crate::lint::suppression;
use crate::mesh::BuildOptions;

/// What decides about a check beside the manifests.
pub struct Options<'a> {
    /// How the mesh is made of them.
    pub mesh: BuildOptions<'a>,
    /// Which rules count, and how much.
    pub levels: &'a Levels,
    /// Namespaces the user says are complete in what is given.
    pub known_namespaces: &'a BTreeSet<String>,
    /// Objects that a gate refuses are part of the mesh all the same.
    pub assume_admitted: bool,
    /// The time of the check.
    pub now: Timestamp,
    /// How many threads may work.
    pub threads: NonZeroUsize,
    /// Called as each source is done, from any thread.
    pub progress: &'a (dyn Fn() + Sync),
}

/// Checks sources, in the order given.
#[must_use]
pub fn check(sources: &SourceMap, ids: &[SourceId], options: &Options<'_>) -> Report {
    let read = in_parallel(ids, options.threads, &|id| {
        let read = read_source(sources, *id, options);
        (options.progress)();
        read
    });
    let read: Vec<&SourceReport> = read.iter().collect();
    join(sources, &read, options)
}

/// The stage that needs one source only.
#[must_use]
pub fn read_source(sources: &SourceMap, id: SourceId, options: &Options<'_>) -> SourceReport {
    let text = sources.get(id).map_or("", |source| &source.text);
    document_stage::run(id, text, sources.is_live(id), options)
}

/// The stages that need everything: the mesh, its rules, levels and suppressions.
#[must_use]
pub fn join(sources: &SourceMap, read: &[&SourceReport], options: &Options<'_>) -> Report {
    let documents: Vec<JudgedDocument> = read.iter().flat_map(|source| source.judged.iter().cloned()).collect();
    let (found, workloads) = mesh_stage::run(read, options);
    let of_sources = read.iter().flat_map(|source| source.findings.iter().zip(source.places.iter().map(Some)));
    let findings = of_sources.chain(found.iter().map(|finding| (finding, None))).collect();
    let mut report = Report {
        counts: Counts {
            files: read.iter().filter(|source| !source.is_live).count(),
            live: read.iter().filter(|source| source.is_live).count(),
            documents: documents.len(),
            policies: read.iter().map(|source| source.policies).sum(),
            workloads,
        },
        documents,
        ..Report::default()
    };
    report.findings = all_reported(findings, &report.documents, sources, options);
    let unused = suppression::apply(&mut report.findings, read, options);
    report.findings.extend(all_reported(
        unused.iter().map(|finding| (finding, None)).collect(),
        &report.documents,
        sources,
        options,
    ));
    report.findings.sort_by(|a, b| order(a).cmp(&order(b)));
    report.findings.dedup_by(|a, b| a.finding == b.finding);
    hide_consequences(&mut report.findings);
    for reported in &report.findings {
        if let Confidence::CannotTell(missing) = &reported.finding.confidence
            && reported.suppressed.is_none()
        {
            *report.missing.entry(missing.clone()).or_default() += 1;
        }
    }
    report
}

/// Findings that follow from another one about the same text: first the cause, then what is not told beside it.
const CONSEQUENCES: &[(&str, &[&str])] = &[
    ("MS104", &["MS128", "MS141", "MS142"]),
    ("MS154", &["MS343"]),
    ("MS160", &["MS328"]),
    ("MS341", &["MS179"]),
    ("MS913", &["MS141", "MS143", "MS165"]),
    ("MS915", &["MS141", "MS143", "MS146", "MS151", "MS165"]),
];

/// The same about one object.
const CONSEQUENCES_IN_OBJECT: &[(&str, &[&str])] =
    &[("MS190", &["MS125", "MS188"]), ("MS403", &["MS439"]), ("MS419", &["MS455"])];

/// One cause, one finding: what follows from another finding at an overlapping place is left out.
fn hide_consequences(findings: &mut Vec<Reported>) {
    let mut causes: BTreeMap<SourceId, Vec<(Span, &[&str])>> = BTreeMap::new();
    let mut in_objects: BTreeMap<ObjectName, Vec<&[&str]>> = BTreeMap::new();
    for reported in findings.iter() {
        let of = |table: &[(&str, &'static [&'static str])]| {
            table.iter().find(|(code, _)| *code == reported.rule.code.0).map(|(_, hidden)| *hidden)
        };
        let span = reported.finding.span();
        causes.entry(span.source).or_default().extend(of(CONSEQUENCES).map(|hidden| (span, hidden)));
        if let (Some(object), Some(hidden)) = (&reported.object, of(CONSEQUENCES_IN_OBJECT)) {
            in_objects.entry(object.clone()).or_default().push(hidden);
        }
    }
    findings.retain(|reported| {
        let (span, code) = (reported.finding.span(), &reported.rule.code.0);
        let is_hidden = |(cause, hidden): &(Span, &[&str])| hidden.contains(code) && overlap(*cause, span);
        let in_object = reported.object.as_ref().and_then(|object| in_objects.get(object));
        !causes.get(&span.source).is_some_and(|causes| causes.iter().any(is_hidden))
            && !in_object.is_some_and(|hidden| hidden.iter().any(|hidden| hidden.contains(code)))
    });
}

fn overlap(a: Span, b: Span) -> bool {
    a.offset <= b.offset.saturating_add(b.length) && b.offset <= a.offset.saturating_add(a.length)
}

/// File as given, line, column, most severe first, code.
fn order(reported: &Reported) -> (SourceId, u32, std::cmp::Reverse<Severity>, &'static str) {
    let span = reported.finding.span();
    (span.source, span.offset, std::cmp::Reverse(reported.finding.severity), reported.finding.code.0)
}

/// A finding, and where it points when that is known already.
type Found<'f> = (&'f Finding, Option<&'f Place>);

/// The findings at the levels the user wants, source by source: each text is looked at once.
fn all_reported(
    mut findings: Vec<Found<'_>>,
    documents: &[JudgedDocument],
    sources: &SourceMap,
    options: &Options<'_>,
) -> Vec<Reported> {
    findings.sort_by_key(|(finding, _)| finding.span().source);
    let by_source: Vec<&[Found<'_>]> = findings.chunk_by(|(a, _), (b, _)| a.span().source == b.span().source).collect();
    let reported = in_parallel(&by_source, options.threads, &|findings| {
        let source = findings.first().map(|(finding, _)| finding.span().source).unwrap_or_default();
        let places = Places::new(source, sources.get(source).map_or("", |source| &source.text));
        let report = |(finding, place): &Found<'_>| {
            let place = || place.cloned().unwrap_or_else(|| places.of(finding));
            reported(finding, &place, documents, options.levels, sources)
        };
        findings.iter().filter_map(report).collect::<Vec<_>>()
    });
    reported.into_iter().flatten().collect()
}

/// The finding at the level the user wants; `None` when its rule is off there.
fn reported(
    finding: &Finding,
    place: &dyn Fn() -> Place,
    documents: &[JudgedDocument],
    levels: &Levels,
    sources: &SourceMap,
) -> Option<Reported> {
    let rule = rule(finding.code)?;
    let span = finding.span();
    let index =
        documents.partition_point(|document| (document.place.source, document.place.offset) <= (span.source, span.offset));
    let object = index.checked_sub(1).and_then(|index| documents.get(index));
    let object = object.filter(|document| document.place.source == span.source && finding.primary.is_some());
    let file = sources.get(span.source).map_or("", |source| &source.name);
    let namespace = object.map_or("", |document| document.object.namespace.as_str());
    let chosen = levels.of(rule, file, namespace)?;
    let mut finding = finding.clone();
    finding.severity = match (&finding.confidence, chosen) {
        (Confidence::CannotTell(_), _) => Severity::Info,
        // The finding itself may say that it is less than its rule usually is.
        (_, chosen) if chosen == rule.severity => finding.severity.min(chosen),
        (_, chosen) => chosen,
    };
    stray::weaken(&mut finding, object, sources);
    let place = place();
    let object = object.map(|document| document.object.clone());
    let fingerprint = place::fingerprint(rule.code, object.as_ref(), &place);
    Some(Reported { rule, finding, object, path: place.path, fingerprint, suppressed: None })
}

/// Whether a comment or annotation may silence a rule: what the gates refuse stays refused.
pub(super) fn is_suppressible(reported: &Reported) -> bool {
    let is_refusal = matches!(reported.rule.check, Check::Admission(_)) && reported.finding.severity == Severity::Error;
    !is_refusal
}

/// Maps every item, in order, over some threads.
pub(super) fn in_parallel<T: Sync, R: Send>(items: &[T], threads: NonZeroUsize, work: &(dyn Fn(&T) -> R + Sync)) -> Vec<R> {
    if threads.get() == 1 || items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.get().min(items.len()))
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(item) = items.get(index) else { return mine };
                        mine.push((index, work(item)));
                    }
                })
            })
            .collect();
        // A panic in a worker is passed on here.
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
