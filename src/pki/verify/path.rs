//! The search for a path from the leaf to an authority of the bundle (RFC 5280 section 6.1), which can say where it got stuck.

use crate::pki::Certificate;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::Severity;
use crate::pki::svid::named;
use crate::pki::svid::validity;
use crate::pki::verify::Question;
use crate::pki::verify::TlsRole;
use crate::pki::verify::names;
use crate::pki::verify::signature;
use crate::pki::verify::signature::SignatureError;

/// Signatures that one search looks at; a chain that needs more is no chain of a mesh.
const SIGNATURES: usize = 100;

/// Authorities between the leaf and the bundle, as many as `rustls-webpki` follows.
const INTERMEDIATES: usize = 6;

/// One certificate of a path.
#[derive(Debug, Clone)]
pub(super) struct Link<'c> {
    pub(super) certificate: &'c Certificate,
    pub(super) name: CertificateName,
}

struct Search<'q> {
    question: &'q Question<'q>,
    roots: Vec<Link<'q>>,
    intermediates: Vec<Link<'q>>,
    signatures: usize,
    /// The reason found farthest from the leaf, which is the one to tell.
    stuck: Option<(usize, Problem)>,
}

/// The first path that holds, from the leaf to the bundle.
pub(super) fn find<'q>(question: &'q Question<'q>, roots: &'q [Certificate]) -> Result<Vec<Link<'q>>, Problem> {
    let link = |(position, certificate)| Link { certificate, name: CertificateName::new(Some(position), certificate) };
    let mut links = question.chain.iter().enumerate().map(link);
    let Some(leaf) = links.next() else { return Err(Problem::of_all(&named::EMPTY_CHAIN, "there is no certificate to verify")) };
    let root = |certificate| Link { certificate, name: CertificateName::new(None, certificate) };
    let intermediates = links.filter(|link| !roots.contains(link.certificate)).collect();
    let mut search =
        Search { question, roots: roots.iter().map(root).collect(), intermediates, signatures: SIGNATURES, stuck: None };
    search.check_own(&leaf, true)?;
    let mut path = vec![leaf];
    if search.extend(&mut path) {
        return Ok(path);
    }
    Err(search
        .stuck
        .map_or_else(|| Problem::of_all(&named::UNKNOWN_AUTHORITY, "no path leads to the bundle"), |(_, problem)| problem))
}

impl<'q> Search<'q> {
    /// Lengthens the path until it ends at the bundle; leaves it as it was when it cannot.
    fn extend(&mut self, path: &mut Vec<Link<'q>>) -> bool {
        let Some(last) = path.last().cloned() else { return false };
        let is_issuer = |link: &&Link<'q>| link.certificate.subject_der() == last.certificate.issuer_der();
        let roots: Vec<Link<'q>> = self.roots.iter().filter(is_issuer).cloned().collect();
        let intermediates: Vec<Link<'q>> = self.intermediates.iter().filter(is_issuer).cloned().collect();
        let mut has_candidate = false;
        for (issuer, is_root) in
            roots.into_iter().map(|root| (root, true)).chain(intermediates.into_iter().map(|link| (link, false)))
        {
            if path.iter().any(|link| link.certificate == issuer.certificate) {
                continue;
            }
            has_candidate = true;
            if let Err(problem) = self.check_link(path, &issuer) {
                self.note(path.len(), problem);
                continue;
            }
            path.push(issuer);
            if is_root || (path.len() <= INTERMEDIATES + 1 && self.extend(path)) {
                return true;
            }
            path.pop();
        }
        if !has_candidate {
            let issuer = last.certificate.issuer();
            let message = format!("its issuer `{issuer}` is neither in the bundle nor in the chain");
            self.note(path.len(), Problem::of(&named::UNKNOWN_AUTHORITY, &last.name, message));
        }
        false
    }

    fn note(&mut self, depth: usize, problem: Problem) {
        if self.stuck.as_ref().is_none_or(|(deepest, _)| depth > *deepest) {
            self.stuck = Some((depth, problem));
        }
    }

