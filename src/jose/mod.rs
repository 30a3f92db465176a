//! JSON Web Keys and tokens, read and verified as Envoy does.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
