//! Names of the clusters that filters refer to.

use crate::mesh::Mesh;
use crate::mesh::Service;

/// The service written as `host` or `namespace/host`; a host alone must be of one namespace only.
pub(super) fn service<'m>(mesh: &'m Mesh, written: &str) -> Option<&'m Service> {
    let Some((namespace, host)) = written.split_once('/') else {
        let mut found = mesh.services.iter().filter(|service| service.hostname == written);
        let first = found.next()?;
        return found.all(|other| other.id.namespace == first.id.namespace).then_some(first);
    };
    mesh.services.iter().find(|service| service.hostname == host && service.id.namespace == namespace)
}

/// Host and cluster of a service written as `host` or `namespace/host`.
pub(super) fn upstream(mesh: &Mesh, written: &str, port: u32) -> (String, String) {
    let after_namespace = written.split_once('/').map_or(written, |(_, host)| host);
    let host = service(mesh, written).map_or(after_namespace, |service| service.hostname.as_str());
    (host.to_owned(), outbound(host, port))
}

/// The cluster that leads to a port of a host.
pub(super) fn outbound(host: &str, port: u32) -> String {
    format!("outbound|{port}||{host}")
}

/// The cluster that leads to the application's port.
pub(super) fn inbound(port: u16) -> String {
    format!("inbound|{port}||")
}
