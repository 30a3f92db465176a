use std::collections::BTreeSet;

use crate::mesh::Mesh;
use crate::mesh::Service;
use crate::mesh::Workload;
use crate::simulate::connection::SecureNaming;

/// Names of the server that a client accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Any.
    Any,
    /// One of these, exactly.
    OneOf(Vec<String>),
    /// A DNS name that covers this host, which no certificate of the mesh has.
    Host(String),
}

/// Accounts of all endpoints of a service and those it names itself, each also in every alias of the trust domain.
///
/// The set belongs to the service, not to the endpoint that is picked. An empty set accepts every certificate of the mesh.
pub(super) fn accounts(mesh: &Mesh, service: &Service) -> Expected {
    let written = service.endpoints.iter().filter_map(|endpoint| endpoint.identity.clone());
    let written: BTreeSet<String> = written.chain(service.extra_identities.iter().cloned()).collect();
    let mut accepted = written.clone();
    for identity in &written {
        let Some(account) = account_path(identity) else { continue };
        for alias in &mesh.settings.trust_domain_aliases {
            accepted.insert(format!("spiffe://{alias}/{account}"));
        }
    }
    if accepted.is_empty() { Expected::Any } else { Expected::OneOf(accepted.into_iter().collect()) }
}

/// `ns/NAMESPACE/sa/ACCOUNT` of an identity that has this shape.
fn account_path(identity: &str) -> Option<&str> {
    let (_, path) = identity.strip_prefix("spiffe://")?.split_once('/')?;
    let mut parts = path.split('/');
    let shape = (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
    matches!(shape, (Some("ns"), Some(_), Some("sa"), Some(_), None)).then_some(path)
}

/// The identity in the certificate that a workload's proxy presents.
pub(super) fn of_server(mesh: &Mesh, workload: &Workload) -> String {
    format!("spiffe://{}", workload.principal(&mesh.settings.trust_domain.replace('@', ".")))
}

impl Expected {
    /// Compares with a server of the mesh.
    pub(super) fn check(&self, server: String) -> SecureNaming {
        match self {
            Self::Any => SecureNaming::NotChecked,
            Self::OneOf(names) if names.contains(&server) => SecureNaming::Ok,
            Self::OneOf(names) => SecureNaming::Mismatch { expected: names.clone(), got: server },
            Self::Host(host) => SecureNaming::Mismatch { expected: vec![host.clone()], got: server },
        }
    }
}
