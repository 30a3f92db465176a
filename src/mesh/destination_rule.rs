use std::net::IpAddr;

use crate::manifest::kinds::DestinationRule;
use crate::mesh::Mesh;
use crate::mesh::Object;

impl Mesh {
    /// The host a DestinationRule means: one without a dot is a service of the rule's namespace.
    #[must_use]
    pub fn destination_rule_host(&self, rule: &Object<DestinationRule>) -> String {
        let host = &rule.spec.host.value;
        if host.is_empty() || host == "*" || host.contains('.') || host.parse::<IpAddr>().is_ok() {
            return host.clone();
        }
        format!("{host}.{}.svc.{}", rule.id.namespace, self.settings.cluster_domain)
    }
}
