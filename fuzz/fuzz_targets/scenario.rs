//! Any bytes as a scenario: read or refused without a panic, and a copy that borrows nothing is the same scenario,
//! and so is what the full JSON reader makes of a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::simulate::scenario::Scenario;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Scenario::from_json(text) {
        Ok(scenario) => {
            assert_eq!(scenario.clone().into_owned(), scenario);
            let _ = scenario.unsendable();
            // Most lines have a short way of their own: the long one reads the same.
            assert_eq!(serde_json::from_str::<Scenario<'_>>(text).ok().as_ref(), Some(&scenario));
        }
        Err(error) => {
            assert!(!error.message.is_empty());
            assert!(serde_json::from_str::<Scenario<'_>>(text).is_err());
        }
    }
    match Scenario::from_yaml(text) {
        Ok(scenario) => {
            assert_eq!(scenario.clone().into_owned(), scenario);
            let _ = scenario.unsendable();
        }
        Err(error) => assert!(!error.message.is_empty()),
    }
});
