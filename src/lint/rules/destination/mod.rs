//! MS4xx: `DestinationRule`, gateways, TLS.

rules! {
    client_credential_conflict,
    client_mutual_incomplete,
    configmap_credential,
    connection_pool_invalid,
    consecutive_errors_deprecated,
    destination_host_invalid,
    export_invalid,
    failover_without_outlier_detection,
    load_balancer_invalid,
    minimum_ring_size_deprecated,
    outlier_detection_invalid,
    proxy_protocol_invalid,
    skip_verify_conflict,
    subset_invalid,
    traffic_policy_empty,
    tunnel_invalid,
}
