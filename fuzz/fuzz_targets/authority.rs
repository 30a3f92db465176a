//! Any bytes as the files of `cacerts`: text as it stands, or DER that is wrapped in PEM here so that what is inside gets read.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use meshsec::pki::PemReader;
use meshsec::pki::istiod;
use meshsec::pki::istiod::FileName;
use meshsec::pki::istiod::Material;
use meshsec::pki::istiod::Severity;
use meshsec::pki::pem;

/// A time at which the seeds are valid.
const NOW: i64 = 1_795_694_400;

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else { return };
    read_blocks(rest);
    let material = if mode & 1 == 0 { text_files(rest) } else { der_files(rest) };
    let now = Timestamp::from_second(NOW).unwrap();
    let verdict = istiod::verify(&material, "cluster.local", now);
    let has = |severity| verdict.findings.iter().any(|finding| finding.severity == severity);
    assert_eq!(verdict.accepted, !has(Severity::Refused), "{verdict:?}");
    assert_eq!(verdict.usable, verdict.accepted_by_agents && verdict.accepted_by_proxies, "{verdict:?}");
    assert!(verdict.accepted || !(verdict.accepted_by_agents || verdict.accepted_by_proxies), "{verdict:?}");
    assert!(!verdict.usable || !has(Severity::Unusable), "{verdict:?}");
    if verdict.accepted {
        assert!(verdict.signer.is_some() && verdict.istiod_error.is_none(), "{verdict:?}");
        // What a start accepts, a reload accepts.
        assert!(istiod::reload(&material, &material, false, now).accepted, "{verdict:?}");
    }
});

/// Blocks lie in the text, one behind the other, where they say they are.
fn read_blocks(text: &[u8]) {
    let mut reader = PemReader::new(text);
    let mut end = 0;
    while let Some(block) = reader.next() {
        assert!(end <= block.offset && block.offset < block.end && block.end <= text.len());
        assert!(text[block.offset..].starts_with(b"-----BEGIN "));
        assert_eq!(block.line, text[..block.offset].iter().filter(|byte| **byte == b'\n').count() + 1);
        // What is written down again reads as the same.
        let again = pem(&block.label, &block.der);
        let same = PemReader::new(again.as_bytes()).next();
        let is_plain = block.label.is_ascii() && !block.label.contains(':');
        assert!(!is_plain || same.is_some_and(|same| same.der == block.der), "{again}");
        end = block.end;
    }
    assert_eq!(reader.rest(), &text[end..]);
}

/// Files one after another, each behind a line `=== NAME`.
fn text_files(data: &[u8]) -> Material {
    let mut material = Material::default();
    let text = String::from_utf8_lossy(data);
    for part in text.split("=== ").skip(1) {
        let (name, content) = part.split_once('\n').unwrap_or((part, ""));
        if let Some(file) = FileName::from_name(name) {
            material.insert(file, content.as_bytes().to_vec());
        }
    }
    material
}

/// Blocks one after another: a byte for the file and the label, two for the length, the DER.
fn der_files(data: &[u8]) -> Material {
    const LABELS: [&str; 5] = ["CERTIFICATE", "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "X509 CRL"];
    let mut texts = vec![String::new(); FileName::ALL.len()];
    let mut rest = data;
    while let [kind, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (der, next) = after.split_at(length);
        let (file, label) = (usize::from(kind >> 4) % texts.len(), usize::from(kind & 15) % LABELS.len());
        texts[file].push_str(&pem(LABELS[label], der));
        rest = next;
    }
    let mut material = Material::default();
    for (file, text) in FileName::ALL.into_iter().zip(texts).filter(|(_, text)| !text.is_empty()) {
        material.insert(file, text.into_bytes());
    }
    material
}
