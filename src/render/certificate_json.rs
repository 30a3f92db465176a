//! Certificates and problems as JSON, the same wherever they occur. Fields are added, never renamed.

use jiff::Timestamp;
use serde::Serialize;

use crate::pki::Certificate;
use crate::pki::SubjectAltName;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::Role;
use crate::render::words::hex;
use crate::spiffe::SpiffeId;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificateView<'c> {
    position: usize,
    role: &'static str,
    spiffe_id: Option<String>,
    istio: Option<IstioView>,
    subject: &'c str,
    issuer: &'c str,
    serial: String,
    not_before: String,
    not_after: String,
    /// Negative once it has expired.
    seconds_left: i64,
    public_key: String,
    signature_algorithm: &'c str,
    subject_alt_names: Vec<NameView>,
    is_ca: bool,
    path_length: Option<u64>,
    key_usage: Option<Vec<&'static str>>,
    extended_key_usage: Option<Vec<&'c str>>,
    subject_key_identifier: Option<String>,
    authority_key_identifier: Option<String>,
    has_name_constraints: bool,
    fingerprint_sha256: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IstioView {
    namespace: String,
    service_account: String,
}

#[derive(Serialize)]
struct NameView {
    r#type: &'static str,
    value: String,
}

impl<'c> CertificateView<'c> {
    pub(super) fn new(position: usize, certificate: &'c Certificate, at: Timestamp) -> Self {
        let id: Option<SpiffeId> = certificate.uris().find_map(|uri| uri.parse().ok());
        let istio = id.as_ref().and_then(SpiffeId::service_account_parts).map(|(namespace, service_account)| IstioView {
            namespace: namespace.to_owned(),
            service_account: service_account.to_owned(),
        });
        Self {
            position,
            role: Role::of(certificate).as_str(),
            spiffe_id: id.map(|id| id.to_string()),
            istio,
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            serial: certificate.serial().to_string(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
            seconds_left: certificate.not_after().duration_since(at).as_secs(),
            public_key: certificate.public_key().to_string(),
            signature_algorithm: certificate.signature_algorithm(),
            subject_alt_names: certificate.subject_alt_names().iter().map(NameView::new).collect(),
            is_ca: certificate.is_ca(),
            path_length: certificate.basic_constraints().and_then(|constraints| constraints.path_length),
            key_usage: certificate.key_usage().map(crate::pki::KeyUsage::names),
            extended_key_usage: certificate.extended_key_usage().map(crate::pki::ExtendedKeyUsage::names),
            subject_key_identifier: certificate.subject_key_identifier().map(hex),
            authority_key_identifier: certificate.authority_key_identifier().map(hex),
            has_name_constraints: certificate.has_name_constraints(),
            fingerprint_sha256: certificate.fingerprint().to_string(),
        }
    }
}

impl NameView {
    fn new(name: &SubjectAltName) -> Self {
        let (r#type, value) = match name {
            SubjectAltName::Uri(text) => ("uri", text.clone()),
            SubjectAltName::Dns(text) => ("dns", text.clone()),
            SubjectAltName::Ip(address) => ("ip", address.to_string()),
            SubjectAltName::Email(text) => ("email", text.clone()),
            SubjectAltName::Other(text) => ("other", text.clone()),
        };
        Self { r#type, value }
    }
}

/// Something that speaks against a certificate or a chain.
#[derive(Serialize)]
pub(super) struct ProblemView<'p> {
    name: &'static str,
    severity: &'static str,
    rule: &'static str,
    message: &'p str,
    certificate: Option<PlaceView<'p>>,
}

#[derive(Serialize)]
struct PlaceView<'p> {
    /// Absent for a certificate of the bundle.
    position: Option<usize>,
    name: &'p str,
    serial: String,
}

impl<'p> ProblemView<'p> {
    pub(super) fn new(problem: &'p Problem) -> Self {
        let place =
            |name: &'p CertificateName| PlaceView { position: name.position, name: &name.name, serial: name.serial.to_string() };
        Self {
            name: problem.check.name,
            severity: problem.check.severity.as_str(),
            rule: problem.check.rule,
            message: &problem.message,
            certificate: problem.certificate.as_ref().map(place),
        }
    }
}
