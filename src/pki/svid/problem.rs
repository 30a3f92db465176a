use std::fmt;

use crate::pki::Certificate;
use crate::pki::SerialNumber;
use crate::pki::svid::Check;

/// Something that speaks against a certificate or a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which check does not hold.
    pub check: &'static Check,
    /// Which certificate it concerns; `None` when it is about all of them.
    pub certificate: Option<CertificateName>,
    /// What is wrong, and who minds.
    pub message: String,
}

/// A certificate among others, as a person would point at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateName {
    /// Its place, counted from 0 at the workload's own; `None` for one of the trust bundle.
    pub position: Option<usize>,
    /// Its SPIFFE ID when it has one with a path, otherwise its subject; empty when it has neither.
    pub name: String,
    /// Its serial number.
    pub serial: SerialNumber,
}

impl CertificateName {
    /// Points at a certificate.
    #[must_use]
    pub fn new(position: Option<usize>, certificate: &Certificate) -> Self {
        let workload = certificate.uris().next().filter(|_| !certificate.is_ca());
        let name = workload.unwrap_or_else(|| certificate.subject());
        Self { position, name: name.to_owned(), serial: certificate.serial().clone() }
    }
}

impl fmt::Display for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "certificate {position}")?,
            None => f.write_str("certificate of the bundle")?,
        }
        f.write_str(" (")?;
        if !self.name.is_empty() {
            write!(f, "{}, ", self.name)?;
        }
        write!(f, "serial {})", self.serial)
    }
}

impl Problem {
    /// A problem of one certificate.
    pub(in crate::pki) fn of(check: &'static Check, certificate: &CertificateName, message: impl Into<String>) -> Self {
        Self { check, certificate: Some(certificate.clone()), message: message.into() }
    }

    /// A problem of the whole.
    pub(in crate::pki) fn of_all(check: &'static Check, message: impl Into<String>) -> Self {
        Self { check, certificate: None, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(certificate) = &self.certificate {
            write!(f, "{certificate}: ")?;
        }
        write!(f, "{} [{}, {}]", self.message, self.check.name, self.check.rule)
    }
}
