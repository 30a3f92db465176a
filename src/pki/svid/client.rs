use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::check_leaf;
use crate::pki::svid::common::validity;
use crate::pki::svid::named;

/// Why a proxy of the mesh would refuse this chain from a client at this time, whatever authorities it trusts; measured on Envoy 1.40.
///
/// Nothing speaks against two URIs, a missing keyUsage or an authority's certificate there: an Envoy takes them.
#[must_use]
pub fn refused_from_client(chain: &[Certificate], at: Timestamp) -> Option<Problem> {
    let leaf = chain.first()?;
    let name = CertificateName::new(Some(0), leaf);
    let refusals = [
        &named::EXPIRED,
        &named::NOT_YET_VALID,
        &named::NEVER_VALID,
        &named::UNKNOWN_CRITICAL_EXTENSION,
        &named::KEY_NOT_TAKEN,
        &named::WEAK_SIGNATURE,
    ];
    let mut problems = Vec::new();
    check_leaf(leaf, &name, at, &mut problems);
    let lacks_client = leaf.extended_key_usage().is_some_and(|usage| !usage.client_auth);
    let cannot_sign = leaf.key_usage().is_some_and(|usage| !usage.digital_signature());
    let is_refused = |problem: &Problem| {
        refusals.contains(&problem.check)
            || (lacks_client && problem.check == &named::EXTENDED_KEY_USAGE_INCOMPLETE)
            || (cannot_sign && problem.check == &named::DIGITAL_SIGNATURE_MISSING)
    };
    problems.into_iter().find(is_refused).or_else(|| {
        let mut signers = chain.iter().enumerate().skip(1);
        signers.find_map(|(position, signer)| {
            let problem = validity(signer, &CertificateName::new(Some(position), signer), at)?;
            refusals.contains(&problem.check).then_some(problem)
        })
    })
}
