//! Compiled policy to the Envoy configuration istiod would send.
//!
//! In: a [`Translation`], which joins one workload's ports and server modes, its policy engines and its JWT rules. Out: JSON values
//! in the proto3 form, ready to be printed as JSON or YAML:
//!
//! ```text
//! listener(..)   virtualInbound, field by field as istiod sends it to the sidecar
//! listeners(..)  all inbound listeners: that one, or one for each port when nothing redirects connections
//! bootstrap(..)  the same chains as a file that an ordinary Envoy starts with
//! ```
//!
//! Everything that decides about a connection or request is here: chain matches, listener filters, TLS contexts, RBAC, JWT and
//! external authorization, path normalization, forwarded certificates. Left out is what never decides: metadata exchange,
//! statistics, access logs, tracing, fault injection, CORS, the details of routes. Also not made: outbound listeners, gateways,
//! waypoints, HBONE listeners, and what the mesh does not read (`proxyHeaders`, `connectionSettings` and `protocolDetectionTimeout`
//! of MeshConfig, `bind`, `captureMode` and `tls` of a Sidecar's ingress, `EnvoyFilter`).
//!
//! Order is istiod's; ports that only a `portLevelMtls` names, which istiod puts in any order, are sorted.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod bootstrap;
mod chain;
mod cluster;
mod connection_manager;
mod ext_authz;
mod jwt;
mod listener;
mod matcher;
mod message;
mod rbac;
mod status_code;
mod tls;
mod translated;
mod translation;

pub use bootstrap::bootstrap;
pub use listener::listener;
pub use listener::listeners;
pub use translated::Translated;
pub use translated::TranslationError;
pub use translation::Declaration;
pub use translation::DeclaredPort;
pub use translation::Jwt;
pub use translation::Translation;

#[cfg(test)]
mod tests;
