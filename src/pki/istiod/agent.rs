//! What agents make of an istiod that signs its own certificate with the files, and istiod of its workloads: both verify with Go's library.
//!
//! istiod verifies its signing certificate as if it were a leaf; here there is one certificate more. Agents verify istiod's serving certificate
//! as a server's; istiod asks a client's certificate for both purposes.
#![expect(clippy::wildcard_enum_match_arm, reason = "each question is about a few variants, and all others answer alike")]

use std::rc::Rc;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::pki::istiod::go;
use crate::pki::istiod::go::Certificate;
use crate::pki::istiod::go::KeyFile;
use crate::pki::istiod::go::PublicKey;
use crate::pki::istiod::go::Purpose;
use crate::pki::istiod::go::Refusal;
use crate::pki::istiod::go::Rule;
use crate::pki::istiod::go::Second;
use crate::pki::istiod::load::Contents;
use crate::pki::istiod::material::FileName;
use crate::pki::istiod::material::Material;
use crate::pki::istiod::verdict::Finding;
use crate::pki::istiod::verdict::Peers;

/// istiod's default lifetime of a workload's certificate.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// How far istiod dates it back.
const BACKDATE: SignedDuration = SignedDuration::from_mins(2);
/// The name agents know istiod by.
const ISTIOD: &str = "istiod.istio-system.svc";

/// The certificate of a workload that istiod would sign now.
pub(super) fn workload(signer: &Certificate, trust_domain: &str, now: Timestamp) -> Option<Rc<Certificate>> {
    let uri = format!("spiffe://{trust_domain}/ns/default/sa/default");
    let second = |at: Option<Timestamp>| Second(at.unwrap_or(now).as_second());
    let not_after = second(now.checked_add(LIFETIME).ok()).min(signer.not_after);
    signer.workload_under(&uri, second(now.checked_sub(BACKDATE).ok()), not_after).map(Rc::new)
}

/// Everything that makes agents, or istiod itself, refuse.
pub(super) fn findings(
    material: &Material,
    contents: &Contents,
    signer: &Rc<Certificate>,
    trust_domain: &str,
    now: Timestamp,
) -> Vec<Finding> {
    let Some(leaf) = workload(signer, trust_domain, now) else { return Vec::new() };
    let mut serving = Certificate::clone(&leaf);
    serving.says.uris.clear();
    serving.says.dns_names.push(ISTIOD.to_owned());
    let serving = Rc::new(serving);
    let mut findings: Vec<Finding> = Vec::new();
    for (leaf, purpose) in [(&serving, Purpose::Server), (&leaf, Purpose::Server), (&leaf, Purpose::Client)] {
        if let Err(refusal) = go::verify(leaf, contents.trust(now), Some(&purpose)) {
            let finding = refused(material, contents, signer, &refusal, &purpose);
            if !findings.iter().any(|other| other.name == finding.name) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// Why istiod cannot sign with what it loaded, if it cannot.
pub(super) fn cannot_sign(material: &Material, contents: &Contents, signer: &Certificate) -> Vec<Finding> {
    let layout = material.layout();
    let unusable = |name, message: String| Finding::refused(name, Peers::ALL, message).about(signer);
    match (&contents.key, &signer.public_key) {
        (Ok(KeyFile::Signing(PublicKey::Rsa(key))), _) if key.bits() < 1024 => {
            let message = format!("an RSA key of {} bits loads, but istiod's library refuses to sign with it", key.bits());
            vec![unusable("key-too-short", message).at(layout.key()).help("use ECDSA P-256, or RSA with 2048 bits or more")]
        }
        (Ok(KeyFile::Signing(key)), Some(own)) if key != own => {
            let message = "the first block is verified, a later one belongs to the key: istiod starts and cannot sign".to_owned();
            let help = "give the signing certificate alone, labelled `CERTIFICATE`";
            vec![unusable("signer-ambiguous", message).at(layout.signer()).help(help)]
        }
        _ => Vec::new(),
    }
}

/// Why a Go peer does not accept, as a finding of its own.
fn refused(material: &Material, contents: &Contents, signer: &Rc<Certificate>, refusal: &Refusal, purpose: &Purpose) -> Finding {
    let layout = material.layout();
    let chain_file = layout.chain().first().copied().unwrap_or(FileName::CertChain);
    let role = if *purpose == Purpose::Client { "client" } else { "server" };
    let unusable = |name, message: String| Finding::refused(name, Peers::AGENTS, message);
    let found = refusal.certificate.as_ref();
    let is_signer = |certificate: &Rc<Certificate>| certificate.raw == signer.raw;
    let is_sent = contents.intermediates.contains(signer) || contents.roots.contains(signer);
    match refusal.rule {
        Rule::NotAnAuthority if found.is_none_or(is_signer) => {
            let message = "istiod signs with it, but nobody accepts what it signs: its keyUsage lacks keyCertSign".to_owned();
            unusable("signer-may-not-sign", message)
                .at(layout.signer())
                .about(signer)
                .help("issue the signing certificate with keyCertSign")
        }
        Rule::PathLength => {
            let message =
                "its path length leaves no room for the signing certificate: istiod counts one authority too few at its start"
                    .to_owned();
            unusable("path-too-long", message)
                .at(layout.roots())
                .about_any(found)
                .help("issue this authority with a path length that is larger by one, or without")
        }
        Rule::NameConstraints => {
            let message = format!("names that istiod signs are not permitted: {}", refusal.words);
            let help = "constrain to the URI host of the mesh's trust domain, or give that trust domain with `--trust-domain`";
            unusable("names-not-permitted", message).at(chain_file).help(help)
        }
        Rule::Purpose => {
            let message = format!("extendedKeyUsage of an authority on the path does not allow the TLS {role} purpose");
            let first_without =
                [signer].into_iter().chain(contents.intermediates.certificates()).chain(contents.roots.certificates());
            let found = first_without.into_iter().find(|certificate| !go::serves(certificate, purpose));
            unusable("purpose-not-allowed", message)
                .about_any(found)
                .help("leave extendedKeyUsage out of authorities' certificates, or give both serverAuth and clientAuth")
        }
        Rule::UnknownAuthority if !is_sent => {
            let message =
                "the signing certificate is in neither the chain nor the roots, so peers cannot build a path".to_owned();
            let help = "put the signing certificate first in `cert-chain.pem`, then what is above it";
            unusable("signer-not-sent", message).at(chain_file).about(signer).help(help)
        }
        _ => {
            let message = format!("what istiod signs is not trusted: {}", refusal.words);
            let help = "check `cert-chain.pem`: the signing certificate first, then each issuer up to, but without, the root";
            unusable("path-not-trusted", message).at(chain_file).about_any(found).help(help)
        }
    }
}
