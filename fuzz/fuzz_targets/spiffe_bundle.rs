//! Any bytes as a trust bundle. What was read holds nothing twice and nothing private, and what is written of it reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::bundle;
use meshsec::bundle::BundleDiff;
use meshsec::bundle::BundleForm;
use meshsec::bundle::TrustBundle;
use meshsec::bundle::authority_notes;

fuzz_target!(|data: &[u8]| {
    let found = match bundle::read(data) {
        Ok(found) => found,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(found.form == BundleForm::Map || found.bundles.len() == 1);
    for read in &found.bundles {
        assert!(read.notes.iter().all(|note| !note.to_string().is_empty()));
        let bundle = &read.bundle;
        for (index, authority) in bundle.authorities().iter().enumerate() {
            assert!(!bundle.authorities()[..index].contains(authority), "an authority twice");
            let _ = authority_notes(bundle, authority, authority.not_after());
        }
        for key in bundle.jwt_keys() {
            assert_eq!(bundle.jwt_keys().iter().filter(|other| other.id() == key.id()).count(), 1, "a key identifier twice");
            assert!(!key.members().contains_key("d") && !key.members().contains_key("k"), "a private number is kept");
        }
        assert!(BundleDiff::between(bundle, bundle).is_same());
        if let Ok(text) = bundle.to_jwks() {
            let again = bundle::read(text.as_bytes()).expect("what is written is read");
            let back = with_domain_of(bundle, &again.bundles[0].bundle);
            assert_eq!(&back, bundle);
            assert_eq!(back.to_jwks().expect("it was written before"), text);
        }
        if !bundle.authorities().is_empty() {
            let again = bundle::read(bundle.to_pem().as_bytes()).expect("what is written is read");
            assert_eq!(again.bundles[0].bundle.authorities(), bundle.authorities());
            assert!(again.bundles[0].notes.is_empty());
        }
        let same = bundle::merge(&[("one", bundle), ("two", bundle)]);
        if let Ok(merged) = same {
            assert_eq!(merged.bundle.authorities(), bundle.authorities());
            assert_eq!(merged.repeated, bundle.authorities().len() + bundle.jwt_keys().len());
        }
    }
});

/// A single document does not say whose it is.
fn with_domain_of(said: &TrustBundle, bundle: &TrustBundle) -> TrustBundle {
    match said.trust_domain() {
        Some(domain) => bundle.clone().with_trust_domain(domain.clone()),
        None => bundle.clone(),
    }
}
