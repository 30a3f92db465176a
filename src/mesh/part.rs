use crate::mesh::Endpoint;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::Service;
use crate::mesh::WorkloadId;
use crate::mesh::index::Index;

impl Mesh {
    /// What of the mesh concerns the workloads of a namespace: the namespace and the root namespace.
    #[must_use]
    pub fn part(&self, namespace: &str) -> Mesh {
        let mesh = self;
        let is_near = |other: &str| other == namespace || other == mesh.settings.root_namespace;
        let workloads = mesh.workloads.partition_point(|workload| workload.namespace.as_str() < namespace);
        let own = mesh.workloads.iter().skip(workloads).take_while(|workload| workload.namespace == namespace);
        let services = mesh.services.iter().filter(|service| service.id.namespace == namespace);
        Mesh {
            unread: mesh.unread.clone(),
            settings: mesh.settings.clone(),
            namespaces: mesh
                .namespaces
                .iter()
                .filter(|(name, _)| is_near(name))
                .map(|(name, own)| (name.clone(), own.clone()))
                .collect(),
            workloads: own.cloned().collect(),
            service_accounts: mesh.service_accounts.iter().filter(|(of, _)| is_near(of)).cloned().collect(),
            services: services.map(|service| shifted(service, workloads)).collect(),
            peer_authentications: near(&mesh.peer_authentications, &is_near),
            request_authentications: near(&mesh.request_authentications, &is_near),
            authorization_policies: near(&mesh.authorization_policies, &is_near),
            destination_rules: near(&mesh.destination_rules, &is_near),
            sidecars: near(&mesh.sidecars, &is_near),
            gateways: near(&mesh.gateways, &is_near),
            kubernetes_gateways: near(&mesh.kubernetes_gateways, &is_near),
            index: Index::default(),
        }
    }
}

fn near<T: Clone>(objects: &[Object<T>], is_near: &impl Fn(&str) -> bool) -> Vec<Object<T>> {
    objects.iter().filter(|object| is_near(&object.id.namespace)).cloned().collect()
}

/// The service with its endpoints counted from the first workload of the part.
fn shifted(service: &Service, first: usize) -> Service {
    let endpoint = |endpoint: &Endpoint| Endpoint {
        workload: endpoint.workload.and_then(|id| id.0.checked_sub(first)).map(WorkloadId),
        ..endpoint.clone()
    };
    Service { endpoints: service.endpoints.iter().map(endpoint).collect(), ..service.clone() }
}
