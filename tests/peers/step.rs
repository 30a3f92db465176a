//! `step` reads the same facts, trusts the same chains and finds the same mistakes, but for what is listed. `MESHSEC_STEP` names the program.

use std::fs;
use std::process::Command;
use std::process::Output;

use jiff::Timestamp;
use meshsec::pki::svid;
use meshsec::pki::verify::TlsRole;
use serde_json::Value;

use crate::chains::CHANGES;
use crate::chains::Case;
use crate::chains::Dice;
use crate::chains::LISTS;
use crate::chains::SHAPES;
use crate::chains::say;

/// Chains of random changes; `MESHSEC_PEER_CASES` sets another number.
const CASES: usize = 60;

/// Checks by which ours refuses what step takes, and why.
const STRICTER: &[(&str, &str)] = &[
    ("no-spiffe-id", "step knows nothing of SPIFFE"),
    ("several-uris", "step knows nothing of SPIFFE"),
    ("no-workload-path", "step knows nothing of SPIFFE"),
    ("leaf-is-authority", "X509-SVID forbids it, Go does not look"),
    ("leaf-signs", "X509-SVID forbids it, Go does not look"),
    ("key-usage-missing", "X509-SVID demands it"),
    ("digital-signature-missing", "Go does not look at the keyUsage of a leaf"),
    ("serial-not-positive", "RFC 5280 forbids it, the Go that step was built with reads zero"),
    ("version-not-3", "extensions need version 3, the Go that step was built with reads others"),
    ("authority-key-identifier-mismatch", "Go follows the signature, Envoy the identifier"),
];

