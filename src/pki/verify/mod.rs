//! Whether a chain is trusted: X509-SVID section 5 and RFC 5280 section 6, at a given time.
//!
//! ```text
//! chain --leaf's own rules--> trust domain --its bundle--> path --names, revocation--> Verified | VerifyError
//! ```
//!
//! In: a [`Question`]. Out: [`Verified`] with the identity and the path, or the first reason against it, which names the certificate and the rule.
//!
//! Invariants: the bundle is that of the leaf's own trust domain, never a pool of several; the time is an argument. The path is searched here,
//! so that a refusal can say which certificate is the matter, and then put to `rustls-webpki`, whose refusal counts as ours. That library refuses every
//! URI below an authority with URI constraints, so it judges only the part of a path below such an authority; the constraints themselves are
//! compared in `names`.
//!
//! Revocation follows Envoy: once a revocation list is given, every authority of the path needs a current one ([`RevocationScope::WholePath`]).
pub(super) mod names;
mod path;
mod revocation;
mod second_opinion;
mod signature;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use thiserror::Error;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::container::FoundKey;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::Severity;
use crate::pki::svid::check_authority;
use crate::pki::svid::check_leaf;
use crate::pki::svid::named;
use crate::pki::svid::spiffe_id;
use crate::spiffe::SpiffeId;
use crate::spiffe::TrustDomain;

/// The authorities of each trust domain.
pub type TrustBundles = BTreeMap<TrustDomain, Vec<Certificate>>;

/// Which side of a TLS connection presents the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TlsRole {
    /// Either; no purpose is demanded, as go-spiffe does it.
    #[default]
    Any,
    /// The client.
    Client,
    /// The server.
    Server,
}

/// Whose revocation is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum RevocationScope {
    /// Every certificate's, up to the root: each authority needs a list, as Envoy demands.
    #[default]
    WholePath,
    /// The workload's own (Envoy's `only_verify_leaf_cert_crl`).
    LeafOnly,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The workload's certificate, then its signers in any order.
    pub chain: &'q [Certificate],
    /// Whom to trust for which trust domain.
    pub bundles: &'q TrustBundles,
    /// Revocation lists; without any, nothing counts as revoked.
    pub crls: &'q [Crl],
    /// How far revocation is looked up.
    pub revocation: RevocationScope,
    /// The time that counts.
    pub at: Timestamp,
    /// Which side presents the chain.
    pub role: TlsRole,
    /// The identity it should have.
    pub expected: Option<&'q SpiffeId>,
}

/// A chain that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whose it is.
    pub spiffe_id: SpiffeId,
    /// From the workload's certificate to the authority of the bundle.
    pub path: Vec<Certificate>,
    /// How many certificates of the path were looked up in revocation lists.
    pub looked_up: usize,
    /// What departs from the standard and was accepted all the same.
    pub problems: Vec<Problem>,
}

/// Why a chain is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct VerifyError(pub Problem);

impl From<Problem> for VerifyError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

/// Verifies a chain.
///
/// # Errors
/// The first check that does not hold, in the order of X509-SVID section 5: the leaf, the bundle of its trust domain, the path, revocation, the
/// expected identity.
pub fn verify(question: &Question<'_>) -> Result<Verified, VerifyError> {
    let Some(leaf) = question.chain.first() else {
        return Err(Problem::of_all(&named::EMPTY_CHAIN, "there is no certificate to verify").into());
    };
    let name = CertificateName::new(Some(0), leaf);
    let spiffe_id = spiffe_id(leaf).map_err(|error| Problem::of(error.check(), &name, error.to_string()))?;
    let mut problems = Vec::new();
    check_leaf(leaf, &name, question.at, &mut problems);
    if let Some(refused) = problems.iter().find(|problem| is_refused(problem)) {
        return Err(refused.clone().into());
    }
    let bundle = question.bundles.iter().find(|(domain, _)| domain.as_str() == spiffe_id.trust_domain());
    let Some((_, roots)) = bundle.filter(|(_, roots)| !roots.is_empty()) else {
        let others: Vec<&str> = question.bundles.keys().map(TrustDomain::as_str).collect();
        let others =
            if others.is_empty() { String::new() } else { format!("; the authorities given are of {}", others.join(", ")) };
        let message = format!("no bundle is given for its trust domain `{}`{others}", spiffe_id.trust_domain());
        return Err(Problem::of(&named::NO_BUNDLE, &name, message).into());
    };
    let path = path::find(question, roots)?;
    second_opinion::confirm(&path, question)?;
    let looked_up = revocation::check(&path, question)?;
    if let Some(expected) = question.expected.filter(|expected| **expected != spiffe_id) {
        let message = format!("its identity is `{spiffe_id}`, not `{expected}`");
        return Err(Problem::of(&named::UNEXPECTED_IDENTITY, &name, message).into());
    }
    for link in path.iter().skip(1) {
        check_authority(link.certificate, &link.name, Some(spiffe_id.trust_domain()), question.at, &mut problems);
    }
    problems.retain(|problem| problem.check.severity > Severity::Note);
    Ok(Verified { spiffe_id, path: path.iter().map(|link| link.certificate.clone()).collect(), looked_up, problems })
}

/// Checks that one of the keys is the certificate's.
///
/// # Errors
/// When none of those that could be read is.
pub fn verify_key(certificate: &Certificate, keys: &[FoundKey]) -> Result<(), Problem> {
    if keys.iter().any(|key| key.belongs_to(certificate) == Some(true)) {
        return Ok(());
    }
    let own = certificate.public_key();
    let message = format!("its key is {own}, and the private key given is not the one that belongs to it");
    Err(Problem::of(&named::KEY_MISMATCH, &CertificateName::new(Some(0), certificate), message))
}

/// Whether a problem of the leaf speaks against trusting it. Its purpose is looked at by role, the rest is refused by one peer or another only.
fn is_refused(problem: &Problem) -> bool {
    let tolerated = [&named::EXTENDED_KEY_USAGE_INCOMPLETE, &named::WEAK_KEY, &named::KEY_NOT_TAKEN, &named::SERIAL_TOO_LONG];
    problem.check.severity == Severity::Error && !tolerated.contains(&problem.check)
}
