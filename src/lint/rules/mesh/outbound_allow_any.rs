use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS519"),
    name: "outbound-allow-any",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A mesh whose workloads may call any address outside.",
    why: "Policies are about what comes in; a compromised workload can send data anywhere. `REGISTRY_ONLY` keeps honest clients to known hosts and is no boundary either.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    outboundTrafficPolicy: {mode: ALLOW_ANY}
",
    instead: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    outboundTrafficPolicy: {mode: REGISTRY_ONLY}
",
    specification: "MeshConfig reference, OutboundTrafficPolicy",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let Some(written) = view.mesh.settings.written.as_deref().and_then(|config| config.outbound_mode.as_ref()) else { return };
    if written.value == "ALLOW_ANY" {
        found.push(
            RULE.at(written.span, "workloads may call any address outside the mesh")
                .with_help("lead traffic out through an egress gateway, and let a NetworkPolicy stop every other way"),
        );
    }
}
