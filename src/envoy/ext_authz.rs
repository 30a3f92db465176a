//! CUSTOM policies: per provider a filter that finds out whether to ask, and the filter that asks.

use serde_json::Value;

use super::cluster::upstream;
use super::message::Message;
use super::message::duration;
use super::rbac;
use super::rbac::Layer;
use super::status_code;
use crate::diag::Spanned;
use crate::manifest::kinds::ExtensionProvider;
use crate::manifest::kinds::ExtensionProviderKind;
use crate::manifest::kinds::GrpcExtAuthz;
use crate::manifest::kinds::HttpExtAuthz;
use crate::mesh::Mesh;
use crate::policy::CustomEngine;
use crate::policy::CustomOutcome;

/// istiod sets this when a provider names no timeout.
const DEFAULT_TIMEOUT: &str = "600s";

/// The filters for CUSTOM, provider by provider.
pub(super) fn filters(mesh: &Mesh, engines: &[CustomEngine], layer: Layer) -> Vec<Value> {
    engines.iter().flat_map(|engine| provider_filters(mesh, engine, layer)).collect()
}

fn provider_filters(mesh: &Mesh, engine: &CustomEngine, layer: Layer) -> Vec<Value> {
    let asked = match engine.outcome {
        CustomOutcome::Ask => mesh.provider(&engine.provider).map(|provider| asks(mesh, provider, layer)),
        CustomOutcome::Deny(_) => None,
    };
    match asked {
        None => vec![rbac::provider_denial(&engine.engine, layer)],
        Some(None) => Vec::new(),
        Some(Some(filter)) => vec![rbac::provider_matcher(&engine.engine, &engine.dry_run, layer), filter],
    }
}

/// The filter that asks; `None` when the provider cannot be asked about connections.
fn asks(mesh: &Mesh, provider: &ExtensionProvider, layer: Layer) -> Option<Value> {
    let enabled = enabled(layer, provider.name.as_str());
    let message = match (&provider.kind, layer) {
        (ExtensionProviderKind::HttpExtAuthz(http), Layer::Http) => http_provider(mesh, http, enabled),
        (ExtensionProviderKind::GrpcExtAuthz(grpc), Layer::Http) => grpc_provider(mesh, grpc, enabled),
        (ExtensionProviderKind::GrpcExtAuthz(grpc), Layer::Network) => grpc_provider_on_connections(mesh, grpc, enabled),
        (ExtensionProviderKind::HttpExtAuthz(_), Layer::Network) | (ExtensionProviderKind::Other(_), _) => return None,
    };
    Some(match layer {
        Layer::Http => message.named("envoy.filters.http.ext_authz"),
        Layer::Network => message.named("envoy.filters.network.ext_authz"),
    })
}

/// The provider is asked only when a rule that names it left its result.
fn enabled(layer: Layer, provider: &str) -> Value {
    let prefix = super::matcher::string("prefix", format!("istio-ext-authz-{provider}"));
    let value = Message::new().field("stringMatch", prefix);
    super::matcher::metadata(layer.rbac_filter(), &["istio_ext_authz_shadow_effective_policy_id"], value)
}

fn http_provider(mesh: &Mesh, provider: &HttpExtAuthz, enabled: Value) -> Message {
    let (host, cluster) = upstream(mesh, provider.service.as_str(), provider.port.value);
    let server = Message::new()
        .field("uri", format!("http://{host}"))
        .field("cluster", cluster)
        .field("timeout", timeout(provider.timeout.as_ref()));
    let added = provider
        .include_additional_headers_in_check
        .iter()
        .map(|(name, value)| Message::new().text("key", name).text("value", value.as_str()))
        .collect::<Vec<_>>();
    let request = (!added.is_empty()).then(|| Message::new().list("headersToAdd", added));
    let lists = [
        ("allowedUpstreamHeaders", &provider.headers_to_upstream_on_allow),
        ("allowedClientHeaders", &provider.headers_to_downstream_on_deny),
        ("allowedClientHeadersOnSuccess", &provider.headers_to_downstream_on_allow),
    ];
    let response = lists
        .iter()
        .any(|(_, headers)| !headers.is_empty())
        .then(|| lists.iter().fold(Message::new(), |message, (name, headers)| message.optional(name, header_patterns(headers))));
    let service = Message::new()
        .field("serverUri", server)
        .text("pathPrefix", provider.path_prefix.as_ref().map_or("", Spanned::as_str))
        .optional("authorizationRequest", request)
        .optional("authorizationResponse", response);
    Message::of_type("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz")
        .field("httpService", service)
        .field("transportApiVersion", "V3")
        .flag("failureModeAllow", provider.fail_open)
        .optional("withRequestBody", request_body(provider.include_request_body_in_check))
        .optional("statusOnError", status_on_error(provider.status_on_error.as_ref()))
        .field("filterEnabledMetadata", enabled)
        .optional("allowedHeaders", header_patterns(&provider.include_request_headers_in_check))
}

fn grpc_provider(mesh: &Mesh, provider: &GrpcExtAuthz, enabled: Value) -> Message {
    Message::of_type("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz")
        .field("grpcService", grpc_service(mesh, provider))
        .field("transportApiVersion", "V3")
        .flag("failureModeAllow", provider.fail_open)
        .optional("withRequestBody", request_body(provider.include_request_body_in_check))
        .optional("statusOnError", status_on_error(provider.status_on_error.as_ref()))
        .field("filterEnabledMetadata", enabled)
}

fn grpc_provider_on_connections(mesh: &Mesh, provider: &GrpcExtAuthz, enabled: Value) -> Message {
    Message::of_type("envoy.extensions.filters.network.ext_authz.v3.ExtAuthz")
        .field("statPrefix", "tcp.")
        .field("grpcService", grpc_service(mesh, provider))
        .flag("failureModeAllow", provider.fail_open)
        .field("transportApiVersion", "V3")
        .field("filterEnabledMetadata", enabled)
}

fn grpc_service(mesh: &Mesh, provider: &GrpcExtAuthz) -> Message {
    let (host, cluster) = upstream(mesh, provider.service.as_str(), provider.port.value);
    Message::new()
        .field("envoyGrpc", Message::new().field("clusterName", cluster).field("authority", host))
        .field("timeout", timeout(provider.timeout.as_ref()))
}

fn timeout(written: Option<&Spanned<String>>) -> String {
    duration(written.map_or(DEFAULT_TIMEOUT, Spanned::as_str))
}

fn request_body(settings: Option<(u32, bool, bool)>) -> Option<Message> {
    settings.map(|(maximum, partial, as_bytes)| {
        Message::new().number("maxRequestBytes", maximum).flag("allowPartialMessage", partial).flag("packAsBytes", as_bytes)
    })
}

fn status_on_error(written: Option<&Spanned<String>>) -> Option<Message> {
    let code = written?.as_str().parse::<u16>().ok()?;
    Some(match status_code::name(code) {
        Some(name) => Message::new().field("code", name),
        None => Message::new().number("code", u32::from(code)),
    })
}

fn header_patterns(headers: &[Spanned<String>]) -> Option<Message> {
    let pattern = |header: &Spanned<String>| {
        let header = header.as_str();
        if let Some(suffix) = header.strip_prefix('*') {
            super::matcher::string_any_case("suffix", suffix)
        } else if let Some(prefix) = header.strip_suffix('*') {
            super::matcher::string_any_case("prefix", prefix)
        } else {
            super::matcher::string_any_case("exact", header)
        }
    };
    (!headers.is_empty()).then(|| Message::new().list("patterns", headers.iter().map(pattern)))
}
