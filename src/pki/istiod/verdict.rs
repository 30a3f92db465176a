//! The answer: whether istiod loads the files, whether what it then signs is any good, and what to do.

use std::rc::Rc;

use jiff::Timestamp;

use crate::pki::istiod::go::Certificate;
use crate::pki::istiod::material::FileName;
use crate::pki::istiod::material::Layout;

/// Whether istiod takes the files as its authority, and whether its workloads are then accepted.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Whether istiod loads them.
    pub accepted: bool,
    /// What istiod says when it does not. `None` also when there is nothing to load.
    pub istiod_error: Option<String>,
    /// Whether agents then accept istiod, and istiod their workloads: both verify with Go's library.
    pub accepted_by_agents: bool,
    /// Whether proxies then accept each other.
    pub accepted_by_proxies: bool,
    /// All of it.
    pub usable: bool,
    /// Which of the two sets of file names counted.
    pub layout: Layout,
    /// Everything worth knowing, the worst first.
    pub findings: Vec<Finding>,
    /// The signing certificate.
    pub signer: Option<CertificateFacts>,
    /// The trust bundle.
    pub roots: Vec<CertificateFacts>,
    /// What follows each workload's certificate.
    pub chain: Vec<CertificateFacts>,
    /// The revocation lists.
    pub lists: Vec<ListFacts>,
}

/// A statement about the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was found, in a few fixed words.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub file: Option<FileName>,
    /// Which certificate.
    pub certificate: Option<CertificateName>,
    /// Who refuses what istiod signs, when somebody does.
    pub refused_by: Peers,
    /// What to do.
    pub help: Option<&'static str>,
}

/// Those who verify what istiod signs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Peers {
    /// Agents, which verify istiod, and istiod, which verifies them.
    pub agents: bool,
    /// Proxies.
    pub proxies: bool,
}

impl Peers {
    pub(super) const AGENTS: Self = Self { agents: true, proxies: false };
    pub(super) const PROXIES: Self = Self { agents: false, proxies: true };
    pub(super) const ALL: Self = Self { agents: true, proxies: true };

    /// Their names.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        [(self.agents, "agents"), (self.proxies, "proxies")]
            .into_iter()
            .filter(|(is_one, _)| *is_one)
            .map(|(_, name)| name)
            .collect()
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// istiod does not load the files.
    Refused,
    /// istiod loads them, and peers refuse what it signs.
    Unusable,
    /// Works today.
    Warning,
    /// Works.
    Note,
}

impl Severity {
    /// As it is printed and written to JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused | Self::Unusable => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// How a certificate is told from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateName {
    /// Its subject, as istiod writes it.
    pub subject: String,
    /// Its serial number in hexadecimal.
    pub serial: String,
}

/// What is shown of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Subject.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// Serial number in hexadecimal.
    pub serial: String,
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity.
    pub not_after: Timestamp,
    /// Kind and size of the key.
    pub key: Option<String>,
    /// SHA-256 of the certificate in hexadecimal.
    pub fingerprint: String,
    /// How many authorities may stand below it.
    pub path_length: Option<u64>,
}

/// What is shown of a revocation list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFacts {
    /// Who signed it.
    pub issuer: String,
    /// From when it counts.
    pub this_update: Timestamp,
    /// Until when.
    pub next_update: Option<Timestamp>,
    /// How many certificates it revokes.
    pub entries: usize,
}

impl CertificateName {
    pub(super) fn of(certificate: &Certificate) -> Self {
        Self { subject: certificate.subject.text(), serial: certificate.serial_hex() }
    }
}

impl CertificateFacts {
    pub(super) fn of(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject.text(),
            issuer: certificate.issuer.text(),
            serial: certificate.serial_hex(),
            not_before: certificate.not_before.timestamp(),
            not_after: certificate.not_after.timestamp(),
            key: certificate.public_key.as_ref().map(super::go::PublicKey::name),
            fingerprint: certificate.fingerprint(),
            path_length: certificate.says.max_path_length,
        }
    }
}

impl Finding {
    pub(super) fn new(name: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self { name, severity, message: message.into(), file: None, certificate: None, refused_by: Peers::default(), help: None }
    }

    pub(super) fn at(self, file: FileName) -> Self {
        Self { file: Some(file), ..self }
    }

    pub(super) fn about(self, certificate: &Certificate) -> Self {
        Self { certificate: Some(CertificateName::of(certificate)), ..self }
    }

    pub(super) fn about_any(self, certificate: Option<&Rc<Certificate>>) -> Self {
        match certificate {
            Some(certificate) => self.about(certificate),
            None => self,
        }
    }

    /// A finding about certificates that some refuse.
    pub(super) fn refused(name: &'static str, peers: Peers, message: impl Into<String>) -> Self {
        Self { refused_by: peers, ..Self::new(name, Severity::Unusable, message) }
    }

    pub(super) fn help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }
}
