use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::container::FoundKey;

/// In which form certificates came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// PEM blocks (RFC 7468).
    Pem,
    /// One certificate, or several one after another, in DER.
    Der,
    /// PKCS#12 (RFC 7292).
    Pkcs12,
    /// Secrets of Kubernetes, as YAML or JSON.
    Secret,
    /// The secrets of a proxy, as `istioctl proxy-config secret` or Envoy's `/config_dump` print them.
    ProxySecrets,
    /// Envoy's `/certs`: facts about certificates without the certificates.
    EnvoyCertificates,
}

impl Format {
    /// The word in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pem => "PEM",
            Self::Der => "DER",
            Self::Pkcs12 => "PKCS#12",
            Self::Secret => "Kubernetes Secret",
            Self::ProxySecrets => "proxy secrets",
            Self::EnvoyCertificates => "Envoy /certs",
        }
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its form.
    pub format: Format,
    /// What is in it; one entry for a plain file, several for a list of secrets.
    pub entries: Vec<Entry>,
}

/// What belongs together: a chain with its key, and the roots beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its name among others, such as `secret default/istio.web` or `ROOTCA`; empty for a plain file.
    pub name: String,
    /// Certificates in the order found: a workload's own first when the file is right.
    pub chain: Vec<Certificate>,
    /// The trust domain whose authorities the roots are, where the format says so.
    pub trust_domain: Option<String>,
    /// Certificates of whom to trust, where the format tells them from the chain.
    pub roots: Vec<Certificate>,
    /// Private keys.
    pub keys: Vec<FoundKey>,
    /// Revocation lists.
    pub crls: Vec<Crl>,
    /// Requests for certificates.
    pub requests: Vec<FoundRequest>,
    /// Facts about certificates that are not there themselves.
    pub listed: Vec<ListedCertificate>,
    /// What was found and not used, and why.
    pub remarks: Vec<String>,
}

/// A request for a certificate (PKCS#10), named only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRequest {
    /// Where it stands.
    pub origin: String,
    /// The subject it asks for.
    pub subject: String,
    /// The names it asks for.
    pub names: Vec<String>,
}

/// What Envoy says of a certificate it uses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListedCertificate {
    /// Whether it is one to trust rather than of the proxy's own chain.
    pub is_authority: bool,
    /// The file it came from, or `<inline>`.
    pub path: String,
    /// Its serial number in hex, as Envoy writes it.
    pub serial: String,
    /// Its URI names.
    pub uris: Vec<String>,
    /// Its other names.
    pub names: Vec<String>,
    /// First second of validity, as Envoy writes it.
    pub valid_from: String,
    /// Last second of validity.
    pub expiration_time: String,
}

impl ListedCertificate {
    /// First and last second of validity, when Envoy wrote times.
    #[must_use]
    pub fn lifetime(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.valid_from.parse().ok()?, self.expiration_time.parse().ok()?))
    }
}

impl Entry {
    /// An entry with nothing in it.
    pub(super) fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Whether there is nothing to show but remarks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chain.is_empty()
            && self.roots.is_empty()
            && self.keys.is_empty()
            && self.crls.is_empty()
            && self.requests.is_empty()
            && self.listed.is_empty()
    }
}
