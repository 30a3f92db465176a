//! Manifests as they were written: text in, typed documents with the place of every value out.
//!
//! ```text
//! text -> yaml::Node (tree with spans) -> Header + Body (one type per kind in kinds/)
//! ```
//!
//! Decoding collects findings instead of stopping at the first: bad YAML, duplicate keys, unknown fields (with the nearest known
//! name), wrong types. A document that had an error is not returned, and the reader says so, because leaving it out could
//! change an answer. Kinds that carry nothing about mesh security are counted in [`Body::Other`].
//!
//! [`read`] is the way in; [`codes`] lists what it can find, and [`yaml::limits`] what one text may cost. Field names, types and
//! words are those of the Kubernetes API, Istio's resource definitions and `MeshConfig`.
//!
//! Nothing here knows what fields mean together: that is `mesh`. `null` and absence are the same, as in the API server.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod catalog;
pub mod codes;
pub mod decode;
mod document;
mod header;
pub mod kinds;
mod mesh_source;
mod object;
mod read;
pub mod yaml;

pub use document::Body;
pub use document::Document;
pub use document::Header;
pub use document::Labels;
pub use document::Manifests;
pub use mesh_source::read_mesh_config;
pub use read::ReadObject;
pub use read::objects;
pub use read::read;
pub use read::read_with;
pub use yaml::text_of;

#[cfg(test)]
mod tests;
