//! What stands between a client and a gateway, as far as manifests say.

use crate::diag::Spanned;
use crate::lint::MeshView;
use crate::mesh::Service;
use crate::mesh::Workload;

const CONFIG: &str = "proxy.istio.io/config";

/// What a gateway is told about the proxies before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topology {
    /// So many add to `X-Forwarded-For`.
    Proxies(u32),
    /// They speak the PROXY protocol.
    ProxyProtocol,
    /// Neither the gateway nor a mesh configuration that was given says.
    Unknown,
}

impl Topology {
    pub(super) fn of(view: &MeshView<'_>, gateway: &Workload) -> Self {
        let own = gateway.annotations.get(CONFIG).map_or("", String::as_str);
        if own.contains("proxyProtocol") {
            return Self::ProxyProtocol;
        }
        match trusted_proxies(own) {
            Some(count) => Self::Proxies(count),
            None if view.has_mesh_configuration => Self::Proxies(view.mesh.settings.num_trusted_proxies),
            None => Self::Unknown,
        }
    }
}

/// What kind of load balancer the annotations of a Service ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Balancer {
    /// It reads HTTP and makes connections of its own.
    Http,
    /// It passes connections on.
    Connections,
    /// It passes connections on, with the PROXY protocol.
    SendsProxyProtocol,
    Unsaid,
}

impl Balancer {
    pub(super) fn of(service: &Service) -> Self {
        let aws = |name: &str| {
            let key = format!("service.beta.kubernetes.io/aws-load-balancer-{name}");
            service.annotations.get(&key).map(Spanned::as_str)
        };
        if aws("proxy-protocol").is_some()
            || aws("target-group-attributes").is_some_and(|list| list.contains("proxy_protocol_v2.enabled=true"))
        {
            return Self::SendsProxyProtocol;
        }
        match (aws("backend-protocol"), aws("type")) {
            (Some("http" | "https"), _) => Self::Http,
            (_, Some("nlb" | "nlb-ip" | "external")) | (Some("tcp" | "ssl"), _) => Self::Connections,
            _ => Self::Unsaid,
        }
    }
}

/// The Service by which clients from outside reach a gateway.
pub(super) fn service_of<'v>(view: &MeshView<'v>, gateway: &Workload) -> Option<&'v Service> {
    let id = view.id_of(gateway)?;
    let reaches =
        |service: &&Service| service.is_exposed && service.endpoints.iter().any(|endpoint| endpoint.workload == Some(id));
    view.mesh.services.iter().find(reaches)
}

/// The number behind `numTrustedProxies`, in YAML or JSON.
pub(in crate::lint::rules) fn trusted_proxies(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("numTrustedProxies")?;
    let digits = rest.trim_start_matches(['"', '\'', ':', ' ']);
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A gateway behind a Service, with what it and the Service say.
macro_rules! gateway {
    ($topology:literal, $traffic:literal) => {
        concat!(
            "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    defaultConfig:
      gatewayTopology: {",
            $topology,
            "}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, sidecar.istio.io/inject: \"true\"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: edge, containers: [{name: istio-proxy, image: auto, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: edge}
spec: {type: LoadBalancer, externalTrafficPolicy: ",
            $traffic,
            ", selector: {app: edge}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
"
        )
    };
}

/// A policy of that gateway about addresses of clients.
macro_rules! policy {
    () => {
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: edge, namespace: edge}
spec: {selector: {matchLabels: {app: edge}}, action: ALLOW, rules: [{from: [{source: {remoteIpBlocks: [203.0.113.0/24]}}]}]}
"
    };
}

pub(super) use gateway;
pub(super) use policy;
