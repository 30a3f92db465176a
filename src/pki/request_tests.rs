//! Requests are read strictly, and nothing they ask for is granted by being asked for.

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::KeyUsagePurpose;
use rcgen::SanType;

use super::CertificateRequest;
use super::NamesAskedFor;
use crate::pki::Entropy;
use crate::pki::KeyType;
use crate::pki::PkiError;
use crate::pki::PrivateKey;
use crate::pki::SubjectAltName;
use crate::pki::pem;
use crate::pki::testing::TestEntropy;

fn key(key_type: KeyType) -> PrivateKey {
    TestEntropy.private_key(key_type).unwrap()
}

fn request(names: &[SanType], change: impl FnOnce(&mut CertificateParams), key: &PrivateKey) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "vm");
    params.subject_alt_names = names.to_vec();
    change(&mut params);
    params.serialize_request(key).unwrap().der().to_vec()
}

fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().unwrap())
}

/// The bytes with one place changed.
fn with(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the place to change is there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// An RSA key of 1024 bits asks, signed correctly by it (`openssl req -new -newkey rsa:1024 -subj /CN=weak`).
const WEAK: &str = include_str!("testdata/request-rsa-1024.pem");

#[test]
fn what_is_no_request_or_not_signed_by_its_key_is_refused() {
    let key = key(KeyType::EcdsaP256);
    let good = request(&[uri("spiffe://td/a")], |_| {}, &key);
    let text = pem("CERTIFICATE REQUEST", &good);
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("nothing", vec![], "neither a PEM block"),
        ("text", b"hello".to_vec(), "neither a PEM block"),
        ("another block", pem("CERTIFICATE", &good).into_bytes(), "is a `CERTIFICATE`"),
        ("two requests", format!("{text}{text}").into_bytes(), "second one follows in line 9"),
        ("a key beside it", format!("{text}{}", pem("PRIVATE KEY", &[])).into_bytes(), "`PRIVATE KEY` stands beside it"),
        ("a byte after it", [&good[..], &[0]].concat(), "not a certificate request"),
        (
            "a byte after it in PEM",
            pem("CERTIFICATE REQUEST", &[&good[..], &[5, 0]].concat()).into_bytes(),
            "it holds 2 elements",
        ),
        ("its end cut off", good[..good.len() - 1].to_vec(), "not a certificate request"),
        ("another signature", flipped, "not signed by the key in it"),
        ("another name under the signature", with(&good, b"spiffe://td/a", b"spiffe://td/b"), "not signed by the key in it"),
        ("an RSA key of 1024 bits", WEAK.as_bytes().to_vec(), "1024 bits is too weak"),
    ];
    for (name, bytes, says) in cases {
        let error = CertificateRequest::read(bytes).expect_err(name).to_string();
        assert!(error.contains(says), "{name}: {error}");
    }
}

#[test]
fn every_key_type_can_ask_in_der_and_in_pem() {
    for key_type in [KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::Rsa2048, KeyType::Ed25519] {
        let key = key(key_type);
        let der = request(&[uri("spiffe://td/a"), SanType::DnsName("a.example".try_into().unwrap())], |_| {}, &key);
        for bytes in [
            der.clone(),
            pem("CERTIFICATE REQUEST", &der).into_bytes(),
            format!("text\n{}", pem("NEW CERTIFICATE REQUEST", &der)).into_bytes(),
        ] {
            let read = CertificateRequest::read(&bytes).unwrap_or_else(|error| panic!("{key_type}: {error}"));
            assert_eq!(read.subject(), "CN=vm", "{key_type}");
            assert_eq!(read.public_key(), &key.public_key().unwrap(), "{key_type}");
            let names = [SubjectAltName::Uri("spiffe://td/a".to_owned()), SubjectAltName::Dns("a.example".to_owned())];
            assert_eq!(read.subject_alt_names(), names, "{key_type}");
            assert!(!read.asks_to_be_ca(), "{key_type}");
            assert_eq!(read.der(), der, "{key_type}");
        }
    }
}

#[test]
fn names_asked_for_are_refused_or_ignored() {
    let admin = SubjectAltName::Uri("spiffe://td/ns/kube-system/sa/admin".to_owned());
    let own = SubjectAltName::Uri("spiffe://td/ns/default/sa/web".to_owned());
    let der = request(
        &[uri("spiffe://td/ns/kube-system/sa/admin"), uri("spiffe://td/ns/default/sa/web")],
        |_| {},
        &key(KeyType::EcdsaP256),
    );
    let read = CertificateRequest::from_der(&der).unwrap();
    let granted = std::slice::from_ref(&own);
    assert_eq!(read.names_not_granted(granted, NamesAskedFor::Ignore), Ok(vec![&admin]));
    let refused = read.names_not_granted(granted, NamesAskedFor::Refuse);
    assert_eq!(refused, Err(PkiError::RequestNames("`URI:spiffe://td/ns/kube-system/sa/admin`".to_owned())));
    assert_eq!(read.names_not_granted(&[own.clone(), admin.clone()], NamesAskedFor::Refuse), Ok(vec![]));
}

#[test]
fn every_extension_asked_for_is_shown() {
    let change = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    };
    let read = CertificateRequest::from_der(&request(&[uri("spiffe://td")], change, &key(KeyType::EcdsaP256))).unwrap();
    assert!(read.asks_to_be_ca());
    let shown: Vec<String> =
        read.extensions().iter().map(|extension| format!("{}: {}", extension.name, extension.value)).collect();
    for wanted in
        ["subjectAltName: URI:spiffe://td", "basicConstraints: an authority, path length 0", "keyUsage: keyCertSign, cRLSign"]
    {
        assert!(shown.iter().any(|line| line == wanted), "no `{wanted}` in {shown:?}");
    }
}
