//! `MS2xx`: `PeerAuthentication`.

mod levels;
mod unused_port;

rules! {
    disable_with_client_mtls,
    duplicate_scope,
    mesh_default_not_strict,
    mtls_disabled,
    overlapping_selectors,
    peer_mode_selects_no_workload,
    permissive_mode,
    port_hole_in_strict,
    port_mode_key_not_number,
    port_mode_range,
    port_mode_service_port,
    port_mode_unused,
    port_modes_empty,
    port_modes_without_selector,
    root_selector_ignored,
    same_as_parent,
    selects_gateway_server,
    strict_breaks_probes,
    strict_on_port_clients_cannot_reach,
    strict_without_client_rule,
    target_on_peerauthentication,
    unset_to_the_top,
    weaker_than_parent,
}
