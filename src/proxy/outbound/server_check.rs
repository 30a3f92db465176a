//! The client's side of TLS: what is offered and presented, and which servers are taken (secure naming).

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::Mutex;

use jiff::Timestamp;
use rustls::CertificateError;
use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::Error;
use rustls::SignatureScheme;
use rustls::client::Resumption;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::crypto::verify_tls12_signature;
use rustls::crypto::verify_tls13_signature;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::sign::SingleCertAndKey;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::verify;
use crate::pki::verify::RevocationScope;
use crate::pki::verify::TlsRole;
use crate::pki::verify::TrustBundles;
use crate::proxy::Credentials;
use crate::simulate::connection;
use crate::simulate::connection::Alpn;
use crate::simulate::connection::ClientTls;
use crate::simulate::connection::Emission;
use crate::simulate::connection::Expected;
use crate::simulate::connection::Trust;

/// What a connection is for, which decides on the protocols that are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Http1,
    Http2,
    Bytes,
}

/// Why the server was turned away, once the handshake is over.
#[derive(Debug, Clone, Default)]
pub(super) struct Refused(Arc<Mutex<Option<String>>>);

impl Refused {
    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().ok().and_then(|mut slot| slot.take())
    }
}

/// Protocols in the order of istiod's clusters and of the filter that sets them per request.
fn protocols(alpn: Alpn, purpose: Purpose) -> &'static [&'static [u8]] {
    match (alpn, purpose) {
        (Alpn::IstioHttp, Purpose::Http1) => &[b"istio-http/1.1", b"istio", b"http/1.1"],
        (Alpn::IstioHttp, Purpose::Http2) => &[b"istio-h2", b"istio", b"h2"],
        (Alpn::IstioTcp, _) | (Alpn::IstioHttp, Purpose::Bytes) => &[b"istio-peer-exchange", b"istio"],
        (Alpn::Foreign, Purpose::Http2) => &[b"h2"],
        (Alpn::Foreign, Purpose::Http1 | Purpose::Bytes) => &[],
    }
}

/// The configuration for one handshake, the name that is sent, and where its verifier leaves why it refuses.
pub(super) fn configuration(
    emission: &Emission,
    purpose: Purpose,
    credentials: &Credentials,
) -> Result<(Arc<ClientConfig>, ServerName<'static>, Refused), Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let refused = Refused::default();
    let verifier = Verifier {
        provider: Arc::clone(&provider),
        trust: emission.trust,
        roots: credentials.roots.clone(),
        crls: credentials.crls.clone(),
        expected: emission.expected.clone(),
        refused: refused.clone(),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let presents = emission.tls != ClientTls::Simple && matches!(emission.certificate, connection::Certificate::Mesh(_));
    let mut config = if presents {
        builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(credentials.certified.as_ref().clone())))
    } else {
        builder.with_no_client_auth()
    };
    // A resumed session would skip the look at a certificate that has expired or was revoked since.
    config.resumption = Resumption::disabled();
    config.alpn_protocols = protocols(emission.alpn, purpose).iter().map(|name| name.to_vec()).collect();
    // An address is never sent as a name.
    let none = || ServerName::from(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let name = ServerName::try_from(emission.sni.clone()).unwrap_or_else(|_| none());
    Ok((Arc::new(config), name, refused))
}

#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    trust: Trust,
    roots: Vec<Certificate>,
    crls: Vec<Crl>,
    expected: Expected,
    refused: Refused,
}

impl Verifier {
    fn judge(&self, chain: &[Certificate]) -> Result<(), String> {
        match self.trust {
            Trust::Everyone => return Ok(()),
            Trust::Public => {
                return Err("the server is to be vouched for by a public authority, and none is known here".to_owned());
            }
            Trust::Mesh | Trust::Unknown => {}
        }
        let names: Vec<&str> = chain.first().map(|leaf| leaf.uris().collect()).unwrap_or_default();
        // The caller's proxy trusts every root for every trust domain.
        let domain_of = |name: &&str| name.strip_prefix("spiffe://")?.split('/').next()?.parse().ok();
        let bundles: TrustBundles = names.iter().filter_map(domain_of).map(|domain| (domain, self.roots.clone())).collect();
        let question = verify::Question {
            chain,
            bundles: &bundles,
            crls: &self.crls,
            revocation: RevocationScope::WholePath,
            at: Timestamp::now(),
            role: TlsRole::Server,
            expected: None,
        };
        verify::verify(&question).map_err(|error| error.to_string())?;
        let is_expected = match &self.expected {
            Expected::Any => true,
            Expected::OneOf(expected) => names.iter().any(|name| expected.iter().any(|one| one == name)),
            // No certificate of the mesh has a DNS name; those issued here have some for the sake of other clients.
            Expected::Host(_) => false,
        };
        if is_expected { Ok(()) } else { Err(self.mismatch(&names)) }
    }

    fn mismatch(&self, names: &[&str]) -> String {
        let wanted = match &self.expected {
            Expected::Any => String::new(),
            Expected::OneOf(expected) => expected.join(", "),
            Expected::Host(host) => format!("a certificate for `{host}`"),
        };
        format!("the server is {}, expected is {wanted}", if names.is_empty() { "nobody".to_owned() } else { names.join(", ") })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let sent = [end_entity].into_iter().chain(intermediates);
        let chain: Vec<Certificate> = sent
            .map(|der| Certificate::from_der(der))
            .collect::<Result<_, _>>()
            .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        self.judge(&chain).map(|()| ServerCertVerified::assertion()).map_err(|why| {
            if let Ok(mut slot) = self.refused.0.lock() {
                *slot = Some(why);
            }
            Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
