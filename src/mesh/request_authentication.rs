//! Which RequestAuthentications apply to a workload, and their rules in the order in which istiod joins them.

use crate::manifest::kinds::JwtRule;
use crate::mesh::Attachment;
use crate::mesh::Mesh;
use crate::mesh::Workload;

/// One rule that applies to a workload.
#[derive(Debug, Clone, Copy)]
pub struct AppliedJwtRule<'m> {
    /// Index of the policy in [`Mesh::request_authentications`].
    pub policy: usize,
    /// Index in its `jwtRules`.
    pub rule: usize,
    /// The rule.
    pub spec: &'m JwtRule,
}

impl Mesh {
    /// Whether a RequestAuthentication, by index, applies to a workload, and why or why not.
    #[must_use]
    pub fn request_authentication_attachment(&self, workload: &Workload, policy: usize) -> Attachment {
        let Some(policy) = self.request_authentications.get(policy) else {
            return Attachment::Ignored("no such policy".to_owned());
        };
        let spec = &policy.spec;
        self.attachment(
            workload,
            &policy.id,
            &policy.header.labels,
            spec.selector.as_ref(),
            spec.target_ref.as_ref(),
            &spec.target_refs,
        )
    }

    /// Every JWT rule that applies to a workload, by issuer; of equal ones those of its own namespace before those of the root namespace.
    #[must_use]
    pub fn jwt_rules(&self, workload: &Workload) -> Vec<AppliedJwtRule<'_>> {
        let root = self.settings.root_namespace.as_str();
        let namespaces = [Some(workload.namespace.as_str()), Some(root).filter(|root| *root != workload.namespace)];
        let policies = namespaces.into_iter().flatten().filter_map(|namespace| self.request_authentications_in(namespace));
        let mut own = Vec::new();
        for index in policies.flat_map(|(_, policies)| policies).copied() {
            let Some(policy) = self.request_authentications.get(index) else { continue };
            if let Attachment::Applies(_) = self.request_authentication_attachment(workload, index) {
                own.extend(policy.spec.jwt_rules.iter().enumerate().map(|(rule, spec)| AppliedJwtRule {
                    policy: index,
                    rule,
                    spec,
                }));
            }
        }
        own.sort_by(|a, b| a.spec.issuer.cmp(&b.spec.issuer));
        own
    }
}
