//! The listener that receives everything sent to a workload: its filter chains and listener filters.

use std::collections::BTreeMap;

use serde_json::Value;

use super::chain;
use super::chain::Application;
use super::chain::Shape;
use super::chain::Transport;
use super::cluster;
use super::connection_manager;
use super::ext_authz;
use super::message::Message;
use super::rbac;
use super::rbac::Layer;
use super::tls;
use super::tls::Certificates;
use super::translation::Declaration;
use super::translation::DeclaredPort;
use super::translation::Translation;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::PortClass;
use crate::mesh::Protocol;

/// Port that redirected connections arrive at.
const INBOUND_PORT: u16 = 15006;
const VIRTUAL_INBOUND: &str = "virtualInbound";
const PASSTHROUGH: &str = "InboundPassthroughCluster";
const BLACK_HOLE: &str = "BlackHoleCluster";

/// The listener that redirected connections arrive at, as istiod sends it: `virtualInbound`.
///
/// A proxy that nothing redirects connections to (`interceptionMode: NONE`) has none; see [`listeners`].
#[must_use]
pub fn listener(input: &Translation<'_>) -> Value {
    let transparent = is_transparent(input);
    let chains = chains(input);
    let mut filters = vec![listener_filter("original_dst", "original_dst.v3.OriginalDst", Message::of_type, None)];
    if transparent {
        let source = |name: &str| Message::of_type(name).field("mark", 1337);
        filters.push(listener_filter("original_src", "original_src.v3.OriginalSrc", source, None));
    }
    filters.extend(inspectors(&chains));
    let address = socket_address(input.wildcard(), INBOUND_PORT);
    inbound(input, VIRTUAL_INBOUND, address, &chains, filters, Certificates::Agent)
        .optional("transparent", transparent.then_some(true))
        .number("maxConnectionsToAcceptPerSocketEvent", connections_per_event(input))
        .into()
}

/// Every inbound listener: `virtualInbound`, or without redirection one for each declared port.
#[must_use]
pub fn listeners(input: &Translation<'_>) -> Vec<Value> {
    if !input.workload.interception_none {
        return vec![listener(input)];
    }
    let listens = |port: &DeclaredPort| {
        let endpoint = Endpoint::declared(input, port);
        let address = socket_address(&endpoint.bind, port.number);
        let name = endpoint.chain_name(false).to_owned();
        let chains = application(input, &endpoint, port.protocol.class(), port.mode);
        inbound(input, &name, address, &chains, inspectors(&chains), Certificates::Agent)
            .number("maxConnectionsToAcceptPerSocketEvent", connections_per_event(input))
            .into()
    };
    by_number(&input.ports).into_values().map(listens).collect()
}

/// The same chains behind an ordinary socket: the PROXY header tells the addresses, certificates are files.
pub(super) fn static_listener(input: &Translation<'_>, port: u16) -> Value {
    let chains = chains(input);
    let mut filters = vec![listener_filter("proxy_protocol", "proxy_protocol.v3.ProxyProtocol", Message::of_type, None)];
    filters.extend(inspectors(&chains));
    inbound(input, VIRTUAL_INBOUND, socket_address("127.0.0.1", port), &chains, filters, Certificates::Files).into()
}

fn inbound(
    input: &Translation<'_>,
    name: &str,
    address: Message,
    chains: &[Chain],
    filters: Vec<Value>,
    certificates: Certificates,
) -> Message {
    Message::new()
        .field("name", name)
        .field("address", address)
        .list("filterChains", chains.iter().map(|chain| chain.message(input, certificates)))
        .list("listenerFilters", filters)
        .field("listenerFiltersTimeout", "0s")
        .field("continueOnListenerFiltersTimeout", true)
        .field("trafficDirection", "INBOUND")
}

pub(super) fn socket_address(address: &str, port: u16) -> Message {
    Message::new().field("socketAddress", Message::new().field("address", address).field("portValue", port))
}

fn connections_per_event(input: &Translation<'_>) -> u32 {
    let written = input.mesh.settings.features.get("MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP");
    written.and_then(|number| number.parse().ok()).unwrap_or(1)
}

fn is_transparent(input: &Translation<'_>) -> bool {
    input.workload.annotations.get("sidecar.istio.io/interceptionMode").is_some_and(|mode| mode == "TPROXY")
}

