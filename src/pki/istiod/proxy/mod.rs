//! What proxies make of each other's certificates, when istiod signs with the files.
//!
//! Envoy verifies with BoringSSL, which differs from Go where it matters: it wants the purpose itself where Go takes anyExtendedKeyUsage, takes
//! an empty keyUsage at its word, compares key identifiers, matches URI constraints to whole hosts, does not ask a root for its path length,
//! and refuses a file with a damaged block as a whole. With a revocation list it wants one of every authority. Checked against Envoy 1.40
//! by `tests/oracle` (`authority proxies`).

mod names;
mod path;
mod pem;
mod revocation;
mod seen;

use std::rc::Rc;

use jiff::Timestamp;

use crate::pki::istiod::agent;
use crate::pki::istiod::go::Certificate;
use crate::pki::istiod::load::Contents;
use crate::pki::istiod::material::FileName;
use crate::pki::istiod::material::Layout;
use crate::pki::istiod::material::Material;
use crate::pki::istiod::verdict::Finding;
use crate::pki::istiod::verdict::Peers;
use crate::pki::istiod::verdict::Severity;
use path::Fault;
use path::Role;
use seen::Seen;

pub(super) use revocation::facts;

/// Everything that makes proxies refuse.
pub(super) fn findings(
    material: &Material,
    contents: &Contents,
    signer: &Rc<Certificate>,
    trust_domain: &str,
    now: Timestamp,
) -> Vec<Finding> {
    let layout = material.layout();
    let chain_file = layout.chain().first().copied().unwrap_or(FileName::CertChain);
    let root_text = material.content(layout.roots());
    let damaged = |file: FileName, damage: &pem::Damage| {
        let message = format!("proxies refuse the whole file: {}; istiod passes it over", damage.message);
        Finding::refused("unreadable-block", Peers::PROXIES, message)
            .at(file)
            .help("take the block out, or replace it by a good one")
    };
    let anchors = match pem::anchors(root_text) {
        Ok(anchors) => anchors,
        Err(damage) => return vec![damaged(layout.roots(), &damage)],
    };
    let sent = match pem::presented(&contents.chain_text, root_text) {
        Ok(sent) => sent,
        Err(damage) => return vec![damaged(chain_file, &damage)],
    };
    let lists = match revocation::Lists::read(material) {
        Ok(lists) => lists,
        Err(damage) => return vec![damaged(FileName::CaCrl, &damage)],
    };
    let Some(leaf) = agent::workload(signer, trust_domain, now) else { return Vec::new() };
    let see = |certificates: Vec<Rc<Certificate>>| -> Vec<Rc<Seen>> {
        certificates.into_iter().map(|certificate| Rc::new(Seen::new(certificate))).collect()
    };
    let (sent, anchors) = (see(sent), see(anchors));
    let mut findings = revocation::remarks(material, &lists, now);
    for role in [Role::Server, Role::Client] {
        let leaf = Rc::new(Seen::new(Rc::clone(&leaf)));
        let result = path::build(leaf, &sent, &anchors).and_then(|path| path::check(&path, role, now).map(|()| path));
        let finding = match result {
            Err((fault, seen)) => Some(broken(material, signer, fault, &seen, role)),
            Ok(path) => revocation::problem(&path, &lists, now),
        };
        let is_new = |finding: &Finding| !findings.iter().any(|other| other.name == finding.name);
        if let Some(finding) = finding.filter(is_new) {
            findings.push(finding);
        }
    }
    findings
}

