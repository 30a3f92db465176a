use aws_lc_rs::rand::SecureRandom;
use aws_lc_rs::rand::SystemRandom;
use jiff::SignedDuration;
use jiff::Timestamp;
use meshsec::pki::AuthorityProfile;
use meshsec::pki::Certificate;
use meshsec::pki::Crl;
use meshsec::pki::CrlEntry;
use meshsec::pki::Entropy;
use meshsec::pki::KeyEncryption;
use meshsec::pki::KeyType;
use meshsec::pki::Lifetime;
use meshsec::pki::PkiError;
use meshsec::pki::PrivateKey;
use meshsec::pki::RevocationReason;
use meshsec::pki::Signer;
use meshsec::pki::SvidProfile;
use meshsec::spiffe::TrustDomain;

pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);
pub(crate) const CLIENT: &str = "spiffe://cluster.local/ns/shop/sa/client";
pub(crate) const SERVER: &str = "spiffe://cluster.local/ns/shop/sa/server";

/// The system's random numbers.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), PkiError> {
        SystemRandom::new().fill(bytes).map_err(|_| PkiError::Random)
    }

    fn private_key(&mut self, key_type: KeyType) -> Result<PrivateKey, PkiError> {
        PrivateKey::generate(key_type, &SystemRandom::new())
    }
}

/// A root and the intermediate under it that signs.
pub(crate) struct Authority {
    pub(crate) root: Signer,
    pub(crate) intermediate: Signer,
}

/// A workload's certificate, with what is handed to its proxy.
pub(crate) struct Identity {
    pub(crate) leaf: Certificate,
    /// Leaf and intermediate, as `cert-chain.pem`.
    pub(crate) chain: String,
    pub(crate) key: String,
}

impl Authority {
    /// An authority for `cluster.local` with keys of one type.
    pub(crate) fn new(name: &str, key_type: KeyType) -> Self {
        Self::make(name, "cluster.local", [key_type; 2], [false; 2])
    }

    /// The same, with the name constraint in the root alone.
    pub(crate) fn constrained_by_root(name: &str) -> Self {
        Self::make(name, "cluster.local", [KeyType::EcdsaP256; 2], [true, false])
    }

    /// The same, with the name constraint in both certificates.
    pub(crate) fn constrained(name: &str) -> Self {
        Self::make(name, "cluster.local", [KeyType::EcdsaP256; 2], [true; 2])
    }

    /// An authority whose certificates have keys of different types.
    pub(crate) fn mixed(root: KeyType, intermediate: KeyType) -> Self {
        Self::make("mixed", "cluster.local", [root, intermediate], [false; 2])
    }

    /// An authority for another trust domain.
    pub(crate) fn for_trust_domain(trust_domain: &str) -> Self {
        Self::make("test", trust_domain, [KeyType::EcdsaP256; 2], [false; 2])
    }

    fn make(name: &str, trust_domain: &str, [root, intermediate]: [KeyType; 2], is_constrained: [bool; 2]) -> Self {
        let mut entropy = SystemEntropy;
        let now = Timestamp::now();
        let trust_domain: TrustDomain = trust_domain.parse().unwrap();
        let profile = AuthorityProfile {
            trust_domain: trust_domain.clone(),
            common_name: format!("{name} root"),
            serial: entropy.serial().unwrap(),
            lifetime: Lifetime::of(now, DAY * 3650),
            path_length: Some(1),
            is_constrained: is_constrained[0],
        };
        let root = Signer::self_signed(&profile, entropy.private_key(root).unwrap()).unwrap();
        let key = entropy.private_key(intermediate).unwrap();
        let profile = AuthorityProfile {
            trust_domain,
            common_name: format!("{name} intermediate"),
            serial: entropy.serial().unwrap(),
            lifetime: Lifetime::under(root.certificate(), now, DAY * 730).unwrap(),
            path_length: Some(0),
            is_constrained: is_constrained[1],
        };
        let certificate = root.sign_intermediate(&profile, &key.public_key().unwrap()).unwrap();
        Self { root, intermediate: Signer::new(certificate, key).unwrap() }
    }