/// Where the connections of some chains go, and the names that follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// What declares the port.
    kind: EndpointKind,
    /// The port that chains match on; `None` matches every port.
    port: Option<u16>,
    /// The address that is listened on.
    bind: String,
    /// The protocol of the port.
    pub(super) protocol: Protocol,
    /// The cluster.
    pub(super) cluster: String,
    /// The port of the Service; the port itself when a Sidecar declares it.
    pub(super) service_port: u16,
    /// The object that chains are marked with.
    object: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum EndpointKind {
    /// A declared port; holds the name of its chains.
    Declared(String),
    /// Any port that nothing declares.
    Passthrough,
}

impl Endpoint {
    fn declared(input: &Translation<'_>, port: &DeclaredPort) -> Self {
        let number = port.number;
        let (bind, service_port, object) = match &port.declared_by {
            Declaration::Service(service_port) => (None, *service_port, None),
            Declaration::Sidecar { namespace, name } => {
                (input.workload.ip, number, Some(format!("/apis/networking.istio.io/v1/namespaces/{namespace}/sidecar/{name}")))
            }
        };
        let bind = bind.map_or_else(|| input.wildcard().to_owned(), |address| address.to_string());
        Self {
            kind: EndpointKind::Declared(format!("{bind}_{number}")),
            port: Some(number),
            bind,
            protocol: port.protocol,
            cluster: cluster::inbound(number),
            service_port,
            object,
        }
    }

    fn passthrough(port: Option<u16>) -> Self {
        Self {
            kind: EndpointKind::Passthrough,
            port,
            bind: String::new(),
            protocol: Protocol::Unset,
            cluster: PASSTHROUGH.to_owned(),
            service_port: 0,
            object: None,
        }
    }

    fn chain_name(&self, http: bool) -> &str {
        match &self.kind {
            EndpointKind::Declared(name) => name,
            EndpointKind::Passthrough if http => "virtualInbound-catchall-http",
            EndpointKind::Passthrough => VIRTUAL_INBOUND,
        }
    }

    /// Prefix of the connection manager's statistics.
    pub(super) fn http_statistics(&self) -> String {
        match &self.kind {
            EndpointKind::Declared(name) => format!("inbound_{name}"),
            EndpointKind::Passthrough => self.cluster.clone(),
        }
    }
}

enum Chain {
    /// Connections to the proxy's own port: they would come back for ever.
    BlackHole,
    /// Connections to the application.
    Application(Endpoint, Shape, bool),
}

/// The black hole, ports that nothing declares (all of them first), declared ports in order.
fn chains(input: &Translation<'_>) -> Vec<Chain> {
    let mut chains = vec![Chain::BlackHole];
    chains.extend(application(input, &Endpoint::passthrough(None), PortClass::Auto, input.passthrough));
    let undeclared: BTreeMap<u16, MutualTlsMode> = input.undeclared.iter().copied().collect();
    for (port, mode) in undeclared {
        chains.extend(application(input, &Endpoint::passthrough(Some(port)), PortClass::Auto, mode));
    }
    for port in by_number(&input.ports).into_values() {
        chains.extend(application(input, &Endpoint::declared(input, port), port.protocol.class(), port.mode));
    }
    chains
}

fn by_number(ports: &[DeclaredPort]) -> BTreeMap<u16, &DeclaredPort> {
    ports.iter().map(|port| (port.number, port)).collect()
}

fn application(input: &Translation<'_>, endpoint: &Endpoint, class: PortClass, mode: MutualTlsMode) -> Vec<Chain> {
    let http10 = input.mesh.settings.feature("PILOT_HTTP10", false);
    chain::shapes(class, mode).iter().map(|shape| Chain::Application(endpoint.clone(), *shape, http10)).collect()
}

impl Chain {
    fn message(&self, input: &Translation<'_>, certificates: Certificates) -> Message {
        match self {
            Self::BlackHole => Message::new()
                .field("filterChainMatch", Message::new().field("destinationPort", INBOUND_PORT))
                .list("filters", [tcp_proxy(BLACK_HOLE)])
                .field("name", "virtualInbound-blackhole"),
            Self::Application(endpoint, shape, http10) => {
                let filters =
                    if shape.http { vec![connection_manager::filter(input, endpoint)] } else { tcp_filters(input, endpoint) };
                let socket = shape.terminates.then(|| tls::transport_socket(input, shape.http, certificates));
                Message::new()
                    .field("filterChainMatch", chain_match(endpoint, *shape, *http10))
                    .list("filters", filters)
                    .optional("metadata", endpoint.object.as_deref().map(metadata))
                    .optional("transportSocket", socket)
                    .field("name", endpoint.chain_name(shape.http))
            }
        }
    }

