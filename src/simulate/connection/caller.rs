use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::mesh::WorkloadId;
use crate::spiffe::SpiffeId;

/// What stands behind the caller's application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerProxy {
    /// A sidecar.
    Sidecar,
    /// It is a gateway itself.
    Gateway,
    /// Nothing: the application's own bytes go out.
    None,
    /// ztunnel, or it is a waypoint.
    Ambient,
}

/// Who opens a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The workload, when the manifests hold it.
    pub workload: Option<WorkloadId>,
    /// Its namespace; `None` outside the mesh.
    pub namespace: Option<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Names in the certificate it has or could have, as the certificate writes them; empty when it can have none.
    pub names: Vec<String>,
    /// Without a proxy: the application holds that certificate and uses it unless told otherwise.
    pub holds_certificate: bool,
    /// Why a proxy refuses that certificate, whatever authorities it trusts; `None` for one that is good.
    pub certificate_defect: Option<String>,
    /// What stands behind its application.
    pub proxy: CallerProxy,
    /// Its address, when known.
    pub ip: Option<IpAddr>,
    /// It is the kubelet of the destination's node, probing.
    pub kubelet: bool,
    /// Ports its sidecar does not take over, as the application names them.
    pub excluded_outbound_ports: BTreeSet<u16>,
}

impl Caller {
    /// Someone outside the mesh: no certificate, no proxy, plain bytes.
    #[must_use]
    pub fn outside() -> Self {
        Self {
            workload: None,
            namespace: None,
            labels: BTreeMap::new(),
            names: Vec::new(),
            holds_certificate: false,
            certificate_defect: None,
            proxy: CallerProxy::None,
            ip: None,
            kubelet: false,
            excluded_outbound_ports: BTreeSet::new(),
        }
    }

    /// A workload of the manifests, with the proxy they give it; `None` when there is no such workload.
    #[must_use]
    pub fn workload(mesh: &Mesh, id: WorkloadId) -> Option<Self> {
        let workload = mesh.workload(id)?;
        let excluded = workload.annotations.get("traffic.sidecar.istio.io/excludeOutboundPorts");
        let domain = mesh.settings.trust_domain.replace('@', ".");
        Some(Self {
            workload: Some(id),
            namespace: Some(workload.namespace.clone()),
            labels: workload.labels.clone(),
            names: vec![format!("spiffe://{}", workload.principal(&domain))],
            proxy: match workload.proxy {
                Proxy::Sidecar => CallerProxy::Sidecar,
                Proxy::Gateway => CallerProxy::Gateway,
                Proxy::None => CallerProxy::None,
                Proxy::Waypoint | Proxy::Ambient => CallerProxy::Ambient,
            },
            ip: workload.ip,
            excluded_outbound_ports: excluded
                .map(|list| list.split(',').filter_map(|port| port.trim().parse().ok()).collect())
                .unwrap_or_default(),
            ..Self::outside()
        })
    }

    /// A service account behind a sidecar.
    #[must_use]
    pub fn service_account(mesh: &Mesh, namespace: &str, account: &str) -> Self {
        let domain = mesh.settings.trust_domain.replace('@', ".");
        Self {
            namespace: Some(namespace.to_owned()),
            names: vec![format!("spiffe://{domain}/ns/{namespace}/sa/{account}")],
            proxy: CallerProxy::Sidecar,
            ..Self::outside()
        }
    }

    /// Someone with this identity: behind a sidecar, or a plain client that holds the certificate. The namespace is that of the
    /// identity, when it has one.
    #[must_use]
    pub fn principal(identity: &str, sidecar: bool) -> Self {
        let name = if identity.contains("://") { identity.to_owned() } else { format!("spiffe://{identity}") };
        let namespace = name.parse::<SpiffeId>().ok().and_then(|id| id.namespace().map(str::to_owned));
        Self {
            namespace,
            names: vec![name],
            holds_certificate: !sidecar,
            proxy: if sidecar { CallerProxy::Sidecar } else { CallerProxy::None },
            ..Self::outside()
        }
    }

    /// The kubelet of the destination's node.
    #[must_use]
    pub fn kubelet() -> Self {
        Self { kubelet: true, ..Self::outside() }
    }

    /// Whether a proxy speaks for it.
    #[must_use]
    pub fn has_proxy(&self) -> bool {
        matches!(self.proxy, CallerProxy::Sidecar | CallerProxy::Gateway)
    }

    /// The trust domain of its first name.
    #[must_use]
    pub fn trust_domain(&self) -> Option<&str> {
        self.names.first()?.strip_prefix("spiffe://")?.split('/').next()
    }
}
