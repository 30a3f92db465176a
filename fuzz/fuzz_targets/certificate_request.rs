//! Any bytes as a certificate request, with a good signature or without. What was read is signed by the key in it, and asks for what it shows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::pki::CertificateRequest;
use meshsec::pki::NamesAskedFor;
use meshsec::pki::pem;
use meshsec_fuzz::choices::Choices;
use meshsec_fuzz::request_der;

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices::new(data);
    match choices.below(3) {
        0 => read(choices.rest()),
        // Nothing random has a good signature, so a request around any attributes is signed here.
        1 => read(&request_der::signed(choices.rest())),
        _ => {
            let label = choices.pick(&["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", "CERTIFICATE"]).to_owned();
            let text = pem(&label, &request_der::signed(choices.rest()));
            read(text.as_bytes());
        }
    }
});

fn read(bytes: &[u8]) {
    let Ok(request) = CertificateRequest::read(bytes) else { return };
    assert!(request.public_key().require_strength().is_ok(), "a weak key is taken");
    assert_eq!(CertificateRequest::from_der(request.der()).as_ref(), Ok(&request));
    let names = request.subject_alt_names();
    assert_eq!(request.names_not_granted(names, NamesAskedFor::Refuse), Ok(Vec::new()));
    let ignored = request.names_not_granted(&[], NamesAskedFor::Ignore).expect("ignoring refuses nothing");
    assert_eq!(ignored.len(), names.len());
    assert_eq!(request.names_not_granted(&[], NamesAskedFor::Refuse).is_ok(), names.is_empty());
    let shows_names = request.extensions().iter().any(|extension| extension.name == "subjectAltName");
    assert!(names.is_empty() || shows_names, "names that are not shown");
    assert!(!request.asks_to_be_ca() || request.extensions().iter().any(|extension| extension.name == "basicConstraints"));
}
