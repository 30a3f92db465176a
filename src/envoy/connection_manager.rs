//! The HTTP connection manager of an inbound chain: path normalization, what it forwards, and the HTTP filters.

use serde_json::Value;

use super::ext_authz;
use super::jwt;
use super::listener::Endpoint;
use super::message::Message;
use super::rbac;
use super::rbac::Layer;
use super::translation::Translation;
use crate::manifest::kinds::PathNormalization;
use crate::mesh::Protocol;

/// The network filter.
pub(super) fn filter(input: &Translation<'_>, endpoint: &Endpoint) -> Value {
    let settings = &input.mesh.settings;
    let http1 = settings.feature("PILOT_HTTP10", false).then(|| Message::new().field("acceptHttp10", true));
    let http2 = speaks_http2(endpoint.protocol).then(Message::new);
    let client = Message::new().field("subject", true).field("dns", true).field("uri", true);
    let message = Message::of_type("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager")
        .field("statPrefix", format!("{};", endpoint.http_statistics()))
        .field("routeConfig", routes(endpoint))
        .list("httpFilters", http_filters(input, endpoint))
        .optional("httpProtocolOptions", http1)
        .optional("http2ProtocolOptions", http2)
        .field("serverName", "istio-envoy")
        .field("streamIdleTimeout", "0s")
        .field("useRemoteAddress", false)
        .field("forwardClientCertDetails", "APPEND_FORWARD")
        .field("setCurrentClientCertDetails", client)
        .flag("proxy100Continue", settings.feature("ENABLE_100_CONTINUE_HEADERS", true))
        .list("upgradeConfigs", [Message::new().field("upgradeType", "websocket")]);
    path_normalization(message, settings.path_normalization).named("envoy.filters.network.http_connection_manager")
}

fn speaks_http2(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Http2 | Protocol::Grpc | Protocol::GrpcWeb)
}

fn path_normalization(message: Message, normalization: PathNormalization) -> Message {
    let (normalizes, merges, unescapes) = match normalization {
        PathNormalization::None => (false, false, false),
        PathNormalization::Base => (true, false, false),
        PathNormalization::MergeSlashes => (true, true, false),
        PathNormalization::DecodeAndMergeSlashes => (true, true, true),
    };
    let escaped_slashes = if unescapes { "UNESCAPE_AND_FORWARD" } else { "KEEP_UNCHANGED" };
    message.field("normalizePath", normalizes).flag("mergeSlashes", merges).field("pathWithEscapedSlashesAction", escaped_slashes)
}

/// CUSTOM, then tokens, then AUDIT, DENY and ALLOW; the router ends the list.
fn http_filters(input: &Translation<'_>, endpoint: &Endpoint) -> Vec<Value> {
    let mut filters = ext_authz::filters(input.mesh, &input.http.custom, Layer::Http);
    filters.extend(jwt::filter(input.mesh, &input.jwt));
    filters.extend(rbac::filters(input.http, Layer::Http));
    if endpoint.protocol == Protocol::GrpcWeb {
        filters.push(Message::of_type("envoy.extensions.filters.http.grpc_web.v3.GrpcWeb").named("envoy.filters.http.grpc_web"));
    }
    filters.push(Message::of_type("envoy.extensions.filters.http.router.v3.Router").named("envoy.filters.http.router"));
    filters
}

/// Everything goes to the application.
fn routes(endpoint: &Endpoint) -> Message {
    let action = Message::new().field("cluster", endpoint.cluster.as_str()).field("timeout", "0s");
    let route =
        Message::new().field("name", "default").field("match", Message::new().field("prefix", "/")).field("route", action);
    let host = Message::new()
        .field("name", format!("inbound|http|{}", endpoint.service_port))
        .list("domains", ["*"])
        .list("routes", [route]);
    Message::new().field("name", endpoint.cluster.as_str()).list("virtualHosts", [host]).field("validateClusters", false)
}
