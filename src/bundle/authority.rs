use std::fmt;

use jiff::Timestamp;

use crate::bundle::TrustBundle;
use crate::bundle::trust_bundle::own_trust_domains;
use crate::pki::Certificate;
use crate::spiffe::TrustDomain;

/// Something odd about an authority, at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorityNote {
    /// Its time is over.
    Expired {
        /// Since when.
        not_after: Timestamp,
    },
    /// Its time has not come.
    NotYetValid {
        /// When it will.
        not_before: Timestamp,
    },
    /// It is no certificate of an authority.
    NotAnAuthority,
    /// It may not sign certificates.
    NoCertificateSigning,
    /// It names another trust domain than the bundle's as its own.
    OtherTrustDomain(TrustDomain),
    /// Another certificate signed it.
    NotSelfSigned {
        /// Whose.
        issuer: String,
    },
}

impl fmt::Display for AuthorityNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { not_after } => write!(f, "expired at {not_after}: no peer accepts what it signed, take it out"),
            Self::NotYetValid { not_before } => write!(f, "not valid before {not_before}"),
            Self::NotAnAuthority => f.write_str("no authority by its basicConstraints: what it signs is not accepted"),
            Self::NoCertificateSigning => f.write_str("its keyUsage lacks keyCertSign: what it signs is not accepted"),
            Self::OtherTrustDomain(other) => write!(f, "it calls itself the authority of `{other}`"),
            Self::NotSelfSigned { issuer } => {
                write!(f, "an intermediate, signed by `{issuer}`: it is trusted by itself, and some peers want the root instead")
            }
        }
    }
}

/// What is odd about an authority of this bundle at this time.
#[must_use]
pub fn authority_notes(bundle: &TrustBundle, authority: &Certificate, at: Timestamp) -> Vec<AuthorityNote> {
    let mut notes = Vec::new();
    if at.as_second() > authority.not_after().as_second() {
        notes.push(AuthorityNote::Expired { not_after: authority.not_after() });
    } else if !authority.is_valid_at(at) {
        notes.push(AuthorityNote::NotYetValid { not_before: authority.not_before() });
    }
    if !authority.is_ca() {
        notes.push(AuthorityNote::NotAnAuthority);
    }
    if authority.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
        notes.push(AuthorityNote::NoCertificateSigning);
    }
    if !authority.is_self_issued() {
        notes.push(AuthorityNote::NotSelfSigned { issuer: authority.issuer().to_owned() });
    }
    if let Some(own) = bundle.trust_domain() {
        notes.extend(own_trust_domains(authority).filter(|other| other != own).map(AuthorityNote::OtherTrustDomain));
    }
    notes
}
