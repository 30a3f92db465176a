//! `--from-svid`: the identity in a certificate is the caller.

use jiff::Timestamp;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::passphrase::PassphraseArgs;
use crate::cli::svid::chain_of;
use crate::cli::svid::read_container;
use crate::pki::svid::refused_from_client;
use crate::pki::svid::spiffe_id;
use crate::simulate::scenario::Scenario;
use crate::simulate::scenario::SourceParts;
use crate::simulate::scenario::SourceRef;

/// Makes the identity in a chain the caller's, and says why a proxy would refuse the chain, if it would.
///
/// The caller is behind a sidecar unless the scenario says otherwise, as with any identity that is given. Whether the mesh's roots vouch for the chain
/// is another question: `meshsec svid verify`.
///
/// # Errors
/// When the chain cannot be read, or names no workload, or the scenario names another caller already.
pub(super) fn present(path: &str, scenario: &mut Scenario<'_>, env: &mut Env<'_>) -> Result<Option<String>, Error> {
    let entry = chain_of(path, read_container(path, &PassphraseArgs::default(), env)?)?;
    let Some(leaf) = entry.chain.first() else {
        return Err(Error::question(format!("`--from-svid {path}` holds no certificate"), None));
    };
    let id = spiffe_id(leaf).map_err(|error| {
        let help = format!("`meshsec svid inspect {path}` shows what is in it");
        Error::question(format!("`--from-svid {path}` is no workload's certificate: {error}"), help)
    })?;
    let parts = match scenario.from.take() {
        None => SourceParts::default(),
        Some(SourceRef::Short(workload)) => SourceParts { workload: Some(workload), ..SourceParts::default() },
        Some(SourceRef::Long(parts)) => *parts,
    };
    if parts.principal.is_some() || parts.service_account.is_some() {
        return Err(Error::question(
            "`--from-svid` gives the caller's identity, and another one is given besides",
            "leave out `--from`, or name a workload with it that presents the certificate".to_owned(),
        ));
    }
    scenario.from = Some(SourceRef::Long(Box::new(SourceParts { principal: Some(id.to_string().into()), ..parts })));
    let at: Option<Timestamp> = match &scenario.at {
        None => Some(env.now),
        // What is no time is told when the question is asked.
        Some(text) => text.as_str().parse().ok(),
    };
    let problem = at.and_then(|at| refused_from_client(&entry.chain, at));
    Ok(problem.map(|problem| match problem.certificate {
        Some(certificate) => format!("`{path}`, {certificate}: {}", problem.message),
        None => format!("`{path}`: {}", problem.message),
    }))
}