/// Runs step; says that the test is skipped when there is none.
fn step(test: &str, arguments: &[&str]) -> Option<Output> {
    let Ok(program) = std::env::var("MESHSEC_STEP") else {
        say(&format!("skipped: {test}: MESHSEC_STEP names no step"));
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    Some(Command::new(program).args(arguments).env("STEPPATH", folder.path()).output().unwrap())
}

/// Chains as they are now: step knows no other time.
fn cases() -> Vec<Case> {
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let mut cases: Vec<Case> =
        CHANGES.iter().map(|change| Case::make(&[change], SHAPES[0], LISTS[0], TlsRole::Any, now)).collect();
    cases.extend(SHAPES.map(|shape| Case::make(&[], shape, LISTS[0], TlsRole::Any, now)));
    let mut dice = Dice::new(u64::try_from(now.as_second() / 86_400).unwrap());
    let count = std::env::var("MESHSEC_PEER_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    for _ in 0..count {
        let mut case = Case::roll(&mut dice, now, 2, false);
        case.role = TlsRole::Any;
        cases.push(case);
    }
    cases
}

#[test]
fn step_trusts_the_same_chains() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (mut wrong, mut trusted) = (Vec::new(), 0);
    let cases = cases();
    for case in &cases {
        fs::write(path("chain.pem"), case.chain.iter().map(meshsec::pki::Certificate::pem).collect::<String>()).unwrap();
        fs::write(path("root.pem"), case.root.pem()).unwrap();
        let arguments = ["certificate", "verify", &path("chain.pem"), "--roots", &path("root.pem")];
        let Some(output) = step("step_trusts_the_same_chains", &arguments) else { return };
        let (theirs, ours) = (output.status.success(), case.ours());
        trusted += usize::from(ours.is_none());
        let is_settled = match (ours, theirs) {
            (None, true) | (Some(_), false) => true,
            (Some(check), true) => STRICTER.iter().any(|(listed, _)| *listed == check),
            (None, false) => false,
        };
        if !is_settled {
            let says = String::from_utf8_lossy(&output.stderr).into_owned();
            wrong.push(format!("{}: ours {ours:?}, step {theirs}: {}", case.describe(), says.trim()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(trusted * 10 > cases.len(), "only {trusted} of {} chains are trusted: too few to mean anything", cases.len());
}

#[test]
fn step_reads_the_same_facts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leaf.pem");
    let mut read = 0;
    for case in cases() {
        let leaf = &case.chain[0];
        fs::write(&file, leaf.pem()).unwrap();
        let arguments = ["certificate", "inspect", "--format", "json", file.to_str().unwrap()];
        let Some(output) = step("step_reads_the_same_facts", &arguments) else { return };
        if !output.status.success() {
            // Go reads neither what is negative nor what is of another version and has extensions.
            let is_known = leaf.is_serial_negative() || leaf.version() != 3;
            assert!(is_known, "{}: {}", case.describe(), String::from_utf8_lossy(&output.stderr));
            continue;
        }
        read += 1;
        let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
        let number = leaf.serial().as_be_bytes().iter().fold(String::from("0"), |decimal, byte| times_256_plus(&decimal, *byte));
        if !leaf.is_serial_negative() {
            assert_eq!(facts["serial_number"].as_str().unwrap(), number, "{facts}");
        }
        assert_eq!(facts["validity"]["start"].as_str().unwrap(), leaf.not_before().to_string(), "{facts}");
        assert_eq!(facts["validity"]["end"].as_str().unwrap(), leaf.not_after().to_string(), "{facts}");
        assert_eq!(facts["fingerprint_sha256"].as_str().unwrap(), leaf.fingerprint().to_string(), "{facts}");
        let uris: Vec<&str> = facts["extensions"]["subject_alt_name"]["uniform_resource_identifiers"]
            .as_array()
            .map(|uris| uris.iter().map(|uri| uri.as_str().unwrap()).collect())
            .unwrap_or_default();
        assert_eq!(uris, leaf.uris().collect::<Vec<_>>(), "{facts}");
        let is_ca = facts["extensions"]["basic_constraints"]["is_ca"].as_bool().unwrap_or_default();
        assert_eq!(is_ca, leaf.is_ca(), "{facts}");
        let signs = facts["extensions"]["key_usage"]["digital_signature"].as_bool().unwrap_or_default();
        assert_eq!(signs, leaf.key_usage().is_some_and(meshsec::pki::KeyUsage::digital_signature), "{facts}");
    }
    assert!(read > CHANGES.len() / 2, "only {read} certificates were read");
}

/// A number in decimal digits, times 256, plus a digit of that base.
fn times_256_plus(decimal: &str, byte: u8) -> String {
    let mut carry = u32::from(byte);
    let mut digits: Vec<char> = Vec::new();
    for digit in decimal.chars().rev() {
        let value = digit.to_digit(10).unwrap() * 256 + carry;
        digits.push(char::from_digit(value % 10, 10).unwrap());
        carry = value / 10;
    }
    while carry > 0 {
        digits.push(char::from_digit(carry % 10, 10).unwrap());
        carry /= 10;
    }
    let text: String = digits.into_iter().rev().collect();
    let trimmed = text.trim_start_matches('0');
    if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
}

/// A change, the certificate it is in, what ours calls it and what `step certificate lint` does.
const LINTS: &[(&str, usize, &str, &str)] = &[
    ("leaf: names not critical", 0, "names-not-critical", "e_ext_san_not_critical_without_subject"),
    ("leaf: keyUsage not critical", 0, "key-usage-not-critical", "w_ext_key_usage_not_critical"),
    ("leaf: no authority key", 0, "authority-key-identifier-missing", "e_ext_authority_key_identifier_missing"),
    ("leaf: serial too long", 0, "serial-too-long", "e_serial_number_longer_than_20_octets"),
    ("leaf: serial negative", 0, "serial-not-positive", "e_serial_number_not_positive"),
    ("leaf: version 1", 0, "version-not-3", "e_cert_extensions_version_not_3"),
    ("leaf: begins after its end", 0, "never-valid", "e_validity_time_not_positive"),
    ("leaf: keyCertSign", 0, "leaf-signs", "e_sub_cert_key_usage_cert_sign_bit_set"),
    ("leaf: cRLSign", 0, "leaf-signs", "e_sub_cert_key_usage_crl_sign_bit_set"),
    ("middle: basicConstraints not critical", 1, "basic-constraints-not-critical", "e_basic_constraints_not_critical"),
    ("middle: no keyUsage", 1, "authority-key-usage-missing", "e_ca_key_usage_missing"),
    ("middle: no keyCertSign", 1, "certificate-signing-missing", "e_ca_key_cert_sign_not_set"),
    ("middle: no cRLSign", 1, "crl-signing-missing", "e_ca_crl_sign_not_set"),
    ("middle: no subject key", 1, "subject-key-identifier-missing", "e_ext_subject_key_identifier_missing_ca"),
];

#[test]
fn step_lints_the_same_mistakes() {
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("certificate.pem");
    let right = Case::make(&[], SHAPES[0], LISTS[0], TlsRole::Any, now);
    for (name, position, ours, theirs) in LINTS {
        let change = CHANGES.iter().find(|(known, _, _)| known == name).unwrap();
        let wrong = Case::make(&[change], SHAPES[0], LISTS[0], TlsRole::Any, now);
        for (case, is_wrong) in [(&right, false), (&wrong, true)] {
            let found = svid::check_chain(&case.chain, now);
            let is_found = found.iter().any(|problem| {
                problem.check.name == *ours && problem.certificate.as_ref().is_some_and(|name| name.position == Some(*position))
            });
            assert_eq!(is_found, is_wrong, "{name}: ours: {found:?}");
            fs::write(&file, case.chain[*position].pem()).unwrap();
            let Some(output) = step("step_lints_the_same_mistakes", &["certificate", "lint", file.to_str().unwrap()]) else {
                return;
            };
            let lints: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            let result = lints["lints"][theirs]["result"].as_str().unwrap_or_default();
            let is_found = matches!(result, "error" | "warn" | "fatal");
            assert_eq!(
                is_found,
                is_wrong,
                "{name}: step says `{result}` of {theirs}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}
