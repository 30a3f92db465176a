//! The same signatures without tokens around them.
#![expect(clippy::wildcard_enum_match_arm, reason = "each question is about a few variants, and all others answer alike")]

use std::hint::black_box;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::RsaKeyPair;
use meshsec::jose::Algorithm;

/// A key pair of the library, a message, and its signature.
pub(crate) struct Bare {
    pair: Pair,
    public: Option<ParsedPublicKey>,
    message: Vec<u8>,
    signature: Vec<u8>,
    random: SystemRandom,
}

#[expect(clippy::large_enum_variant, reason = "one of them lives at a time")]
enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Secret(hmac::Key),
}

impl Bare {
    pub(crate) fn new(algorithm: Algorithm, message: &[u8]) -> Self {
        let random = SystemRandom::new();
        let (pair, public) = match algorithm {
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
                let public = ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, pair.public_key());
                (Pair::Ec(pair), public.ok())
            }
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
                let public = ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, pair.public_key());
                (Pair::Rsa(pair), public.ok())
            }
            Algorithm::EdDsa => {
                let pair = Ed25519KeyPair::generate().expect("a key");
                let public = ParsedPublicKey::new(&signature::ED25519, pair.public_key());
                (Pair::Ed25519(pair), public.ok())
            }
            _ => (Pair::Secret(hmac::Key::generate(hmac::HMAC_SHA256, &random).expect("a key")), None),
        };
        let mut bare = Self { pair, public, message: message.to_vec(), signature: Vec::new(), random };
        bare.signature = bare.made();
        bare
    }

    fn made(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&self.random, &self.message).expect("a signature").as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut bytes = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &self.random, &self.message, &mut bytes).expect("a signature");
                bytes
            }
            Pair::Ed25519(pair) => pair.sign(&self.message).as_ref().to_vec(),
            Pair::Secret(key) => hmac::sign(key, &self.message).as_ref().to_vec(),
        }
    }

    pub(crate) fn sign(&self) {
        black_box(self.made());
    }

    pub(crate) fn verify(&self) {
        let verified = match (&self.pair, &self.public) {
            (Pair::Secret(key), _) => hmac::verify(key, &self.message, &self.signature).is_ok(),
            (_, Some(public)) => public.verify_sig(&self.message, &self.signature).is_ok(),
            (_, None) => panic!("no public key"),
        };
        assert!(black_box(verified), "the signature is good");
    }
}
