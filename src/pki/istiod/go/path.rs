//! `Certificate.Verify` of Go: every chain from a certificate to a root, and why there is none.
//!
//! Go looks at names, validity, cA, path lengths, policies, extended key usage and name constraints; of `keyUsage` only at keyCertSign
//! of those who sign. The certificate it starts from is taken for a leaf: nothing is asked about what it may sign itself, and the
//! path length above it counts one authority too few when it is one.

use std::rc::Rc;

use jiff::Timestamp;

use crate::pki::istiod::go::certificate::Certificate;
use crate::pki::istiod::go::certificate::Purpose;
use crate::pki::istiod::go::constraints;
use crate::pki::istiod::go::policies;
use crate::pki::istiod::go::pool::Pool;

/// From the certificate asked about to a root.
pub(crate) type Chain = Vec<Rc<Certificate>>;

/// Signatures Go is willing to check before it gives up.
const MOST_CHECKS: usize = 100;

/// What chains are built from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trust<'p> {
    /// Trust anchors.
    pub roots: &'p Pool,
    /// What may stand in between.
    pub intermediates: &'p Pool,
    /// The time.
    pub now: Timestamp,
}

/// Why there is no chain.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// Which rule is broken.
    pub rule: Rule,
    /// Go's words.
    pub words: String,
    /// The certificate that breaks it, when it is not the one asked about.
    pub certificate: Option<Rc<Certificate>>,
}

/// The rules of chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A critical extension nobody here understands.
    UnhandledCriticalExtension,
    /// Before notBefore.
    NotYetValid,
    /// After notAfter.
    Expired,
    /// No authority's certificate, or one that may not sign certificates.
    NotAnAuthority,
    /// pathLenConstraint.
    PathLength,
    /// The signature does not hold, or is of a kind that is not accepted.
    Signature,
    /// Nobody of the issuer's name.
    UnknownAuthority,
    /// Extended key usage.
    Purpose,
    /// Name constraints.
    NameConstraints,
    /// Certificate policies.
    Policies,
    /// Too many signatures to check.
    TooManyChecks,
}

struct Found {
    chains: Vec<Chain>,
    refusal: Option<Refusal>,
}

/// Builds the chains for one purpose; `None` asks for no purpose in particular.
///
/// # Errors
/// When there is none.
pub(crate) fn verify(certificate: &Rc<Certificate>, trust: Trust<'_>, purpose: Option<&Purpose>) -> Result<Vec<Chain>, Refusal> {
    check(certificate, None, trust.now, Role::Leaf).map_err(|refusal| Refusal { certificate: None, ..refusal })?;
    let candidates = if trust.roots.contains(certificate) {
        vec![vec![Rc::clone(certificate)]]
    } else {
        let mut checks = 0;
        let found = build(&[Rc::clone(certificate)], trust, &mut checks);
        if found.chains.is_empty() {
            return Err(found.refusal.unwrap_or_else(|| unknown_authority(None)));
        }
        found.chains
    };
    let mut refused = Refused::default();
    let chains: Vec<Chain> = candidates.into_iter().filter(|chain| refused.keeps(chain, purpose)).collect();
    if chains.is_empty() { Err(refused.refusal()) } else { Ok(chains) }
}

/// Why candidate chains were dropped.
#[derive(Default)]
struct Refused {
    policies: usize,
    purposes: usize,
    constraints: Option<String>,
}

impl Refused {
    fn keeps(&mut self, chain: &Chain, purpose: Option<&Purpose>) -> bool {
        let chain: Vec<&Certificate> = chain.iter().map(Rc::as_ref).collect();
        if !policies::are_valid(&chain) {
            self.policies += 1;
            return false;
        }
        if purpose.is_some_and(|purpose| !chain.iter().all(|certificate| serves(certificate, purpose))) {
            self.purposes += 1;
            return false;
        }
        if let Err(words) = constraints::check(&chain) {
            self.constraints.get_or_insert(words);
            return false;
        }
        true
    }

    fn refusal(self) -> Refusal {
        let (rule, words) = match (self.constraints, self.purposes, self.policies) {
            (Some(words), _, _) => (
                Rule::NameConstraints,
                format!("x509: a root or intermediate certificate is not authorized to sign for this name: {words}"),
            ),
            (None, 1.., 0) => (Rule::Purpose, "x509: certificate specifies an incompatible key usage".to_owned()),
            (None, purposes, policies) => {
                let counts = [(purposes, "incompatible key usage"), (policies, "invalid policies")];
                let details: Vec<String> = counts
                    .iter()
                    .filter(|(count, _)| *count > 0)
                    .map(|(count, what)| format!("{count} candidate chains with {what}"))
                    .collect();
                (Rule::Policies, format!("x509: no valid chains built: {}", details.join(", ")))
            }
        };
        Refusal { rule, words, certificate: None }
    }
}

