//! The server's side of mutual TLS: what is offered, and which client certificates are taken.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::Mutex;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use rustls::CertificateError;
use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::Error;
use rustls::OtherError;
use rustls::ServerConfig;
use rustls::SignatureScheme;
use rustls::SupportedProtocolVersion;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::crypto::verify_tls12_signature;
use rustls::crypto::verify_tls13_signature;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::UnixTime;
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::ClientCertVerified;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::SingleCertAndKey;
use rustls::version::TLS12;
use rustls::version::TLS13;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::SubjectAltName;
use crate::pki::svid::refused_from_client;
use crate::pki::verify;
use crate::pki::verify::RevocationScope;
use crate::pki::verify::TlsRole;
use crate::pki::verify::TrustBundles;
use crate::proxy::Credentials;
use crate::simulate::Enforcer;
use crate::simulate::Refusal;
use crate::simulate::connection::ConnectionVerdict;
use crate::simulate::connection::FailureKind;

/// Protocols that an HTTP chain offers.
const HTTP_PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// Protocols that a chain of bytes offers.
const TCP_PROTOCOLS: [&[u8]; 3] = [b"istio-peer-exchange", b"h2", b"http/1.1"];

/// Versions that are offered.
const ALL: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
/// The same where the mesh wants the newest.
const NEWEST: &[&SupportedProtocolVersion] = &[&TLS13];
/// Callers that are remembered; more make room by forgetting all.
const MOST_CALLERS: usize = 1024;

/// The server's side as it is now, for every chain and protocol that was asked for; to be made anew when credentials or rules change.
#[derive(Debug)]
pub(super) struct Terms {
    verifier: Arc<Verifier>,
    credentials: Rc<Credentials>,
    versions: &'static [&'static SupportedProtocolVersion],
    made: RefCell<Vec<(Spoken, Arc<ServerConfig>)>>,
}

/// Whether a chain reads HTTP, and the protocol that both sides have.
type Spoken = (bool, Option<&'static [u8]>);

/// A caller whose certificate was found good.
#[derive(Debug)]
pub(super) struct Caller {
    /// Names a policy sees of the certificate.
    pub(super) names: Vec<String>,
    /// SHA-256 of the certificate.
    pub(super) fingerprint: String,
    /// The entry for `x-forwarded-client-cert`.
    pub(super) forwarded: String,
}

impl Terms {
    pub(super) fn new(credentials: Rc<Credentials>, enforcer: &Enforcer) -> Self {
        let verifier = Verifier {
            provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
            own: credentials.identity.to_string(),
            roots: credentials.roots.clone(),
            crls: credentials.crls.clone(),
            trust_domains: enforcer.trust_domains().map(<[String]>::to_vec),
            callers: Mutex::default(),
        };
        let versions = if enforcer.mesh().settings.mesh_mtls_min_tls_1_3 { NEWEST } else { ALL };
        Self { verifier: Arc::new(verifier), credentials, versions, made: RefCell::default() }
    }

    /// The configuration for a handshake with a client that offers some protocols.
    pub(super) fn configuration(&self, http: bool, is_offered: impl Fn(&[u8]) -> bool) -> Result<Arc<ServerConfig>, Error> {
        let own: &[&[u8]] = if http { &HTTP_PROTOCOLS } else { &TCP_PROTOCOLS };
        // Of no common protocol Envoy says nothing, where rustls would end the handshake.
        let spoken = (http, own.iter().copied().find(|own| is_offered(own)));
        if let Some((_, made)) = self.made.borrow().iter().find(|(known, _)| *known == spoken) {
            return Ok(Arc::clone(made));
        }
        let certified = self.credentials.certified.as_ref().clone();
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.verifier.provider))
            .with_protocol_versions(self.versions)?
            .with_client_cert_verifier(Arc::<Verifier>::clone(&self.verifier))
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        // A resumed session would bring back a certificate that has expired or was revoked since.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.alpn_protocols = spoken.1.into_iter().map(<[u8]>::to_vec).collect();
        let config = Arc::new(config);
        self.made.borrow_mut().push((spoken, Arc::clone(&config)));
        Ok(config)
    }

    /// Who the client of a finished handshake is.
    pub(super) fn caller(&self, chain: &[CertificateDer<'_>]) -> Option<Arc<Caller>> {
        self.verifier.remembered(&key(chain)).map(|known| known.caller).or_else(|| {
            let leaf = Certificate::from_der(chain.first()?).ok()?;
            Some(Arc::new(Caller::new(&self.verifier.own, &leaf)))
        })
    }
}

impl Caller {
    fn new(own: &str, certificate: &Certificate) -> Self {
        Self {
            names: certificate.uris().map(str::to_owned).collect(),
            fingerprint: certificate.fingerprint().to_string(),
            forwarded: forwarded(own, certificate),
        }
    }
}

/// Why a handshake was ended here, when it was for the client's certificate.
pub(super) fn refusal(error: &io::Error) -> Option<Refusal> {
    let Error::InvalidCertificate(CertificateError::Other(OtherError(cause))) = error.get_ref()?.downcast_ref()? else {
        return None;
    };
    cause.downcast_ref::<Refused>().map(|refused| refused.0.clone())
}

