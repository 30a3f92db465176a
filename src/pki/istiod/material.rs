//! The files of the secret `cacerts`, as istiod finds them.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

/// The files istiod looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileName {
    /// The signing certificate.
    CaCert,
    /// Its private key.
    CaKey,
    /// What follows each workload's certificate.
    CertChain,
    /// The trust bundle.
    RootCert,
    /// Revocation lists.
    CaCrl,
    /// The signing certificate in a secret of type `kubernetes.io/tls`.
    TlsCert,
    /// Its private key there.
    TlsKey,
    /// The trust bundle there.
    TlsRoot,
    /// An empty mark that istiod made the secret itself.
    IstioGenerated,
}

impl FileName {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::CaCert,
        Self::CaKey,
        Self::CertChain,
        Self::RootCert,
        Self::CaCrl,
        Self::TlsCert,
        Self::TlsKey,
        Self::TlsRoot,
        Self::IstioGenerated,
    ];

    /// The name in the directory and in the secret.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CaCert => "ca-cert.pem",
            Self::CaKey => "ca-key.pem",
            Self::CertChain => "cert-chain.pem",
            Self::RootCert => "root-cert.pem",
            Self::CaCrl => "ca-crl.pem",
            Self::TlsCert => "tls.crt",
            Self::TlsKey => "tls.key",
            Self::TlsRoot => "ca.crt",
            Self::IstioGenerated => "istio-generated",
        }
    }

    /// The file of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.name() == name)
    }
}

/// Which of the two sets of names counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `ca-cert.pem`, `ca-key.pem`, `cert-chain.pem`, `root-cert.pem`, `ca-crl.pem`.
    Istio,
    /// `tls.crt`, `tls.key`, `ca.crt`; chosen as soon as `tls.crt` exists.
    Tls,
}

impl Layout {
    /// The file of the signing certificate.
    #[must_use]
    pub fn signer(self) -> FileName {
        if self == Self::Tls { FileName::TlsCert } else { FileName::CaCert }
    }

    /// The file of the private key.
    #[must_use]
    pub fn key(self) -> FileName {
        if self == Self::Tls { FileName::TlsKey } else { FileName::CaKey }
    }

    /// The file of the trust bundle.
    #[must_use]
    pub fn roots(self) -> FileName {
        if self == Self::Tls { FileName::TlsRoot } else { FileName::RootCert }
    }

    /// The files whose text follows each workload's certificate.
    #[must_use]
    pub fn chain(self) -> &'static [FileName] {
        if self == Self::Tls { &[FileName::TlsCert, FileName::TlsRoot] } else { &[FileName::CertChain] }
    }
}

/// What was given: a file that is not in here does not exist, an empty one does.
#[derive(Clone, Default)]
pub struct Material {
    files: BTreeMap<FileName, Zeroizing<Vec<u8>>>,
}

impl Material {
    /// Adds a file.
    pub fn insert(&mut self, file: FileName, content: Vec<u8>) {
        self.files.insert(file, Zeroizing::new(content));
    }

    /// Whether nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Which files are there.
    pub fn names(&self) -> impl Iterator<Item = FileName> {
        self.files.keys().copied()
    }

    /// Whether a file exists.
    #[must_use]
    pub fn has(&self, file: FileName) -> bool {
        self.files.contains_key(&file)
    }

    /// A file's content; nothing when it does not exist.
    #[must_use]
    pub fn content(&self, file: FileName) -> &[u8] {
        self.files.get(&file).map_or(&[], |content| content.as_slice())
    }

    /// Which names count.
    #[must_use]
    pub fn layout(&self) -> Layout {
        if self.has(FileName::TlsCert) { Layout::Tls } else { Layout::Istio }
    }

    /// What follows each workload's certificate: files one right after the other, with nothing in between.
    pub(super) fn chain_text(&self) -> Vec<u8> {
        self.layout().chain().iter().flat_map(|file| self.content(*file)).copied().collect()
    }
}
