//! The proxies' all-or-nothing rule: with one revocation list in the file, every authority of a path needs a good one.
//!
//! As Envoy 1.40 does it: for each certificate of the chain, root included, the first list in its issuer's name that is current;
//! that list must verify under the issuer, who needs cRLSign when it has keyUsage.

use std::rc::Rc;

use jiff::Timestamp;

use super::go::Certificate;
use super::go::Chain;
use super::go::RevocationList;
use super::material::FileName;
use super::material::Layout;
use super::material::Material;
use super::verdict::Finding;
use super::verdict::ListFacts;
use super::verdict::Severity;
use crate::pki::pem_reader::PemReader;

/// The lists proxies see: blocks labelled `X509 CRL`.
fn lists(text: &[u8]) -> Vec<RevocationList> {
    PemReader::new(text)
        .filter(|block| block.label == "X509 CRL")
        .filter_map(|block| RevocationList::read(&block.der).ok())
        .collect()
}

pub(super) fn facts(material: &Material) -> Vec<ListFacts> {
    let read = lists(material.content(FileName::CaCrl));
    read.iter()
        .map(|list| ListFacts {
            issuer: list.issuer.text(),
            this_update: list.this_update.timestamp(),
            next_update: list.next_update.map(|second| second.timestamp()),
            entries: list.entries.len(),
        })
        .collect()
}

/// What the lists do to the chains peers would build; no chain, no finding.
pub(super) fn findings(material: &Material, chains: &[Chain], now: Timestamp) -> Vec<Finding> {
    let text = material.content(FileName::CaCrl);
    if material.layout() == Layout::Tls {
        let ignored =
            Finding::new("crl-not-looked-at", Severity::Warning, "istiod looks for revocation lists beside `ca-cert.pem` only");
        let help = "use the names `ca-cert.pem`, `ca-key.pem`, `cert-chain.pem` and `root-cert.pem`";
        return if text.is_empty() { Vec::new() } else { vec![ignored.at(FileName::CaCrl).help(help)] };
    }
    if text.is_empty() {
        return Vec::new();
    }
    let lists = lists(text);
    let mut findings = several(&lists, now);
    if lists.is_empty() {
        let message = "no block `X509 CRL` is found in it; proxies load it all the same and then refuse every peer";
        let help = "give PEM blocks labelled `X509 CRL`, or leave `ca-crl.pem` out";
        findings.push(Finding::new("crl-not-found", Severity::Unusable, message).at(FileName::CaCrl).help(help));
        return findings;
    }
    let problems: Vec<Option<Finding>> = chains.iter().map(|chain| first_problem(chain, &lists, now)).collect();
    if !problems.is_empty() && problems.iter().all(Option::is_some) {
        findings.extend(problems.into_iter().flatten().next());
    }
    findings
}

/// Two lists of one authority: only one of them is looked at.
fn several(lists: &[RevocationList], now: Timestamp) -> Vec<Finding> {
    let current: Vec<&RevocationList> = lists.iter().filter(|list| is_current(list, now)).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for (index, list) in current.iter().enumerate() {
        let earlier = current.iter().take(index).filter(|other| other.has_issuer_of(list)).count();
        if earlier == 1 {
            let message = format!("there are several current lists of `{}`; proxies look at the first only", list.issuer.text());
            let finding = Finding::new("crl-twice", Severity::Warning, message).at(FileName::CaCrl);
            findings.push(finding.help("keep the newest list of each authority"));
        }
    }
    findings
}

fn is_current(list: &RevocationList, now: Timestamp) -> bool {
    !list.this_update.is_after(now) && list.next_update.is_none_or(|next| next.is_after(now))
}

/// Why peers refuse this chain, if they do.
fn first_problem(chain: &Chain, lists: &[RevocationList], now: Timestamp) -> Option<Finding> {
    let unusable = |name, message: String| Finding::new(name, Severity::Unusable, message).at(FileName::CaCrl);
    for (index, certificate) in chain.iter().enumerate() {
        let issuer = match chain.get(index + 1) {
            Some(issuer) => issuer,
            None if certificate.is_self_issued() => certificate,
            None => {
                let message = "with a revocation list the last certificate of a path must be a self-signed root".to_owned();
                let help = "put the root itself into `root-cert.pem`";
                return Some(unusable("crl-without-root", message).about(certificate).help(help));
            }
        };
        if let Err(finding) = check(certificate, issuer, lists, now) {
            return Some(finding);
        }
    }
    None
}

fn check(certificate: &Certificate, issuer: &Rc<Certificate>, lists: &[RevocationList], now: Timestamp) -> Result<(), Finding> {
    let refuse = |name, message: String, help| {
        Err(Finding::new(name, Severity::Unusable, message).at(FileName::CaCrl).about(issuer).help(help))
    };
    let own: Vec<&RevocationList> = lists.iter().filter(|list| list.is_of_issuer_of(certificate)).collect();
    let Some(list) = own.iter().find(|list| is_current(list, now)).or_else(|| own.first()) else {
        let message = "there is no revocation list of this authority, so proxies refuse every peer below it".to_owned();
        return refuse("crl-not-of-every-authority", message, "add a list of every authority on the path, the root included");
    };
    if list.this_update.is_after(now) {
        let message = format!(
            "its revocation list counts from {} only, so proxies refuse every peer below it",
            list.this_update.timestamp()
        );
        return refuse("crl-not-yet-valid", message, "give a current list");
    }
    if let Some(next) = list.next_update.filter(|next| !next.is_after(now)) {
        let message = format!("its revocation list expired at {}, so proxies refuse every peer below it", next.timestamp());
        return refuse("crl-expired", message, "give a current list, and replace it before its next update");
    }
    if let Err(words) = list.check_signature_from(issuer) {
        let message = format!("its revocation list does not verify: {words}");
        return refuse("crl-signature", message, "the authority needs cRLSign, and must have signed the list itself");
    }
    let is_unknown = |oid: &[u32]| !matches!(oid, [2, 5, 29, 20 | 27 | 28 | 35]);
    if let Some(extension) = list.extensions.iter().find(|extension| extension.critical && is_unknown(&extension.oid)) {
        let message =
            format!("its revocation list has a critical extension, number {:?}, that proxies do not understand", extension.oid);
        return refuse("crl-critical-extension", message, "issue the list without the extension");
    }
    if list.entries.iter().any(|entry| entry.serial == certificate.serial && !entry.removes) && !certificate.raw.is_empty() {
        let message = "it is revoked, so proxies refuse every peer below it".to_owned();
        let finding = Finding::new("authority-revoked", Severity::Unusable, message).at(FileName::CaCrl).about(certificate);
        return Err(finding.help("issue a new signing certificate"));
    }
    Ok(())
}
