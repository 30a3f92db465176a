//! Any bytes as a JWK. What is read is written in every form and means the same; nothing private is in what is public.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::jose::Jwk;
use meshsec::jose::SigningKey;
use meshsec::jose::Strictness;
use meshsec_fuzz::keys::check;

fuzz_target!(|data: &[u8]| {
    let strict = Jwk::parse(data);
    let repaired = Jwk::parse_with(data, Strictness::Repair);
    if let Ok(strict) = &strict {
        let repaired = repaired.as_ref().expect("what needs no repair is read the same");
        assert_eq!(*repaired.private_text(), *strict.private_text());
    }
    let Ok(key) = repaired else { return };
    check(&key);
    if let Ok(signing) = SigningKey::from_jwk(key) {
        for algorithm in signing.algorithms() {
            assert!(signing.sign(algorithm, b"text").is_ok(), "{signing:?} does not sign with {algorithm}");
        }
    }
});
