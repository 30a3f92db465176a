//! MS4xx: `DestinationRule`, Gateway, Sidecar: TLS outside of `PeerAuthentication`.

mod client;
mod server;

rules! {
    client_tls_without_ca,
    gateway_any_host,
    gateway_client_cert_unverified,
    gateway_crl_ignored,
    gateway_mutual_any_client,
    gateway_no_https_redirect,
    gateway_tls_invalid,
    gateway_tls_warning,
    gateway_weak_tls,
    istio_mutual_ignored_fields,
    port_level_drops_tls,
    san_wildcard_literal,
    sidecar_ingress_tls_invalid,
    skip_verify,
    subset_weakens_tls,
    wildcard_host_weakens,
}
