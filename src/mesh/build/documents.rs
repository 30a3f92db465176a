use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::diag::Finding;
use crate::diag::Severity;
use crate::manifest::Body;
use crate::manifest::Document;
use crate::manifest::Labels;
use crate::mesh::Mesh;
use crate::mesh::codes;

/// A document with the namespace it lands in.
#[derive(Debug, Clone)]
pub(super) struct Placed<'a> {
    /// The document.
    pub(super) document: &'a Document,
    /// Its namespace; empty for kinds that live in none.
    pub(super) namespace: &'a str,
}

/// Gives every document its namespace. Of two documents that describe one object the later one counts, as when both are applied.
pub(super) fn place<'a>(
    documents: impl IntoIterator<Item = &'a Document>,
    default_namespace: &'a str,
    findings: &mut Vec<Finding>,
) -> Vec<Placed<'a>> {
    let mut last: FxHashMap<(&str, &str, &str, &str), usize> = FxHashMap::default();
    let mut placed: Vec<Option<Placed<'a>>> = Vec::new();
    for document in documents {
        let header = &document.header;
        let namespace = if matches!(document.body, Body::Namespace) {
            ""
        } else {
            header.namespace.as_ref().map_or(default_namespace, |namespace| namespace.as_str())
        };
        if !matches!(document.body, Body::Other | Body::MeshConfig(_)) && !header.name.value.is_empty() {
            let key = (header.group(), header.kind.as_str(), namespace, header.name.as_str());
            if let Some(earlier) = last.insert(key, placed.len())
                && let Some(hidden) = placed.get_mut(earlier).and_then(Option::take)
            {
                let headline = format!("{} `{}` is written twice; the later one counts", header.kind.value, header.name.value);
                findings.push(
                    Finding::new(codes::DUPLICATE_OBJECT, Severity::Warning, headline, header.name.span)
                        .with_secondary(hidden.document.header.name.span, "this one is ignored")
                        .with_help("remove one of the two"),
                );
            }
        }
        placed.push(Some(Placed { document, namespace }));
    }
    placed.into_iter().flatten().collect()
}

/// Leaves out what istiod does not read: configuration labelled for another revision, and namespaces outside its discovery selectors.
pub(super) fn seen_by_istiod<'a>(
    placed: Vec<Placed<'a>>,
    mesh: &Mesh,
    revisions: &BTreeSet<String>,
    discovery: &[Labels],
    findings: &mut Vec<Finding>,
) -> Vec<Placed<'a>> {
    let hidden_namespaces: BTreeSet<&str> = mesh
        .namespaces
        .iter()
        .filter(|(name, namespace)| **name != mesh.settings.root_namespace && !is_discovered(&namespace.labels, discovery))
        .map(|(name, _)| name.as_str())
        .collect();
    for name in &hidden_namespaces {
        let span = mesh.namespaces.get(*name).and_then(|namespace| namespace.span);
        let headline = format!("istiod does not watch namespace `{name}`: no discovery selector matches its labels");
        let mut finding = Finding::new(codes::NOT_DISCOVERED, Severity::Warning, headline, span.unwrap_or_default())
            .with_note("its services and policies are left out");
        if span.is_none() {
            finding.primary = None;
        }
        findings.push(finding);
    }
    placed
        .into_iter()
        .filter(|placed| {
            if !is_istio_configuration(&placed.document.body) {
                return !matches!(placed.document.body, Body::Service(_)) || !hidden_namespaces.contains(placed.namespace);
            }
            if hidden_namespaces.contains(placed.namespace) {
                return false;
            }
            let header = &placed.document.header;
            let Some(revision) = header.labels.get("istio.io/rev") else { return true };
            if revision.value.is_empty() || revisions.is_empty() || revisions.contains(&revision.value) {
                return true;
            }
            let headline = format!(
                "{} `{}` is meant for revision `{}`, which is not the revision of istiod; it is ignored",
                header.kind.value, header.name.value, revision.value
            );
            findings.push(Finding::new(codes::OTHER_REVISION, Severity::Warning, headline, revision.span));
            false
        })
        .collect()
}

fn is_discovered(labels: &Labels, selectors: &[Labels]) -> bool {
    selectors.is_empty()
        || selectors.iter().any(|selector| selector.iter().all(|(name, value)| labels.get(name).is_some_and(|own| own == value)))
}

fn is_istio_configuration(body: &Body) -> bool {
    match body {
        Body::ServiceEntry(_)
        | Body::WorkloadEntry(_)
        | Body::WorkloadGroup(_)
        | Body::Sidecar(_)
        | Body::Gateway(_)
        | Body::KubernetesGateway(_)
        | Body::PeerAuthentication(_)
        | Body::RequestAuthentication(_)
        | Body::AuthorizationPolicy(_)
        | Body::DestinationRule(_) => true,
        Body::Namespace
        | Body::Workload(_)
        | Body::Service(_)
        | Body::ServiceAccount
        | Body::MeshConfig(_)
        | Body::Istiod(_)
        | Body::Other => false,
    }
}
