use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS906"),
    name: "unstable-selector-label",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A selector on a label that the next release changes, such as `pod-template-hash` or `helm.sh/chart`.",
    why: "The pods of the next release are not selected, so the policy no longer protects them.",
    example: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart, helm.sh/chart: cart-1.4.0}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Kubernetes recommended labels",
    check: Check::Document(check),
};

/// Labels that a new release of the same workload does not carry.
const CHANGED_BY_RELEASES: &[&str] = &[
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "batch.kubernetes.io/controller-uid",
    "helm.sh/chart",
    "chart",
    "app.kubernetes.io/version",
    "commit",
    "git-commit",
    "build",
];

/// A label that may name the release, and may as well name a variant that lives on.
const MAYBE: &str = "version";

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    if view.group != "security.istio.io" {
        return;
    }
    let Some(labels) = tree::at(view.node, &["spec", "selector", "matchLabels"]) else { return };
    for (key, _) in tree::entries(labels) {
        let is_changed = CHANGED_BY_RELEASES.contains(&key.value.as_str());
        if !is_changed && key.value != MAYBE {
            continue;
        }
        let mut finding = RULE
            .at(key.span, format!("the selector asks for `{}`, which a new release changes", key.value))
            .with_label("the pods of the next release do not carry this value")
            .with_help("select by a label that stays, such as `app`");
        if !is_changed {
            "the selector asks for `version`, so other versions of the workload are not covered".clone_into(&mut finding.headline);
            finding.severity = Severity::Info;
        }
        found.push(finding);
    }
}
