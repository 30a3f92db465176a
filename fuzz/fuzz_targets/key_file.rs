//! Any bytes as a key file: PEM, DER, encrypted or not. What is read is written in every form and means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::jose::Strictness;
use meshsec::jose::read_key_file;
use meshsec_fuzz::keys::check;

fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else { return };
    let passphrase = (first & 1 == 1).then_some("secret");
    match read_key_file(data, passphrase, Strictness::Strict) {
        Ok(file) => {
            assert!(!file.keys.is_empty());
            file.keys.iter().for_each(check);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
