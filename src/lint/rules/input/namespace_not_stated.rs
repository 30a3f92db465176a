use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS022"),
    name: "namespace-not-stated",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A policy without `metadata.namespace`.",
    why: "It lands wherever it is applied: in `default`, or in the root namespace, where it concerns the whole mesh.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example}
spec: {mtls: {mode: STRICT}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example, namespace: shop}
spec: {mtls: {mode: STRICT}}
",
    specification: "Kubernetes namespaces",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let metadata = view.node.get("metadata");
    if view.group != "security.istio.io" || metadata.is_none_or(|metadata| metadata.get("namespace").is_some()) {
        return;
    }
    let Some(name) = tree::at(view.node, &["metadata", "name"]) else { return };
    found.push(
        RULE.at(name.span, format!("`{}` does not say its namespace", view.header.name.value))
            .with_label(format!("here it counts as in `{}`", view.namespace))
            .with_help("write `metadata.namespace`"),
    );
}
