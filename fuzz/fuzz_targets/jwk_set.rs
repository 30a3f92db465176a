//! Any bytes as a key set. Bad keys do not spoil it, nothing private is in its public text, and every finding can be said.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::jose::KeySet;
use meshsec::jose::Strictness;
use meshsec_fuzz::keys::check;

fuzz_target!(|data: &[u8]| {
    let Ok(set) = KeySet::parse(data, Strictness::Repair) else { return };
    for finding in set.check() {
        assert!(!finding.problem.to_string().is_empty());
        assert!(finding.index.is_none_or(|index| (1..=set.elements().len()).contains(&index)));
    }
    set.keys().for_each(check);
    let text = set.public_text();
    let public = KeySet::parse(text.as_bytes(), Strictness::Repair).expect("what is written is read");
    assert!(!public.has_private_members(), "{text}");
    let secrets = set.keys().filter(|key| key.is_secret()).count();
    assert!(public.elements().len() + secrets <= set.elements().len());
    let private = set.private_text();
    let again = KeySet::parse(private.as_bytes(), Strictness::Strict).expect("what is written is read");
    assert_eq!(again.elements().len(), set.elements().len());
});
