//! rustls as client and as server, each verifying the other with its own web PKI verifier.

use std::io::Read;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ::rustls::ClientConfig;
use ::rustls::ClientConnection;
use ::rustls::RootCertStore;
use ::rustls::ServerConfig;
use ::rustls::ServerConnection;
use ::rustls::Stream;
use ::rustls::client::WebPkiServerVerifier;
use ::rustls::crypto::CryptoProvider;
use ::rustls::pki_types::CertificateDer;
use ::rustls::pki_types::CertificateRevocationListDer;
use ::rustls::pki_types::PrivateKeyDer;
use ::rustls::pki_types::pem::PemObject;
use ::rustls::server::WebPkiClientVerifier;
use meshsec::pki::Certificate;
use meshsec::pki::KeyType;

use crate::material::Authority;
use crate::material::CLIENT;
use crate::material::Identity;
use crate::material::SERVER;

/// One side of a connection.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) bundle: &'a str,
    /// Revocation lists in PEM; none are asked for when it is empty.
    pub(crate) crl: &'a str,
}

impl Side<'_> {
    fn chain(&self) -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_slice_iter(self.identity.chain.as_bytes()).map(Result::unwrap).collect()
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.identity.key.as_bytes()).unwrap()
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(self.bundle.as_bytes()) {
            roots.add(root.unwrap()).unwrap();
        }
        Arc::new(roots)
    }

    fn crls(&self) -> Vec<CertificateRevocationListDer<'static>> {
        CertificateRevocationListDer::pem_slice_iter(self.crl.as_bytes()).map(Result::unwrap).collect()
    }

    pub(crate) fn client(&self, provider: &Arc<CryptoProvider>) -> ClientConfig {
        let verifier = WebPkiServerVerifier::builder_with_provider(self.roots(), Arc::clone(provider))
            .with_crls(self.crls())
            .build()
            .unwrap();
        ClientConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_webpki_verifier(verifier)
            .with_client_auth_cert(self.chain(), self.key())
            .unwrap()
    }

    fn server(&self, provider: &Arc<CryptoProvider>) -> ServerConfig {
        let verifier = WebPkiClientVerifier::builder_with_provider(self.roots(), Arc::clone(provider))
            .with_crls(self.crls())
            .build()
            .unwrap();
        ServerConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(self.chain(), self.key())
            .unwrap()
    }
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(::rustls::crypto::ring::default_provider())
}

/// The leaf that the server got from the client over a connection on which both have spoken; what each said when it broke.
fn connect(client: Side<'_>, server: Side<'_>) -> Result<Vec<u8>, String> {
    let provider = provider();
    let (mut near, mut far) = UnixStream::pair().unwrap();
    for stream in [&near, &far] {
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    }
    let mut serving = ServerConnection::new(Arc::new(server.server(&provider))).unwrap();
    let mut asking = ClientConnection::new(Arc::new(client.client(&provider)), "server.shop.svc".try_into().unwrap()).unwrap();
    let serving = thread::spawn(move || {
        let mut stream = Stream::new(&mut serving, &mut far);
        let mut question = [0; 4];
        stream.read_exact(&mut question)?;
        stream.write_all(&question)?;
        Ok::<_, std::io::Error>(serving.peer_certificates().unwrap()[0].to_vec())
    });
    let mut stream = Stream::new(&mut asking, &mut near);
    let mut answer = [0; 4];
    let asked = stream.write_all(b"ping").and_then(|()| stream.read_exact(&mut answer));
    drop(near);
    match (asked, serving.join().unwrap()) {
        (Ok(()), Ok(leaf)) => Ok(leaf),
        (near, far) => Err(format!("client: {near:?}, server: {:?}", far.map(|_| ()))),
    }
}

#[test]
fn rustls_takes_every_kind_of_key_on_both_sides() {
    // RSA keys of 4096 bits take seconds to make and are no other case.
    for key_type in KeyType::ALL.into_iter().filter(|key_type| *key_type != KeyType::Rsa4096) {
        let authority = Authority::new("test", key_type);
        let bundle = authority.bundle();
        let (client, server) = (authority.issue_with(CLIENT, key_type), authority.issue_with(SERVER, key_type));
        let side = |identity| Side { identity, bundle: &bundle, crl: "" };
        let leaf = connect(side(&client), side(&server)).unwrap_or_else(|error| panic!("{key_type}: {error}"));
        assert_eq!(Certificate::from_der(&leaf).unwrap().uris().collect::<Vec<_>>(), [CLIENT], "{key_type}");
    }
}

#[test]
fn rustls_refuses_what_must_be_refused() {
    let (ours, other) = (Authority::new("ours", KeyType::EcdsaP256), Authority::new("other", KeyType::EcdsaP256));
    let constrained = Authority::constrained("constrained");
    let (bundle, foreign) = (ours.bundle(), other.bundle());
    let (client, server) = (ours.issue(CLIENT), ours.issue(SERVER));
    let (expired, stranger) = (ours.issue_expired(CLIENT), other.issue(CLIENT));
    let revoked = ours.root_crl(&[]).pem() + &ours.intermediate_crl(&[&client.leaf, &server.leaf]).pem();
    let alone = ours.intermediate_crl(&[]).pem();
    let complete = ours.crls();
    let side = |identity, bundle, crl| Side { identity, bundle, crl };
    let (good_client, good_server) = (side(&client, &bundle, ""), side(&server, &bundle, ""));
    let constrained_bundle = constrained.bundle();
    let (inside, outside) = (constrained.issue(CLIENT), constrained.issue("spiffe://other.example/a"));
    let constrained_server = constrained.issue(SERVER);
    let constrained_server = side(&constrained_server, &constrained_bundle, "");
    let by_root = Authority::constrained_by_root("by root");
    let (root_client, root_server, root_bundle) = (by_root.issue(CLIENT), by_root.issue(SERVER), by_root.bundle());
    let (root_client, root_server) = (side(&root_client, &root_bundle, ""), side(&root_server, &root_bundle, ""));
    let cases = [
        ("good", good_client, good_server, ""),
        ("an unknown client", side(&stranger, &bundle, ""), good_server, "UnknownIssuer"),
        ("an unknown server", side(&client, &foreign, ""), good_server, "UnknownIssuer"),
        ("an expired client", side(&expired, &bundle, ""), good_server, "Expired"),
        ("nothing revoked", side(&client, &bundle, &complete), side(&server, &bundle, &complete), ""),
        ("a revoked client", good_client, side(&server, &bundle, &revoked), "Revoked"),
        ("a revoked server", side(&client, &bundle, &revoked), good_server, "Revoked"),
        ("the intermediate's list alone", good_client, side(&server, &bundle, &alone), "UnknownRevocationStatus"),
        // Its web PKI verifier does not compare URIs with a constraint and refuses all of them.
        ("inside the name constraint", side(&inside, &constrained_bundle, ""), constrained_server, "NameConstraintViolation"),
        ("inside the name constraint of the root alone", root_client, root_server, "NameConstraintViolation"),
        ("outside the name constraint", side(&outside, &constrained_bundle, ""), constrained_server, "NameConstraintViolation"),
    ];
    let mut wrong = Vec::new();
    for (name, client, server, expected) in cases {
        let outcome = connect(client, server).err().unwrap_or_default();
        if expected.is_empty() != outcome.is_empty() || !outcome.contains(expected) {
            wrong.push(format!("{name}: expected `{expected}`, got `{outcome}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
