use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::ztunnel;

pub(super) const RULE: Rule = Rule {
    code: Code("MS836"),
    name: "namespace-pattern-divergence",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A namespace with a `*` inside, or with several, in a policy for pods of the ambient mesh.",
    why: "ztunnel knows one `*`, at the start or the end, and takes any other literally; Envoy takes each as a wildcard.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [sh*p]}}]}]}
"
    ),
    instead: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"
    ),
    specification: "AuthorizationPolicy reference, Source",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for read in ztunnel::read(view) {
        for value in read.rules().flat_map(ztunnel::namespaces) {
            let text = value.as_str();
            let rest = text.strip_prefix('*').unwrap_or_else(|| text.strip_suffix('*').unwrap_or(text));
            if !rest.contains('*') {
                continue;
            }
            let finding = RULE
                .at(value.span, format!("ztunnel takes a `*` in `{text}` literally"))
                .with_label("a wildcard only at the start or the end, and only one")
                .with_help("list the namespaces");
            found.push(read.note(finding));
        }
    }
}
