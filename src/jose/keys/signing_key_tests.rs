use aws_lc_rs::rand::SystemRandom;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::KeySpec;
use super::SigningError;
use super::SigningKey;
use crate::jose::Algorithm;
use crate::jose::Jwks;
use crate::jose::UnverifiedToken;

fn generated(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(KeySpec::for_algorithm(algorithm), &SystemRandom::new()).unwrap()
}

#[test]
fn a_key_signs_with_its_own_algorithms_only() {
    for (made_for, wanted) in [
        (Algorithm::Es256, &[Algorithm::Es256][..]),
        (Algorithm::Es384, &[Algorithm::Es384]),
        (Algorithm::Es512, &[Algorithm::Es512]),
        (Algorithm::EdDsa, &[Algorithm::EdDsa]),
        (Algorithm::Hs256, &[Algorithm::Hs256]),
        (Algorithm::Hs384, &[Algorithm::Hs256, Algorithm::Hs384]),
        (Algorithm::Hs512, &[Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512]),
    ] {
        let key = generated(made_for);
        assert_eq!(key.algorithms(), wanted, "{made_for}");
        for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| !wanted.contains(algorithm)) {
            let error = key.sign(algorithm, b"x").unwrap_err();
            assert_eq!(error, SigningError::Algorithm { algorithm, key: key.jwk().description() }, "{made_for}");
        }
    }
}

#[test]
fn what_a_generated_key_signs_its_public_half_verifies() {
    let header = |algorithm: Algorithm| format!(r#"{{"alg":"{algorithm}","kid":"k1"}}"#);
    for algorithm in Algorithm::ALL {
        let key = generated(algorithm).with_identity(Some("k1".to_owned()), Some(algorithm)).unwrap();
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header(algorithm)), URL_SAFE_NO_PAD.encode("{}"));
        let signature = key.sign(algorithm, text.as_bytes()).unwrap();
        let token = UnverifiedToken::parse(&format!("{text}.{}", URL_SAFE_NO_PAD.encode(&signature))).unwrap();
        let published = match key.public_jwk() {
            Some(jwk) => serde_json::to_string(&jwk.public_members().unwrap()).unwrap(),
            None => key.jwk().private_text().to_string(),
        };
        let jwks = Jwks::parse(&format!(r#"{{"keys":[{published}]}}"#)).unwrap();
        assert_eq!(jwks.verify(&token), Ok(0), "{algorithm}");
        let read = SigningKey::read(key.jwk().private_text().as_bytes(), None).unwrap();
        assert_eq!((read.thumbprint(), read.key_id()), (key.thumbprint(), Some("k1")), "{algorithm}");
        assert_eq!(read.algorithms(), [algorithm]);
    }
}

#[test]
fn nothing_of_a_key_is_in_its_debug_text() {
    let key = generated(Algorithm::Es256).with_identity(Some("k1".to_owned()), None).unwrap();
    assert_eq!(
        format!("{key:?} {:?}", key.jwk()),
        "SigningKey(EC P-256, kid Some(\"k1\")) Jwk(EC P-256, private, kid Some(\"k1\"))"
    );
}
