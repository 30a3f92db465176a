use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::manifest::Labels;

const INJECT: &str = "sidecar.istio.io/inject";
const REVISION: &str = "istio.io/rev";
const NAMESPACE_INJECTION: &str = "istio-injection";

/// Namespaces of Kubernetes itself; the injector never touches their pods.
const IGNORED_NAMESPACES: [&str; 4] = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/// A pod as the injector sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pod<'a> {
    pub(super) namespace: &'a str,
    /// Labels of the namespace; empty when it was not written.
    pub(super) namespace_labels: &'a Labels,
    pub(super) labels: &'a BTreeMap<String, String>,
    pub(super) annotations: &'a BTreeMap<String, String>,
    pub(super) host_network: bool,
}

/// What the injector does to a pod, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Injection {
    pub(super) injected: bool,
    pub(super) reason: String,
    /// A revision label that named no known revision and thereby decided against injection.
    pub(super) unknown_revision: Option<String>,
    /// The namespace's labels took part in the decision.
    pub(super) by_namespace: bool,
}

impl Injection {
    fn yes(reason: impl Into<String>) -> Self {
        Self { injected: true, reason: reason.into(), unknown_revision: None, by_namespace: false }
    }

    fn no(reason: impl Into<String>) -> Self {
        Self { injected: false, reason: reason.into(), unknown_revision: None, by_namespace: false }
    }
}

/// Decides as the admission webhooks and then the injector behind them decide.
///
/// The webhooks look at labels only; the injector looks at the annotation, which a label overrides, and at `hostNetwork`. With no
/// known revision every revision label counts: it may name a revision or a tag of one.
pub(super) fn decide(pod: &Pod<'_>, revisions: &BTreeSet<String>) -> Injection {
    let called = webhook(pod, revisions);
    if !called.injected {
        return called;
    }
    if pod.host_network {
        return Injection::no("`hostNetwork: true`");
    }
    if IGNORED_NAMESPACES.contains(&pod.namespace) {
        return Injection::no(format!("namespace `{}` is never injected", pod.namespace));
    }
    let wish = pod.labels.get(INJECT).or_else(|| pod.annotations.get(INJECT));
    match wish.map(String::as_str) {
        Some("false") => Injection::no(format!("pod annotation `{INJECT}: false`")),
        _ => called,
    }
}

/// Whether one of the five webhooks of a default installation is called for the pod.
fn webhook(pod: &Pod<'_>, revisions: &BTreeSet<String>) -> Injection {
    let wish = pod.labels.get(INJECT).map(String::as_str);
    if wish == Some("false") {
        return Injection::no(format!("pod label `{INJECT}: false`"));
    }
    let of_namespace = |name: &str| pod.namespace_labels.get(name).map(|label| label.value.as_str());
    let runs = |revision: &str| revisions.is_empty() || revisions.contains(revision);
    match (of_namespace(NAMESPACE_INJECTION), of_namespace(REVISION)) {
        (Some("enabled"), _) => Injection::yes(format!("namespace label `{NAMESPACE_INJECTION}: enabled`")),
        (Some(value), _) => Injection::no(format!("namespace label `{NAMESPACE_INJECTION}: {value}`")),
        (None, Some(revision)) if runs(revision) => Injection::yes(format!("namespace label `{REVISION}: {revision}`")),
        (None, Some(revision)) => Injection {
            unknown_revision: Some(revision.to_owned()),
            ..Injection::no(format!("namespace label `{REVISION}: {revision}` names no running revision"))
        },
        (None, None) => match (pod.labels.get(REVISION), wish) {
            (Some(revision), _) if runs(revision) => Injection::yes(format!("pod label `{REVISION}: {revision}`")),
            (Some(revision), _) => Injection {
                unknown_revision: Some(revision.clone()),
                ..Injection::no(format!("pod label `{REVISION}: {revision}` names no running revision"))
            },
            (None, Some("true")) => Injection::yes(format!("pod label `{INJECT}: true`")),
            (None, _) => Injection { by_namespace: true, ..Injection::no("neither namespace nor pod asks for injection") },
        },
    }
}

