//! The server's side of mutual TLS.

use serde_json::Value;

use super::message::Message;
use super::translation::Translation;
use crate::mesh::Settings;

/// Cipher suites for TLS 1.2 when the mesh names none.
const CIPHER_SUITES: [&str; 6] = [
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
];

/// Cipher suites that stay under a compliance policy.
const FIPS_CIPHER_SUITES: [&str; 4] = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
];

/// Where the proxy has its certificate, key and root certificates from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certificates {
    /// The agent beside it.
    Agent,
    /// Files below `./certs`.
    Files,
}

/// The transport socket of a chain that ends mutual TLS.
pub(super) fn transport_socket(input: &Translation<'_>, http: bool, certificates: Certificates) -> Value {
    let settings = &input.mesh.settings;
    let names = input.trust_domains();
    let matchers = names.iter().map(|domain| super::matcher::string("prefix", format!("spiffe://{domain}/")));
    let validation = Message::new().list("matchSubjectAltNames", matchers);
    let context = Message::new().field("tlsParams", parameters(settings));
    let context = match certificates {
        Certificates::Agent => {
            let combined = Message::new()
                .field("defaultValidationContext", validation)
                .field("validationContextSdsSecretConfig", agent_secret("ROOTCA"));
            context.list("tlsCertificateSdsSecretConfigs", [agent_secret("default")]).field("combinedValidationContext", combined)
        }
        Certificates::Files => {
            let certificate = Message::new()
                .field("certificateChain", file("./certs/cert-chain.pem"))
                .field("privateKey", file("./certs/key.pem"));
            context
                .list("tlsCertificates", [certificate])
                .field("validationContext", validation.field("trustedCa", file("./certs/root-cert.pem")))
        }
    };
    Message::of_type("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext")
        .field("commonTlsContext", context.list("alpnProtocols", protocols(settings, http).iter().copied()))
        .field("requireClientCertificate", true)
        .named("envoy.transport_sockets.tls")
}

fn protocols(settings: &Settings, http: bool) -> &'static [&'static str] {
    let exchange = settings.feature("PILOT_ENABLE_METADATA_EXCHANGE", true) && !settings.feature("PILOT_DISABLE_MX_ALPN", false);
    if http || !exchange { &["h2", "http/1.1"] } else { &["istio-peer-exchange", "h2", "http/1.1"] }
}

/// `COMPLIANCE_POLICY` of istiod overrides what the mesh configuration says.
fn parameters(settings: &Settings) -> Message {
    let mut minimum = if settings.mesh_mtls_min_tls_1_3 { "TLSv1_3" } else { "TLSv1_2" };
    let mut maximum = "TLSv1_3";
    let written = &settings.mesh_mtls_cipher_suites;
    let mut suites: Vec<&str> =
        if written.is_empty() { CIPHER_SUITES.to_vec() } else { written.iter().map(String::as_str).collect() };
    let mut policies: &[&str] = &[];
    let mut curves: &[&str] = &[];
    match settings.features.get("COMPLIANCE_POLICY").map(String::as_str) {
        Some("fips-140-2") => {
            (minimum, maximum) = ("TLSv1_2", "TLSv1_2");
            suites.retain(|suite| FIPS_CIPHER_SUITES.contains(suite));
        }
        Some("fips-140-3") => policies = &["FIPS_202205"],
        Some("pqc") => {
            minimum = "TLSv1_3";
            suites = FIPS_CIPHER_SUITES.to_vec();
            curves = &["X25519MLKEM768"];
        }
        _ => {}
    }
    Message::new()
        .field("tlsMinimumProtocolVersion", minimum)
        .field("tlsMaximumProtocolVersion", maximum)
        .list("cipherSuites", suites)
        .list("ecdhCurves", curves.iter().copied())
        .list("compliancePolicies", policies.iter().copied())
}

fn agent_secret(name: &str) -> Message {
    let service = Message::new().field("envoyGrpc", Message::new().field("clusterName", "sds-grpc"));
    let source = Message::new()
        .field("apiType", "GRPC")
        .field("transportApiVersion", "V3")
        .list("grpcServices", [service])
        .field("setNodeOnFirstMessageOnly", true);
    let config =
        Message::new().field("apiConfigSource", source).field("initialFetchTimeout", "0s").field("resourceApiVersion", "V3");
    Message::new().field("name", name).field("sdsConfig", config)
}

fn file(path: &str) -> Message {
    Message::new().field("filename", path)
}
