use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;

pub(super) const RULE: Rule = Rule {
    code: Code("MS517"),
    name: "trust-domain-alias",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A policy that names a trust domain which the mesh keeps as an alias only.",
    why: "The grant ends when the alias goes, and while it is there, whoever runs that domain can make identities that count as yours.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    trustDomain: prod.example
    trustDomainAliases: [old.example]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [old.example/ns/shop/sa/web]}}]}]}
",
    instead: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    trustDomain: prod.example
    trustDomainAliases: [old.example]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [prod.example/ns/shop/sa/web]}}]}]}
",
    specification: "MeshConfig reference, trustDomainAliases",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let settings = &view.mesh.settings;
    let Some(config) = settings.written.as_deref().filter(|config| !config.trust_domain_aliases.is_empty()) else { return };
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec).iter().filter(|list| list.attribute == Attribute::Principals) {
            for value in list.values {
                let domain = value.value.split('/').next().unwrap_or_default();
                let alias = config.trust_domain_aliases.iter().find(|alias| alias.value == domain);
                let Some(alias) = alias.filter(|_| domain != settings.trust_domain && domain != "cluster.local") else {
                    continue;
                };
                found.push(
                    RULE.at(value.span, format!("`{domain}` is an alias of trust domain `{}`", settings.trust_domain))
                        .with_secondary(alias.span, "counts only as long as this stands")
                        .with_help(format!(
                            "write `{}{}`",
                            settings.trust_domain,
                            value.value.get(domain.len()..).unwrap_or_default()
                        )),
                );
            }
        }
    }
}
