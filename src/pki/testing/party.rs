//! Authorities and workloads whose certificates are right unless a test changes something. The module above brings the types in.
#![allow(dead_code, reason = "each test uses its part")]

use super::Certificate;
use super::Crl;
use super::KeyType;
use super::PrivateKey;
use super::SystemRandom;
use super::mint;
use super::mint::Mint;
use super::mint::MintCrl;
use super::mint::Name;

/// The time most tests take for now.
pub(crate) const NOW: &str = "2026-11-26T12:00:00Z";

/// Someone with a certificate and its key.
pub(crate) struct Party {
    pub(crate) certificate: Certificate,
    pub(crate) key: PrivateKey,
    /// Its name in DER, for what it signs.
    pub(crate) name: Vec<u8>,
    /// What its certificate was made from.
    pub(crate) mint: Mint,
}

/// Extensions of an authority, right for the trust domain `td`.
pub(crate) fn authority_extensions() -> Vec<Vec<u8>> {
    vec![mint::basic_constraints(true, true, None), mint::key_usage(true, mint::KEY_CERT_SIGN | mint::CRL_SIGN)]
}

/// Extensions of a workload's certificate.
pub(crate) fn leaf_extensions(id: &str) -> Vec<Vec<u8>> {
    vec![
        mint::key_usage(true, mint::DIGITAL_SIGNATURE),
        mint::extended_key_usage(false, &[mint::SERVER_AUTH, mint::CLIENT_AUTH]),
        mint::basic_constraints(true, false, None),
        mint::alternative_names(true, &[Name::Uri(id)]),
    ]
}

pub(crate) fn new_key(key_type: KeyType) -> PrivateKey {
    PrivateKey::generate(key_type, &SystemRandom::new()).unwrap()
}

/// An identifier of the key, as a hash of it would be.
pub(crate) fn key_id(key: &PrivateKey) -> Vec<u8> {
    let info = key.public_key().unwrap().info().to_vec();
    info[info.len() - 20..].to_vec()
}

impl Party {
    /// An authority that signs itself.
    pub(crate) fn root(name: &str, change: impl FnOnce(&mut Mint)) -> Self {
        Self::root_with(name, KeyType::EcdsaP256, change)
    }

    /// The same with another type of key.
    pub(crate) fn root_with(name: &str, key_type: KeyType, change: impl FnOnce(&mut Mint)) -> Self {
        let key = new_key(key_type);
        let subject = mint::distinguished("td", name);
        let mut mint = Self::start(&key, subject.clone(), subject, authority_extensions());
        mint.algorithm = algorithm(&key);
        mint.extensions.push(mint::subject_key_identifier(&key_id(&key)));
        change(&mut mint);
        let der = mint.certificate(&|message| key.sign_message(message).unwrap());
        Self { certificate: Certificate::from_der(&der).unwrap(), name: mint.subject.clone(), key, mint }
    }

    /// An authority below this one.
    pub(crate) fn authority(&self, name: &str, change: impl FnOnce(&mut Mint)) -> Self {
        let key = new_key(KeyType::EcdsaP256);
        let mut extensions = authority_extensions();
        extensions.push(mint::subject_key_identifier(&key_id(&key)));
        let mint = Self::start(&key, self.name.clone(), mint::distinguished("td", name), extensions);
        self.sign(key, mint, change)
    }

    /// A workload of this identity.
    pub(crate) fn leaf(&self, id: &str, change: impl FnOnce(&mut Mint)) -> Self {
        self.leaf_with(id, new_key(KeyType::EcdsaP256), change)
    }

    /// The same with a key that exists.
    pub(crate) fn leaf_with(&self, id: &str, key: PrivateKey, change: impl FnOnce(&mut Mint)) -> Self {
        let mint = Self::start(&key, self.name.clone(), mint::distinguished("", ""), leaf_extensions(id));
        self.sign(key, mint, change)
    }

    fn start(key: &PrivateKey, issuer: Vec<u8>, subject: Vec<u8>, extensions: Vec<Vec<u8>>) -> Mint {
        let info = key.public_key().unwrap().info().to_vec();
        // A positive number of 16 octets that differs with every key.
        let mut serial = info[info.len() - 16..].to_vec();
        serial[0] = serial[0] & 0x7f | 0x40;
        Mint {
            version: mint::version_3(),
            serial,
            issuer,
            subject,
            not_before: "20261126000000Z".to_owned(),
            not_after: "20261127000000Z".to_owned(),
            key: info,
            extensions,
            algorithm: Vec::new(),
        }
    }

    /// Signs what another one's certificate says.
    fn sign(&self, key: PrivateKey, mut mint: Mint, change: impl FnOnce(&mut Mint)) -> Self {
        mint.algorithm = algorithm(&self.key);
        mint.extensions.push(mint::authority_key_identifier(&key_id(&self.key)));
        change(&mut mint);
        let der = mint.certificate(&|message| self.key.sign_message(message).unwrap());
        Self { certificate: Certificate::from_der(&der).unwrap(), name: mint.subject.clone(), key, mint }
    }

    /// A revocation list of this authority.
    pub(crate) fn revokes(&self, revoked: &[&Party], change: impl FnOnce(&mut MintCrl)) -> Crl {
        let mut list = MintCrl {
            issuer: self.name.clone(),
            this_update: "20261126000000Z".to_owned(),
            next_update: "20261226000000Z".to_owned(),
            revoked: revoked.iter().map(|party| party.mint.serial.clone()).collect(),
            extensions: vec![
                mint::authority_key_identifier(&key_id(&self.key)),
                mint::extension(&[0x55, 0x1d, 0x14], false, &[2, 1, 1]),
            ],
            algorithm: algorithm(&self.key),
            is_version_2: true,
        };
        change(&mut list);
        Crl::from_der(&list.list(&|message| self.key.sign_message(message).unwrap())).unwrap()
    }
}

/// How a key signs.
pub(crate) fn algorithm(key: &PrivateKey) -> Vec<u8> {
    match key.key_type() {
        KeyType::EcdsaP256 => mint::ecdsa_sha256(),
        KeyType::EcdsaP384 => mint::ecdsa_sha384(),
        KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096 => mint::rsa_sha256(),
        KeyType::Ed25519 => mint::element(0x30, &mint::element(0x06, &[0x2b, 0x65, 0x70])),
    }
}