    /// Whether the issuer really signed the last of the path, and may stand above it.
    fn check_link(&mut self, path: &[Link<'q>], issuer: &Link<'q>) -> Result<(), Problem> {
        let Some(last) = path.last() else { return Ok(()) };
        let Some(left) = self.signatures.checked_sub(1) else {
            return Err(Problem::of_all(
                &named::PATH_REFUSED,
                format!("more than {SIGNATURES} signatures would have to be checked"),
            ));
        };
        self.signatures = left;
        match signature::check(last.certificate, issuer.certificate) {
            Ok(()) => {}
            Err(SignatureError::Wrong) => {
                let message = format!("the key of its issuer `{}` did not sign it", last.certificate.issuer());
                return Err(Problem::of(&named::SIGNATURE_INVALID, &last.name, message));
            }
            Err(SignatureError::Algorithm) => {
                let key = issuer.certificate.public_key();
                let message =
                    format!("its signature is not accepted: algorithm {} by a key {key}", last.certificate.signature_algorithm());
                return Err(Problem::of(&named::WEAK_SIGNATURE, &last.name, message));
            }
        }
        if let (Some(said), Some(own)) =
            (last.certificate.authority_key_identifier(), issuer.certificate.subject_key_identifier())
            && said != own
        {
            let message = "it says that another key of its issuer signed it (authorityKeyIdentifier): Envoy and openssl refuse it, Go does not look";
            return Err(Problem::of(&named::AUTHORITY_KEY_IDENTIFIER_MISMATCH, &last.name, message));
        }
        if issuer.certificate.version() != 3 && issuer.name.position.is_some() {
            let message = format!(
                "it is a certificate of version {}: whether it is an authority's cannot be told",
                issuer.certificate.version()
            );
            return Err(Problem::of(&named::VERSION, &issuer.name, message));
        }
        self.check_own(issuer, false)?;
        check_authority(issuer, path.len() - 1)?;
        if let Some(constraints) = issuer.certificate.name_constraints() {
            for link in path {
                if let Err(why) = names::check(constraints, link.certificate) {
                    let message = format!("{} does not let it through: {why}", issuer.name);
                    return Err(Problem::of(&named::NAME_NOT_PERMITTED, &link.name, message));
                }
            }
        }
        Ok(())
    }

    /// What every certificate of a path must be, wherever it stands.
    fn check_own(&self, link: &Link<'q>, is_leaf: bool) -> Result<(), Problem> {
        if let Some(oid) = link.certificate.unknown_critical_extensions().first() {
            let message = format!("it has a critical extension {oid} that is not known here");
            return Err(Problem::of(&named::UNKNOWN_CRITICAL_EXTENSION, &link.name, message));
        }
        if let Some(problem) = validity(link.certificate, &link.name, self.question.at)
            && problem.check.severity == Severity::Error
        {
            return Err(problem);
        }
        check_purpose(link, self.question.role, is_leaf)
    }
}

fn check_authority(issuer: &Link<'_>, authorities_below: usize) -> Result<(), Problem> {
    let constraints = issuer.certificate.basic_constraints().filter(|constraints| constraints.is_ca);
    let Some(constraints) = constraints else {
        let message = "it is no authority's (cA is not true), so what it signed counts for nothing";
        return Err(Problem::of(&named::NOT_AN_AUTHORITY, &issuer.name, message));
    };
    if issuer.certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
        let message = "its keyUsage lacks keyCertSign, so what it signed counts for nothing";
        return Err(Problem::of(&named::CERTIFICATE_SIGNING_MISSING, &issuer.name, message));
    }
    // Authorities of the same name as their issuer are counted too, as Go and rustls do; RFC 5280 would not.
    match constraints.path_length {
        Some(length) if u64::try_from(authorities_below).is_ok_and(|below| below > length) => {
            let message =
                format!("its path length is {length}, and {authorities_below} authorities stand between it and the workload");
            Err(Problem::of(&named::PATH_TOO_LONG, &issuer.name, message))
        }
        Some(_) | None => Ok(()),
    }
}

/// Purposes count for the whole path: whoever lists some must list that of the role. `anyExtendedKeyUsage` alone is refused, as Envoy does, but
/// for a certificate of the bundle, which Envoy does not ask and Go is content with.
fn check_purpose(link: &Link<'_>, role: TlsRole, is_leaf: bool) -> Result<(), Problem> {
    let Some(usage) = link.certificate.extended_key_usage() else { return Ok(()) };
    let (is_listed, purpose, peers) = match role {
        TlsRole::Any => return Ok(()),
        TlsRole::Client => (usage.client_auth, "clientAuth", "Envoy and istiod refuse it from a client"),
        TlsRole::Server => (usage.server_auth, "serverAuth", "clients refuse it from a server"),
    };
    if is_listed || (usage.any && link.name.position.is_none()) {
        return Ok(());
    }
    let message = if is_leaf {
        format!("its extendedKeyUsage lacks {purpose}: {peers}")
    } else {
        format!("its extendedKeyUsage, which counts for the whole path, lacks {purpose}")
    };
    Err(Problem::of(&named::USAGE_NOT_PERMITTED, &link.name, message))
}
