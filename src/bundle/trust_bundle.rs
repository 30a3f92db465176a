use std::collections::BTreeSet;

use crate::bundle::JwtKey;
use crate::pki::Certificate;
use crate::pki::pem_chain;
use crate::spiffe::SpiffeId;
use crate::spiffe::TrustDomain;

/// The authorities of one trust domain (SPIFFE Trust Domain and Bundle section 3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustBundle {
    trust_domain: Option<TrustDomain>,
    authorities: Vec<Certificate>,
    jwt_keys: Vec<JwtKey>,
    /// Rises with every change (section 4.1.1).
    pub sequence: Option<u64>,
    /// After how many seconds a consumer should look again (section 4.1.2).
    pub refresh_hint: Option<u64>,
}

impl TrustBundle {
    /// A bundle without authorities: no identity of the trust domain is valid. PEM and a single JWKS document do not say whose they are.
    #[must_use]
    pub fn new(trust_domain: Option<TrustDomain>) -> Self {
        Self { trust_domain, ..Self::default() }
    }

    /// A bundle of these X.509 authorities, in this order, without repetitions.
    #[must_use]
    pub fn of(trust_domain: Option<TrustDomain>, authorities: impl IntoIterator<Item = Certificate>) -> Self {
        let mut bundle = Self::new(trust_domain);
        for authority in authorities {
            bundle.add_authority(authority);
        }
        bundle
    }

    /// Adds an authority at the end; answers `false`, and adds nothing, when it is there already.
    pub fn add_authority(&mut self, authority: Certificate) -> bool {
        let is_new = !self.authorities.contains(&authority);
        if is_new {
            self.authorities.push(authority);
        }
        is_new
    }

    /// Adds a JWT key at the end, in place of the one of this identifier that it returns.
    pub fn add_jwt_key(&mut self, key: JwtKey) -> Option<JwtKey> {
        let earlier = self.jwt_keys.iter().position(|other| other.id() == key.id());
        let replaced = earlier.map(|index| self.jwt_keys.remove(index));
        self.jwt_keys.push(key);
        replaced
    }

    /// Whose identities these authorities vouch for, when it was said.
    #[must_use]
    pub fn trust_domain(&self) -> Option<&TrustDomain> {
        self.trust_domain.as_ref()
    }

    /// The same bundle, said to be that of a trust domain.
    #[must_use]
    pub fn with_trust_domain(self, trust_domain: TrustDomain) -> Self {
        Self { trust_domain: Some(trust_domain), ..self }
    }

    /// The trust domains it is about: the one it was said to be of, else those that its authorities name as their own.
    #[must_use]
    pub fn named_trust_domains(&self) -> BTreeSet<TrustDomain> {
        match &self.trust_domain {
            Some(trust_domain) => BTreeSet::from([trust_domain.clone()]),
            None => self.authorities.iter().flat_map(own_trust_domains).collect(),
        }
    }

    /// The signing certificates that are trusted, in order.
    #[must_use]
    pub fn authorities(&self) -> &[Certificate] {
        &self.authorities
    }

    /// The keys that JWT-SVIDs are verified with, in order.
    #[must_use]
    pub fn jwt_keys(&self) -> &[JwtKey] {
        &self.jwt_keys
    }

    /// Whether nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.jwt_keys.is_empty()
    }

    /// The X.509 authorities as PEM blocks; JWT keys have no such form.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem_chain(&self.authorities)
    }
}

/// The trust domains that a signing certificate names as its own: identities without a path.
pub(super) fn own_trust_domains(authority: &Certificate) -> impl Iterator<Item = TrustDomain> {
    let identities = authority.uris().filter_map(|uri| uri.parse::<SpiffeId>().ok()).filter(|id| id.path().is_empty());
    identities.filter_map(|id| id.trust_domain().parse().ok())
}
