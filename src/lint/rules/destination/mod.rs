//! MS4xx: `DestinationRule`, Gateway, Sidecar: TLS outside of `PeerAuthentication`.

mod client;
mod gateways;
mod reach;
mod server;

rules! {
    client_disable_against_strict,
    client_disable_in_mesh,
    client_tls_without_ca,
    destination_and_peer_modes_differ,
    destination_host_unknown,
    destination_overrides_mtls,
    gateway_any_host,
    gateway_client_cert_unverified,
    gateway_conflict,
    gateway_credential_missing,
    gateway_credential_namespace,
    gateway_crl_ignored,
    gateway_duplicate_certificate,
    gateway_mutual_any_client,
    gateway_no_https_redirect,
    gateway_optional_mutual_trusted,
    gateway_several_credentials_one_ca,
    gateway_sni_host_mismatch,
    gateway_tls_invalid,
    gateway_tls_warning,
    gateway_weak_tls,
    istio_mutual_ignored_fields,
    istio_mutual_to_outsider,
    passthrough_with_http_policy,
    plaintext_on_tls_port,
    port_level_drops_tls,
    rule_for_foreign_host,
    san_wildcard_literal,
    several_rules_per_host,
    sidecar_credential_plaintext,
    sidecar_ingress_tls_ignored,
    sidecar_ingress_tls_invalid,
    simple_to_mesh_port,
    skip_verify,
    sni_without_san,
    subset_weakens_tls,
    tcp_origination_without_san,
    wildcard_host_weakens,
}
