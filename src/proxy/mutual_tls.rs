//! The server's side of mutual TLS: what is offered, and which client certificates are taken.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::Mutex;

use jiff::Timestamp;
use rustls::CertificateError;
use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::Error;
use rustls::OtherError;
use rustls::ServerConfig;
use rustls::SignatureScheme;
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

use crate::pki::Certificate;
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

/// What was learnt of the client during the handshake.
#[derive(Debug, Clone, Default)]
pub(super) struct Learnt(Arc<Mutex<Option<Result<Certificate, Refusal>>>>);

impl Learnt {
    /// The client's certificate, or why it was refused; nothing when none was shown.
    pub(super) fn take(&self) -> Option<Result<Certificate, Refusal>> {
        self.0.lock().ok().and_then(|mut slot| slot.take())
    }
}

/// The configuration for one handshake, and where its verifier leaves what it learns.
pub(super) fn configuration<'n>(
    credentials: &Rc<Credentials>,
    enforcer: &Enforcer,
    http: bool,
    offered: &(impl Iterator<Item = &'n [u8]> + Clone),
) -> Result<(Arc<ServerConfig>, Learnt), Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let learnt = Learnt::default();
    let verifier = Verifier {
        provider: Arc::clone(&provider),
        roots: credentials.roots.clone(),
        crls: credentials.crls.clone(),
        trust_domains: enforcer.trust_domains().map(<[String]>::to_vec),
        learnt: learnt.clone(),
    };
    let versions: &[&rustls::SupportedProtocolVersion] = if enforcer.mesh().settings.mesh_mtls_min_tls_1_3 {
        &[&rustls::version::TLS13]
    } else {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(credentials.certified.as_ref().clone())));
    // A resumed session would bring back a certificate that has expired or was revoked since.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    let own: &[&[u8]] = if http { &HTTP_PROTOCOLS } else { &TCP_PROTOCOLS };
    // Of no common protocol Envoy says nothing, where rustls would end the handshake.
    let common = own.iter().find(|own| offered.clone().any(|offered| offered == **own));
    config.alpn_protocols = common.iter().map(|name| name.to_vec()).collect();
    Ok((Arc::new(config), learnt))
}

#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    roots: Vec<Certificate>,
    crls: Vec<crate::pki::Crl>,
    trust_domains: Option<Vec<String>>,
    learnt: Learnt,
}

impl Verifier {
    fn judge(&self, chain: &[Certificate]) -> Result<(), Refusal> {
        let refused = |kind, defect: String| Refusal { kind, verdict: ConnectionVerdict::ConnectionFailed, defect: Some(defect) };
        let at = Timestamp::now();
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
        let sent = [end_entity].into_iter().chain(intermediates);
        let chain: Vec<Certificate> = sent
            .map(|der| Certificate::from_der(der))
            .collect::<Result<_, _>>()
            .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let judged = self.judge(&chain);
        let refusal = judged.as_ref().err().cloned();
        if let Ok(mut slot) = self.learnt.0.lock() {
            *slot = judged.err().map(Err).or_else(|| chain.into_iter().next().map(Ok));
        }
        match refusal {
            None => Ok(ClientCertVerified::assertion()),
            Some(refusal) => {
                let why = refusal.defect.unwrap_or_default();
                Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::from(Box::<
                    dyn std::error::Error + Send + Sync,
                >::from(why))))))
            }
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

/// Names a policy sees of a client's certificate.
pub(super) fn names_of(certificate: &Certificate) -> Vec<String> {
    certificate.uris().map(str::to_owned).collect()
}

/// The entry for `x-forwarded-client-cert`: whose proxy this is, the certificate's hash, subject, URIs and DNS names.
pub(super) fn forwarded(own: &str, certificate: &Certificate) -> String {
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
