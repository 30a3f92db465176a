use thiserror::Error;

use crate::pki::Certificate;
use crate::pki::svid::Check;
use crate::pki::svid::named;
use crate::spiffe::SpiffeError;
use crate::spiffe::SpiffeId;

/// Why a certificate names no workload.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// It has no URI.
    #[error("it has no URI name, so it names no workload")]
    Missing,
    /// It has more than one, which is refused even when they are equal.
    #[error("it has {} URI names ({}), and a verifier refuses more than one", .0.len(), .0.join(", "))]
    Several(Vec<String>),
    /// The URI is no SPIFFE ID.
    #[error("its URI `{uri}` is no SPIFFE ID: {why}")]
    Invalid {
        /// The URI.
        uri: String,
        /// Which rule it breaks.
        why: SpiffeError,
    },
    /// It is the trust domain's own.
    #[error("its SPIFFE ID `{0}` names a trust domain and no workload in it")]
    NoPath(SpiffeId),
}

impl IdentityError {
    /// The check that does not hold.
    #[must_use]
    pub fn check(&self) -> &'static Check {
        match self {
            Self::Missing => &named::NO_SPIFFE_ID,
            Self::Several(_) => &named::SEVERAL_URIS,
            Self::Invalid { .. } => &named::INVALID_SPIFFE_ID,
            Self::NoPath(_) => &named::NO_WORKLOAD_PATH,
        }
    }
}

/// The one identity of a workload's certificate (X509-SVID section 2).
///
/// # Errors
/// When there is not exactly one URI, or it is no SPIFFE ID with a path.
pub fn spiffe_id(certificate: &Certificate) -> Result<SpiffeId, IdentityError> {
    identity_of(&certificate.uris().collect::<Vec<_>>())
}

/// The same of the URIs alone.
pub(in crate::pki) fn identity_of(uris: &[&str]) -> Result<SpiffeId, IdentityError> {
    let uri = match uris {
        [] => return Err(IdentityError::Missing),
        [uri] => *uri,
        several => return Err(IdentityError::Several(several.iter().map(|uri| (*uri).to_owned()).collect())),
    };
    let id: SpiffeId = uri.parse().map_err(|why| IdentityError::Invalid { uri: uri.to_owned(), why })?;
    if id.as_istio_principal() == id.trust_domain() { Err(IdentityError::NoPath(id)) } else { Ok(id) }
}
