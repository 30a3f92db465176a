//! What is made here is what the profiles say, and prints back what it parsed.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::pki::AuthorityProfile;
use crate::pki::Certificate;
use crate::pki::CrlEntry;
use crate::pki::Entropy;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::pki::Lifetime;
use crate::pki::PkiError;
use crate::pki::PrivateKey;
use crate::pki::RevocationReason;
use crate::pki::Signer;
use crate::pki::SubjectAltName;
use crate::pki::SvidProfile;
use crate::pki::testing::TestEntropy;
use crate::spiffe::TrustDomain;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn domain() -> TrustDomain {
    "cluster.local".parse().unwrap()
}

pub(super) fn root(key_type: KeyType, path_length: Option<u8>) -> Signer {
    let profile = AuthorityProfile {
        trust_domain: domain(),
        common_name: "test root".to_owned(),
        serial: TestEntropy.serial().unwrap(),
        lifetime: Lifetime::of(now(), DAY * 3650),
        path_length,
        is_constrained: true,
    };
    Signer::self_signed(&profile, TestEntropy.private_key(key_type).unwrap()).unwrap()
}

fn intermediate(root: &Signer, path_length: Option<u8>) -> Result<(Certificate, PrivateKey), PkiError> {
    let key = TestEntropy.private_key(KeyType::EcdsaP256).unwrap();
    let profile = AuthorityProfile {
        trust_domain: domain(),
        common_name: "test intermediate".to_owned(),
        serial: TestEntropy.serial().unwrap(),
        lifetime: Lifetime::under(root.certificate(), now(), DAY * 365)?,
        path_length,
        is_constrained: false,
    };
    Ok((root.sign_intermediate(&profile, &key.public_key()?)?, key))
}

pub(super) fn svid_profile(lifetime: Lifetime) -> SvidProfile {
    SvidProfile {
        spiffe_id: "spiffe://cluster.local/ns/default/sa/frontend".parse().unwrap(),
        dns_names: vec!["frontend.default.svc".to_owned()],
        addresses: vec!["10.0.0.1".parse().unwrap()],
        serial: TestEntropy.serial().unwrap(),
        lifetime,
    }
}

#[test]
fn every_key_type_signs_an_authority_and_its_key_survives_encryption() {
    for key_type in [KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::Rsa2048, KeyType::Ed25519] {
        let root = root(key_type, Some(1));
        let certificate = root.certificate();
        assert!(certificate.is_signed_by(certificate), "{key_type}");
        assert_eq!(certificate.subject(), "O=cluster.local, CN=test root", "{key_type}");
        assert_eq!(certificate.uris().collect::<Vec<_>>(), ["spiffe://cluster.local"], "{key_type}");
        assert_eq!(certificate.key_usage().unwrap().names(), ["keyCertSign", "cRLSign"], "{key_type}");
        assert!(certificate.key_usage().unwrap().is_critical && certificate.basic_constraints().unwrap().is_critical);
        assert_eq!(certificate.basic_constraints().unwrap().path_length, Some(1), "{key_type}");
        assert!(certificate.has_name_constraints() && certificate.subject_key_identifier().is_some(), "{key_type}");
        let pem = root.key().to_pem(&KeyEncryption::Passphrase("open"), &mut TestEntropy).unwrap();
        assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{key_type}");
        let back = PrivateKey::from_pem(&pem, Some("open")).unwrap();
        assert_eq!(back.as_pkcs8(), root.key().as_pkcs8(), "{key_type}");
        assert_eq!(PrivateKey::from_pem(&pem, Some("shut")).unwrap_err(), PkiError::PassphraseWrong, "{key_type}");
        assert_eq!(PrivateKey::from_pem(&pem, None).unwrap_err(), PkiError::PassphraseMissing, "{key_type}");
        assert_eq!(format!("{back:?}"), format!("PrivateKey({key_type})"));
    }
}

