//! The policies that ztunnel reads.

use std::collections::BTreeMap;

use crate::diag::Finding;
use crate::diag::Spanned;
use crate::lint::MeshView;
use crate::lint::rules::ambient::waypoint;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::Rule as PolicyRule;
use crate::mesh::Object;
use crate::mesh::Workload;
use crate::mesh::selector_labels_match;

/// The flag of istiod that gives dry-run policies to ztunnel.
pub(super) const DRY_RUN_FLAG: &str = "AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY";

/// A policy without `targetRefs` that concerns a pod of the ambient mesh.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read<'v> {
    pub(super) policy: &'v Object<AuthorizationPolicy>,
    /// The first such pod.
    pub(super) workload: &'v Workload,
}

impl<'v> Read<'v> {
    /// The rules that are more than `null`.
    pub(super) fn rules(self) -> impl Iterator<Item = &'v PolicyRule> {
        self.policy.spec.rules.iter().flatten().flatten()
    }

    /// Says who reads it that way.
    pub(super) fn note(self, finding: Finding) -> Finding {
        finding.with_note(format!("`{}` is in the ambient mesh: ztunnel reads the policy", self.workload.display_name()))
    }

    /// What to do about something that needs HTTP.
    pub(super) fn help(self, view: &MeshView<'_>) -> String {
        match waypoint::any_for(view, self.workload) {
            Some(name) => format!("let the waypoint `{name}` enforce it: `targetRefs` instead of the selector"),
            None => "put a waypoint in front of the workload and write `targetRefs` instead of the selector".to_owned(),
        }
    }
}

/// Every policy that concerns a pod of the ambient mesh and has no `targetRefs`.
pub(super) fn written<'v>(view: &'v MeshView<'_>) -> impl Iterator<Item = Read<'v>> {
    view.on_ambient().iter().filter_map(|(policy, workload)| {
        Some(Read { policy: view.mesh.authorization_policies.get(*policy)?, workload: view.mesh.workload(*workload)? })
    })
}

/// Those that reach ztunnel.
pub(super) fn read<'v>(view: &'v MeshView<'_>) -> impl Iterator<Item = Read<'v>> {
    let has_dry_run = view.mesh.settings.feature(DRY_RUN_FLAG, false);
    written(view).filter(move |read| has_dry_run || !is_dry_run(read.policy))
}

/// Whether a policy is to be tried only.
pub(super) fn is_dry_run(policy: &Object<AuthorizationPolicy>) -> bool {
    policy.header.annotation("istio.io/dry-run").is_some_and(|value| matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"))
}

/// The policies that reach ztunnel, by namespace.
pub(super) type ByNamespace<'v> = BTreeMap<&'v str, Vec<&'v Object<AuthorizationPolicy>>>;

/// The policies that reach ztunnel, to be asked for many workloads.
pub(super) fn by_namespace<'v>(view: &'v MeshView<'_>) -> ByNamespace<'v> {
    let mut policies = ByNamespace::new();
    for read in read(view) {
        policies.entry(&read.policy.id.namespace).or_default().push(read.policy);
    }
    policies
}

/// Those that concern a pod.
pub(super) fn of_workload<'r, 'v: 'r>(
    view: &'r MeshView<'v>,
    policies: &'r ByNamespace<'v>,
    workload: &'r Workload,
) -> impl Iterator<Item = &'v Object<AuthorizationPolicy>> + 'r {
    let root = view.mesh.settings.root_namespace.as_str();
    let others = (workload.namespace != root).then_some(root);
    let candidates = std::iter::once(workload.namespace.as_str()).chain(others).filter_map(|namespace| policies.get(namespace));
    candidates.flatten().copied().filter(|policy| {
        policy.spec.selector.as_ref().is_none_or(|selector| selector_labels_match(&selector.match_labels, &workload.labels))
    })
}

/// Whether any of them concerns a pod.
pub(super) fn is_covered<'v>(view: &MeshView<'v>, policies: &ByNamespace<'v>, workload: &Workload) -> bool {
    of_workload(view, policies, workload).next().is_some()
}

/// Every identity that a rule names.
pub(super) fn principals(rule: &PolicyRule) -> impl Iterator<Item = &Spanned<String>> {
    let sources = rule.from.iter().flatten().flat_map(|source| source.principals.iter().chain(&source.not_principals));
    sources.chain(of_conditions(rule, "source.principal"))
}

/// Every namespace that a rule names.
pub(super) fn namespaces(rule: &PolicyRule) -> impl Iterator<Item = &Spanned<String>> {
    let sources = rule.from.iter().flatten().flat_map(|source| source.namespaces.iter().chain(&source.not_namespaces));
    sources.chain(of_conditions(rule, "source.namespace"))
}

fn of_conditions<'p>(rule: &'p PolicyRule, key: &'static str) -> impl Iterator<Item = &'p Spanned<String>> {
    let conditions = rule.when.iter().filter(move |condition| condition.key.value == key);
    conditions.flat_map(|condition| condition.values.iter().chain(&condition.not_values))
}
