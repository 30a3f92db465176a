//! Certificates made by this crate.

use jiff::SignedDuration;
use jiff::Timestamp;
use meshsec::cli::entropy::SystemEntropy;
use meshsec::pki::AuthorityProfile;
use meshsec::pki::Certificate;
use meshsec::pki::Entropy;
use meshsec::pki::KeyType;
use meshsec::pki::Lifetime;
use meshsec::pki::PrivateKey;
use meshsec::pki::Signer;
use meshsec::pki::SvidProfile;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The key types that an SVID may have.
pub(crate) const KEY_TYPES: [KeyType; 4] = [KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::Rsa2048, KeyType::Ed25519];

pub(crate) fn key(key_type: KeyType) -> PrivateKey {
    SystemEntropy::default().private_key(key_type).unwrap()
}

pub(crate) fn root(trust_domain: &str, key_type: KeyType, is_constrained: bool) -> Signer {
    let profile = AuthorityProfile {
        trust_domain: trust_domain.parse().unwrap(),
        common_name: "root".to_owned(),
        serial: SystemEntropy::default().serial().unwrap(),
        lifetime: Lifetime::of(Timestamp::now(), DAY * 3650),
        path_length: Some(1),
        is_constrained,
    };
    Signer::self_signed(&profile, key(key_type)).unwrap()
}

pub(crate) fn intermediate(root: &Signer, trust_domain: &str, key_type: KeyType) -> Signer {
    let key = key(key_type);
    let profile = AuthorityProfile {
        trust_domain: trust_domain.parse().unwrap(),
        common_name: "intermediate".to_owned(),
        serial: SystemEntropy::default().serial().unwrap(),
        lifetime: Lifetime::under(root.certificate(), Timestamp::now(), DAY * 365).unwrap(),
        path_length: Some(0),
        is_constrained: false,
    };
    let certificate = root.sign_intermediate(&profile, &key.public_key().unwrap()).unwrap();
    Signer::new(certificate, key).unwrap()
}

pub(crate) fn svid(signer: &Signer, id: &str, key: &PrivateKey) -> Certificate {
    let profile = SvidProfile {
        spiffe_id: id.parse().unwrap(),
        dns_names: vec!["web.default.svc".to_owned()],
        addresses: Vec::new(),
        serial: SystemEntropy::default().serial().unwrap(),
        lifetime: Lifetime::under(signer.certificate(), Timestamp::now(), DAY).unwrap(),
    };
    signer.sign_svid(&profile, &key.public_key().unwrap()).unwrap()
}