/// Whether a pod that says nothing itself is injected in a namespace with these labels.
pub(super) fn is_default_of(namespace: &str, namespace_labels: &Labels, revisions: &BTreeSet<String>) -> bool {
    let nothing = BTreeMap::new();
    let pod = Pod { namespace, namespace_labels, labels: &nothing, annotations: &nothing, host_network: false };
    decide(&pod, revisions).injected
}

/// The injection templates a pod asks for; empty means the sidecar.
pub(super) fn templates(annotations: &BTreeMap<String, String>) -> Vec<&str> {
    annotations
        .get("inject.istio.io/templates")
        .map(|list| list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Span;
    use crate::diag::Spanned;

    fn pairs(text: &str) -> BTreeMap<String, String> {
        text.split_whitespace()
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn the_injector_decides_by_labels_first() {
        // namespace, namespace labels, pod labels, pod annotations, host network, known revisions, injected
        for (namespace, namespace_labels, labels, annotations, host_network, revisions, injected) in [
            ("a", "", "", "", false, "", false),
            ("a", "istio-injection=enabled", "", "", false, "", true),
            ("a", "istio-injection=enabled", "", "", true, "", false),
            ("a", "istio-injection=disabled", "sidecar.istio.io/inject=true", "", false, "", false),
            ("a", "istio-injection=", "sidecar.istio.io/inject=true", "", false, "", false),
            ("a", "istio-injection=enabled", "sidecar.istio.io/inject=false", "", false, "", false),
            ("a", "istio-injection=enabled", "", "sidecar.istio.io/inject=false", false, "", false),
            ("a", "istio-injection=enabled", "sidecar.istio.io/inject=true", "sidecar.istio.io/inject=false", false, "", true),
            ("a", "istio-injection=enabled", "sidecar.istio.io/inject=false", "sidecar.istio.io/inject=true", false, "", false),
            ("a", "istio-injection=enabled", "sidecar.istio.io/inject=maybe", "", false, "", true),
            ("a", "istio-injection=enabled", "sidecar.istio.io/inject=maybe", "sidecar.istio.io/inject=false", false, "", true),
            ("a", "istio-injection=enabled", "", "sidecar.istio.io/inject=maybe", false, "", true),
            ("a", "", "sidecar.istio.io/inject=true", "", false, "", true),
            ("a", "", "", "sidecar.istio.io/inject=true", false, "", false),
            ("a", "istio.io/rev=canary", "", "", false, "", true),
            ("a", "istio.io/rev=canary", "", "", false, "canary", true),
            ("a", "istio.io/rev=canary", "", "", false, "default canary", true),
            ("a", "istio.io/rev=canary", "", "", false, "default", false),
            ("a", "istio.io/rev=canary", "sidecar.istio.io/inject=false", "", false, "", false),
            ("a", "istio-injection=disabled istio.io/rev=canary", "", "", false, "", false),
            ("a", "istio-injection=enabled istio.io/rev=other", "", "", false, "default", true),
            ("a", "", "istio.io/rev=canary", "", false, "", true),
            ("a", "", "istio.io/rev=canary", "", false, "default", false),
            ("a", "", "istio.io/rev=canary sidecar.istio.io/inject=true", "", false, "default", false),
            ("a", "istio.io/rev=default", "istio.io/rev=canary", "", false, "default", true),
            ("kube-system", "istio-injection=enabled", "", "", false, "", false),
            ("kube-public", "", "sidecar.istio.io/inject=true", "", false, "", false),
        ] {
            let namespace_labels: Labels =
                pairs(namespace_labels).into_iter().map(|(name, value)| (name, Spanned::new(value, Span::default()))).collect();
            let (labels, annotations) = (pairs(labels), pairs(annotations));
            let revisions = revisions.split_whitespace().map(str::to_owned).collect();
            let pod =
                Pod { namespace, namespace_labels: &namespace_labels, labels: &labels, annotations: &annotations, host_network };
            let injection = decide(&pod, &revisions);
            assert_eq!(injection.injected, injected, "{pod:?} {revisions:?}: {}", injection.reason);
        }
    }
}
