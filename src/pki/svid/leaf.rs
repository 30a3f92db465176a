//! What holds for a workload's own certificate (X509-SVID, "leaf certificate").

use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::KeyStrength;
use crate::pki::SubjectAltName;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::common::check_any;
use crate::pki::svid::named;
use crate::pki::svid::spiffe_id;

pub(in crate::pki) fn check_leaf(certificate: &Certificate, name: &CertificateName, at: Timestamp, problems: &mut Vec<Problem>) {
    check_identity(certificate, name, problems);
    if certificate.is_ca() {
        let message = "it is an authority's (cA is true) and must not be presented by a workload";
        problems.push(Problem::of(&named::LEAF_IS_AUTHORITY, name, message));
    }
    if certificate.has_name_constraints() {
        let message = "it constrains names, which only signing certificates may";
        problems.push(Problem::of(&named::LEAF_NAME_CONSTRAINTS, name, message));
    }
    check_key_usage(certificate, name, problems);
    check_extended_key_usage(certificate, name, problems);
    if certificate.has_empty_subject() && !certificate.is_subject_alt_name_critical() {
        let message = "its subject is empty, so its names must be critical; lenient verifiers take it";
        problems.push(Problem::of(&named::NAMES_NOT_CRITICAL, name, message));
    }
    for dns in certificate.subject_alt_names() {
        if let SubjectAltName::Dns(dns) = dns
            && !is_dns_name(dns)
        {
            problems.push(Problem::of(&named::DNS_NAME_MALFORMED, name, format!("`{dns}` is no DNS name")));
        }
    }
    check_key(certificate, name, problems);
    check_any(certificate, name, at, problems);
}

fn check_identity(certificate: &Certificate, name: &CertificateName, problems: &mut Vec<Problem>) {
    match spiffe_id(certificate) {
        Err(error) => problems.push(Problem::of(error.check(), name, error.to_string())),
        Ok(id) => {
            let path = id.as_str().split_at_checked("spiffe://".len() + id.trust_domain().len()).map_or("", |(_, path)| path);
            if path == "/spire" || path.starts_with("/spire/") {
                let message = "its path is one that SPIRE keeps for itself: its server refuses it as a workload's";
                problems.push(Problem::of(&named::RESERVED_PATH, name, message));
            }
        }
    }
}

fn check_key_usage(certificate: &Certificate, name: &CertificateName, problems: &mut Vec<Problem>) {
    let Some(usage) = certificate.key_usage() else {
        let message = "it has no keyUsage, which every SVID must have";
        problems.push(Problem::of(&named::KEY_USAGE_MISSING, name, message));
        return;
    };
    if !usage.is_critical {
        let message = "its keyUsage is not critical; Envoy and Go take it, the standard does not";
        problems.push(Problem::of(&named::KEY_USAGE_NOT_CRITICAL, name, message));
    }
    if !usage.digital_signature() {
        let message = "its keyUsage lacks digitalSignature, without which no TLS handshake can be signed: Envoy refuses it";
        problems.push(Problem::of(&named::DIGITAL_SIGNATURE_MISSING, name, message));
    }
    for (is_set, what) in [(usage.key_cert_sign(), "keyCertSign"), (usage.crl_sign(), "cRLSign")] {
        if is_set {
            let message = format!("its keyUsage holds {what}, which a workload must not have");
            problems.push(Problem::of(&named::LEAF_SIGNS, name, message));
        }
    }
}

fn check_extended_key_usage(certificate: &Certificate, name: &CertificateName, problems: &mut Vec<Problem>) {
    let Some(usage) = certificate.extended_key_usage() else {
        let message = "it has no extendedKeyUsage, which the standard recommends; it serves as client and as server";
        problems.push(Problem::of(&named::EXTENDED_KEY_USAGE_ABSENT, name, message));
        return;
    };
    let message = match (usage.server_auth, usage.client_auth) {
        (true, true) => return,
        (true, false) => "its extendedKeyUsage lacks clientAuth: Envoy and istiod refuse it from a client",
        (false, true) => {
            "its extendedKeyUsage lacks serverAuth: clients refuse it from a server, and istiod refuses it from a client"
        }
        (false, false) if usage.any => {
            "its extendedKeyUsage holds anyExtendedKeyUsage but neither serverAuth nor clientAuth: Envoy refuses it, Go takes it"
        }
        (false, false) => "its extendedKeyUsage lacks serverAuth and clientAuth: no peer takes it in TLS",
    };
    problems.push(Problem::of(&named::EXTENDED_KEY_USAGE_INCOMPLETE, name, message));
}

fn check_key(certificate: &Certificate, name: &CertificateName, problems: &mut Vec<Problem>) {
    let key = certificate.public_key();
    let (check, message) = match key.strength() {
        KeyStrength::Good => return,
        KeyStrength::Weak => {
            (&named::WEAK_KEY, format!("its key is {key}: RSA needs 2048 bits at least, and ztunnel refuses less"))
        }
        KeyStrength::NotTakenByEnvoy => {
            (&named::KEY_NOT_TAKEN, format!("its key is {key}, which Envoy does not take from a peer"))
        }
        KeyStrength::Unknown => (&named::KEY_NOT_TAKEN, "its key is neither RSA, ECDSA nor Ed25519: no peer takes it".to_owned()),
    };
    problems.push(Problem::of(check, name, message));
}

/// Labels of letters, digits, dashes and underscores (which Kubernetes and Istio use), the first of which may be `*`.
fn is_dns_name(name: &str) -> bool {
    let name = name.strip_prefix("*.").unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}
