use std::collections::HashMap;
use std::sync::Arc;

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Body;
use crate::manifest::Document;
use crate::manifest::Header;
use crate::manifest::Manifests;
use crate::manifest::catalog;
use crate::manifest::catalog::Known;
use crate::manifest::codes;
use crate::manifest::decode;
use crate::manifest::object;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Parsed;
use crate::manifest::yaml::Value;

/// Reads sources in the order given.
///
/// An object that is written twice (same group, kind, namespace and name) counts as written last, as applying one after the
/// other would have it. The members of a `List` stand for themselves. What is no Kubernetes object at all is left out with a
/// warning.
#[must_use]
pub fn read(sources: &SourceMap, ids: &[SourceId]) -> Manifests {
    read_with(sources, ids, &mut |_| ())
}

/// The same, with a look at every object before it counts: `inspect` may add findings, or take the document away.
#[must_use]
pub fn read_with(sources: &SourceMap, ids: &[SourceId], inspect: &mut dyn FnMut(&mut ReadObject<'_>)) -> Manifests {
    let mut reader = Reader::default();
    for id in ids {
        if let Some(source) = sources.get(*id) {
            objects(*id, &source.text, &mut |mut object| {
                inspect(&mut object);
                reader.object(object);
            });
        }
    }
    Manifests { documents: reader.documents.into_iter().flatten().collect(), findings: reader.findings, files: ids.len() }
}

/// Reads one text.
pub(super) fn read_text(source: SourceId, text: &str) -> Manifests {
    let mut reader = Reader::default();
    objects(source, text, &mut |object| reader.object(object));
    Manifests { documents: reader.documents.into_iter().flatten().collect(), findings: reader.findings, files: 1 }
}

/// How many objects of one text are kept.
const SOURCE_DOCUMENTS: usize = 500_000;

/// After how many findings a text is given up.
const SOURCE_FINDINGS: usize = 10_000;

/// Group, kind, namespace as written, and name.
type Identity = (String, String, Option<String>, String);

/// One object of a text, before anything is known about others; also what stands where an object should be.
#[derive(Debug)]
pub struct ReadObject<'n> {
    /// The tree, when the document is YAML.
    pub node: Option<&'n Node>,
    /// Where it starts.
    pub place: Span,
    /// What it is, as far as that can be seen.
    pub header: Arc<Header>,
    /// The typed object; `None` when an error was found in it.
    pub document: Option<Document>,
    /// What was found on the way.
    pub findings: Vec<Finding>,
}

/// An object with what its list says about it.
struct Member<'n> {
    node: &'n Node,
    /// `apiVersion` and kind of the members, when the list gives them.
    given: Option<(Spanned<String>, Spanned<String>)>,
}

