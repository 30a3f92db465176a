//! Proof of what a service mesh's security really does.
//!
#![doc = include_str!("../ARCHITECTURE.md")]

pub mod admission;
pub mod analysis;
pub mod apply;
pub mod bundle;
pub mod cli;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod diag;
pub mod envoy;
pub mod jose;
pub mod lint;
pub mod manifest;
pub mod mesh;
pub mod pki;
pub mod policy;
#[cfg(feature = "proxy")]
pub mod proxy;
pub mod render;
pub mod simulate;
pub mod snapshot;
pub mod spiffe;
#[cfg(feature = "store")]
pub mod store;
