use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::mesh::providers::common;

pub(super) const RULE: Rule = Rule {
    code: Code("MS520"),
    name: "ext-authz-fails-open",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "External authorization that lets requests pass when its service does not answer.",
    why: "Whoever can make the service fail, or waits until it does, is let in.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.auth.svc.cluster.local, port: 9191, timeout: 1s, failOpen: true}
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
    specification: "MeshConfig reference, EnvoyExternalAuthorizationGrpcProvider.failOpen",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for provider in &view.mesh.settings.extension_providers {
        if common(&provider.kind).is_some_and(|common| common.fails_open) {
            found.push(
                RULE.at(provider.name.span, format!("requests pass when `{}` does not answer", provider.name.value))
                    .with_label("`failOpen: true`")
                    .with_help("remove `failOpen`; run the service more than once if its failure must not stop requests"),
            );
        }
    }
}