#[test]
fn a_workloads_certificate_follows_the_profile() {
    let root = root(KeyType::EcdsaP256, Some(1));
    let (certificate, key) = intermediate(&root, Some(0)).unwrap();
    assert!(certificate.is_signed_by(root.certificate()));
    assert_eq!(certificate.authority_key_identifier(), root.certificate().subject_key_identifier());
    let signer = Signer::new(certificate, key).unwrap();
    for (key_type, usages) in
        [(KeyType::EcdsaP256, vec!["digitalSignature"]), (KeyType::Rsa2048, vec!["digitalSignature", "keyEncipherment"])]
    {
        let key = TestEntropy.private_key(key_type).unwrap();
        let profile = svid_profile(Lifetime::under(signer.certificate(), now(), DAY).unwrap());
        assert_eq!(key.public_key().unwrap().key_type(), Some(key_type));
        let svid = signer.sign_svid(&profile, &key.public_key().unwrap()).unwrap();
        assert!(svid.is_signed_by(signer.certificate()), "{key_type}");
        assert_eq!(svid.version(), 3, "{key_type}");
        assert_eq!(svid.subject(), "", "{key_type}");
        assert!(svid.is_subject_alt_name_critical(), "{key_type}: an empty subject needs critical names");
        assert_eq!(
            svid.subject_alt_names(),
            [
                SubjectAltName::Uri("spiffe://cluster.local/ns/default/sa/frontend".to_owned()),
                SubjectAltName::Dns("frontend.default.svc".to_owned()),
                SubjectAltName::Ip("10.0.0.1".parse().unwrap()),
            ],
            "{key_type}"
        );
        assert_eq!(svid.key_usage().unwrap().names(), usages, "{key_type}");
        assert!(svid.key_usage().unwrap().is_critical, "{key_type}");
        assert_eq!(svid.extended_key_usage().unwrap().names(), ["serverAuth", "clientAuth"], "{key_type}");
        assert!(!svid.is_ca(), "{key_type}");
        assert_eq!(svid.authority_key_identifier(), signer.certificate().subject_key_identifier(), "{key_type}");
        assert_eq!(svid.serial(), &profile.serial, "{key_type}");
        assert_eq!(svid.not_before().to_string(), "2026-11-26T11:58:00Z", "{key_type}");
        assert_eq!(svid.not_after().to_string(), "2026-11-27T12:00:00Z", "{key_type}");
    }
}

#[test]
fn a_lifetime_ends_with_its_signers_and_an_unusable_signer_is_refused() {
    let root = root(KeyType::EcdsaP256, Some(1));
    let end = root.certificate().not_after();
    let close = end - SignedDuration::from_hours(1);
    let lifetime = Lifetime::under(root.certificate(), close, DAY).unwrap();
    assert_eq!((lifetime.not_after, lifetime.is_clamped), (end, true));
    assert!(matches!(
        Lifetime::under(root.certificate(), end + SignedDuration::from_secs(1), DAY),
        Err(PkiError::SignerExpired { .. })
    ));
    assert!(matches!(
        Lifetime::under(root.certificate(), now() - SignedDuration::from_secs(121), DAY),
        Err(PkiError::SignerNotYetValid { .. })
    ));
}

#[test]
fn the_path_length_of_the_signer_is_kept() {
    for (own, below, allowed) in [
        (Some(0), Some(0), false),
        (Some(1), Some(1), false),
        (Some(1), None, false),
        (Some(1), Some(0), true),
        (None, None, true),
    ] {
        let made = intermediate(&root(KeyType::EcdsaP256, own), below);
        assert_eq!(made.is_ok(), allowed, "{own:?} above {below:?}");
    }
}

#[test]
fn weak_and_foreign_keys_are_not_certified() {
    let root = root(KeyType::EcdsaP256, None);
    let other = TestEntropy.private_key(KeyType::EcdsaP256).unwrap();
    assert!(matches!(Signer::new(root.certificate().clone(), other), Err(PkiError::KeyMismatch(_))));
    let rsa_1024 = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDF5jVJWYnBqXJtQiMbKYJDXRFqV7uB1HcXwK0nDZmzlqB7vQxZTq1nqGqY4KQ2v7aXJ8g0qJmFQz0aM2b6C4Z4hVb1m3oWl6pXl5mY0cWw0bR6mVwz4n2JpQ1k8b7rC9d3oH0q2v4bqVQmJ1m8W9o5n8w2Zr3u1yN6c5p7E4tB2QIDAQAB";
    let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, rsa_1024).unwrap();
    let key = crate::pki::PublicKey::from_info(&der).unwrap();
    let lifetime = Lifetime::under(root.certificate(), now(), DAY).unwrap();
    let error = root.sign_svid(&svid_profile(lifetime), &key).unwrap_err();
    assert_eq!(error.to_string(), "an RSA key of 1024 bits is too weak: 2048 at least");
}

#[test]
fn a_revocation_list_names_its_issuer_its_number_and_its_reasons() {
    let root = root(KeyType::EcdsaP256, Some(1));
    let empty = root.sign_crl(1, now(), now() + DAY, &[]).unwrap();
    assert!(empty.entries().is_empty() && empty.is_signed_by(root.certificate()));
    let entries: Vec<CrlEntry> = RevocationReason::GIVEN
        .into_iter()
        .map(|reason| CrlEntry { serial: TestEntropy.serial().unwrap(), revoked_at: now(), reason })
        .collect();
    let crl = root.sign_crl(300, now(), now() + DAY, &entries).unwrap();
    assert_eq!(crl.entries(), entries);
    assert_eq!(crl.number().unwrap().to_string(), "012c");
    assert_eq!(crl.authority_key_identifier(), root.certificate().subject_key_identifier());
    assert_eq!(crl.next_update(), Some(now() + DAY));
    let stranger = self::root(KeyType::EcdsaP256, Some(1));
    assert!(!crl.is_signed_by(stranger.certificate()), "same name, another key");
}
