use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::mesh::providers::common;

pub(super) const RULE: Rule = Rule {
    code: Code("MS521"),
    name: "ext-authz-timeout",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "External authorization without a timeout.",
    why: "A request waits up to 600 seconds for a service that hangs; the proxy runs full of waiting requests.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.auth.svc.cluster.local, port: 9191}
",
    instead: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.auth.svc.cluster.local, port: 9191, timeout: 1s}
",
    specification: "MeshConfig reference, EnvoyExternalAuthorizationGrpcProvider.timeout",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for provider in &view.mesh.settings.extension_providers {
        if common(&provider.kind).is_some_and(|common| common.timeout.is_none()) {
            found.push(
                RULE.at(provider.name.span, format!("requests wait for `{}` up to 600 seconds", provider.name.value))
                    .with_help("write how long an answer may take, such as `timeout: 1s`"),
            );
        }
    }
}
