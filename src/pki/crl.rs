use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::pki::Certificate;
use crate::pki::PkiError;
use crate::pki::SerialNumber;
use crate::pki::pem_text::pem;
use crate::pki::time::from_asn1;

/// Why a certificate was revoked (RFC 5280 section 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum RevocationReason {
    /// No reason given; not written into the list.
    #[default]
    Unspecified,
    /// The subject's private key is known to others.
    KeyCompromise,
    /// The authority's private key is known to others.
    CaCompromise,
    /// The subject belongs elsewhere now.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// The subject is no more.
    CessationOfOperation,
    /// On hold; may be lifted.
    CertificateHold,
    /// Lifted again; only in delta lists.
    RemoveFromCrl,
    /// The subject may no longer act.
    PrivilegeWithdrawn,
    /// The attribute authority's key is known to others.
    AaCompromise,
}

impl RevocationReason {
    /// The reasons a user may give: all but `remove-from-crl`, which only delta lists hold.
    pub const GIVEN: [Self; 9] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "key-compromise",
            Self::CaCompromise => "ca-compromise",
            Self::AffiliationChanged => "affiliation-changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation-of-operation",
            Self::CertificateHold => "certificate-hold",
            Self::RemoveFromCrl => "remove-from-crl",
            Self::PrivilegeWithdrawn => "privilege-withdrawn",
            Self::AaCompromise => "aa-compromise",
        }
    }

    fn from_code(code: u8) -> Self {
        match code {
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            8 => Self::RemoveFromCrl,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            _ => Self::Unspecified,
        }
    }

    pub(super) fn to_rcgen(self) -> rcgen::RevocationReason {
        match self {
            Self::Unspecified => rcgen::RevocationReason::Unspecified,
            Self::KeyCompromise => rcgen::RevocationReason::KeyCompromise,
            Self::CaCompromise => rcgen::RevocationReason::CaCompromise,
            Self::AffiliationChanged => rcgen::RevocationReason::AffiliationChanged,
            Self::Superseded => rcgen::RevocationReason::Superseded,
            Self::CessationOfOperation => rcgen::RevocationReason::CessationOfOperation,
            Self::CertificateHold => rcgen::RevocationReason::CertificateHold,
            Self::RemoveFromCrl => rcgen::RevocationReason::RemoveFromCrl,
            Self::PrivilegeWithdrawn => rcgen::RevocationReason::PrivilegeWithdrawn,
            Self::AaCompromise => rcgen::RevocationReason::AaCompromise,
        }
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RevocationReason {
    type Err = PkiError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::GIVEN.into_iter().find(|reason| reason.name() == text).ok_or_else(|| PkiError::RevocationReason(text.to_owned()))
    }
}

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlEntry {
    /// Its serial number under the list's issuer.
    pub serial: SerialNumber,
    /// Since when.
    pub revoked_at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
}

/// A certificate revocation list (RFC 5280 section 5) with its facts. Its signature is checked by [`Crl::is_signed_by`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crl {
    der: Vec<u8>,
    issuer: String,
    issuer_der: Vec<u8>,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    number: Option<SerialNumber>,
    authority_key_identifier: Option<Vec<u8>>,
    unknown_critical: Vec<String>,
    entries: Vec<CrlEntry>,
}

impl Crl {
    /// Reads a list in DER.
    ///
    /// # Errors
    /// [`PkiError::Crl`] when it is none, or bytes follow it.
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let (rest, list) = CertificateRevocationList::from_der(der).map_err(|error| PkiError::Crl(error.to_string()))?;
        if !rest.is_empty() {
            return Err(PkiError::Crl("bytes follow it".to_owned()));
        }
        let entries = list.iter_revoked_certificates().map(|revoked| CrlEntry {
            serial: SerialNumber::from_be_bytes(&revoked.user_certificate.to_bytes_be()),
            revoked_at: from_asn1(revoked.revocation_date),
            reason: revoked.reason_code().map_or(RevocationReason::Unspecified, |(_, code)| RevocationReason::from_code(code.0)),
        });
        let authority_key_identifier = list.extensions().iter().find_map(|extension| {
            let ParsedExtension::AuthorityKeyIdentifier(identifier) = extension.parsed_extension() else { return None };
            identifier.key_identifier.as_ref().map(|id| id.0.to_vec())
        });
        // An issuing distribution point narrows what the list is about, a delta indicator makes it part of another; neither is followed here.
        let unknown =
            list.extensions().iter().filter(|extension| extension.critical).map(|extension| extension.oid.to_id_string());
        Ok(Self {
            unknown_critical: unknown.collect(),
            issuer: list.issuer().to_string(),
            issuer_der: list.issuer().as_raw().to_vec(),
            this_update: from_asn1(list.last_update()),
            next_update: list.next_update().map(from_asn1),
            number: list.crl_number().map(|number| SerialNumber::from_be_bytes(&number.to_bytes_be())),
            authority_key_identifier,
            entries: entries.collect(),
            der: der.to_vec(),
        })
    }

    /// The list in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The list as a PEM block `X509 CRL`.
    #[must_use]
    pub fn pem(&self) -> String {
        pem("X509 CRL", &self.der)
    }

    /// The issuer's name, in words.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The issuer's name in DER, as certificates carry it.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer_der
    }

    /// When it was made.
    #[must_use]
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// By when the next one comes; peers refuse everything after it.
    #[must_use]
    pub fn next_update(&self) -> Option<Timestamp> {
        self.next_update
    }

    /// Its number, when it carries one.
    #[must_use]
    pub fn number(&self) -> Option<&SerialNumber> {
        self.number.as_ref()
    }

    /// The key identifier of its issuer, when it carries one.
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.authority_key_identifier.as_deref()
    }

    /// Object identifiers of critical extensions, none of which is interpreted here (RFC 5280 section 5.2).
    #[must_use]
    pub fn unknown_critical_extensions(&self) -> &[String] {
        &self.unknown_critical
    }

    /// What is revoked, in the list's order.
    #[must_use]
    pub fn entries(&self) -> &[CrlEntry] {
        &self.entries
    }

    /// The entry of a serial number.
    #[must_use]
    pub fn entry(&self, serial: &SerialNumber) -> Option<&CrlEntry> {
        self.entries.iter().find(|entry| entry.serial == *serial)
    }

    /// Whether this certificate's name is the issuer's and its key made the signature.
    #[must_use]
    pub fn is_signed_by(&self, issuer: &Certificate) -> bool {
        let Ok((_, list)) = CertificateRevocationList::from_der(&self.der) else { return false };
        self.issuer_der == issuer.subject_der()
            && issuer.public_key().verifies(
                &list.signature_algorithm.algorithm.to_id_string(),
                list.tbs_cert_list.as_ref(),
                list.signature_value.as_ref(),
            )
    }
}
