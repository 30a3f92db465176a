//! A static bootstrap that an ordinary Envoy loads: the chains of [`listener`](super::listener), without istiod and without redirection.
//!
//! What differs from the proxy in the mesh, and why the answers stay the same:
//! - connections arrive at one loopback port with a PROXY header that tells the caller's address and the workload's port, because
//!   nothing redirects them here;
//! - the caller's address is compared with that header and not with the socket's peer;
//! - certificates are `./certs/cert-chain.pem`, `./certs/key.pem` and `./certs/root-cert.pem`;
//! - filters that only Istio's build has are left out, and the application is expected on the workload's own ports on loopback.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use super::cluster;
use super::jwt;
use super::listener;
use super::message::Message;
use super::translation::Translation;
use crate::manifest::kinds::ExtensionProviderKind;
use crate::policy::CustomOutcome;

/// The bootstrap, listening on this loopback port.
#[must_use]
pub fn bootstrap(input: &Translation<'_>, port: u16) -> Value {
    let mut listener = listener::static_listener(input, port);
    follow_proxy_header(&mut listener);
    let resources = Message::new().list("listeners", [listener]).list("clusters", clusters(input));
    Message::new()
        .field("staticResources", resources)
        .field("layeredRuntime", Message::new().list("layers", [runtime(input)]))
        .into()
}

/// The flags of Istio's bootstrap that change what is let in.
fn runtime(input: &Translation<'_>) -> Message {
    let keeps_fragment = !input.mesh.settings.feature("HTTP_STRIP_FRAGMENT_FROM_PATH_UNSAFE_IF_DISABLED", true);
    let flags = Message::new()
        .field("re2.max_program_size.error_level", "32768")
        .field("envoy.reloadable_features.http_reject_path_with_fragment", false)
        .optional("envoy.reloadable_features.http_strip_fragment_from_path_unsafe_if_disabled", keeps_fragment.then_some(false));
    Message::new().field("name", "global config").field("staticLayer", flags)
}

fn clusters(input: &Translation<'_>) -> Vec<Message> {
    let ports: BTreeSet<u16> = input.ports.iter().map(|port| port.number).collect();
    let black_hole = cluster_of("BlackHoleCluster", "STATIC");
    let passthrough = cluster_of("InboundPassthroughCluster", "ORIGINAL_DST").field("lbPolicy", "CLUSTER_PROVIDED");
    let inbound = ports.into_iter().map(|port| {
        let name = cluster::inbound(port);
        cluster_of(&name, "STATIC").field("loadAssignment", assignment(&name, "127.0.0.1", port))
    });
    [black_hole, passthrough].into_iter().chain(inbound).chain(outside(input)).collect()
}

fn cluster_of(name: &str, kind: &str) -> Message {
    Message::new().field("name", name).field("type", kind).field("connectTimeout", "10s")
}

fn assignment(name: &str, host: &str, port: u16) -> Message {
    let endpoint = Message::new().field("address", listener::socket_address(host, port));
    let endpoints = Message::new().list("lbEndpoints", [Message::new().field("endpoint", endpoint)]);
    Message::new().field("clusterName", name).list("endpoints", [endpoints])
}

/// The providers that CUSTOM policies ask and the servers of key sets, one cluster each.
fn outside(input: &Translation<'_>) -> Vec<Message> {
    let mut clusters = BTreeMap::new();
    let asked = input.http.custom.iter().chain(&input.tcp.custom).filter(|engine| engine.outcome == CustomOutcome::Ask);
    for provider in asked.filter_map(|engine| input.mesh.provider(&engine.provider)) {
        let (service, port, grpc) = match &provider.kind {
            ExtensionProviderKind::HttpExtAuthz(http) => (&http.service, http.port.value, false),
            ExtensionProviderKind::GrpcExtAuthz(grpc) => (&grpc.service, grpc.port.value, true),
            ExtensionProviderKind::Other(_) => continue,
        };
        let (host, name) = cluster::upstream(input.mesh, service.as_str(), port);
        let message = by_name(&name, &host, u16::try_from(port).unwrap_or_default());
        clusters.insert(name, if grpc { with_http2(message) } else { message });
    }
    for server in input.jwt.iter().filter_map(|rule| jwt::fetched_from(input.mesh, rule)) {
        let message = by_name(&server.cluster, &server.host, server.port);
        clusters.insert(server.cluster, if server.tls { with_tls(message, &server.host) } else { message });
    }
    clusters.into_values().collect()
}

fn by_name(name: &str, host: &str, port: u16) -> Message {
    cluster_of(name, "STRICT_DNS").field("loadAssignment", assignment(name, host, port))
}

fn with_tls(cluster: Message, host: &str) -> Message {
    let context = Message::of_type("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext").field("sni", host);
    cluster.field("transportSocket", context.named("envoy.transport_sockets.tls"))
}

fn with_http2(cluster: Message) -> Message {
    let options = Message::of_type("envoy.extensions.upstreams.http.v3.HttpProtocolOptions")
        .field("explicitHttpConfig", Message::new().field("http2ProtocolOptions", Message::new()));
    cluster.field(
        "typedExtensionProtocolOptions",
        Message::new().field("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", options),
    )
}

/// Rules on the socket's peer would see this machine; the address of the PROXY header is what they mean.
fn follow_proxy_header(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(address) = fields.remove("directRemoteIp") {
                fields.insert("sourceIp".to_owned(), address);
            }
            fields.values_mut().for_each(follow_proxy_header);
        }
        Value::Array(items) => items.iter_mut().for_each(follow_proxy_header),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
