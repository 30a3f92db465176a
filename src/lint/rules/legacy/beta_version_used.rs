use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;

pub(super) const RULE: Rule = Rule {
    code: Code("MS704"),
    name: "beta-version-used",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "An API version older than `v1` of a kind that has it.",
    why: "The schema is the same, and the old version will go.",
    example: r"apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Istio 1.22 release notes",
    check: Check::Document(check),
};

/// Kinds that have `v1` since Istio 1.22.
const KINDS: &[(&str, &[&str])] = &[
    ("security.istio.io", &["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"]),
    (
        "networking.istio.io",
        &["DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "VirtualService", "WorkloadEntry", "WorkloadGroup"],
    ),
];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let written = &view.header.api_version;
    let Some((group, version)) = written.value.split_once('/') else { return };
    let has_v1 = KINDS.iter().any(|(known, kinds)| *known == group && kinds.contains(&view.header.kind.value.as_str()));
    if !has_v1 || !matches!(version, "v1beta1" | "v1alpha3") {
        return;
    }
    let current = format!("{group}/v1");
    let finding = RULE
        .at(written.span, format!("`{}` is an old version of `{current}`", written.value))
        .with_help(format!("write `{current}`, which control planes from 1.22 on serve"));
    found.push(match edits::rewritten(view.text, written.span, &written.value, &current) {
        Some(text) => finding.with_edit(Safety::Safe, written.span, text),
        None => finding,
    });
}
