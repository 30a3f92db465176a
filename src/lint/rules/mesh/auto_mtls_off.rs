use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS518"),
    name: "auto-mtls-off",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A mesh in which clients do not use mutual TLS of themselves.",
    why: "Calls go out in plaintext unless a DestinationRule says otherwise for each of them; callers then have no identity.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    enableAutoMtls: false
",
    instead: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    enableAutoMtls: true
",
    specification: "MeshConfig reference, enableAutoMtls",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let Some(written) = view.mesh.settings.written.as_deref().and_then(|config| config.enable_auto_mtls.as_ref()) else { return };
    if !written.value {
        found.push(
            RULE.at(written.span, "clients send plaintext unless a DestinationRule tells them not to")
                .with_help("remove the setting: automatic mutual TLS is on by default"),
        );
    }
}
