use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::ExtensionProviderKind;

pub(super) const RULE: Rule = Rule {
    code: Code("MS198"),
    name: "custom-provider-undefined",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A CUSTOM policy whose provider the mesh configuration does not define as an external authorizer.",
    why: "Everything the policy matches is denied.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.shop.svc.cluster.local, port: 9191, timeout: 1s}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opaa}, rules: [{}]}
",
    instead: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.shop.svc.cluster.local, port: 9191, timeout: 1s}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{}]}
",
    specification: "MeshConfig, extensionProviders",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.has_mesh_configuration {
        return;
    }
    let providers = &view.mesh.settings.extension_providers;
    for policy in view.mesh.authorization_policies.iter().filter(|policy| policy.spec.action.value == Action::Custom) {
        let Some(name) = &policy.spec.provider else { continue };
        let finding = RULE.at(name.span, format!("no external authorizer is named `{}`: what the policy matches is denied", name.value));
        let defined = providers.iter().find(|provider| provider.name.value == name.value);
        match defined.map(|provider| (provider, &provider.kind)) {
            Some((_, ExtensionProviderKind::HttpExtAuthz(_) | ExtensionProviderKind::GrpcExtAuthz(_))) => {}
            Some((provider, ExtensionProviderKind::Other(kind))) => found.push(
                finding
                    .with_label("the provider of this name does something else")
                    .with_secondary(provider.name.span, format!("it is defined as `{kind}`"))
                    .with_help("name a provider with `envoyExtAuthzHttp` or `envoyExtAuthzGrpc`"),
            ),
            None => {
                let known: Vec<String> = providers
                    .iter()
                    .filter(|provider| !matches!(provider.kind, ExtensionProviderKind::Other(_)))
                    .take(3)
                    .map(|provider| format!("`{}`", provider.name.value))
                    .collect();
                let help = if known.is_empty() {
                    "define it under `extensionProviders` of the mesh configuration".to_owned()
                } else {
                    format!("define it under `extensionProviders`, or name one that is there: {}", known.join(", "))
                };
                found.push(finding.with_label("not under `extensionProviders`").with_help(help));
            }
        }
    }
}
