//! What holds for every key that was read.

use aws_lc_rs::rand::SecureRandom as _;
use aws_lc_rs::rand::SystemRandom;
use meshsec::jose::Jwk;
use meshsec::jose::PemForm;
use meshsec::jose::ThumbprintHash;
use meshsec::jose::read_keys;
use meshsec::pki::Entropy;
use meshsec::pki::KeyEncryption;
use meshsec::pki::KeyType;
use meshsec::pki::PkiError;
use meshsec::pki::PrivateKey;

struct Random(SystemRandom);

impl Entropy for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), PkiError> {
        self.0.fill(bytes).map_err(|_| PkiError::Random)
    }

    fn private_key(&mut self, key_type: KeyType) -> Result<PrivateKey, PkiError> {
        PrivateKey::generate(key_type, &self.0)
    }
}

/// Panics when a form loses something, or shows something.
pub fn check(key: &Jwk) {
    let text = key.private_text();
    let again = Jwk::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {}", *text));
    assert_eq!(*again.private_text(), *text);
    let thumbprint = key.thumbprint(ThumbprintHash::Sha256);
    assert_eq!(again.thumbprint(ThumbprintHash::Sha256), thumbprint);
    let read_again = |pem: &str| {
        let mut keys = read_keys(pem.as_bytes(), None).unwrap_or_else(|error| panic!("{error}: {pem}"));
        assert_eq!(keys.len(), 1, "{pem}");
        keys.remove(0)
    };
    let mut random = Random(SystemRandom::new());
    for form in [PemForm::Pkcs8, PemForm::Pkcs1, PemForm::Sec1] {
        if let Ok(pem) = key.private_pem(form, &KeyEncryption::Plain, &mut random) {
            // The public part of these curves is not computed.
            if !matches!(key.description().as_str(), "Ed448" | "X448") {
                let read = read_again(&pem);
                assert_eq!((read.thumbprint(ThumbprintHash::Sha256), read.is_private()), (thumbprint.clone(), true), "{form}");
            }
        }
        if let Ok(pem) = key.public_pem(form) {
            let read = read_again(&pem);
            assert_eq!((read.thumbprint(ThumbprintHash::Sha256), read.is_private()), (thumbprint.clone(), false), "{form}");
        }
    }
    let Some(public) = key.public() else { return };
    assert_eq!(public.thumbprint(ThumbprintHash::Sha256), thumbprint);
    let members = public.public_members().expect("a public key has public members");
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert!(!members.contains_key(name), "`{name}` is published");
    }
}
