//! What works and is unwise all the same.

use std::rc::Rc;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::pki::istiod::go::CRL_SIGN;
use crate::pki::istiod::go::Certificate;
use crate::pki::istiod::go::Curve;
use crate::pki::istiod::go::Hash;
use crate::pki::istiod::go::PublicKey;
use crate::pki::istiod::go::SignatureAlgorithm;
use crate::pki::istiod::load::Contents;
use crate::pki::istiod::material::FileName;
use crate::pki::istiod::material::Layout;
use crate::pki::istiod::material::Material;
use crate::pki::istiod::verdict::Finding;
use crate::pki::istiod::verdict::Severity;
use crate::pki::pem_reader::PemReader;

/// From when on the end of a certificate is worth a warning.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) fn findings(material: &Material, contents: &Contents, now: Timestamp) -> Vec<Finding> {
    let layout = material.layout();
    let mut findings = other_files(material, layout);
    let chain_file = layout.chain().first().copied().unwrap_or(FileName::CertChain);
    if let Ok(signer) = &contents.signer {
        findings.extend(signer_shape(material, signer));
        findings.extend(soon(layout.signer(), signer, now));
    }
    for certificate in contents.roots.certificates() {
        findings.extend(root(layout.roots(), certificate, now));
    }
    if layout == Layout::Istio {
        findings.extend(chain(chain_file, material, contents, now));
    }
    findings
}

fn warn(name: &'static str, message: impl Into<String>) -> Finding {
    Finding::new(name, Severity::Warning, message)
}

fn other_files(material: &Material, layout: Layout) -> Vec<Finding> {
    let mut findings = Vec::new();
    let istio = [FileName::CaCert, FileName::CaKey, FileName::CertChain, FileName::RootCert];
    if layout == Layout::Tls
        && let Some(file) = istio.into_iter().find(|file| material.has(*file))
    {
        let message = "`tls.crt` is there too, so istiod does not look at this file";
        findings.push(warn("files-not-looked-at", message).at(file).help("keep one of the two sets of files"));
    }
    if material.has(FileName::IstioGenerated) {
        let message =
            "istiod takes the files for its own self-signed authority when it runs with USE_CACERTS_FOR_SELF_SIGNED_CA=true";
        findings.push(
            warn("marked-as-generated", message)
                .at(FileName::IstioGenerated)
                .help("take the key `istio-generated` out of a secret of your own"),
        );
    }
    let blocks = PemReader::new(material.content(layout.signer())).count();
    if layout == Layout::Istio && blocks > 1 {
        let message = format!("it holds {blocks} blocks; istiod signs with the first and uses the others for nothing");
        let finding = Finding::new("signer-with-others", Severity::Note, message).at(layout.signer());
        findings.push(finding.help("give the signing certificate alone; intermediates belong into `cert-chain.pem`"));
    }
    findings
}

fn signer_shape(material: &Material, signer: &Certificate) -> Vec<Finding> {
    let file = material.layout().signer();
    let mut findings = Vec::new();
    let mut warn_about = |name, message: String, help| findings.push(warn(name, message).at(file).about(signer).help(help));
    match signer.extension(15) {
        None => warn_about(
            "key-usage-absent",
            "it has no keyUsage".to_owned(),
            "issue authorities with keyCertSign and cRLSign, critical",
        ),
        Some(usage) if !usage.critical => {
            warn_about(
                "key-usage-not-critical",
                "keyUsage is not critical".to_owned(),
                "issue authorities with a critical keyUsage",
            );
        }
        Some(_) if signer.says.key_usage & CRL_SIGN == 0 => {
            let message = "keyUsage lacks cRLSign: with this authority nothing can be revoked".to_owned();
            warn_about("crl-sign-absent", message, "issue authorities with cRLSign beside keyCertSign");
        }
        Some(_) => {}
    }
    if signer.extension(19).is_some_and(|constraints| !constraints.critical) {
        let help = "issue authorities with critical basicConstraints (RFC 5280 section 4.2.1.9)";
        warn_about("basic-constraints-not-critical", "basicConstraints is not critical".to_owned(), help);
    }
    if signer.says.subject_key_id.is_empty() {
        let message = "it has no subjectKeyIdentifier, so certificates below it name their issuer by subject alone".to_owned();
        warn_about("key-identifier-absent", message, "issue authorities with a subjectKeyIdentifier (RFC 5280 section 4.2.1.2)");
    }
    match &signer.public_key {
        Some(PublicKey::Rsa(key)) if (1024..2048).contains(&key.bits()) => {
            warn_about(
                "key-weak",
                format!("its RSA key has {} bits only", key.bits()),
                "use ECDSA P-256, or RSA with 2048 bits or more",
            );
        }
        Some(PublicKey::Ecdsa(Curve::P224, _)) => {
            warn_about("key-weak", "its key is on the curve P-224, which not every peer knows".to_owned(), "use ECDSA P-256");
        }
        _ => {}
    }
    findings
}

