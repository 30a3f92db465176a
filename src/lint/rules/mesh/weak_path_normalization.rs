use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::PathNormalization;

pub(super) const RULE: Rule = Rule {
    code: Code("MS516"),
    name: "weak-path-normalization",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A mesh whose proxies compare paths as they arrive.",
    why: "Servers read `/a/../admin` and `/%61dmin` as `/admin`; rules about paths are then avoided by writing the path differently.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    pathNormalization: {normalization: NONE}
",
    instead: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    pathNormalization: {normalization: DECODE_AND_MERGE_SLASHES}
",
    specification: "MeshConfig reference, ProxyPathNormalization",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let Some(written) = view.mesh.settings.written.as_deref().and_then(|config| config.path_normalization.as_ref()) else {
        return;
    };
    if written.value == PathNormalization::None {
        found.push(
            RULE.at(written.span, "paths are compared as they arrive, not as servers read them")
                .with_help("write DECODE_AND_MERGE_SLASHES if the applications allow it, else remove the setting"),
        );
    }
}