/// Shows every object of a text, in order, the members of a `List` one by one.
pub fn objects(source: SourceId, text: &str, visit: &mut dyn FnMut(ReadObject<'_>)) {
    let (mut visited, mut found) = (0_usize, 0_usize);
    for parsed in yaml::documents(source, text) {
        let first = parsed.findings.first().and_then(|finding| finding.primary.as_ref()).map(|label| label.span.0);
        let start = Span { source, line: 1, column: 1, ..Span::default() };
        let place = Span { length: 0, ..parsed.root.as_ref().map(|root| root.span).or(first).unwrap_or(start) };
        let excess = if visited >= SOURCE_DOCUMENTS {
            Some(format!("more than {SOURCE_DOCUMENTS} objects in one text"))
        } else if found >= SOURCE_FINDINGS {
            Some(format!("more than {SOURCE_FINDINGS} findings in one text: the rest of it is not read"))
        } else {
            None
        };
        if let Some(headline) = excess {
            let finding = Finding::new(codes::LIMIT_EXCEEDED, Severity::Error, headline, place)
                .with_help("split it into smaller files, or leave out what is no manifest");
            visit(ReadObject { node: None, place, header: Arc::default(), document: None, findings: vec![finding] });
            return;
        }
        document(parsed, place, text, &mut |object| {
            visited += usize::from(object.document.is_some());
            found += object.findings.len();
            visit(object);
        });
    }
}

fn document(parsed: Parsed, place: Span, text: &str, visit: &mut dyn FnMut(ReadObject<'_>)) {
    let Parsed { root, mut findings } = parsed;
    let Some(root) = root else {
        if let Some(last) = findings.last_mut() {
            last.notes.push("the document is left out until this is corrected".to_owned());
        }
        visit(ReadObject { node: None, place, header: Arc::default(), document: None, findings });
        return;
    };
    let mut members = Vec::new();
    flatten(Member { node: &root, given: None }, &mut members);
    // A finding outside every member is about the list itself: it is told with the last one.
    let last = members.len().saturating_sub(1);
    for (index, member) in members.into_iter().enumerate() {
        let (inside, outside) = findings.into_iter().partition(|finding| stands_in(finding, member.node.span));
        findings = outside;
        let mut object = object_of(&member, inside, text);
        if index == last {
            object.findings.append(&mut findings);
        }
        visit(object);
    }
}

fn object_of<'n>(member: &Member<'n>, mut findings: Vec<Finding>, text: &str) -> ReadObject<'n> {
    let node = member.node;
    let unread = |header: Arc<Header>, findings: Vec<Finding>| ReadObject {
        node: Some(node),
        place: Span { length: 0, ..node.span },
        header,
        document: None,
        findings,
    };
    let Some((api_version, kind)) = type_of(member, &mut findings) else { return unread(Arc::default(), findings) };
    let header = Header { api_version, kind, ..Header::default() };
    let known = match lookup(&header) {
        Ok(known) => known,
        Err(finding) => {
            findings.push(*finding);
            return unread(object::other(node, header).header, findings);
        }
    };
    let (document, mut decoded) = match known {
        Some(known) => object::decode(node, header, known.kind, text),
        None => (object::other(node, header), Vec::new()),
    };
    if matches!(document.body, Body::Other) {
        // Nothing is read from it, so nothing in it can change an answer.
        for finding in &mut findings {
            finding.severity = finding.severity.min(Severity::Warning);
        }
    }
    findings.append(&mut decoded);
    findings.sort_by_key(offset);
    let mut object = unread(Arc::clone(&document.header), findings);
    match object.findings.iter_mut().find(|finding| finding.is_error()) {
        Some(error) => {
            let header = &document.header;
            error.notes.push(format!("{} `{}` is left out until this is corrected", header.kind.value, header.name.value));
        }
        None => object.document = Some(document),
    }
    object
}

#[derive(Default)]
struct Reader {
    /// An object that was written again later is `None`.
    documents: Vec<Option<Document>>,
    findings: Vec<Finding>,
    seen: HashMap<Identity, usize>,
}

impl Reader {
    fn object(&mut self, object: ReadObject<'_>) {
        self.findings.extend(object.findings);
        let is_named = object.node.and_then(|node| node.get("metadata")).is_some_and(|metadata| metadata.get("name").is_some());
        if let Some(document) = object.document {
            self.keep(document, is_named);
        }
    }

    /// Adds a document; one that has a name of its own replaces what it was called before.
    fn keep(&mut self, document: Document, is_named: bool) {
        let header = &document.header;
        if is_named && !matches!(document.body, Body::Other) {
            let identity = (
                header.group().to_owned(),
                header.kind.value.clone(),
                header.namespace.as_ref().map(|namespace| namespace.value.clone()),
                header.name.value.clone(),
            );
            let earlier = self.seen.insert(identity, self.documents.len());
            if let Some(earlier) = earlier.and_then(|index| self.documents.get_mut(index)).and_then(Option::take) {
                let headline = format!("{} `{}` is written twice; the later one counts", header.kind.value, header.name.value);
                self.findings.push(
                    Finding::new(codes::DUPLICATE_OBJECT, Severity::Warning, headline, header.name.span)
                        .with_secondary(earlier.header.name.span, "replaced")
                        .with_help("remove one of them"),
                );
            }
        }
        self.documents.push(Some(document));
    }
}

