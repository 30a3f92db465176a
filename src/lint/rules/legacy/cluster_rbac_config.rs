use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::legacy::kinds;

pub(super) const RULE: Rule = Rule {
    code: Code("MS703"),
    name: "cluster-rbac-config",
    severity: Severity::Error,
    peers: &["IST0002"],
    needs: Needs::Document,
    finds: "An RbacConfig or ClusterRbacConfig of the first RBAC API.",
    why: "No current control plane reads them: the namespaces that were to deny by default are open.",
    example: r"apiVersion: rbac.istio.io/v1alpha1
kind: ClusterRbacConfig
metadata: {name: default}
spec: {mode: ON_WITH_INCLUSION, inclusion: {namespaces: [shop]}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
",
    specification: "Istio 1.6 upgrade notes",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let help = "write an AuthorizationPolicy with `spec: {}` into each namespace that is to deny by default";
    found.extend(kinds::unread(&RULE, view, "rbac.istio.io", &["RbacConfig", "ClusterRbacConfig"], help));
}
