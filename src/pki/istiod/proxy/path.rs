//! The one path BoringSSL builds (`X509_verify_cert`) and what it asks of it.
//!
//! It looks for the issuer among the trust anchors first, then among the certificates that were sent, takes the first that fits by name, key
//! identifier and keyCertSign, and never goes back. What is trusted is asked for its validity and its signature only: a root's path length,
//! purposes and critical extensions do not count.

use std::rc::Rc;

use jiff::Timestamp;

use crate::pki::istiod::go;
use crate::pki::istiod::go::Certificate;
use crate::pki::istiod::go::PublicKey;
use crate::pki::istiod::go::SignatureAlgorithm;
use crate::pki::istiod::go::Signed;
use crate::pki::istiod::go::signature;
use crate::pki::istiod::proxy::names;
use crate::pki::istiod::proxy::seen::Seen;

/// Which side of a connection a peer is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Server,
    Client,
}

/// What breaks a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    UnreadableExtension,
    NoAnchor,
    CriticalExtension,
    NotAnAuthority,
    Purpose,
    PathLength,
    Signature,
    Time,
    Names,
    Policies,
}

/// Longest path that is tried.
const MOST: usize = 102;

/// The path, leaf first, and where what was sent ends and what is trusted begins.
pub(super) struct Path {
    pub(super) seen: Vec<Rc<Seen>>,
    trusted_from: usize,
}

pub(super) fn build(leaf: Rc<Seen>, sent: &[Rc<Seen>], anchors: &[Rc<Seen>]) -> Result<Path, (Fault, Rc<Seen>)> {
    let mut seen = vec![leaf];
    let mut rest: Vec<Rc<Seen>> = sent.to_vec();
    let issuer_of = |child: &Seen| anchors.iter().find(|anchor| anchor.may_have_issued(child)).map(Rc::clone);
    let mut current = seen.first().map(Rc::clone);
    while let Some(child) = current.take().filter(|_| seen.len() < MOST) {
        if child.is_invalid {
            return Err((Fault::UnreadableExtension, child));
        }
        if child.is_self_signed || issuer_of(&child).is_some() {
            break;
        }
        if let Some(index) = rest.iter().position(|issuer| issuer.may_have_issued(&child)) {
            let issuer = rest.remove(index);
            seen.push(Rc::clone(&issuer));
            current = Some(issuer);
        }
    }
    if seen.len() > 1 && seen.last().is_some_and(|last| last.is_self_signed) {
        seen.pop();
    }
    let trusted_from = seen.len();
    while let Some(child) = seen.last().map(Rc::clone).filter(|_| seen.len() < MOST) {
        if child.is_invalid {
            return Err((Fault::UnreadableExtension, child));
        }
        match issuer_of(&child).filter(|_| !child.is_self_signed) {
            Some(issuer) => seen.push(issuer),
            None if seen.len() == trusted_from => return Err((Fault::NoAnchor, child)),
            None => break,
        }
    }
    Ok(Path { seen, trusted_from })
}

/// Checks a path; the order is the library's.
pub(super) fn check(path: &Path, role: Role, now: Timestamp) -> Result<(), (Fault, Rc<Seen>)> {
    extensions(path, role)?;
    for (index, seen) in path.seen.iter().enumerate().rev() {
        if let Some(issuer) = path.seen.get(index + 1)
            && !is_signed(&seen.certificate, &issuer.certificate)
        {
            return Err((Fault::Signature, Rc::clone(seen)));
        }
        if seen.has_offset_times || !is_current(&seen.certificate, now) {
            return Err((Fault::Time, Rc::clone(seen)));
        }
    }
    constraints(path)?;
    policies(path)
}

/// Certificate policies of all but the anchor, with a stricter eye on their form than Go has.
fn policies(path: &Path) -> Result<(), (Fault, Rc<Seen>)> {
    for seen in path.seen.iter().rev().skip(1) {
        if seen.has_bad_policies {
            return Err((Fault::Policies, Rc::clone(seen)));
        }
    }
    let chain: Vec<&Certificate> = path.seen.iter().map(|seen| seen.certificate.as_ref()).collect();
    match path.seen.first() {
        Some(leaf) if !go::policies_are_valid(&chain) => Err((Fault::Policies, Rc::clone(leaf))),
        _ => Ok(()),
    }
}

fn extensions(path: &Path, role: Role) -> Result<(), (Fault, Rc<Seen>)> {
    let mut length = 0;
    for (index, seen) in path.seen.iter().take(path.trusted_from).enumerate() {
        let allowed = seen.purposes.is_none_or(|(server, client)| if role == Role::Server { server } else { client });
        let fault = if seen.has_unknown_critical {
            Some(Fault::CriticalExtension)
        } else if index > 0 && !seen.is_authority() {
            Some(Fault::NotAnAuthority)
        } else if !allowed {
            Some(Fault::Purpose)
        } else if index > 1 && seen.path_length.is_some_and(|most| length > most.saturating_add(1)) {
            Some(Fault::PathLength)
        } else {
            None
        };
        if let Some(fault) = fault {
            return Err((fault, Rc::clone(seen)));
        }
        if index == 0 || !seen.is_self_issued {
            length += 1;
        }
    }
    Ok(())
}

/// Whether a signature holds for proxies, which accept SHA-1.
pub(super) fn verifies(algorithm: SignatureAlgorithm, message: &[u8], bytes: &[u8], key: &PublicKey) -> bool {
    algorithm != SignatureAlgorithm::RsaIso && signature::check(algorithm, message, bytes, key, true).is_ok()
}

fn is_signed(certificate: &Certificate, issuer: &Certificate) -> bool {
    let Some(key) = &issuer.public_key else { return false };
    match &certificate.signed {
        Signed::With { message, signature } => verifies(certificate.signature_algorithm, message, signature, key),
        Signed::WillBe(own) => **own == *key,
    }
}

fn is_current(certificate: &Certificate, now: Timestamp) -> bool {
    let second = now.as_second();
    certificate.not_before.0 <= second && certificate.not_after.0 > second
}

fn constraints(path: &Path) -> Result<(), (Fault, Rc<Seen>)> {
    for (index, seen) in path.seen.iter().enumerate().filter(|(index, seen)| *index == 0 || !seen.is_self_issued) {
        for above in path.seen.iter().skip(index + 1) {
            let Some(trees) = &above.constraints else { continue };
            if names::check(&seen.certificate.subject, &seen.names, trees).is_err() {
                return Err((Fault::Names, Rc::clone(above)));
            }
        }
    }
    Ok(())
}
