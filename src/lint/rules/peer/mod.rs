//! MS2xx: `PeerAuthentication`.

rules! {
    port_mode_key_not_number,
    port_mode_range,
    port_modes_empty,
    port_modes_without_selector,
}
