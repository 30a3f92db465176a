//! Certificates that never leave the process, put to the question that peers will ask.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::pki::Certificate;
use crate::pki::Entropy;
use crate::pki::KeyType;
use crate::pki::Lifetime;
use crate::pki::Signer;
use crate::pki::SvidProfile;
use crate::pki::verify::Question;
use crate::pki::verify::RevocationScope;
use crate::pki::verify::TlsRole;
use crate::pki::verify::verify;
use crate::spiffe::TrustDomain;

/// What is to hold: a workload's certificate under the signer, shown to a peer with the bundle, is trusted or not.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    /// In words, for the user.
    pub(super) words: String,
    pub(super) signer: &'a Signer,
    pub(super) bundle: &'a [Certificate],
    pub(super) is_trusted: bool,
}

/// Signs a probe for each claim and verifies it; says what was proved.
///
/// # Errors
/// When a claim does not hold: the step is then not taken.
pub(super) fn prove(claims: &[Claim<'_>], trust_domain: &TrustDomain, env: &mut Env<'_>) -> Result<(), Error> {
    let mut entropy = SystemEntropy::new();
    for claim in claims {
        let probe = probe(claim.signer, trust_domain, env.now, &mut entropy)?;
        let chain = [probe, claim.signer.certificate().clone()];
        let bundles = BTreeMap::from([(trust_domain.clone(), claim.bundle.to_vec())]);
        let question = Question {
            chain: &chain,
            bundles: &bundles,
            crls: &[],
            revocation: RevocationScope::WholePath,
            at: env.now,
            role: TlsRole::Any,
            expected: None,
        };
        match (verify(&question), claim.is_trusted) {
            (Ok(_), true) | (Err(_), false) => {}
            (Err(error), true) => {
                return Err(Error::question(format!("the step would break this: {} ({error})", claim.words), None));
            }
            (Ok(_), false) => return Err(Error::question(format!("the step would break this: {}", claim.words), None)),
        }
        if !env.quiet {
            writeln!(env.stderr, "{} {}", env.style.success("proved:"), claim.words)?;
        }
    }
    Ok(())
}

/// A certificate for nobody, good for a minute. It is dropped once it was verified.
fn probe(signer: &Signer, trust_domain: &TrustDomain, now: Timestamp, entropy: &mut SystemEntropy) -> Result<Certificate, Error> {
    let profile = SvidProfile {
        spiffe_id: format!("spiffe://{trust_domain}/meshsec/probe").parse().map_err(crate::pki::PkiError::from)?,
        dns_names: Vec::new(),
        addresses: Vec::new(),
        serial: entropy.serial()?,
        lifetime: Lifetime::under(signer.certificate(), now, SignedDuration::from_mins(1))?,
    };
    let key = entropy.private_key(KeyType::EcdsaP256)?;
    Ok(signer.sign_svid(&profile, &key.public_key()?)?)
}
