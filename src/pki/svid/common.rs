//! What holds for every certificate of a chain.

use jiff::Timestamp;

use crate::pki::BACKDATE;
use crate::pki::Certificate;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::named;

/// RFC 5280 section 4.1.2.2.
const SERIAL_OCTETS: usize = 20;

/// Signatures whose digest can be forged.
const BROKEN_SIGNATURES: [(&str, &str); 5] = [
    ("1.2.840.113549.1.1.4", "MD5 with RSA"),
    ("1.2.840.113549.1.1.5", "SHA-1 with RSA"),
    ("1.3.14.3.2.29", "SHA-1 with RSA"),
    ("1.2.840.10045.4.1", "SHA-1 with ECDSA"),
    ("1.2.840.10040.4.3", "SHA-1 with DSA"),
];

pub(super) fn check_any(certificate: &Certificate, name: &CertificateName, at: Timestamp, problems: &mut Vec<Problem>) {
    let mut push = |check, message: String| problems.push(Problem::of(check, name, message));
    if certificate.version() != 3 {
        push(&named::VERSION, format!("it is a certificate of version {}, and extensions need version 3", certificate.version()));
    }
    if certificate.is_serial_negative() {
        push(&named::SERIAL_NOT_POSITIVE, "its serial number is negative, which Go refuses to read".to_owned());
    } else if certificate.serial().as_be_bytes().is_empty() {
        push(&named::SERIAL_NOT_POSITIVE, "its serial number is zero".to_owned());
    }
    if certificate.serial_octets() > SERIAL_OCTETS {
        push(
            &named::SERIAL_TOO_LONG,
            format!("its serial number takes {} octets, {SERIAL_OCTETS} are allowed", certificate.serial_octets()),
        );
    }
    if certificate.has_empty_issuer() {
        push(&named::ISSUER_EMPTY, "its issuer has no name".to_owned());
    }
    if let Some((_, what)) = BROKEN_SIGNATURES.iter().find(|(oid, _)| *oid == certificate.signature_algorithm())
        && !(certificate.is_self_issued() && certificate.is_ca())
    {
        push(&named::WEAK_SIGNATURE, format!("it is signed by {what}, which istiod, Envoy and ztunnel refuse"));
    }
    for oid in certificate.unknown_critical_extensions() {
        push(
            &named::UNKNOWN_CRITICAL_EXTENSION,
            format!("it has a critical extension {oid} that verifiers do not know and must therefore refuse"),
        );
    }
    if !certificate.is_self_issued() && certificate.authority_key_identifier().is_none() {
        push(
            &named::AUTHORITY_KEY_IDENTIFIER_MISSING,
            "it does not say which key signed it (authorityKeyIdentifier), which matters once its issuer has two".to_owned(),
        );
    }
    problems.extend(validity(certificate, name, at));
}

/// Why the certificate is not valid at this time, or barely.
pub(in crate::pki) fn validity(certificate: &Certificate, name: &CertificateName, at: Timestamp) -> Option<Problem> {
    period(certificate.not_before(), certificate.not_after(), name, at)
}

/// The same of the two ends alone.
pub(in crate::pki) fn period(begin: Timestamp, end: Timestamp, name: &CertificateName, at: Timestamp) -> Option<Problem> {
    if begin > end {
        return Some(Problem::of(&named::NEVER_VALID, name, format!("it ends at {end}, before it begins at {begin}")));
    }
    if at.as_second() > end.as_second() {
        return Some(Problem::of(&named::EXPIRED, name, format!("it expired at {end}")));
    }
    if at.as_second() < begin.as_second() {
        return Some(Problem::of(&named::NOT_YET_VALID, name, format!("it is not valid before {begin}")));
    }
    let age = at.duration_since(begin);
    (age < BACKDATE).then(|| {
        let message = format!("it began only {} s ago: peers whose clocks are further behind refuse it", age.as_secs());
        Problem::of(&named::NOT_BACKDATED, name, message)
    })
}
