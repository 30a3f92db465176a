//! A question about the mesh, answered: connection, then HTTP layer, token, CUSTOM, DENY, ALLOW.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod connection;
pub mod http;
pub mod message;
pub mod request_authentication;
