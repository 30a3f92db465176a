//! What a workload's peer makes of a certificate that istiod signs with the files.
//!
//! istiod verifies its signing certificate as if it were a leaf. A peer sees one certificate more, starts from what was sent with it,
//! asks for both TLS purposes, and, when there are revocation lists, for one of every authority on the path, root included.

use std::rc::Rc;

use jiff::SignedDuration;
use jiff::Timestamp;

use super::go;
use super::go::Certificate;
use super::go::Chain;
use super::go::KeyFile;
use super::go::PublicKey;
use super::go::Purpose;
use super::go::Refusal;
use super::go::Rule;
use super::go::Second;
use super::load::Contents;
use super::material::FileName;
use super::material::Material;
use super::revocation;
use super::verdict::Finding;
use super::verdict::Severity;
use crate::pki::pem_reader::PemReader;

/// istiod's default lifetime of a workload's certificate.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// How far istiod dates it back.
const BACKDATE: SignedDuration = SignedDuration::from_mins(2);

/// Everything that makes peers refuse.
pub(super) fn findings(material: &Material, contents: &Contents, trust_domain: &str, now: Timestamp) -> Vec<Finding> {
    let Ok(signer) = &contents.signer else { return Vec::new() };
    let mut findings = signs(material, contents, signer);
    findings.extend(unreadable_blocks(material, contents));
    let uri = format!("spiffe://{trust_domain}/ns/default/sa/default");
    let second = |at: Option<Timestamp>| Second(at.unwrap_or(now).as_second());
    let not_after = second(now.checked_add(LIFETIME).ok()).min(signer.not_after);
    let Some(leaf) = signer.workload_under(&uri, second(now.checked_sub(BACKDATE).ok()), not_after) else { return findings };
    let leaf = Rc::new(leaf);
    let mut chains: Vec<Chain> = Vec::new();
    for purpose in [Purpose::Server, Purpose::Client] {
        match go::verify(&leaf, contents.trust(now), Some(&purpose)) {
            Ok(found) => chains.extend(found),
            Err(refusal) => {
                let finding = refused(material, contents, signer, &refusal, &purpose);
                if !findings.iter().any(|other| other.name == finding.name) {
                    findings.push(finding);
                }
            }
        }
    }
    findings.extend(revocation::findings(material, &chains, now));
    findings
}

/// Whether istiod can sign at all with what it loaded.
fn signs(material: &Material, contents: &Contents, signer: &Certificate) -> Vec<Finding> {
    let layout = material.layout();
    let unusable = |name, message: String| Finding::new(name, Severity::Unusable, message).about(signer);
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

/// Proxies refuse a configuration with a certificate they cannot read, where istiod passes it over.
fn unreadable_blocks(material: &Material, contents: &Contents) -> Vec<Finding> {
    let layout = material.layout();
    let chain = layout.chain().first().map(|file| (*file, contents.chain_text.as_slice()));
    let roots = (layout.roots(), material.content(layout.roots()));
    let mut findings: Vec<Finding> = Vec::new();
    for (file, text) in chain.into_iter().chain([roots]) {
        let mut readable = 0;
        let mut broken = None;
        for block in PemReader::new(text) {
            if block.label == "CERTIFICATE" && Certificate::read(&block.der).is_ok() {
                readable += 1;
            } else {
                broken.get_or_insert((block.line, block.label));
            }
        }
        let begun = memchr::memmem::find_iter(text, b"-----BEGIN ").count();
        let message = match broken {
            Some((line, label)) => {
                format!(
                    "line {line}: the block `{label}` is no certificate that can be read; istiod passes it over, proxies do not"
                )
            }
            None if begun > readable => "a block is damaged; istiod passes it over, proxies do not".to_owned(),
            None => continue,
        };
        let finding = Finding::new("unreadable-block", Severity::Unusable, message).at(file);
        findings.push(finding.help("take the block out: proxies refuse the whole file"));
    }
    findings
}

/// Why no peer accepts, as a finding of its own.
fn refused(material: &Material, contents: &Contents, signer: &Rc<Certificate>, refusal: &Refusal, purpose: &Purpose) -> Finding {
    let layout = material.layout();
    let chain_file = layout.chain().first().copied().unwrap_or(FileName::CertChain);
    let role = if *purpose == Purpose::Client { "client" } else { "server" };
    let unusable = |name, message: String| Finding::new(name, Severity::Unusable, message);
    let found = refusal.certificate.as_ref();
    let is_signer = |certificate: &Rc<Certificate>| certificate.raw == signer.raw;
    let is_sent = contents.intermediates.contains(signer) || contents.roots.contains(signer);
    match refusal.rule {
        Rule::NotAnAuthority if found.is_none_or(is_signer) => {
            let message = "istiod signs with it, but no peer accepts what it signs: its keyUsage lacks keyCertSign".to_owned();
            unusable("signer-may-not-sign", message)
                .at(layout.signer())
                .about(signer)
                .help("issue the signing certificate with keyCertSign")
        }
        Rule::PathLength => {
            let message =
                "its path length leaves no room for the signing certificate: istiod counts one authority too few, peers do not"
                    .to_owned();
            unusable("path-too-long", message)
                .at(layout.roots())
                .about_any(found)
                .help("issue this authority with a path length that is larger by one, or without")
        }
        Rule::NameConstraints => {
            let message = format!("workloads' identities are not permitted: {}", refusal.words);
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
            let message = format!("peers refuse what istiod signs: {}", refusal.words);
            let help = "check `cert-chain.pem`: the signing certificate first, then each issuer up to, but without, the root";
            unusable("path-not-trusted", message).at(chain_file).about_any(found).help(help)
        }
    }
}