fn soon(file: FileName, certificate: &Certificate, now: Timestamp) -> Option<Finding> {
    let end = certificate.not_after.timestamp();
    let is_soon = end > now && now.checked_add(SOON).is_ok_and(|soon| end < soon);
    is_soon.then(|| {
        let days = (end.as_second() - now.as_second()) / 86_400;
        let message = format!("it expires in {days} days, at {end}; no workload's certificate lives longer");
        warn("expires-soon", message).at(file).about(certificate).help("plan the rotation now")
    })
}

fn root(file: FileName, certificate: &Rc<Certificate>, now: Timestamp) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut warn_about = |name, message: String, help| findings.push(warn(name, message).at(file).about(certificate).help(help));
    if certificate.not_after.is_before(now) {
        warn_about("root-expired", format!("this root expired at {}", certificate.not_after.timestamp()), "take it out");
    } else if certificate.version == 3 && !certificate.says.is_ca {
        warn_about("root-no-authority", "it is no authority's certificate and trusts nobody".to_owned(), "take it out");
    } else if !certificate.is_self_issued() {
        let message =
            "it is an intermediate, taken as a trust anchor; with revocation lists proxies then refuse every peer".to_owned();
        warn_about("root-not-self-signed", message, "put the root itself into the bundle");
    }
    if matches!(
        certificate.signature_algorithm,
        SignatureAlgorithm::Rsa(Hash::Sha1) | SignatureAlgorithm::RsaIso | SignatureAlgorithm::Ecdsa(Hash::Sha1)
    ) {
        warn_about("root-sha1", "it signed itself with SHA-1, which some peers refuse".to_owned(), "replace the root");
    }
    findings.extend(soon(file, certificate, now));
    findings
}

fn chain(file: FileName, material: &Material, contents: &Contents, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let read: Vec<Certificate> = PemReader::new(&contents.chain_text)
        .filter(|block| block.label == "CERTIFICATE")
        .filter_map(|block| Certificate::read(&block.der).ok())
        .collect();
    for (index, certificate) in read.iter().enumerate() {
        if read.iter().take(index).any(|other| other.raw == certificate.raw) {
            findings.push(warn("chain-twice", "it is in the chain more than once").at(file).about(certificate).help("keep one"));
        }
        if certificate.not_after.is_before(now) {
            let message = format!("it expired at {}", certificate.not_after.timestamp());
            findings.push(warn("chain-expired", message).at(file).about(certificate).help("take it out"));
        }
        if contents.roots.contains(certificate) {
            let message = "the root is sent to every peer, which has it already";
            let finding = Finding::new("root-in-chain", Severity::Note, message).at(file).about(certificate);
            findings.push(finding.help("leave the root out of `cert-chain.pem`"));
        }
    }
    let Ok(signer) = &contents.signer else { return findings };
    match read.first() {
        Some(first) if first.raw != signer.raw => {
            let message = "the chain does not start with the signing certificate, whose end caps what istiod signs";
            findings.push(
                warn("chain-order", message).at(file).about(first).help("put the signing certificate first, then each issuer"),
            );
        }
        None if material.has(file) => {
            let message = "the chain holds no certificate, so peers see workloads' certificates alone";
            findings.push(warn("chain-empty", message).at(file).help("put the signing certificate first in `cert-chain.pem`"));
        }
        _ => {}
    }
    let is_in_order = read.windows(2).all(|pair| matches!(pair, [child, issuer] if child.issuer == issuer.subject));
    if !is_in_order {
        let message = "the certificates are not in order, each followed by its issuer; strict TLS stacks refuse that";
        findings.push(warn("chain-order", message).at(file).help("put the signing certificate first, then each issuer"));
    }
    findings.dedup_by(|one, other| one.name == "chain-order" && other.name == "chain-order");
    findings
}
