//! Proof of what a service mesh's security really does.
//!
//! Rooms, from the inside out; each imports only those before it:
//! `diag`, `spiffe`, `jose`, `manifest`, `mesh`, `policy`, `envoy`, `simulate`, `render`, `cli`.

pub mod cli;
pub mod diag;
pub mod envoy;
pub mod jose;
pub mod manifest;
pub mod mesh;
pub mod policy;
pub mod render;
pub mod simulate;
pub mod spiffe;
