//! A path that was found is put to `rustls-webpki`; what it refuses is refused.

use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::UnixTime;
use webpki::EndEntityCert;
use webpki::ExtendedKeyUsageValidator;
use webpki::KeyPurposeIdIter;
use webpki::KeyUsage;
use webpki::anchor_from_trusted_cert;

use crate::pki::NameConstraints;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::named;
use crate::pki::verify::Question;
use crate::pki::verify::TlsRole;
use crate::pki::verify::path::Link;
use crate::pki::verify::signature::ALGORITHMS;

/// The purposes that a role demands.
struct Purpose(TlsRole);

impl ExtendedKeyUsageValidator for Purpose {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        match self.0 {
            TlsRole::Any => Ok(()),
            TlsRole::Client => KeyUsage::client_auth().validate(purposes),
            TlsRole::Server => KeyUsage::server_auth().validate(purposes),
        }
    }
}

/// Has the library verify the path, or the part of it below the first authority that constrains URIs.
pub(super) fn confirm(path: &[Link<'_>], question: &Question<'_>) -> Result<(), Problem> {
    let Some((leaf, above)) = path.split_first() else { return Ok(()) };
    let is_constrained = |link: &&Link<'_>| link.certificate.name_constraints().is_some_and(NameConstraints::is_about_uris);
    let below = above.iter().position(|link| is_constrained(&link)).unwrap_or(above.len().saturating_sub(1));
    let Some(anchor) = above.get(below) else { return Ok(()) };
    let refused = |name: &CertificateName, error: webpki::Error| {
        Problem::of(&named::PATH_REFUSED, name, format!("the path from it is refused: {error}"))
    };
    let anchor_der = CertificateDer::from(anchor.certificate.der());
    let mut trusted = anchor_from_trusted_cert(&anchor_der).map_err(|error| refused(&anchor.name, error))?;
    if is_constrained(&anchor) {
        trusted.name_constraints = None;
    }
    let intermediates: Vec<CertificateDer<'_>> =
        above.iter().take(below).map(|link| CertificateDer::from(link.certificate.der())).collect();
    let leaf_der = CertificateDer::from(leaf.certificate.der());
    let end_entity = EndEntityCert::try_from(&leaf_der).map_err(|error| refused(&leaf.name, error))?;
    let seconds = u64::try_from(question.at.as_second()).unwrap_or_default();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    end_entity
        .verify_for_usage(ALGORITHMS, &[trusted], &intermediates, at, Purpose(question.role), None, None)
        .map(|_| ())
        .map_err(|error| refused(&leaf.name, error))
}
