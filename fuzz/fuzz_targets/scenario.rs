//! Any bytes as a scenario: read or refused without a panic, and a copy that borrows nothing is the same scenario.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::simulate::scenario::Scenario;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Scenario::from_json(text) {
        Ok(scenario) => {
            assert_eq!(scenario.clone().into_owned(), scenario);
            let _ = scenario.unsendable();
            // One read twice is one.
            assert_eq!(Scenario::from_json(text).as_ref(), Ok(&scenario));
        }
        Err(error) => assert!(!error.message.is_empty()),
    }
    match Scenario::from_yaml(text) {
        Ok(scenario) => {
            assert_eq!(scenario.clone().into_owned(), scenario);
            let _ = scenario.unsendable();
        }
        Err(error) => assert!(!error.message.is_empty()),
    }
});
