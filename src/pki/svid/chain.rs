//! A chain as a whole: who is who, and whether each certificate is signed by the next.

use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::check_authority;
use crate::pki::svid::check_leaf;
use crate::pki::svid::named;
use crate::pki::svid::spiffe_id;
use crate::pki::verify::names;

/// What a certificate is among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A workload's own.
    Svid,
    /// No authority's, and it names no workload either.
    Leaf,
    /// An authority's, signed by another.
    Intermediate,
    /// An authority's, signed by itself.
    Root,
}

impl Role {
    /// The role that the certificate's own words give it.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        // Authorities of version 1 say nothing of themselves but are signed by themselves.
        match (certificate.is_ca(), certificate.is_self_issued()) {
            (true, true) => Self::Root,
            (true, false) => Self::Intermediate,
            (false, true) if certificate.basic_constraints().is_none() && certificate.uris().next().is_none() => Self::Root,
            (false, _) if certificate.uris().next().is_some() => Self::Svid,
            (false, _) => Self::Leaf,
        }
    }

    /// The word in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Svid => "SVID",
            Self::Leaf => "certificate",
            Self::Intermediate => "intermediate",
            Self::Root => "root",
        }
    }
}

/// Everything that speaks against a chain that a workload presents: its own certificate first, then its signers.
#[must_use]
pub fn check_chain(chain: &[Certificate], at: Timestamp) -> Vec<Problem> {
    let named: Vec<(CertificateName, &Certificate)> = chain
        .iter()
        .enumerate()
        .map(|(position, certificate)| (CertificateName::new(Some(position), certificate), certificate))
        .collect();
    let Some(((name, leaf), signers)) = named.split_first() else {
        return vec![Problem::of_all(&named::EMPTY_CHAIN, "there is no certificate in it")];
    };
    let mut problems = Vec::new();
    let is_leaf_elsewhere = signers.iter().find(|(_, certificate)| matches!(Role::of(certificate), Role::Svid | Role::Leaf));
    match is_leaf_elsewhere {
        Some((place, _)) if leaf.is_ca() => {
            let message =
                format!("it is an authority's and comes first; peers take the first for the workload's own, which is {place}");
            problems.push(Problem::of(&named::LEAF_NOT_FIRST, name, message));
        }
        Some(_) | None => {}
    }
    check_leaf(leaf, name, at, &mut problems);
    let id = spiffe_id(leaf).ok();
    let trust_domain = id.as_ref().map(crate::spiffe::SpiffeId::trust_domain);
    for (name, certificate) in signers {
        check_authority(certificate, name, trust_domain, at, &mut problems);
    }
    check_links(&named, &mut problems);
    problems
}

/// Everything that speaks against certificates of authorities, each by itself: those of a trust bundle, or of a chain in which they are numbered.
#[must_use]
pub fn check_authorities(certificates: &[Certificate], is_chain: bool, at: Timestamp) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (position, certificate) in certificates.iter().enumerate() {
        let name = CertificateName::new(is_chain.then_some(position), certificate);
        check_authority(certificate, &name, None, at, &mut problems);
    }
    problems
}

fn check_links(chain: &[(CertificateName, &Certificate)], problems: &mut Vec<Problem>) {
    for (depth, pair) in chain.windows(2).enumerate() {
        let [(name, certificate), (signer_name, signer)] = pair else { continue };
        if !certificate.is_signed_by(signer) {
            let message = if certificate.issuer_der() == signer.subject_der() {
                format!("the key of {signer_name} did not sign it, although the name is that of its issuer")
            } else {
                format!("its issuer is `{}`, and {signer_name} follows", certificate.issuer())
            };
            problems.push(Problem::of(&named::BROKEN_CHAIN, name, message));
            break;
        }
        if let (Some(said), Some(own)) = (certificate.authority_key_identifier(), signer.subject_key_identifier())
            && said != own
        {
            let message = format!(
                "it says that another key than that of {signer_name} signed it (authorityKeyIdentifier): Envoy and openssl refuse it"
            );
            problems.push(Problem::of(&named::AUTHORITY_KEY_IDENTIFIER_MISMATCH, name, message));
        }
        if let Some(length) = signer.basic_constraints().and_then(|constraints| constraints.path_length)
            && u64::try_from(depth).is_ok_and(|below| below > length)
        {
            let message = format!("its path length is {length}, and {depth} authorities stand between it and the workload");
            problems.push(Problem::of(&named::PATH_TOO_LONG, signer_name, message));
        }
        if let Some(constraints) = signer.name_constraints() {
            let below = chain.get(..=depth).unwrap_or_default();
            for (name, certificate) in below {
                if let Err(why) = names::check(constraints, certificate) {
                    problems.push(Problem::of(
                        &named::NAME_NOT_PERMITTED,
                        name,
                        format!("{signer_name} does not let it through: {why}"),
                    ));
                }
            }
        }
        if certificate.not_after() > signer.not_after() {
            let message = format!("it ends at {}, after {signer_name} at {}", certificate.not_after(), signer.not_after());
            problems.push(Problem::of(&named::OUTLIVES_SIGNER, name, message));
        }
    }
    for (name, certificate) in chain.iter().skip(1).filter(|(_, certificate)| Role::of(certificate) == Role::Root) {
        if certificate.is_signed_by(certificate) {
            let message = "a root in a chain is superfluous: peers trust their own bundle only; Istio sends it all the same";
            problems.push(Problem::of(&named::ROOT_IN_CHAIN, name, message));
        }
    }
}
