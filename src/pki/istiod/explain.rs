//! istiod's refusals in words that say what to do.

use crate::pki::istiod::load::Broken;
use crate::pki::istiod::load::Check;
use crate::pki::istiod::load::Refused;
use crate::pki::istiod::verdict::Finding;
use crate::pki::istiod::verdict::Severity;

pub(super) fn finding(refused: &Refused) -> Finding {
    let (name, help) = name_and_help(refused.check);
    let message = match &refused.detail {
        Some(detail) => format!("{} ({detail})", refused.words),
        None => refused.words.clone(),
    };
    Finding::new(name, Severity::Refused, message).at(refused.file).about_any(refused.certificate.as_ref()).help(help)
}

fn name_and_help(check: Check) -> (&'static str, &'static str) {
    match check {
        Check::Complete => (
            "incomplete-files",
            "give all of `ca-cert.pem`, `ca-key.pem`, `cert-chain.pem` and `root-cert.pem`, or all of `tls.crt`, `tls.key` and `ca.crt`; once `tls.crt` is there the others are not looked at",
        ),
        Check::SignerReadable => (
            "signer-unreadable",
            "put the signing certificate first, as one PEM block at the start of a line, without a byte order mark",
        ),
        Check::SignerTrusted(broken) => trust(broken),
        Check::KeyReadable => (
            "key-unreadable",
            "give the key unencrypted as the first block, labelled for what it is: `EC PRIVATE KEY`, `RSA PRIVATE KEY` or `PRIVATE KEY` (PKCS#8); istiod has no passphrase option",
        ),
        Check::KeyMatches => {
            ("key-mismatch", "give the key that belongs to the first `CERTIFICATE` block of the signing certificate's file")
        }
        Check::ChainReadable => (
            "chain-unreadable",
            "with a revocation list every block of `cert-chain.pem` must be a certificate: take the others out",
        ),
        Check::CrlReadable => ("crl-unreadable", "give version 2 revocation lists (RFC 5280) in PEM, one block each"),
        Check::CrlPresent => (
            "crl-missing",
            "give one PEM block `X509 CRL` for every authority in `cert-chain.pem`, each signed by an authority that has cRLSign, or leave `ca-crl.pem` out",
        ),
        Check::SignerIsAuthority => ("signer-no-authority", "the signing certificate needs basicConstraints with cA TRUE"),
        Check::ChainStartReadable => (
            "chain-start-unreadable",
            "start `cert-chain.pem` with the signing certificate as a PEM block; what stands first sets the lifetime of what is signed",
        ),
        Check::ChainStartCurrent => ("chain-start-expired", "start `cert-chain.pem` with the current signing certificate"),
    }
}

fn trust(broken: Broken) -> (&'static str, &'static str) {
    match broken {
        Broken::UnknownIssuer => (
            "signer-issuer-unknown",
            "add the issuer to `root-cert.pem` when it is a root, to `cert-chain.pem` when it is not; the subject there must be byte for byte the issuer here",
        ),
        Broken::Signature => (
            "signer-signature",
            "the issuer's name fits but its key did not sign, or signed in a way that is not accepted (SHA-1, RSA below 1024 bits): use the issuer that signed, or have it signed anew with SHA-256",
        ),
        Broken::Expired => ("signer-path-expired", "replace the expired certificate by a current one"),
        Broken::NotYetValid => ("signer-path-not-yet-valid", "wait, correct the clock, or issue it with an earlier notBefore"),
        Broken::NotAnAuthority => (
            "signer-issuer-no-authority",
            "the issuer's certificate needs basicConstraints with cA TRUE and, if it has keyUsage, keyCertSign",
        ),
        Broken::PathLength => ("signer-path-too-long", "issue the authority above with a larger path length, or none"),
        Broken::Purpose => {
            ("signer-purpose", "leave extendedKeyUsage out of authorities' certificates, or give both serverAuth and clientAuth")
        }
        Broken::Names => ("signer-names", "the signing certificate's own names must lie within the name constraints above it"),
        Broken::CriticalExtension => ("signer-critical-extension", "leave the critical extension out; no peer understands it"),
        Broken::Other => ("signer-policies", "leave certificate policies out, or make them agree along the path"),
    }
}
