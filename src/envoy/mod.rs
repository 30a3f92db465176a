//! Compiled policy to the Envoy configuration istiod would send.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
