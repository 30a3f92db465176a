//! What holds for a signing certificate (X509-SVID, "signing certificate").

use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::KeyStrength;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::common::check_any;
use crate::pki::svid::named;

/// The usages that SPIRE lets the certificate of an upstream authority have.
const SPIRE_USAGES: [&str; 3] = ["keyCertSign", "cRLSign", "digitalSignature"];

/// Looks at a signing certificate; `trust_domain` is that of the identities below it, when known.
pub(in crate::pki) fn check_authority(
    certificate: &Certificate,
    name: &CertificateName,
    trust_domain: Option<&str>,
    at: Timestamp,
    problems: &mut Vec<Problem>,
) {
    match certificate.basic_constraints() {
        Some(constraints) if constraints.is_ca => {
            if !constraints.is_critical {
                let message = "its basicConstraints is not critical, as RFC 5280 demands; peers take it";
                problems.push(Problem::of(&named::BASIC_CONSTRAINTS_NOT_CRITICAL, name, message));
            }
        }
        Some(_) | None => {
            let message = "it is no authority's (cA is not true), so what it signed counts for nothing";
            problems.push(Problem::of(&named::NOT_AN_AUTHORITY, name, message));
        }
    }
    check_key_usage(certificate, name, problems);
    let is_root = certificate.is_self_issued();
    let purposes =
        certificate.extended_key_usage().filter(|usage| !(usage.server_auth && usage.client_auth || usage.any && is_root));
    if let Some(usage) = purposes {
        let lacks = match (usage.server_auth, usage.client_auth) {
            (true, _) if is_root => "clientAuth: istiod refuses every client below it; Envoy does not ask a root",
            (false, true) if is_root => "serverAuth: istiod does not load what is below it; Envoy does not ask a root",
            (false, false) if is_root => "serverAuth and clientAuth: istiod refuses what is below it; Envoy does not ask a root",
            (true, _) => "clientAuth: Envoy and istiod refuse every client below it",
            (false, true) => "serverAuth: clients refuse every server below it, and istiod does not load it",
            (false, false) if usage.any => {
                "serverAuth and clientAuth: Envoy refuses what is below it although it holds anyExtendedKeyUsage, Go takes it"
            }
            (false, false) => "serverAuth and clientAuth: no peer takes what is below it in TLS",
        };
        let message = format!("its extendedKeyUsage, which counts for the whole chain, lacks {lacks}");
        problems.push(Problem::of(&named::AUTHORITY_EXTENDED_KEY_USAGE, name, message));
    }
    if certificate.has_empty_subject() {
        problems.push(Problem::of(
            &named::SUBJECT_EMPTY,
            name,
            "its subject has no name, so nothing it signs can name its issuer",
        ));
    }
    if certificate.subject_key_identifier().is_none() {
        let message = "it has no subjectKeyIdentifier, by which what it signs would find it; peers take it";
        problems.push(Problem::of(&named::SUBJECT_KEY_IDENTIFIER_MISSING, name, message));
    }
    check_names(certificate, name, trust_domain, problems);
    if certificate.public_key().strength() == KeyStrength::Weak {
        let message = format!(
            "its key is {}: Envoy's and ztunnel's libraries accept no signature made with less than RSA 2048",
            certificate.public_key()
        );
        problems.push(Problem::of(&named::WEAK_KEY, name, message));
    }
    check_any(certificate, name, at, problems);
}

fn check_key_usage(certificate: &Certificate, name: &CertificateName, problems: &mut Vec<Problem>) {
    let Some(usage) = certificate.key_usage() else {
        let message = "it has no keyUsage, which a signing certificate must have; peers take it";
        problems.push(Problem::of(&named::AUTHORITY_KEY_USAGE_MISSING, name, message));
        return;
    };
    if !usage.is_critical {
        let message = "its keyUsage is not critical; peers take it";
        problems.push(Problem::of(&named::AUTHORITY_KEY_USAGE_NOT_CRITICAL, name, message));
    }
    if !usage.key_cert_sign() {
        let message = "its keyUsage lacks keyCertSign: every peer refuses what it signed";
        problems.push(Problem::of(&named::CERTIFICATE_SIGNING_MISSING, name, message));
    }
    if !usage.crl_sign() {
        let message = "its keyUsage lacks cRLSign: nothing it signed can ever be revoked by a list";
        problems.push(Problem::of(&named::CRL_SIGNING_MISSING, name, message));
    }
    let odd: Vec<&str> = usage.names().into_iter().filter(|name| !SPIRE_USAGES.contains(name)).collect();
    if !odd.is_empty() {
        let message = format!("SPIRE would not take it as an upstream authority: its keyUsage holds {}", odd.join(", "));
        problems.push(Problem::of(&named::SPIRE_UPSTREAM, name, message));
    }
}

fn check_names(certificate: &Certificate, name: &CertificateName, trust_domain: Option<&str>, problems: &mut Vec<Problem>) {
    let uris: Vec<&str> = certificate.uris().collect();
    let [uri] = uris.as_slice() else {
        if uris.len() > 1 {
            let message = format!("it has {} URI names; a signing certificate has the trust domain's alone, or none", uris.len());
            problems.push(Problem::of(&named::AUTHORITY_URI, name, message));
        }
        return;
    };
    let domain = uri.strip_prefix("spiffe://").filter(|domain| domain.parse::<crate::spiffe::TrustDomain>().is_ok());
    match (domain, trust_domain) {
        (None, _) => {
            let message =
                format!("its URI `{uri}` is not that of a trust domain (`spiffe://` and the bare name); SPIRE refuses it");
            problems.push(Problem::of(&named::AUTHORITY_URI, name, message));
        }
        (Some(own), Some(other)) if own != other => {
            let message = format!("it is the authority of trust domain `{own}`, and the identity below it is of `{other}`");
            problems.push(Problem::of(&named::OTHER_TRUST_DOMAIN, name, message));
        }
        (Some(_), _) => {}
    }
}
