use std::path::Path;

use serde_json::Value;
use serde_json::json;

use super::process::replace;
use crate::material::Identity;

const TLS: &str = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3";
const HTTP: &str = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER: &str = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";
const FILE_LOG: &str = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";
const HTTP_OPTIONS: &str = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/// Which identities of the peer are let through.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Peer {
    /// This one.
    Exactly(&'static str),
    /// Every one that begins so.
    Prefix(&'static str),
    /// Whoever shows a certificate under the roots.
    Anyone,
}

/// What every client of these tests must show.
pub(crate) const OF_THE_MESH: Peer = Peer::Prefix("spiffe://cluster.local/");

impl Peer {
    fn to_matchers(self) -> Value {
        let matcher = match self {
            Self::Exactly(id) => json!({"exact": id}),
            Self::Prefix(prefix) => json!({"prefix": prefix}),
            Self::Anyone => return json!([]),
        };
        json!([{"san_type": "URI", "matcher": matcher}])
    }
}

/// `CommonTlsContext` of a side whose certificate, roots and revocation lists stand in the configuration.
pub(crate) fn inline(identity: &Identity, bundle: &str, crl: &str, peer: Peer) -> Value {
    let mut validation = json!({"trusted_ca": {"inline_string": bundle}, "match_typed_subject_alt_names": peer.to_matchers()});
    if !crl.is_empty() {
        validation["crl"] = json!({"inline_string": crl});
    }
    json!({
        "tls_certificates": [{"certificate_chain": {"inline_string": identity.chain}, "private_key": {"inline_string": identity.key}}],
        "validation_context": validation,
    })
}

/// `CommonTlsContext` of a side that has a bundle for each trust domain, as SPIRE configures Envoy.
pub(crate) fn federated(identity: &Identity, bundles: &[(&str, String)]) -> Value {
    let domain = |(name, bundle): &(&str, String)| json!({"name": name, "trust_bundle": {"inline_string": bundle}});
    let domains: Vec<Value> = bundles.iter().map(domain).collect();
    let mut common = inline(identity, "", "", Peer::Anyone);
    let validator = json!({"@type": format!("{TLS}.SPIFFECertValidatorConfig"), "trust_domains": domains});
    common["validation_context"] =
        json!({"custom_validator_config": {"name": "envoy.tls.cert_validator.spiffe", "typed_config": validator}});
    common
}

/// `CommonTlsContext` of a side whose secrets `default` and `ROOTCA` are files of a folder, as Istio's agent names them.
pub(crate) fn secrets(folder: &Path, peer: Peer) -> Value {
    let secret = |name: &str| {
        let path = folder.join(format!("{name}.json"));
        json!({"name": name, "sds_config": {"path_config_source": {"path": path}, "resource_api_version": "V3"}})
    };
    json!({
        "tls_certificate_sds_secret_configs": [secret("default")],
        "combined_validation_context": {
            "default_validation_context": {"match_typed_subject_alt_names": peer.to_matchers()},
            "validation_context_sds_secret_config": secret("ROOTCA"),
        },
    })
}

/// The file of a secret: what an SDS server would send.
pub(crate) fn secret(name: &str, kind: &str, body: &Value) -> String {
    let secret = json!({"@type": format!("{TLS}.Secret"), "name": name, kind: body});
    json!({"resources": [secret]}).to_string()
}

/// Writes the secrets of a side that reads its files from a published directory; its revocation lists too, when it has any.
pub(crate) fn write_secrets(folder: &Path, certs: &Path, has_crl: bool) {
    let watched = json!({"path": certs});
    let file = |name: &str| json!({"filename": certs.join(name)});
    let own = json!({
        "certificate_chain": file("cert-chain.pem"),
        "private_key": file("key.pem"),
        "watched_directory": watched,
    });
    let mut roots = json!({"trusted_ca": file("root-cert.pem"), "watched_directory": watched});
    if has_crl {
        roots["crl"] = file("ca-crl.pem");
    }
    replace(&folder.join("default.json"), &secret("default", "tls_certificate", &own));
    replace(&folder.join("ROOTCA.json"), &secret("ROOTCA", "validation_context", &roots));
}

/// A listener that lets mutual TLS in and answers 200 with the peer's identity; its log says why it let nobody in.
pub(crate) fn server(socket: &Path, log: &Path, common: &Value) -> Value {
    let tls = json!({
        "@type": format!("{TLS}.DownstreamTlsContext"),
        "require_client_certificate": true,
        "common_tls_context": common,
    });
    let mut listener = listener(
        socket,
        &json!({
            "match": {"prefix": "/"},
            "direct_response": {"status": 200, "body": {"inline_string": "served"}},
            "response_headers_to_add": [{"header": {"key": "x-peer", "value": "%DOWNSTREAM_PEER_URI_SAN%"}}],
        }),
    );
    listener["filter_chains"][0]["transport_socket"] = json!({"name": "tls", "typed_config": tls});
    listener["access_log"] = file_log(log, "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%");
    listener
}

/// A listener that hands plain requests to a cluster; its log says why no server was good enough.
pub(crate) fn client(socket: &Path, log: &Path, cluster: &str) -> Value {
    let mut listener = listener(socket, &json!({"match": {"prefix": "/"}, "route": {"cluster": cluster}}));
    listener["filter_chains"][0]["filters"][0]["typed_config"]["access_log"] =
        file_log(log, "%UPSTREAM_TRANSPORT_FAILURE_REASON%");
    listener
}

fn file_log(path: &Path, line: &str) -> Value {
    let format = json!({"text_format_source": {"inline_string": format!("{line}\n")}});
    json!([{"name": "file", "typed_config": {"@type": FILE_LOG, "path": path, "log_format": format}}])
}

fn listener(socket: &Path, route: &Value) -> Value {
    let manager = json!({
        "@type": HTTP,
        "stat_prefix": "http",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": ROUTER}}],
    });
    json!({
        "name": socket,
        "address": {"pipe": {"path": socket}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    })
}

/// What a client offers. Istio's proxies offer TLS 1.3; Envoy of its own accord offers 1.2 only.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tls {
    V12,
    V13,
    /// 1.3, and sessions are resumed without a certificate being shown, as Envoy does it by default.
    V13Resumed,
}

/// A cluster that opens a new mutual TLS connection for each request.
pub(crate) fn cluster(name: &str, socket: &Path, common: &Value, tls: Tls) -> Value {
    let mut common = common.clone();
    if matches!(tls, Tls::V13 | Tls::V13Resumed) {
        common["tls_params"] = json!({"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"});
    }
    let mut tls_context = json!({"@type": format!("{TLS}.UpstreamTlsContext"), "common_tls_context": common});
    if matches!(tls, Tls::V12 | Tls::V13) {
        tls_context["max_session_keys"] = 0.into();
    }
    let options = json!({
        "@type": HTTP_OPTIONS,
        "common_http_protocol_options": {"max_requests_per_connection": 1},
        "explicit_http_config": {"http_protocol_options": {}},
    });
    json!({
        "name": name,
        "connect_timeout": "10s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"pipe": {"path": socket}}}}]}],
        },
        "transport_socket": {"name": "tls", "typed_config": tls_context},
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options},
    })
}
