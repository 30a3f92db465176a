//! The request that is put through the filters.

use crate::policy::Headers;

/// A request as the HTTP filters see it, after the connection manager's edits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// `:method`.
    pub method: String,
    /// `:scheme`.
    pub scheme: String,
    /// `:authority`.
    pub authority: String,
    /// `:path` with its query; `None` for a plain CONNECT.
    pub path: Option<String>,
    /// All other headers.
    pub headers: Headers,
}
