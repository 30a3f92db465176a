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
    code: Code("MS824"),
    name: "ztunnel-condition-unsupported",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A condition on `source.serviceAccount`, `source.trustDomain`, `connection.sni` or `remote.ip` in a policy for pods of the ambient mesh.",
    why: "ztunnel does not know these keys: a rule with one allows nothing, and denies nothing.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{when: [{key: source.serviceAccount, values: [shop/web]}]}]}
"
    ),
    instead: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {serviceAccounts: [shop/web]}}]}]}
"
    ),
    specification: "Istio authorization policy conditions",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for read in ztunnel::read(view) {
        let effect = match read.policy.spec.action.value {
            Action::Allow => "allows nothing",
            Action::Deny => "denies nothing",
            Action::Audit | Action::Custom => continue,
        };
        for condition in read.rules().flat_map(|rule| &rule.when) {
            let key = &condition.key;
            if !bits::is_connection_key(key.as_str()) {
                continue;
            }
            let finding = RULE.at(key.span, format!("ztunnel does not know `{}`: the rule {effect}", key.value)).with_help(
                if key.value == "source.serviceAccount" {
                    "write `from: [{source: {serviceAccounts: [..]}}]`".to_owned()
                } else {
                    read.help(view)
                },
            );
            found.push(read.note(finding));
        }
    }
}