fn broken(material: &Material, signer: &Certificate, fault: Fault, seen: &Seen, role: Role) -> Finding {
    let layout = material.layout();
    let chain_file = layout.chain().first().copied().unwrap_or(FileName::CertChain);
    let certificate = &seen.certificate;
    let is_workload = certificate.raw.is_empty();
    let refused = |name, message: String| {
        let finding = Finding::refused(name, Peers::PROXIES, message);
        if is_workload { finding } else { finding.about(certificate) }
    };
    match fault {
        Fault::NoAnchor if is_workload && !Seen::new(Rc::new(signer.clone())).is_authority() => {
            let message = "istiod signs with it, but nobody accepts what it signs: its keyUsage lacks keyCertSign".to_owned();
            let help = "issue the signing certificate with keyCertSign";
            refused("signer-may-not-sign", message).at(layout.signer()).about(signer).help(help)
        }
        Fault::NoAnchor if is_workload => {
            let message =
                "the signing certificate is in neither the chain nor the roots, so peers cannot build a path".to_owned();
            let help = "put the signing certificate first in `cert-chain.pem`, then what is above it";
            refused("signer-not-sent", message).at(chain_file).about(signer).help(help)
        }
        Fault::NoAnchor => {
            let message =
                "proxies find no issuer of it among chain and roots: name, key identifier and keyCertSign must fit".to_owned();
            let help = "make authorityKeyIdentifier and the issuer's subjectKeyIdentifier agree, and give every issuer";
            refused("issuer-not-found", message).at(chain_file).help(help)
        }
        Fault::UnreadableExtension => {
            let message = "an extension of it is encoded in a way that proxies do not accept".to_owned();
            refused("extension-unreadable", message).help("issue it anew with a conforming tool")
        }
        Fault::CriticalExtension => {
            let message = "it has a critical extension that proxies do not understand".to_owned();
            refused("critical-extension", message).help("issue it without, or not critical")
        }
        Fault::NotAnAuthority => {
            let message =
                "proxies do not take it for an authority: it needs basicConstraints with cA TRUE and keyCertSign".to_owned();
            refused("issuer-no-authority", message).help("issue it with both")
        }
        Fault::Purpose => {
            let role = if role == Role::Client { "clientAuth" } else { "serverAuth" };
            let message = format!("its extendedKeyUsage lacks {role}; anyExtendedKeyUsage does not count for proxies");
            let help = "leave extendedKeyUsage out of authorities' certificates, or give both serverAuth and clientAuth";
            refused("purpose-not-allowed", message).help(help)
        }
        Fault::PathLength => {
            let message = "its path length leaves no room for the authorities below it".to_owned();
            let help = "issue this authority with a path length that is larger by one, or without";
            refused("path-too-long", message).help(help)
        }
        Fault::Names => {
            let message = "its name constraints do not permit workloads of the trust domain, or names on the path".to_owned();
            let help =
                "constrain to the URI host of the trust domain itself: proxies match whole hosts, `.example` only what is below";
            refused("names-not-permitted", message).help(help)
        }
        Fault::Policies => {
            let message = "certificate policies on the path are not acceptable".to_owned();
            refused("policies", message)
                .help("leave certificate policies out of the mesh's authorities, or make them agree along the path")
        }
        Fault::Signature => {
            let message = "proxies take the first issuer that fits by name, and the signature is not that issuer's".to_owned();
            let help = "give authorities of one name different key identifiers, and leave out those that are not needed";
            refused("issuer-ambiguous", message).at(chain_file).help(help)
        }
        Fault::Time => {
            let message = "proxies find it expired or not yet valid".to_owned();
            refused("path-expired", message).help("replace it by a current certificate")
        }
    }
}

/// A finding about revocation lists.
fn about_lists(name: &'static str, message: impl Into<String>) -> Finding {
    Finding::refused(name, Peers::PROXIES, message).at(FileName::CaCrl)
}

/// A warning about revocation lists.
fn warn_about_lists(name: &'static str, message: impl Into<String>) -> Finding {
    Finding::new(name, Severity::Warning, message).at(FileName::CaCrl)
}

/// Whether istiod looks for revocation lists at all.
fn has_lists(material: &Material) -> bool {
    material.layout() == Layout::Istio && !material.content(FileName::CaCrl).is_empty()
}
