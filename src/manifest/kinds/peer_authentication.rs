use std::collections::BTreeMap;

use crate::diag::Spanned;
use crate::manifest::kinds::Selector;

/// `PeerAuthentication` of security.istio.io, v1 and v1beta1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeerAuthentication {
    /// `selector`.
    pub selector: Option<Selector>,
    /// `mtls.mode`; `None` when `mtls` is absent or holds no mode.
    pub mode: Option<Spanned<MutualTlsMode>>,
    /// `portLevelMtls`: workload port to mode. An entry without a mode is [`MutualTlsMode::Unset`].
    pub port_level: BTreeMap<u32, Spanned<MutualTlsMode>>,
}

/// What a server demands of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum MutualTlsMode {
    /// Inherited from the level above.
    #[default]
    Unset,
    /// Plaintext only.
    Disable,
    /// Plaintext or mutual TLS.
    Permissive,
    /// Mutual TLS only.
    Strict,
}

impl MutualTlsMode {
    /// The word as written in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "UNSET",
            Self::Disable => "DISABLE",
            Self::Permissive => "PERMISSIVE",
            Self::Strict => "STRICT",
        }
    }
}
