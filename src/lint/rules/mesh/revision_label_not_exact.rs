use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS525"),
    name: "revision-label-not-exact",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy labelled with a revision tag.",
    why: "Control planes compare the label with the name of their revision, tags do not count: no control plane reads the policy.",
    example: "apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-revision-tag-stable, labels: {istio.io/tag: stable, istio.io/rev: 1-32-0}}
webhooks: []
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop, labels: {istio.io/rev: stable}}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: "apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-revision-tag-stable, labels: {istio.io/tag: stable, istio.io/rev: 1-32-0}}
webhooks: []
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop, labels: {istio.io/rev: 1-32-0}}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Istio canary upgrades, revision tags",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut tags: BTreeMap<&str, &str> = BTreeMap::new();
    for webhook in view.raw_of("admissionregistration.k8s.io", "MutatingWebhookConfiguration") {
        let Some(labels) = tree::at(&webhook.node, &["metadata", "labels"]) else { continue };
        if let (Some(tag), Some(revision)) = (tree::text(labels, "istio.io/tag"), tree::text(labels, "istio.io/rev")) {
            tags.insert(tag, revision);
        }
    }
    if tags.is_empty() {
        return;
    }
    let mesh = view.mesh;
    let headers = (mesh.authorization_policies.iter().map(|policy| &policy.header))
        .chain(mesh.request_authentications.iter().map(|policy| &policy.header))
        .chain(mesh.peer_authentications.iter().map(|policy| &policy.header))
        .chain(mesh.destination_rules.iter().map(|rule| &rule.header));
    for label in headers.filter_map(|header| header.labels.get("istio.io/rev")) {
        let Some(revision) = tags.get(label.value.as_str()).filter(|revision| **revision != label.value) else { continue };
        found.push(
            RULE.at(label.span, format!("`{}` is a tag, so no control plane reads this object", label.value))
                .with_help(format!("write the revision, `{revision}`, or remove the label"))
                .with_edit(Safety::Unsafe, label.span, format!("\"{revision}\"")),
        );
    }
}
