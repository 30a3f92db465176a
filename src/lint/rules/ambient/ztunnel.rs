//! The policies that ztunnel reads.

use crate::diag::Finding;
use crate::lint::MeshView;
use crate::lint::rules::ambient::waypoint;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::Rule as PolicyRule;
use crate::mesh::Object;
use crate::mesh::Workload;

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
