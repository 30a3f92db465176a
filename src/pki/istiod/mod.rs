//! Would istiod load this authority, and would the mesh work with it?
//!
//! In: the files of the secret `cacerts` and a time. Out: a [`Verdict`]: whether istiod's loader accepts them and with which words it
//! refuses, whether peers accept what it then signs, and findings with what to do.
//!
//! ```text
//! Material -- load ------> what istiod refuses        (its checks, its order, its words)
//!          -- peer ------> what peers refuse          (one more certificate under the signer)
//!            revocation -> what proxies refuse        (a list of every authority or none)
//!          -- advice ----> what is merely unwise
//! Material, Material -- reload -> whether a running istiod takes the change
//! ```
//!
//! istiod reads everything with Go's standard library, whose readings are in [`go`]; the rest of this crate reads certificates its own way.
//! `tests/oracle` compares both answers with istiod's own code and with a peer on generated material.

mod advice;
mod explain;
mod go;
mod load;
mod material;
mod peer;
mod reload;
mod revocation;
#[cfg(test)]
mod tests;
mod verdict;

use std::rc::Rc;

use jiff::Timestamp;

pub use load::Broken;
pub use load::Check;
pub use load::Refused;
pub use material::FileName;
pub use material::Layout;
pub use material::Material;
pub use reload::Change;
pub use reload::Reload;
pub use reload::reload;
pub use verdict::CertificateFacts;
pub use verdict::CertificateName;
pub use verdict::Finding;
pub use verdict::ListFacts;
pub use verdict::Severity;
pub use verdict::Verdict;

use load::Contents;

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
            findings.extend(peer::findings(material, &contents, trust_domain, now));
            findings.extend(advice::findings(material, &contents, now));
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    let accepted = !findings.iter().any(|finding| finding.severity == Severity::Refused);
    let facts = |certificates: &[Rc<go::Certificate>]| certificates.iter().map(|one| CertificateFacts::of(one)).collect();
    Verdict {
        accepted,
        istiod_error,
        usable: accepted && !findings.iter().any(|finding| finding.severity == Severity::Unusable),
        layout,
        signer: contents.signer.as_deref().ok().map(CertificateFacts::of),
        roots: facts(contents.roots.certificates()),
        chain: facts(contents.intermediates.certificates()),
        lists: revocation::facts(material),
        findings,
    }
}
