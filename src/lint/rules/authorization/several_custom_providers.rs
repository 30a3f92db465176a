use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::scope::in_force;
use crate::manifest::kinds::Action;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS199"),
    name: "several-custom-providers",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "CUSTOM policies with different providers for one workload.",
    why: "istiod supports one provider for each workload unless `PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS` is set: everything these policies match is denied.",
    example: r#"apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.shop.svc.cluster.local, port: 9191, timeout: 1s}
    - name: waf
      envoyExtAuthzGrpc: {service: waf.shop.svc.cluster.local, port: 9191, timeout: 1s}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: opa, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: waf, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: waf}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    instead: r#"apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.shop.svc.cluster.local, port: 9191, timeout: 1s}
    - name: waf
      envoyExtAuthzGrpc: {service: waf.shop.svc.cluster.local, port: 9191, timeout: 1s}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: opa, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "Istio external authorization",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let settings = &view.mesh.settings;
    let custom = in_force(view, Action::Custom);
    if custom.is_empty() || settings.feature("PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS", false) {
        return;
    }
    let policies = &view.mesh.authorization_policies;
    let provider_of = |policy: usize| policies.get(policy).and_then(|policy| policy.spec.provider.as_ref());
    // What collides wherever it is, and then what collides on a workload that is given.
    let mut pairs: BTreeMap<usize, (usize, Option<&Workload>)> = BTreeMap::new();
    let mut add = |one: usize, other: usize, workload| {
        let differ = provider_of(one).map(|name| &name.value) != provider_of(other).map(|name| &name.value);
        if differ {
            pairs.entry(one.max(other)).or_insert((one.min(other), workload));
        }
    };
    for (scope, own) in &custom {
        for wider in scope.wider(&settings.root_namespace) {
            for other in custom.get(&wider).into_iter().flatten().take(8) {
                for policy in own {
                    add(*policy, *other, None);
                }
            }
        }
    }
    let mut first: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for policy in custom.values().flatten() {
        let Some(object) = policies.get(*policy) else { continue };
        for workload in view.workloads_of(object) {
            let before = first.entry((&workload.namespace, &workload.name)).or_default();
            for other in before.iter().take(8) {
                add(*policy, *other, Some(workload));
            }
            before.push(*policy);
        }
    }
    for (later, (earlier, workload)) in pairs {
        let (Some(later), Some(earlier)) = (provider_of(later), provider_of(earlier)) else { continue };
        let whose = workload.map_or_else(|| "these workloads".to_owned(), |workload| format!("`{}`", workload.display_name()));
        let both = format!("`{}` and `{}`", earlier.value, later.value);
        let finding = RULE
            .at(later.span, format!("providers {both} meet on {whose}: everything the policies match is denied"))
            .with_label("a workload can have one provider")
            .with_secondary(earlier.span, "the other one")
            .with_help("use one provider, or set PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS on istiod");
        // The flag is an environment variable of istiod, of which nothing may have been given.
        found.push(if settings.features.is_empty() { Finding { severity: Severity::Warning, ..finding }.likely() } else { finding });
    }
}
