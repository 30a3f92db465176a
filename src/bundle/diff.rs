use crate::bundle::JwtKey;
use crate::bundle::TrustBundle;
use crate::pki::Certificate;

/// What became of the authorities from one bundle to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleDiff<'b> {
    /// Only in the new one, in its order.
    pub added: Vec<&'b Certificate>,
    /// Only in the old one, in its order.
    pub removed: Vec<&'b Certificate>,
    /// In both, in the order of the new one.
    pub kept: Vec<&'b Certificate>,
    /// JWT keys that only the new one has; a key that changed under its identifier is among the removed ones too.
    pub added_keys: Vec<&'b JwtKey>,
    /// JWT keys that only the old one has.
    pub removed_keys: Vec<&'b JwtKey>,
    /// JWT keys of both.
    pub kept_keys: Vec<&'b JwtKey>,
    /// The sequence numbers, old and new.
    pub sequence: (Option<u64>, Option<u64>),
}

/// What a running istiod does when the one set of roots takes the other's place in `root-cert.pem`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultiRoot {
    /// The same certificates: taken when the bytes of the file are the same too, or with `ISTIO_MULTIROOT_MESH=true`.
    Same,
    /// One set holds the other: taken with `ISTIO_MULTIROOT_MESH=true`, ignored without.
    Subset,
    /// Neither set holds the other: refused.
    Refused,
}

impl MultiRoot {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Subset => "subset",
            Self::Refused => "refused",
        }
    }
}

impl<'b> BundleDiff<'b> {
    /// Compares two bundles. The order of authorities does not matter.
    #[must_use]
    pub fn between(old: &'b TrustBundle, new: &'b TrustBundle) -> Self {
        let (kept, added) = new.authorities().iter().partition(|authority| old.authorities().contains(authority));
        let (kept_keys, added_keys) = new.jwt_keys().iter().partition(|key| old.jwt_keys().contains(key));
        Self {
            added,
            removed: old.authorities().iter().filter(|authority| !new.authorities().contains(authority)).collect(),
            kept,
            added_keys,
            removed_keys: old.jwt_keys().iter().filter(|key| !new.jwt_keys().contains(key)).collect(),
            kept_keys,
            sequence: (old.sequence, new.sequence),
        }
    }

    /// Whether both trust the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.added_keys.is_empty() && self.removed_keys.is_empty()
    }

    /// What a running istiod does with the change.
    #[must_use]
    pub fn multi_root(&self) -> MultiRoot {
        match (self.added.is_empty(), self.removed.is_empty()) {
            (true, true) => MultiRoot::Same,
            (false, false) => MultiRoot::Refused,
            (true, false) | (false, true) => MultiRoot::Subset,
        }
    }

    /// The removed authority with the same key as this one, which was then only certified anew.
    #[must_use]
    pub fn same_key_as(&self, added: &Certificate) -> Option<&'b Certificate> {
        self.removed.iter().copied().find(|removed| removed.public_key() == added.public_key())
    }
}
