//! Whether what was not read could change what is said about a workload.

use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::mesh::Unread;
use crate::mesh::Workload;

/// Who asks a workload, as far as objects that were not read could concern it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asker<'a> {
    /// The namespace of the caller; `None` outside the mesh, or when no caller is meant.
    pub namespace: Option<&'a str>,
    /// The namespace of the service that the workload answers for; `None` when it is asked under its own address.
    pub service_namespace: Option<&'a str>,
}

impl Mesh {
    /// What was not read and could change an answer about this workload.
    pub fn doubts<'m>(&'m self, workload: &'m Workload, asker: Asker<'m>) -> impl Iterator<Item = &'m Unread> {
        self.unread.iter().filter(move |unread| self.could_change(unread, workload, asker))
    }

    fn could_change(&self, unread: &Unread, workload: &Workload, asker: Asker<'_>) -> bool {
        let is_here = unread.concerns(&workload.namespace);
        let is_at_root = unread.concerns(&self.settings.root_namespace);
        let is_at_caller = asker.namespace.is_some_and(|namespace| unread.concerns(namespace));
        let is_at_service = asker.service_namespace.is_some_and(|namespace| unread.concerns(namespace));
        match unread.kind.as_str() {
            "AuthorizationPolicy" | "RequestAuthentication" | "PeerAuthentication" => is_here || is_at_root,
            // The caller's proxy looks in its own namespace, then in that of the service, then in the root namespace.
            "DestinationRule" => asker.namespace.is_some() && (is_at_caller || is_at_service || is_at_root),
            "Sidecar" => is_here || is_at_caller || is_at_root,
            // Labels of namespaces say who gets a proxy.
            "Namespace" => is_here || is_at_caller,
            "Service" | "ServiceEntry" => is_here || is_at_service,
            "ConfigMap" => is_at_root,
            "Gateway" => is_here && matches!(workload.proxy, Proxy::Gateway | Proxy::Waypoint),
            // Another workload may answer for the same service.
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Pod" | "Job" | "CronJob" | "WorkloadEntry"
            | "WorkloadGroup" => is_at_service,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn unread(kind: &str, namespace: Option<&str>) -> Unread {
        Unread {
            group: String::new(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            except: BTreeSet::from(["read".to_owned()]),
            name: None,
            why: "forbidden".to_owned(),
        }
    }

    #[test]
    fn only_what_could_change_the_answer_raises_a_doubt() {
        let by_service = Asker { namespace: Some("front"), service_namespace: Some("shop") };
        let by_address = Asker { namespace: Some("front"), service_namespace: None };
        let outside = Asker::default();
        let cases: &[(&str, Option<&str>, Asker<'_>, bool)] = &[
            ("AuthorizationPolicy", Some("shop"), outside, true),
            ("AuthorizationPolicy", Some("istio-system"), outside, true),
            ("AuthorizationPolicy", Some("front"), by_service, false),
            ("AuthorizationPolicy", Some("read"), by_service, false),
            ("AuthorizationPolicy", None, outside, true),
            ("PeerAuthentication", Some("shop"), outside, true),
            ("DestinationRule", Some("front"), by_service, true),
            ("DestinationRule", Some("shop"), by_service, true),
            ("DestinationRule", Some("shop"), by_address, false),
            ("DestinationRule", Some("shop"), outside, false),
            ("Namespace", Some("front"), by_service, true),
            ("Namespace", Some("other"), by_service, false),
            ("Pod", Some("shop"), by_service, true),
            ("Pod", Some("shop"), by_address, false),
            ("Service", Some("shop"), by_address, true),
            ("ConfigMap", Some("istio-system"), outside, true),
            ("Gateway", Some("shop"), by_service, false),
            ("ServiceAccount", None, by_service, false),
            ("NetworkPolicy", None, by_service, false),
        ];
        let workload = Workload { namespace: "shop".to_owned(), ..Workload::default() };
        let mut wrong = Vec::new();
        for (kind, namespace, asker, expected) in cases {
            let mesh = Mesh { unread: vec![unread(kind, *namespace)], ..Mesh::default() };
            if (mesh.doubts(&workload, *asker).count() == 1) != *expected {
                wrong.push(format!("{kind} of {namespace:?} for {asker:?}: expected a doubt: {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
