//! What is kept is there again, what may not be is refused, and what dies half-way leaves nothing.

mod backups;
mod homes;
mod ledgers;
mod rows;

use std::path::Path;

use jiff::SignedDuration;
use jiff::Timestamp;
use tempfile::TempDir;

use crate::pki::AuthorityProfile;
use crate::pki::AuthorityState;
use crate::pki::Entropy;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::pki::Lifetime;
use crate::pki::Signer;
use crate::pki::SvidProfile;
use crate::pki::testing::TestEntropy;
use crate::spiffe::TrustDomain;
use crate::store::Authority;
use crate::store::AuthorityId;
use crate::store::Home;
use crate::store::NewAuthority;
use crate::store::NewCertificate;
use crate::store::Origin;
use crate::store::Settings;
use crate::store::Signed;
use crate::store::StoreError;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const PASSPHRASE: &str = "correct horse";

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn domain() -> TrustDomain {
    "cluster.local".parse().unwrap()
}

fn settings() -> Settings {
    Settings { trust_domain: domain(), max_svid_ttl: DAY * 90, are_keys_encrypted: false, bundle_sequence: 1 }
}

/// A root and its key.
fn root(common_name: &str) -> Signer {
    let profile = AuthorityProfile {
        trust_domain: domain(),
        common_name: common_name.to_owned(),
        serial: TestEntropy.serial().unwrap(),
        lifetime: Lifetime::of(now(), DAY * 3650),
        path_length: Some(1),
        is_constrained: false,
    };
    Signer::self_signed(&profile, TestEntropy.private_key(KeyType::EcdsaP256).unwrap()).unwrap()
}

/// An intermediate under it and its key.
fn intermediate(root: &Signer, common_name: &str) -> Signer {
    let key = TestEntropy.private_key(KeyType::EcdsaP256).unwrap();
    let profile = AuthorityProfile {
        trust_domain: domain(),
        common_name: common_name.to_owned(),
        serial: TestEntropy.serial().unwrap(),
        lifetime: Lifetime::under(root.certificate(), now(), DAY * 365).unwrap(),
        path_length: Some(0),
        is_constrained: false,
    };
    Signer::new(root.sign_intermediate(&profile, &key.public_key().unwrap()).unwrap(), key).unwrap()
}

fn new_authority(name: &str, signer: &Signer, parent: Option<&AuthorityId>, state: AuthorityState) -> NewAuthority {
    NewAuthority {
        name: name.parse().unwrap(),
        parent: parent.cloned(),
        trust_domain: domain(),
        state,
        certificate: signer.certificate().clone(),
        key_type: signer.key().key_type(),
        created_at: now(),
    }
}

/// A folder and in it, under `home`, a root named `root` and its intermediate named `default`, with keys in the clear.
fn make_home() -> (TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = make_home_at(&folder.path().join("home"), &KeyEncryption::Plain);
    (folder, home)
}

fn make_home_at(path: &Path, encryption: &KeyEncryption<'_>) -> Home {
    let root = root("root");
    let intermediate = intermediate(&root, "intermediate");
    let mut new = Home::create(path, &settings(), now()).unwrap();
    for signer in [&root, &intermediate] {
        let id = AuthorityId::of(signer.certificate()).unwrap();
        new.home_mut().write_key(&id, &signer.key().to_pem(encryption, &mut TestEntropy).unwrap()).unwrap();
    }
    new.home_mut()
        .ledger_mut()
        .transaction(|transaction| {
            let above = transaction.insert_authority(&new_authority("root", &root, None, AuthorityState::Active))?;
            transaction.insert_authority(&new_authority("default", &intermediate, Some(&above), AuthorityState::Active))
        })
        .map_err(|error: StoreError| error)
        .unwrap();
    new.commit().unwrap()
}

fn default_authority(home: &Home) -> Authority {
    home.ledger().signing_authority(&"default".parse().unwrap()).unwrap()
}

/// A signed certificate for a service account, to be recorded.
fn signed(signer: &Signer, account: &str, ttl: SignedDuration, serial: crate::pki::SerialNumber) -> Signed<()> {
    let profile = SvidProfile {
        spiffe_id: format!("spiffe://cluster.local/ns/shop/sa/{account}").parse().unwrap(),
        dns_names: vec![format!("{account}.shop.svc"), format!("{account}.shop")],
        addresses: Vec::new(),
        serial,
        lifetime: Lifetime::under(signer.certificate(), now(), ttl).unwrap(),
    };
    let key = TestEntropy.private_key(KeyType::EcdsaP256).unwrap().public_key().unwrap();
    let certificate = signer.sign_svid(&profile, &key).unwrap();
    let row = NewCertificate {
        issuer: AuthorityId::of(signer.certificate()).unwrap(),
        certificate,
        origin: Origin::Issue,
        issued_at: now(),
        output: Some("certs".into()),
        renewed_from: None,
    };
    Signed { row, rest: () }
}
