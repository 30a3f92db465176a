use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::bits;
use crate::lint::rules::ambient::ztunnel;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS823"),
    name: "ztunnel-trust-domains-ignored",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "`trustDomains` or `notTrustDomains` in a policy for pods of the ambient mesh.",
    why: "They are dropped on the way to ztunnel, and no status says so: beside other fields the source matches every trust domain, alone it matches nobody.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [shop], trustDomains: [cluster.local]}}]}]}
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
    specification: "Istio AuthorizationPolicy reference, Source",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for read in ztunnel::read(view) {
        let action = read.policy.spec.action.value;
        if matches!(action, Action::Audit | Action::Custom) {
            continue;
        }
        for source in read.rules().flat_map(|rule| rule.from.iter().flatten()) {
            let Some(value) = source.trust_domains.first().or(source.not_trust_domains.first()) else { continue };
            let does = if action == Action::Deny { "denied" } else { "allowed" };
            let headline = if bits::has_known(source) {
                format!("callers of every trust domain are {does}: ztunnel does not read `{}`", value.value)
            } else {
                format!("nobody is {does}: ztunnel does not read `{}`", value.value)
            };
            let finding = RULE
                .at(value.span, headline)
                .with_label("dropped before ztunnel gets the policy")
                .with_help("write whole principals: `<trust domain>/ns/<namespace>/sa/<service account>`");
            found.push(read.note(finding));
        }
    }
}
