use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;

pub(super) const RULE: Rule = Rule {
    code: Code("MS196"),
    name: "bare-serviceaccount-in-root",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A service account without a namespace in a policy of the root namespace.",
    why: "It means an account of the root namespace, not of the workload's.",
    example: "apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: istio-system}
spec: {selector: {matchLabels: {istio: ingressgateway}}, rules: [{from: [{source: {serviceAccounts: [web]}}]}]}
",
    instead: "apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: istio-system}
spec: {selector: {matchLabels: {istio: ingressgateway}}, rules: [{from: [{source: {serviceAccounts: [shop/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.serviceAccounts",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let root = &view.mesh.settings.root_namespace;
    for policy in view.mesh.authorization_policies.iter().filter(|policy| policy.id.namespace == *root) {
        for list in value_lists(&policy.spec).iter().filter(|list| list.attribute == Attribute::ServiceAccounts) {
            for value in list.values.iter().filter(|value| !value.value.contains('/')) {
                let accounts = &view.mesh.service_accounts;
                if accounts.contains(&(root.clone(), value.value.clone())) {
                    continue;
                }
                let other = accounts.iter().find(|(_, name)| *name == value.value);
                let finding = RULE
                    .at(value.span, format!("`{}` means `{root}/{}` here", value.value, value.value))
                    .with_label("a bare name is an account of the policy's own namespace");
                found.push(match other {
                    Some((namespace, name)) => finding
                        .with_help(format!("write `{namespace}/{name}`"))
                        .with_edit(Safety::Unsafe, value.span, format!("\"{namespace}/{name}\""))
                        .likely(),
                    None => finding
                        .with_help("write the namespace before the name, as `NAMESPACE/ACCOUNT`")
                        .cannot_tell(format!("the manifests of namespace `{root}`")),
                });
            }
        }
    }
}