    /// A certificate for a day with a new P-256 key.
    pub(crate) fn issue(&self, spiffe_id: &str) -> Identity {
        self.issue_with(spiffe_id, KeyType::EcdsaP256)
    }

    pub(crate) fn issue_with(&self, spiffe_id: &str, key_type: KeyType) -> Identity {
        let lifetime = Lifetime::under(self.intermediate.certificate(), Timestamp::now(), DAY).unwrap();
        self.issue_for(spiffe_id, key_type, lifetime)
    }

    /// A certificate that expired two minutes ago.
    pub(crate) fn issue_expired(&self, spiffe_id: &str) -> Identity {
        self.issue_around(spiffe_id, -30, -2)
    }

    /// A certificate that expires in so many seconds.
    pub(crate) fn issue_for_seconds(&self, spiffe_id: &str, seconds: i64) -> Identity {
        let now = Timestamp::now();
        let (not_before, not_after) = (now - SignedDuration::from_mins(2), now + SignedDuration::from_secs(seconds));
        self.issue_for(spiffe_id, KeyType::EcdsaP256, Lifetime { not_before, not_after, is_clamped: false })
    }

    /// A certificate that is good in ten minutes.
    pub(crate) fn issue_early(&self, spiffe_id: &str) -> Identity {
        self.issue_around(spiffe_id, 10, 30)
    }

    /// A certificate that is good between two times, in minutes from now.
    fn issue_around(&self, spiffe_id: &str, from: i64, until: i64) -> Identity {
        let now = Timestamp::now();
        let lifetime = Lifetime {
            not_before: now + SignedDuration::from_mins(from),
            not_after: now + SignedDuration::from_mins(until),
            is_clamped: false,
        };
        self.issue_for(spiffe_id, KeyType::EcdsaP256, lifetime)
    }

    fn issue_for(&self, spiffe_id: &str, key_type: KeyType, lifetime: Lifetime) -> Identity {
        let mut entropy = SystemEntropy;
        let key = entropy.private_key(key_type).unwrap();
        let profile = SvidProfile {
            spiffe_id: spiffe_id.parse().unwrap(),
            dns_names: vec!["server.shop.svc".to_owned()],
            addresses: Vec::new(),
            serial: entropy.serial().unwrap(),
            lifetime,
        };
        let leaf = self.intermediate.sign_svid(&profile, &key.public_key().unwrap()).unwrap();
        Identity {
            chain: leaf.pem() + &self.intermediate.certificate().pem(),
            key: key.to_pem(&KeyEncryption::Plain, &mut entropy).unwrap().to_string(),
            leaf,
        }
    }

    /// The bundle's part: the root alone.
    pub(crate) fn bundle(&self) -> String {
        self.root.certificate().pem()
    }

    /// The list of the root, good for a day.
    pub(crate) fn root_crl(&self, revoked: &[&Certificate]) -> Crl {
        crl(&self.root, revoked)
    }

    /// The list of the intermediate, good for a day.
    pub(crate) fn intermediate_crl(&self, revoked: &[&Certificate]) -> Crl {
        crl(&self.intermediate, revoked)
    }

    /// One list of each authority of the chain, nothing revoked.
    pub(crate) fn crls(&self) -> String {
        self.root_crl(&[]).pem() + &self.intermediate_crl(&[]).pem()
    }
}

fn crl(signer: &Signer, revoked: &[&Certificate]) -> Crl {
    let now = Timestamp::now();
    crl_for(signer, revoked, now - SignedDuration::from_mins(2), now + DAY)
}

/// A list with its own times.
pub(crate) fn crl_for(signer: &Signer, revoked: &[&Certificate], this_update: Timestamp, next_update: Timestamp) -> Crl {
    let entry = |certificate: &&Certificate| CrlEntry {
        serial: certificate.serial().clone(),
        revoked_at: this_update,
        reason: RevocationReason::KeyCompromise,
    };
    let entries: Vec<CrlEntry> = revoked.iter().map(entry).collect();
    signer.sign_crl(1, this_update, next_update, &entries).unwrap()
}
