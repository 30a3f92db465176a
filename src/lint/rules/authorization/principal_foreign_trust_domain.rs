use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_damaged;
use crate::lint::value_lists;

pub(super) const RULE: Rule = Rule {
    code: Code("MS142"),
    name: "principal-foreign-trust-domain",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A principal of a trust domain that the mesh neither has nor trusts.",
    why: "No caller can show a certificate of it, so the value never matches; often it is left over from a migration.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [old.example/ns/shop/sa/web]}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    trustDomain: new.example
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [new.example/ns/shop/sa/web]}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    trustDomain: new.example
",
    specification: "MeshConfig, trustDomain and trustDomainAliases",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.has_mesh_configuration {
        return;
    }
    let settings = &view.mesh.settings;
    let federated = settings.trust_domain_aliases.iter().chain(&settings.ca_trust_domains);
    let known: BTreeSet<&str> =
        federated.chain([&settings.trust_domain]).map(String::as_str).chain(["cluster.local"]).collect();
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec).iter().filter(|list| list.attribute == Attribute::Principals) {
            for value in list.values {
                let Some((domain, rest)) = value.value.split_once('/') else { continue };
                let is_identity = rest.starts_with("ns/") || rest == "*";
                if !is_identity || domain.is_empty() || is_damaged(value.as_str()) || domain.contains(['*', ':']) || known.contains(domain) {
                    continue;
                }
                found.push(
                    RULE.at(value.span, format!("no caller has an identity of trust domain `{domain}`"))
                        .with_label(format!("the mesh is `{}`", settings.trust_domain))
                        .with_help("write the mesh's trust domain, or add a former one to `trustDomainAliases`"),
                );
            }
        }
    }
}
