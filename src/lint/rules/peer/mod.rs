//! MS2xx: `PeerAuthentication`.

mod levels;
mod unused_port;

rules! {
    duplicate_scope,
    overlapping_selectors,
    peer_mode_selects_no_workload,
    strict_without_client_rule,
    disable_with_client_mtls,
    root_selector_ignored,
    mtls_disabled,
    permissive_mode,
    mesh_default_not_strict,
    unset_to_the_top,
    port_mode_unused,
    port_mode_service_port,
    port_hole_in_strict,
    weaker_than_parent,
    same_as_parent,
    strict_breaks_probes,
    selects_gateway_server,
    strict_on_port_clients_cannot_reach,
}
