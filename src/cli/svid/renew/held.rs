//! What a directory holds: a certificate of this ledger, its key and the roots beside it.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::cli::error::Error;
use crate::cli::svid::files;
use crate::pki::Certificate;
use crate::pki::PemReader;
use crate::pki::PrivateKey;
use crate::pki::RenewalReason;
use crate::store::AuthorityId;
use crate::store::CertificateFilter;
use crate::store::CertificateRecord;
use crate::store::Ledger;
use crate::store::Order;
use crate::store::read_published;

/// The three files, read from one version of the directory.
#[derive(Debug)]
pub(in crate::cli::svid) struct Held {
    pub(in crate::cli::svid) directory: PathBuf,
    pub(in crate::cli::svid) certificate: Certificate,
    pub(in crate::cli::svid) record: CertificateRecord,
    /// The private key, or why it is of no use.
    pub(in crate::cli::svid) key: Result<PrivateKey, RenewalReason>,
    roots: Option<Zeroizing<Vec<u8>>>,
    chain: Zeroizing<Vec<u8>>,
    key_text: Option<Zeroizing<Vec<u8>>>,
}

impl Held {
    /// Reads a directory, and finds its certificate in the ledger.
    pub(in crate::cli::svid) fn read(directory: &Path, ledger: &Ledger) -> Result<Self, Error> {
        let path = directory.join(files::CHAIN);
        let [chain, key_text, roots] = read_published(directory, [files::CHAIN, files::KEY, files::ROOTS])?;
        // Readers come by the links in front of the version; a file whose link was removed is of no use to them.
        let [key_text, roots] =
            [(key_text, files::KEY), (roots, files::ROOTS)].map(|(file, name)| file.filter(|_| directory.join(name).exists()));
        let chain = chain.ok_or_else(|| Error::Read {
            path: path.display().to_string(),
            source: io::Error::new(io::ErrorKind::NotFound, "there is no such file"),
        })?;
        Self::of(directory, [Some(chain), key_text, roots], ledger)
    }

    /// The same of chain, key and roots that stand elsewhere; `place` is what messages call it.
    pub(in crate::cli::svid) fn of(
        place: &Path,
        [chain, key_text, roots]: [Option<Zeroizing<Vec<u8>>>; 3],
        ledger: &Ledger,
    ) -> Result<Self, Error> {
        let path = place.join(files::CHAIN);
        let chain = chain.unwrap_or_default();
        let certificate = first_certificate(&chain, &path)?;
        let record = record_of(&certificate, ledger, &path)?;
        let key = match &key_text {
            None => Err(RenewalReason::KeyMissing),
            Some(text) => own_key(text, &certificate).ok_or(RenewalReason::KeyUnfit),
        };
        Ok(Self { directory: place.to_owned(), certificate, record, key, roots, chain, key_text })
    }

    /// Whether the roots on the disk are other ones than these. Their order and the text between them do not matter.
    pub(in crate::cli::svid) fn has_other_roots(&self, bundle: &[Certificate]) -> bool {
        let found: Vec<Zeroizing<Vec<u8>>> =
            PemReader::new(self.roots.as_deref().map_or(&[], Vec::as_slice)).map(|block| block.der).collect();
        let is_found = |root: &Certificate| found.iter().any(|der| der.as_slice() == root.der());
        let is_wanted = |der: &Zeroizing<Vec<u8>>| bundle.iter().any(|root| der.as_slice() == root.der());
        !bundle.iter().all(is_found) || !found.iter().all(is_wanted)
    }

    /// The chain as it stands in its file.
    pub(in crate::cli::svid) fn chain(&self) -> &[u8] {
        &self.chain
    }

    /// The key as it stands in its file.
    pub(in crate::cli::svid) fn key_text(&self) -> Option<&[u8]> {
        self.key_text.as_ref().map(|text| text.as_slice())
    }
}

fn first_certificate(chain: &[u8], path: &Path) -> Result<Certificate, Error> {
    let block = PemReader::new(chain).find(|block| block.label == "CERTIFICATE");
    let block = block.ok_or_else(|| Error::question(format!("`{}` holds no certificate in PEM", path.display()), None))?;
    Certificate::from_der(&block.der).map_err(|error| Error::question(format!("`{}`: {error}", path.display()), None))
}

/// The row of a certificate. Issuer and serial number find it, and then it has to be that very certificate.
fn record_of(certificate: &Certificate, ledger: &Ledger, path: &Path) -> Result<CertificateRecord, Error> {
    let foreign = |what: String| {
        Err(Error::question(
            what,
            "name the home of the authority that issued it with `--home`, or issue another one: `meshsec svid issue`".to_owned(),
        ))
    };
    let issuer = AuthorityId::of_issuer(certificate);
    let filter =
        CertificateFilter { issuer: issuer.clone(), serial: Some(certificate.serial().clone()), ..CertificateFilter::default() };
    let found = if issuer.is_some() { ledger.certificates(&filter, Order::Recorded)? } else { Vec::new() };
    let place = path.display();
    match found.into_iter().next() {
        None => foreign(format!("the certificate in `{place}` is not in the ledger: serial number {}", certificate.serial())),
        Some(record) if record.fingerprint != certificate.fingerprint() => foreign(format!(
            "the certificate in `{place}` has issuer and serial number of one in the ledger, and is another one: {}",
            certificate.serial()
        )),
        Some(record) => Ok(record),
    }
}

fn own_key(text: &[u8], certificate: &Certificate) -> Option<PrivateKey> {
    let key = PrivateKey::from_pem(std::str::from_utf8(text).ok()?, None).ok()?;
    (key.public_key().ok()?.info() == certificate.public_key().info()).then_some(key)
}
