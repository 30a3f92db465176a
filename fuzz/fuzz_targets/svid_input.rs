//! Any bytes as a file of certificates: PEM, DER, PKCS#12, Secrets, what proxies say. Whatever is read can be shown, and what is shown cannot draw
//! on a terminal.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use meshsec::pki::container;
use meshsec::pki::container::KeyState;
use meshsec::pki::inspect;
use meshsec::render;
use meshsec::render::Style;

fuzz_target!(|data: &[u8]| {
    let at = Timestamp::from_second(1_800_000_000).expect("a time");
    for passphrase in [None, Some("open")] {
        let Ok(container) = container::read(data, passphrase) else { continue };
        let again = container::read(data, passphrase).expect("what was read before");
        assert_eq!(container, again);
        let inspection = inspect(container, at);
        for inspected in &inspection.entries {
            assert_eq!(inspected.key_owners.len(), inspected.entry.keys.len());
            for (key, owner) in inspected.entry.keys.iter().zip(&inspected.key_owners) {
                assert!(owner.is_none() || matches!(key.state, KeyState::Read(_)), "a key that was not read has an owner");
            }
        }
        let mut text = Vec::new();
        render::svid_inspect_text(&mut text, "file", &inspection, Style::plain()).expect("it can be drawn");
        let text = String::from_utf8(text).expect("text");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        let mut json = Vec::new();
        render::svid_inspect_json(&mut json, "file", &inspection).expect("it can be written");
        let value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        assert_eq!(value["entries"].as_array().map(Vec::len), Some(inspection.entries.len()));
    }
});
