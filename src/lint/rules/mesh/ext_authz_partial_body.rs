use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::mesh::providers::common;

pub(super) const RULE: Rule = Rule {
    code: Code("MS522"),
    name: "ext-authz-partial-body",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "External authorization that is asked with the beginning of a body only.",
    why: "It decides on what it was shown; what matters may stand behind the cut.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.auth.svc.cluster.local, port: 9191, timeout: 1s, includeRequestBodyInCheck: {maxRequestBytes: 1024, allowPartialMessage: true}}
",
    instead: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.auth.svc.cluster.local, port: 9191, timeout: 1s, includeRequestBodyInCheck: {maxRequestBytes: 1024}}
",
    specification: "MeshConfig reference, EnvoyExternalAuthorizationRequestBody.allowPartialMessage",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for provider in &view.mesh.settings.extension_providers {
        let Some((bytes, true, _)) = common(&provider.kind).and_then(|common| common.body) else { continue };
        found.push(
            RULE.at(provider.name.span, format!("`{}` decides on the first {bytes} bytes of a body", provider.name.value))
                .with_label("`allowPartialMessage: true`")
                .with_help("remove `allowPartialMessage`: longer bodies are then refused with 413"),
        );
    }
}
