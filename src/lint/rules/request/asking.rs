//! Policies that ask for a token, or for something in it.

use std::collections::BTreeMap;

use crate::lint::Attribute;
use crate::lint::MeshView;
use crate::lint::value_lists;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::mesh::Object;
use crate::mesh::Workload;

/// Whether only a verified token gives the attribute a value.
pub(super) fn is_of_token(attribute: &Attribute) -> bool {
    match attribute {
        Attribute::RequestPrincipals | Attribute::Claims(_) | Attribute::Audiences | Attribute::Presenter => true,
        Attribute::Principals
        | Attribute::Namespaces
        | Attribute::ServiceAccounts
        | Attribute::TrustDomains
        | Attribute::IpBlocks
        | Attribute::RemoteIpBlocks
        | Attribute::Hosts
        | Attribute::Ports
        | Attribute::Methods
        | Attribute::Paths
        | Attribute::DestinationIp
        | Attribute::Header(_)
        | Attribute::Sni => false,
        // `request.auth.claims` in a form that is not quite right.
        Attribute::Other(key) => key.starts_with("request.auth."),
    }
}

/// Policies that may keep a request out for want of a token, by namespace. What is in dry-run or only audits keeps nobody out.
pub(super) struct Asking<'m> {
    by_namespace: BTreeMap<&'m str, Vec<&'m Object<AuthorizationPolicy>>>,
}

impl<'m> Asking<'m> {
    pub(super) fn of(view: &MeshView<'m>) -> Self {
        let mut by_namespace: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for policy in &view.mesh.authorization_policies {
            if is_asking(policy) {
                by_namespace.entry(&policy.id.namespace).or_default().push(policy);
            }
        }
        Self { by_namespace }
    }

    /// The first that concerns a workload.
    pub(super) fn at(&self, view: &MeshView<'m>, workload: &Workload) -> Option<&'m Object<AuthorizationPolicy>> {
        let spaces = [workload.namespace.as_str(), view.mesh.settings.root_namespace.as_str()];
        let near = spaces.iter().filter_map(|namespace| self.by_namespace.get(namespace)).flatten().copied();
        near.into_iter().find(|policy| view.mesh.attaches(workload, &policy.target()))
    }

    /// Whether there is one in the namespace or in the root namespace.
    pub(super) fn has_near(&self, view: &MeshView<'m>, namespace: &str) -> bool {
        [namespace, view.mesh.settings.root_namespace.as_str()].iter().any(|namespace| self.by_namespace.contains_key(namespace))
    }
}

fn is_asking(policy: &Object<AuthorizationPolicy>) -> bool {
    let is_dry = policy
        .header
        .annotation("istio.io/dry-run")
        .is_some_and(|word| matches!(word, "1" | "t" | "T" | "true" | "TRUE" | "True"));
    match policy.spec.action.value {
        Action::Audit => false,
        // The provider may ask for one; nobody here can say.
        Action::Custom => true,
        Action::Allow | Action::Deny => !is_dry && value_lists(&policy.spec).iter().any(|list| is_of_token(&list.attribute)),
    }
}
