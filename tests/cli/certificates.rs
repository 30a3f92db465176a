//! Certificates with anything in them, right or wrong.

use aws_lc_rs::rand::SystemRandom;
use meshsec::cli::entropy::SystemEntropy;
use meshsec::pki::Certificate;
use meshsec::pki::Crl;
use meshsec::pki::KeyEncryption;
use meshsec::pki::KeyType;
use meshsec::pki::PrivateKey;

#[path = "../../src/pki/testing/mint.rs"]
pub(crate) mod mint;
#[path = "../../src/pki/testing/party.rs"]
pub(crate) mod party;

use party::Party;

pub(crate) const ID: &str = "spiffe://td/ns/a/sa/b";
/// The time at which everything is valid.
pub(crate) const AT: &str = "2026-11-26T12:00:00Z";

/// A root, an intermediate and a workload's certificate.
pub(crate) struct World {
    pub(crate) root: Party,
    pub(crate) middle: Party,
    pub(crate) leaf: Party,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = Party::root("root", |_| {});
        let middle = root.authority("middle", |_| {});
        let leaf = middle.leaf(ID, |_| {});
        Self { root, middle, leaf }
    }

    /// Leaf and intermediate.
    pub(crate) fn chain(&self) -> String {
        pem(&[&self.leaf, &self.middle])
    }
}

/// Certificates one after another.
pub(crate) fn pem(parties: &[&Party]) -> String {
    parties.iter().map(|party| party.certificate.pem()).collect()
}

/// A private key in the clear.
pub(crate) fn key_pem(party: &Party) -> String {
    party.key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new()).unwrap().to_string()
}
