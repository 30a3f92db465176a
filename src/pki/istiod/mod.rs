//! Would istiod load this authority, and would the mesh work with it?
//!
//! In: the files of the secret `cacerts` and a time. Out: a [`Verdict`]: whether istiod's loader accepts them and with which words it
//! refuses, whether peers accept what it then signs, and findings with what to do.
//!
//! ```text
//! Material -- load ------> what istiod refuses        (its checks, its order, its words)
//!          -- agent -----> what Go peers refuse       (one more certificate under the signer)
//!          -- proxy -----> what Envoy refuses         (its library is stricter here, more lenient there; revocation lists)
//!          -- advice ----> what is merely unwise
//! Material, Material -- reload -> whether a running istiod takes the change
//! what a mesh trusts, Material -- transition -> whether its connections live through it
//! ```
//!
//! istiod reads everything with Go's standard library, whose readings are in `go`; the rest of this crate reads certificates its own way.
//! `tests/oracle` compares both answers with istiod's own code and with a peer on generated material.

mod advice;
mod agent;
mod explain;
mod go;
mod load;
mod material;
mod proxy;
mod reload;
#[cfg(test)]
mod tests;
mod transition;
mod verdict;

use std::rc::Rc;

use jiff::Timestamp;

pub(crate) use go::Uri;
pub use load::Broken;
pub use load::Check;
pub use load::Refused;
pub use material::FileName;
pub use material::Layout;
pub use material::Material;
pub use reload::Change;
pub use reload::Reload;
pub use reload::reload;
pub use transition::Break;
pub use transition::Present;
pub use transition::Transition;
pub use transition::TrustedThere;
pub use transition::transition;
pub use verdict::CertificateFacts;
pub use verdict::CertificateName;
pub use verdict::Finding;
pub use verdict::ListFacts;
pub use verdict::Peers;
pub use verdict::Severity;
pub use verdict::Verdict;

use load::Contents;

/// Whether Go's `crypto/x509` reads a certificate from DER.
#[must_use]
pub fn is_certificate(der: &[u8]) -> bool {
    go::Certificate::read(der).is_ok()
}

/// Answers for one set of files. Workloads are taken to have identities of the given trust domain.
#[must_use]
pub fn verify(material: &Material, trust_domain: &str, now: Timestamp) -> Verdict {
    let layout = material.layout();
    let contents = Contents::read(material);
    let is_absent = [layout.key(), layout.signer(), layout.roots()]
        .into_iter()
        .chain(layout.chain().iter().copied())
        .all(|file| !material.has(file));
    let mut findings = Vec::new();
    let mut istiod_error = None;
    if is_absent {
        let message = "none of the files is there: istiod makes an authority of its own instead";
        let help = "the files are `ca-cert.pem`, `ca-key.pem`, `cert-chain.pem` and `root-cert.pem`, or `tls.crt`, `tls.key` and `ca.crt`";
        findings.push(Finding::new("nothing-to-load", Severity::Refused, message).help(help));
    } else {
        let refused = load::refusals(material, &contents, now);
        istiod_error = refused.first().map(Refused::message);
        findings.extend(refused.iter().map(explain::finding));
        // What cannot be told from incomplete files is not guessed at.
        if !refused.iter().any(|refused| refused.check == Check::Complete) {
            peers(&mut findings, material, &contents, trust_domain, now);
            findings.extend(advice::findings(material, &contents, now));
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    let accepted = !findings.iter().any(|finding| finding.severity == Severity::Refused);
    let facts = |certificates: &[Rc<go::Certificate>]| certificates.iter().map(|one| CertificateFacts::of(one)).collect();
    let accepted_by_agents = accepted && !findings.iter().any(|finding| finding.refused_by.agents);
    let accepted_by_proxies = accepted && !findings.iter().any(|finding| finding.refused_by.proxies);
    Verdict {
        accepted,
        istiod_error,
        accepted_by_agents,
        accepted_by_proxies,
        usable: accepted_by_agents && accepted_by_proxies,
        layout,
        signer: contents.signer.as_deref().ok().map(CertificateFacts::of),
        roots: facts(contents.roots.certificates()),
        chain: facts(contents.intermediates.certificates()),
        lists: proxy::facts(material),
        findings,
    }
}

/// What is refused of the certificates istiod signs; what agents and proxies refuse alike is one finding.
fn peers(findings: &mut Vec<Finding>, material: &Material, contents: &Contents, trust_domain: &str, now: Timestamp) {
    let Ok(signer) = &contents.signer else { return };
    let refused = agent::cannot_sign(material, contents, signer);
    if !refused.is_empty() {
        findings.extend(refused);
        return;
    }
    let agents = agent::findings(material, contents, signer, trust_domain, now);
    let proxies = proxy::findings(material, contents, signer, trust_domain, now);
    for finding in agents.into_iter().chain(proxies) {
        match findings.iter_mut().find(|other| other.name == finding.name && other.severity == finding.severity) {
            Some(other) if finding.severity == Severity::Unusable => {
                other.refused_by.agents |= finding.refused_by.agents;
                other.refused_by.proxies |= finding.refused_by.proxies;
            }
            _ => findings.push(finding),
        }
    }
}
