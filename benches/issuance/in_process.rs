//! Keys and signatures without any program around them.

use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::RsaKeyPair;
use jiff::SignedDuration;
use jiff::Timestamp;
use meshsec::cli::entropy::SystemEntropy;
use meshsec::pki::AuthorityProfile;
use meshsec::pki::Certificate;
use meshsec::pki::Entropy;
use meshsec::pki::KeyType;
use meshsec::pki::Lifetime;
use meshsec::pki::Signer;
use meshsec::pki::SvidProfile;
use nix::time::ClockId;
use nix::time::clock_gettime;

/// About what is signed of a workload's certificate.
const MESSAGE: [u8; 400] = [7; 400];
/// The two take turns of this length.
const TURN: Duration = Duration::from_millis(200);

/// One kind of key, and an authority with such a key.
pub(crate) struct Work {
    pub(crate) key_type: KeyType,
    pub(crate) signer: Signer,
}

impl Work {
    pub(crate) fn new(key_type: KeyType) -> Self {
        let mut entropy = SystemEntropy::default();
        let profile = AuthorityProfile {
            trust_domain: "cluster.local".parse().expect("a trust domain"),
            common_name: "benchmark".to_owned(),
            serial: entropy.serial().expect("random bytes"),
            lifetime: Lifetime::of(Timestamp::now(), SignedDuration::from_hours(24 * 365)),
            path_length: Some(0),
            is_constrained: false,
        };
        let key = entropy.private_key(key_type).expect("a key");
        Self { key_type, signer: Signer::self_signed(&profile, key).expect("an authority") }
    }

    /// A workload's certificate with a new key.
    fn certificate(&self, entropy: &mut SystemEntropy) -> Certificate {
        let key = entropy.private_key(self.key_type).expect("a key");
        let profile = SvidProfile {
            spiffe_id: "spiffe://cluster.local/ns/default/sa/frontend".parse().expect("an identity"),
            dns_names: Vec::new(),
            addresses: Vec::new(),
            serial: entropy.serial().expect("random bytes"),
            lifetime: Lifetime::under(self.signer.certificate(), Timestamp::now(), SignedDuration::from_hours(24))
                .expect("a signer"),
        };
        self.signer.sign_svid(&profile, &key.public_key().expect("a public key")).expect("a certificate")
    }

    /// Rates of the bare library and of certificates, by the processor time of this thread.
    pub(crate) fn on_one_core(&self, time: Duration) -> [f64; 2] {
        let mut bare = Bare::new(self.key_type);
        let mut entropy = SystemEntropy::default();
        let (mut calls, mut used) = ([0_u32; 2], [Duration::ZERO; 2]);
        let start = Instant::now();
        while start.elapsed() < 2 * time {
            for (index, (calls, used)) in calls.iter_mut().zip(&mut used).enumerate() {
                let (turn, before) = (Instant::now(), processor_time());
                while turn.elapsed() < TURN {
                    if index == 0 {
                        bare.key_and_signature();
                    } else {
                        black_box(self.certificate(&mut entropy));
                    }
                    *calls += 1;
                }
                *used += processor_time().saturating_sub(before);
            }
        }
        let [first, second] = calls;
        let [bare, ours] = used;
        [f64::from(first) / bare.as_secs_f64(), f64::from(second) / ours.as_secs_f64()]
    }

    /// The same rates on every core at once, by the clock on the wall.
    pub(crate) fn on_all_cores(&self, time: Duration, threads: usize) -> [f64; 2] {
        let bare = rate(time, threads, || {
            let mut bare = Bare::new(self.key_type);
            move || bare.key_and_signature()
        });
        let ours = rate(time, threads, || {
            let mut entropy = SystemEntropy::default();
            move || {
                black_box(self.certificate(&mut entropy));
            }
        });
        [bare, ours]
    }
}

/// Calls per second of several threads, each with a call of its own.
fn rate<C: FnMut()>(time: Duration, threads: usize, make: impl Fn() -> C + Sync) -> f64 {
    let start = Instant::now();
    let run = || {
        let mut call = make();
        let mut calls = 0_u32;
        while start.elapsed() < time {
            call();
            calls += 1;
        }
        calls
    };
    let calls: u32 = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running.into_iter().map(|thread| thread.join().expect("a thread that ends")).sum()
    });
    f64::from(calls) / start.elapsed().as_secs_f64()
}

/// The cryptographic library alone.
struct Bare {
    random: SystemRandom,
    pair: Pair,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair, Vec<u8>),
}

impl Bare {
    fn new(key_type: KeyType) -> Self {
        let pair = match key_type {
            KeyType::EcdsaP256 => Pair::Ecdsa(ecdsa()),
            KeyType::Rsa2048 => Pair::Rsa(rsa(), vec![0; 256]),
            KeyType::EcdsaP384 | KeyType::Rsa3072 | KeyType::Rsa4096 | KeyType::Ed25519 => panic!("{key_type} is not measured"),
        };
        Self { random: SystemRandom::new(), pair }
    }

    fn key_and_signature(&mut self) {
        match &mut self.pair {
            Pair::Ecdsa(pair) => {
                black_box(ecdsa());
                black_box(pair.sign(&self.random, &MESSAGE).expect("a signature"));
            }
            Pair::Rsa(pair, signature) => {
                black_box(rsa());
                pair.sign(&signature::RSA_PKCS1_SHA256, &self.random, &MESSAGE, signature).expect("a signature");
            }
        }
    }
}

fn ecdsa() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key")
}

fn rsa() -> RsaKeyPair {
    RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("the system counts processor time").into()
}
