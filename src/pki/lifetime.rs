use jiff::SignedDuration;
use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::PkiError;

/// How far a certificate's begin lies before its signing, so that a peer whose clock is behind accepts it.
pub const BACKDATE: SignedDuration = SignedDuration::from_mins(2);

/// From when until when a certificate is valid (RFC 5280 section 4.1.2.5), in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// First second.
    pub not_before: Timestamp,
    /// Last second.
    pub not_after: Timestamp,
    /// Whether the signer's end cut it short.
    pub is_clamped: bool,
}

impl Lifetime {
    /// The lifetime of a certificate that nobody signs but itself.
    #[must_use]
    pub fn of(now: Timestamp, ttl: SignedDuration) -> Self {
        let now = whole_seconds(now);
        Self {
            not_before: now.saturating_sub(BACKDATE).unwrap_or(now),
            not_after: whole_seconds(now.saturating_add(ttl).unwrap_or(Timestamp::MAX)),
            is_clamped: false,
        }
    }

    /// The lifetime of a certificate under a signer: no longer than the signer's own, as istiod clamps it.
    ///
    /// # Errors
    /// When the signer is expired or not yet valid.
    pub fn under(signer: &Certificate, now: Timestamp, ttl: SignedDuration) -> Result<Self, PkiError> {
        if now > signer.not_after() {
            return Err(PkiError::SignerExpired { signer: signer.subject().to_owned(), not_after: signer.not_after() });
        }
        if now < signer.not_before() {
            return Err(PkiError::SignerNotYetValid { signer: signer.subject().to_owned(), not_before: signer.not_before() });
        }
        let own = Self::of(now, ttl);
        let is_clamped = own.not_after > signer.not_after();
        Ok(Self {
            not_before: own.not_before.max(signer.not_before()),
            not_after: own.not_after.min(signer.not_after()),
            is_clamped,
        })
    }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
