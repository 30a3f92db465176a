//! A certificate that was just issued, as JSON. It never holds a private key.

use std::path::Path;

use serde_json::Value;

use crate::pki::Certificate;
use crate::pki::pem_chain;
use crate::spiffe::SpiffeId;

/// What is said of an issued certificate.
#[derive(Debug)]
pub struct IssuedView<'a> {
    /// The identity.
    pub spiffe_id: &'a SpiffeId,
    /// The certificate.
    pub certificate: &'a Certificate,
    /// The certificate and those above it, without the root.
    pub chain: &'a [&'a Certificate],
    /// The roots that peers are to trust.
    pub bundle: &'a [Certificate],
    /// What the signer is called.
    pub issuer: &'a str,
    /// Whether it ends earlier than it would have, because its signer does.
    pub is_clamped: bool,
    /// Where its files are.
    pub files: Option<&'a Path>,
}

/// The facts for programs.
#[must_use]
pub fn issued_json(view: &IssuedView<'_>) -> Value {
    let IssuedView { spiffe_id, certificate, chain, bundle, issuer, is_clamped, files } = view;
    serde_json::json!({
        "schema": "meshsec.svid.issue/v1",
        "spiffeId": spiffe_id.as_str(),
        "serial": certificate.serial().to_string(),
        "subjectAltNames": certificate.subject_alt_names().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "notBefore": certificate.not_before().to_string(),
        "notAfter": certificate.not_after().to_string(),
        "clamped": is_clamped,
        "issuer": issuer,
        "key": certificate.public_key().to_string(),
        "fingerprintSha256": certificate.fingerprint().to_string(),
        "certificateChain": pem_chain(chain.iter().copied()),
        "rootCertificates": pem_chain(*bundle),
        "files": files,
    })
}