    /// The port the chain matches on; 0 stands for every port.
    fn port(&self) -> u16 {
        match self {
            Self::BlackHole => INBOUND_PORT,
            Self::Application(endpoint, ..) => endpoint.port.unwrap_or_default(),
        }
    }

    fn needs_tls_inspector(&self) -> bool {
        matches!(self, Self::Application(_, shape, _) if shape.transport == Transport::Tls)
    }

    fn needs_http_inspector(&self) -> bool {
        matches!(self, Self::Application(_, shape, _) if shape.application == Application::PlainHttp)
    }
}

/// Names the object a chain comes from.
fn metadata(object: &str) -> Message {
    let istio = Message::new().field("config", object);
    Message::new().field("filterMetadata", Message::new().field("istio", istio))
}

fn chain_match(endpoint: &Endpoint, shape: Shape, http10: bool) -> Message {
    let transport = match shape.transport {
        Transport::Tls => "tls",
        Transport::Plain => "raw_buffer",
    };
    Message::new()
        .optional("destinationPort", endpoint.port)
        .field("transportProtocol", transport)
        .list("applicationProtocols", shape.application.names(http10).iter().copied())
}

fn tcp_filters(input: &Translation<'_>, endpoint: &Endpoint) -> Vec<Value> {
    let mut filters = ext_authz::filters(input.mesh, &input.tcp.custom, Layer::Network);
    filters.extend(rbac::filters(input.tcp, Layer::Network));
    if endpoint.protocol == Protocol::Mongo && input.mesh.settings.feature("PILOT_ENABLE_MONGO_FILTER", true) {
        let mongo = Message::of_type("envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy")
            .field("statPrefix", endpoint.cluster.as_str());
        filters.push(mongo.named("envoy.filters.network.mongo_proxy"));
    }
    filters.push(tcp_proxy(&endpoint.cluster));
    filters
}

fn tcp_proxy(cluster: &str) -> Value {
    Message::of_type("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy")
        .field("statPrefix", cluster)
        .field("cluster", cluster)
        .named("envoy.filters.network.tcp_proxy")
}

/// The filters that look at the first bytes, each switched off for the ports that have no use for it.
fn inspectors(chains: &[Chain]) -> Vec<Value> {
    let tls = needs(chains, Chain::needs_tls_inspector);
    let http = needs(chains, Chain::needs_http_inspector);
    let mut filters = Vec::new();
    if tls.values().any(|needed| *needed) {
        let inspects_unknown_ports = tls.get(&0).copied().unwrap_or_default();
        let others: Vec<u16> = tls
            .iter()
            .filter(|(port, needed)| **port != 0 && **needed != inspects_unknown_ports)
            .map(|(port, _)| *port)
            .collect();
        let disabled =
            any_port(&others).map(|ports| if inspects_unknown_ports { ports } else { Message::new().field("notMatch", ports) });
        let buffer = |name: &str| Message::of_type(name).field("initialReadBufferSize", 512);
        filters.push(listener_filter("tls_inspector", "tls_inspector.v3.TlsInspector", buffer, disabled));
    }
    if http.values().any(|needed| *needed) {
        let others: Vec<u16> = http.iter().filter(|(_, needed)| !**needed).map(|(port, _)| *port).collect();
        let disabled = any_port(&others);
        filters.push(listener_filter("http_inspector", "http_inspector.v3.HttpInspector", Message::of_type, disabled));
    }
    filters
}

fn needs(chains: &[Chain], question: impl Fn(&Chain) -> bool) -> BTreeMap<u16, bool> {
    let mut ports = BTreeMap::new();
    for chain in chains {
        *ports.entry(chain.port()).or_insert(false) |= question(chain);
    }
    ports
}

fn any_port(ports: &[u16]) -> Option<Message> {
    let range = |port: u16| {
        let bounds = Message::new().number("start", u32::from(port)).number("end", u32::from(port) + 1);
        Message::new().field("destinationPortRange", bounds)
    };
    match ports {
        [] => None,
        [only] => Some(range(*only)),
        several => {
            let rules = Message::new().list("rules", several.iter().map(|port| range(*port)));
            Some(Message::new().field("orMatch", rules))
        }
    }
}

fn listener_filter(name: &str, kind: &str, make: impl Fn(&str) -> Message, disabled: Option<Message>) -> Value {
    Message::new()
        .field("name", format!("envoy.filters.listener.{name}"))
        .field("typedConfig", make(&format!("envoy.extensions.filters.listener.{kind}")))
        .optional("filterDisabled", disabled)
        .into()
}