/// Whether extended key usage, when there is any, allows the purpose.
#[must_use]
pub(crate) fn serves(certificate: &Certificate, purpose: &Purpose) -> bool {
    let purposes = &certificate.says.purposes;
    purposes.is_empty() || purposes.contains(&Purpose::Any) || purposes.contains(purpose)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Leaf,
    Intermediate,
    Root,
}

/// Whether a certificate may stand at the end of a chain (`isValid`).
fn check(certificate: &Rc<Certificate>, chain: Option<&[Rc<Certificate>]>, now: Timestamp, role: Role) -> Result<(), Refusal> {
    let refuse = |rule, words: String| Err(Refusal { rule, words, certificate: Some(Rc::clone(certificate)) });
    let says = &certificate.says;
    if !says.unhandled_critical.is_empty() {
        return refuse(Rule::UnhandledCriticalExtension, "x509: unhandled critical extension".to_owned());
    }
    let expired = "x509: certificate has expired or is not yet valid: current time";
    let now_words = || format!("{expired} {}", now.strftime("%Y-%m-%dT%H:%M:%SZ"));
    if certificate.not_before.is_after(now) {
        return refuse(Rule::NotYetValid, format!("{} is before {}", now_words(), certificate.not_before.timestamp()));
    }
    if certificate.not_after.is_before(now) {
        return refuse(Rule::Expired, format!("{} is after {}", now_words(), certificate.not_after.timestamp()));
    }
    if role == Role::Intermediate && !(says.has_basic_constraints && says.is_ca) {
        return refuse(Rule::NotAnAuthority, "x509: certificate is not authorized to sign other certificates".to_owned());
    }
    let below = chain.map_or(0, |chain| chain.len().saturating_sub(1));
    let is_too_long = |most: u64| chain.is_some() && u64::try_from(below).is_ok_and(|below| below > most);
    if says.has_basic_constraints && says.max_path_length.is_some_and(is_too_long) {
        return refuse(Rule::PathLength, "x509: too many intermediates for path length constraint".to_owned());
    }
    Ok(())
}

/// Every chain that continues this one.
fn build(chain: &[Rc<Certificate>], trust: Trust<'_>, checks: &mut usize) -> Found {
    let mut found = Found { chains: Vec::new(), refusal: None };
    let Some(child) = chain.last() else { return found };
    let mut hint: Option<Refusal> = None;
    let candidates = [(Role::Root, trust.roots), (Role::Intermediate, trust.intermediates)]
        .into_iter()
        .flat_map(|(role, pool)| pool.potential_parents(child).into_iter().map(move |parent| (role, parent)));
    let mut last: Option<Refusal> = None;
    for (role, parent) in candidates {
        *checks += 1;
        if *checks > MOST_CHECKS {
            let words = "x509: signature check attempts limit reached while verifying certificate chain".to_owned();
            last = Some(Refusal { rule: Rule::TooManyChecks, words, certificate: None });
            break;
        }
        if parent.public_key.is_none() || parent.is_in(chain.iter().map(Rc::as_ref)) {
            continue;
        }
        if let Err(words) = child.check_signature_from(&parent) {
            let rule = if words.contains("parent certificate cannot sign") { Rule::NotAnAuthority } else { Rule::Signature };
            hint.get_or_insert(Refusal { rule, words, certificate: Some(Rc::clone(&parent)) });
            continue;
        }
        if let Err(refusal) = check(&parent, Some(chain), trust.now, role) {
            hint.get_or_insert(refusal.clone());
            last = Some(refusal);
            continue;
        }
        last = None;
        let longer: Chain = chain.iter().cloned().chain([Rc::clone(&parent)]).collect();
        if role == Role::Root {
            found.chains.push(longer);
        } else {
            let inner = build(&longer, trust, checks);
            found.chains.extend(inner.chains);
            last = inner.refusal;
            if last.as_ref().is_some_and(|refusal| refusal.rule == Rule::TooManyChecks) {
                break;
            }
        }
    }
    if found.chains.is_empty() {
        found.refusal = last.or_else(|| Some(unknown_authority(hint)));
    }
    found
}

fn unknown_authority(hint: Option<Refusal>) -> Refusal {
    let words = "x509: certificate signed by unknown authority".to_owned();
    let Some(hint) = hint else { return Refusal { rule: Rule::UnknownAuthority, words, certificate: None } };
    let name = hint
        .certificate
        .as_ref()
        .map(|certificate| certificate.subject.hint().map_or_else(|| format!("serial:{}", certificate.serial), str::to_owned));
    let words = format!(
        "{words} (possibly because of {:?} while trying to verify candidate authority certificate {:?})",
        hint.words,
        name.unwrap_or_default()
    );
    Refusal { words, ..hint }
}
