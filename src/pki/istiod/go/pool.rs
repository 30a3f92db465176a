//! Certificates to build chains from.

use std::rc::Rc;

use crate::pki::istiod::go::certificate::Certificate;
use crate::pki::pem_reader::PemReader;

/// A set of certificates, each once, in the order they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pool {
    certificates: Vec<Rc<Certificate>>,
}

impl Pool {
    /// Every readable `CERTIFICATE` block without headers; other blocks are passed over.
    #[must_use]
    pub(crate) fn from_pem(text: &[u8]) -> Self {
        let mut pool = Self::default();
        for block in PemReader::new(text).filter(|block| block.label == "CERTIFICATE" && block.headers.is_empty()) {
            if let Ok(certificate) = Certificate::read(&block.der) {
                pool.add(certificate);
            }
        }
        pool
    }

    fn add(&mut self, certificate: Certificate) {
        if !self.contains(&certificate) {
            self.certificates.push(Rc::new(certificate));
        }
    }

    /// The certificates.
    #[must_use]
    pub(crate) fn certificates(&self) -> &[Rc<Certificate>] {
        &self.certificates
    }

    /// Whether the very same certificate is in it.
    #[must_use]
    pub(crate) fn contains(&self, certificate: &Certificate) -> bool {
        self.certificates.iter().any(|own| own.raw == certificate.raw)
    }

    /// Certificates of the issuer's name, those whose key identifier fits first.
    pub(super) fn potential_parents(&self, child: &Certificate) -> Vec<Rc<Certificate>> {
        let wanted = &child.says.authority_key_id;
        let rank = |candidate: &Certificate| {
            let own = &candidate.says.subject_key_id;
            if own == wanted {
                0
            } else if own.is_empty() != wanted.is_empty() {
                1
            } else {
                2
            }
        };
        let mut parents: Vec<Rc<Certificate>> =
            self.certificates.iter().filter(|candidate| candidate.raw_subject == child.raw_issuer).map(Rc::clone).collect();
        parents.sort_by_key(|candidate| rank(candidate));
        parents
    }
}