/// A refusal on its way through the handshake.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.defect.as_deref().unwrap_or_default())]
struct Refused(Refusal);

/// A caller, and from when until when nothing that was looked at changes by time alone.
#[derive(Debug, Clone)]
struct Remembered {
    caller: Arc<Caller>,
    from: Timestamp,
    until: Timestamp,
}

/// The bytes of a chain. Each certificate tells its own length.
fn key(chain: &[CertificateDer<'_>]) -> Vec<u8> {
    chain.iter().flat_map(|certificate| certificate.as_ref()).copied().collect()
}

/// Judges client certificates, and remembers those that were found good: verifying costs more than all else of a handshake, and the same
/// callers come again and again.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    own: String,
    roots: Vec<Certificate>,
    crls: Vec<Crl>,
    trust_domains: Option<Vec<String>>,
    callers: Mutex<FxHashMap<Vec<u8>, Remembered>>,
}

impl Verifier {
    fn remembered(&self, key: &[u8]) -> Option<Remembered> {
        self.callers.lock().ok()?.get(key).cloned()
    }

    fn remember(&self, key: Vec<u8>, chain: &[Certificate], at: Timestamp) {
        let (Some(leaf), Ok(mut callers)) = (chain.first(), self.callers.lock()) else { return };
        if callers.len() >= MOST_CALLERS {
            callers.clear();
        }
        let caller = Arc::new(Caller::new(&self.own, leaf));
        callers.insert(key, Remembered { caller, from: at, until: self.next_change(chain, at) });
    }

    /// When the time alone may next change what is thought of a chain.
    fn next_change(&self, chain: &[Certificate], at: Timestamp) -> Timestamp {
        let of_certificates = chain.iter().chain(&self.roots).flat_map(|one| [one.not_before(), one.not_after()]);
        let of_lists = self.crls.iter().flat_map(|list| [Some(list.this_update()), list.next_update()]).flatten();
        of_certificates.chain(of_lists).filter(|time| *time >= at).min().unwrap_or(at)
    }

    fn judge(&self, chain: &[Certificate], at: Timestamp) -> Result<(), Refusal> {
        let refused = |kind, defect: String| Refusal { kind, verdict: ConnectionVerdict::ConnectionFailed, defect: Some(defect) };
        if let Some(problem) = refused_from_client(chain, at) {
            return Err(refused(FailureKind::ClientCertificateDefective, problem.message));
        }
        let names: Vec<String> = chain.first().map(|leaf| leaf.uris().map(str::to_owned).collect()).unwrap_or_default();
        if !crate::simulate::connection::is_of_trust_domain(&names, self.trust_domains.as_deref()) {
            let shown = if names.is_empty() { "no identity".to_owned() } else { names.join(", ") };
            return Err(refused(
                FailureKind::ClientCertificateRejected,
                format!("it is of no trust domain of the mesh: {shown}"),
            ));
        }
        // The proxy trusts every root for every trust domain it accepts.
        let bundles: TrustBundles = names
            .iter()
            .filter_map(|name| name.strip_prefix("spiffe://")?.split('/').next()?.parse().ok())
            .map(|domain| (domain, self.roots.clone()))
            .collect();
        let question = verify::Question {
            chain,
            bundles: &bundles,
            crls: &self.crls,
            revocation: RevocationScope::WholePath,
            at,
            role: TlsRole::Client,
            expected: None,
        };
        verify::verify(&question).map(|_| ()).map_err(|error| refused(FailureKind::ClientCertificateRejected, error.to_string()))
    }

    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.provider.signature_verification_algorithms
    }
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let sent: Vec<CertificateDer<'_>> = [end_entity].into_iter().chain(intermediates).cloned().collect();
        let (key, at) = (key(&sent), Timestamp::now());
        if self.remembered(&key).is_some_and(|known| known.from <= at && at < known.until) {
            return Ok(ClientCertVerified::assertion());
        }
        let chain: Vec<Certificate> = sent
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<_, _>>()
            .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        match self.judge(&chain, at) {
            Ok(()) => {
                self.remember(key, &chain, at);
                Ok(ClientCertVerified::assertion())
            }
            Err(refusal) => Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Refused(refusal)))))),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, self.algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, self.algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms().supported_schemes()
    }
}

/// The entry for `x-forwarded-client-cert`: whose proxy this is, the certificate's hash, subject, URIs and DNS names.
fn forwarded(own: &str, certificate: &Certificate) -> String {
    let mut text = format!("By={own};Hash={};Subject=\"{}\"", certificate.fingerprint(), subject_of(certificate));
    for name in certificate.subject_alt_names() {
        match name {
            SubjectAltName::Uri(uri) => text.push_str(&format!(";URI={uri}")),
            SubjectAltName::Dns(_) | SubjectAltName::Ip(_) | SubjectAltName::Email(_) | SubjectAltName::Other(_) => {}
        }
    }
    for name in certificate.subject_alt_names() {
        if let SubjectAltName::Dns(dns) = name {
            text.push_str(&format!(";DNS={dns}"));
        }
    }
    text
}

fn subject_of(certificate: &Certificate) -> &str {
    if certificate.has_empty_subject() { "" } else { certificate.subject() }
}
