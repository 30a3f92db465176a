use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::is_everything;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::Caller;
use crate::lint::rules::authorization::scope::lowered_in_force;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::PathNormalization;
use crate::mesh::Object;
use crate::policy;
use crate::policy::Entry;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::TextPattern;

pub(super) const RULE: Rule = Rule {
    code: Code("MS170"),
    name: "deny-positive-path",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A DENY by path in a mesh that does not merge slashes and decode escaped ones.",
    why: "`//admin` or `/x%2f..%2fadmin` may reach the handler of `/admin` in the application, and is another path to the rule.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], paths: [/admin, /admin/]}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    pathNormalization: {normalization: MERGE_SLASHES}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], paths: [/admin, /admin/]}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    pathNormalization: {normalization: DECODE_AND_MERGE_SLASHES}
"#,
    specification: "Istio security best practices, path normalization; ISTIO-SECURITY-2021-005",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let setting = view.mesh.settings.path_normalization;
    if !view.has_mesh_configuration || setting == PathNormalization::DecodeAndMergeSlashes {
        return;
    }
    let mut witnesses = Witnesses::new(view);
    for (policy, lowered) in lowered_in_force(view, Action::Deny) {
        for rule in lowered.engines.rules() {
            for entry in &rule.to {
                let is_path = |test: &&Test| test.attribute == policy::Attribute::Path;
                let Some(value) = entry.tests.iter().find(is_path).and_then(|test| test.values.first()) else { continue };
                if is_everything(&policy::Attribute::Path, &value.pattern) || matches!(value.pattern, Pattern::Text(TextPattern::Suffix(_))) {
                    continue;
                }
                let finding = RULE
                    .at(value.written.span, format!("`{}` can be written in ways that are not denied", value.written.value))
                    .with_label(if setting == PathNormalization::MergeSlashes {
                        "such as with `%2f` for a slash"
                    } else {
                        "such as with a second slash before it"
                    })
                    .with_help("allow the paths that are meant instead, or set `pathNormalization` to DECODE_AND_MERGE_SLASHES");
                let Some(from) = rule.from.first() else { continue };
                match evasion(view, policy, from, entry, setting, &mut witnesses) {
                    // Whatever is not denied here is not allowed either.
                    Some((false, _)) => {}
                    Some((true, scenario)) => found.push(finding.with_witness(scenario)),
                    None => found.push(finding),
                }
            }
        }
    }
}

/// Whether another spelling of the path reaches a workload, and the request.
fn evasion(
    view: &MeshView<'_>,
    policy: &Object<AuthorizationPolicy>,
    from: &Entry,
    to: &Entry,
    setting: PathNormalization,
    witnesses: &mut Witnesses<'_>,
) -> Option<(bool, String)> {
    let mut answer = None;
    for workload in view.workloads_of(policy).into_iter().take(3) {
        let Some(mut request) = sample::request(view, workload, Caller::Identified, from, to) else { continue };
        request.path = request.path.map(|path| match setting {
            PathNormalization::MergeSlashes => format!("/meshsec%2f..{}", path.replacen('/', "%2f", 1)),
            PathNormalization::None | PathNormalization::Base | PathNormalization::DecodeAndMergeSlashes => format!("/{path}"),
        });
        let Some(witness) = witnesses.ask(&request) else { continue };
        if witness.is_allowed() {
            return Some((true, witness.scenario));
        }
        if witness.is_denied() {
            answer = Some((false, witness.scenario));
        }
    }
    answer
}
