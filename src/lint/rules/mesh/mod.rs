//! MS5xx: how the mesh is set up, and how objects of several kinds work on each other.

mod pods;
mod providers;
mod selecting;

rules! {
    app_runs_as_proxy_uid,
    auto_mtls_off,
    broad_write_on_policy_kinds,
    control_plane_ports_open,
    default_service_account,
    egress_policy_not_binding,
    envoyfilter_mesh_wide,
    envoyfilter_on_security_filters,
    ext_authz_fails_open,
    ext_authz_partial_body,
    ext_authz_timeout,
    gateway_topology_differs,
    host_network_workload,
    inbound_capture_restricted,
    inbound_port_excluded,
    injection_labels_conflict,
    metrics_port_open,
    namespace_not_injected,
    net_admin_in_app,
    no_default_deny,
    no_network_policy,
    outbound_allow_any,
    policy_in_unmeshed_namespace,
    policy_on_opted_out_workload,
    port_protocol_conflict,
    port_protocol_undeclared,
    revision_label_not_exact,
    same_host_two_namespaces,
    shared_service_account,
    source_is_gateway_only_by_namespace,
    trust_domain_alias,
    weak_path_normalization,
    webhook_fails_open,
}
