//! MS5xx: what objects do to each other, and the mesh as a whole.

rules! {
    gateway_without_proxy,
    host_taken,
    invalid_injection_wish,
    invalid_port_list,
    namespace_not_discovered,
    namespace_not_written,
    other_revision,
    proxyless_workload,
    service_selects_nothing,
    several_mesh_configurations,
    unknown_revision,
    unknown_target_port,
}
