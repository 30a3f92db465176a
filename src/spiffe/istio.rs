use crate::spiffe::SCHEME;

/// What istiod's own parser reads in an identity: five parts between slashes, of which the second is `ns` and the fourth `sa`.
///
/// Nothing else is checked there. A part may be empty or hold any character, so only a [`SpiffeId`](crate::spiffe::SpiffeId) says that
/// a text is an identity; this says what istiod would take it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IstioIdentity<'t> {
    /// What stands for the trust domain.
    pub trust_domain: &'t str,
    /// What stands for the namespace.
    pub namespace: &'t str,
    /// What stands for the service account.
    pub service_account: &'t str,
}

impl<'t> IstioIdentity<'t> {
    /// The parts, when the text has this shape.
    #[must_use]
    pub fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.strip_prefix(SCHEME)?.split('/');
        let trust_domain = parts.next()?;
        parts.next().filter(|part| *part == "ns")?;
        let namespace = parts.next()?;
        parts.next().filter(|part| *part == "sa")?;
        let service_account = parts.next()?;
        parts.next().is_none().then_some(Self { trust_domain, namespace, service_account })
    }
}