/// The objects that a document holds: itself, or the members of a list.
fn flatten<'n>(member: Member<'n>, members: &mut Vec<Member<'n>>) {
    let kind = member.node.get("kind").and_then(Node::as_str).and_then(|kind| kind.strip_suffix("List"));
    let items = member.node.get("items").map(|items| &items.value);
    let (Some(member_kind), Some(Value::Sequence(items))) = (kind, items) else {
        members.push(member);
        return;
    };
    let api_version = member.node.get("apiVersion").and_then(string_of);
    let given = api_version.filter(|_| !member_kind.is_empty()).map(|api_version| {
        let span = member.node.get("kind").map_or(member.node.span, |kind| kind.span);
        (api_version, Spanned::new(member_kind.to_owned(), span))
    });
    for node in items.iter().filter(|node| !node.is_null()) {
        flatten(Member { node, given: given.clone() }, members);
    }
}

fn string_of(node: &Node) -> Option<Spanned<String>> {
    node.as_str().map(|text| Spanned::new(text.to_owned(), node.span))
}

/// Where a finding points.
fn offset(finding: &Finding) -> u32 {
    finding.primary.as_ref().map_or(0, |label| label.span.0.offset)
}

fn stands_in(finding: &Finding, span: Span) -> bool {
    (span.offset..=span.offset.saturating_add(span.length)).contains(&offset(finding))
}

/// `apiVersion` and `kind`; `None` with a finding when the document has no type to go by.
fn type_of(member: &Member<'_>, findings: &mut Vec<Finding>) -> Option<(Spanned<String>, Spanned<String>)> {
    let node = member.node;
    let place = Span { length: 0, ..node.span };
    let mut read = |name: &str, given: Option<&Spanned<String>>| match node.get(name) {
        None => given.cloned(),
        Some(value) => {
            let text = string_of(value);
            if text.is_none() {
                let headline = format!("`{name}` must be a string, found {}", value.kind());
                findings.push(Finding::new(codes::WRONG_TYPE, Severity::Error, headline, value.span));
            }
            text
        }
    };
    let api_version = read("apiVersion", member.given.as_ref().map(|(api_version, _)| api_version));
    let kind = read("kind", member.given.as_ref().map(|(_, kind)| kind));
    if !matches!(node.value, Value::Mapping(_))
        || (node.get("apiVersion").is_none() && node.get("kind").is_none() && kind.is_none())
    {
        findings.push(
            Finding::new(codes::MISSING_FIELD, Severity::Warning, "no Kubernetes object: neither `apiVersion` nor `kind`", place)
                .with_help("leave the file out, or give the object its type"),
        );
        return None;
    }
    for (name, is_missing) in [
        ("apiVersion", api_version.is_none() && node.get("apiVersion").is_none()),
        ("kind", kind.is_none() && node.get("kind").is_none()),
    ] {
        if is_missing {
            let finding = Finding::new(codes::MISSING_FIELD, Severity::Error, format!("the object has no `{name}`"), place);
            findings.push(finding.with_help(format!("write `{name}`")));
        }
    }
    Some((api_version?, kind?))
}

/// What is known of the kind; `Ok(None)` when it is somebody else's.
fn lookup(header: &Header) -> Result<Option<&'static Known>, Box<Finding>> {
    let group = header.group();
    let written = &header.api_version.value;
    let version = written.rsplit('/').next().unwrap_or_default();
    let name = header.kind.value.as_str();
    let Some(known) = catalog::find(group, name) else {
        return match catalog::unknown_kind(group, name) {
            None => Ok(None),
            Some(help) => Err(Box::new(
                Finding::new(codes::BAD_VALUE, Severity::Error, format!("`{written}` has no kind `{name}`"), header.kind.span)
                    .with_help(help),
            )),
        };
    };
    if known.versions.contains(&version) {
        return Ok(Some(known));
    }
    let versions: Vec<String> = known.versions.iter().map(|version| join(group, version)).collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let headline = format!("`{name}` has no version `{written}`");
    let finding = Finding::new(codes::BAD_VALUE, Severity::Error, headline, header.api_version.span);
    Err(Box::new(finding.with_help(format!("it takes {}", decode::listing(&versions)))))
}

/// `apiVersion` of a group and a version.
pub(super) fn join(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}
