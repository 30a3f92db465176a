use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS529"),
    name: "broad-write-on-policy-kinds",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A role that may write security policies, or EnvoyFilters, for whoever it is bound to.",
    why: "Who can write these kinds decides who reaches what; in the root namespace that holds for the whole mesh.",
    example: r#"apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: tenant-developer}
rules: [{apiGroups: [security.istio.io], resources: ["*"], verbs: ["*"]}]
"#,
    instead: r#"apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: tenant-developer}
rules: [{apiGroups: [security.istio.io], resources: ["*"], verbs: [get, list, watch]}]
"#,
    specification: "Istio security best practices, role-based access",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let group = "rbac.authorization.k8s.io";
    // In one namespace it is how teams are meant to own their policies.
    let Some(role) = view.raw(group, "ClusterRole") else { return };
    let name = view.header.name.as_str();
    if name.starts_with("istio") || name.contains("admin") || name.starts_with("system:") {
        return;
    }
    for rule in tree::items(role, "rules") {
        let has = |key: &str, wanted: &[&str]| tree::texts(rule, key).find(|(word, _)| wanted.contains(word));
        let Some((_, verb)) = has("verbs", &["*", "create", "update", "patch", "delete", "deletecollection"]) else { continue };
        // All rights on everything is an administrator, whatever the name.
        let security = has("apiGroups", &["security.istio.io"]).is_some();
        let filters = has("apiGroups", &["networking.istio.io"]).is_some() && has("resources", &["*", "envoyfilters"]).is_some();
        let kinds = match (security, filters) {
            (true, true) => "security policies and EnvoyFilters",
            (true, false) => "security policies",
            (false, true) => "EnvoyFilters",
            (false, false) => continue,
        };
        found.push(
            RULE.at(verb, format!("`{name}` may write {kinds} wherever it is bound"))
                .with_help("grant it by a Role in the namespaces it is for, and never in the root namespace"),
        );
    }
}
