//! A container with everything that speaks against what is in it.

use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::SerialNumber;
use crate::pki::container::Container;
use crate::pki::container::Entry;
use crate::pki::container::Format;
use crate::pki::container::FoundKey;
use crate::pki::container::KeyState;
use crate::pki::container::ListedCertificate;
use crate::pki::svid;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::Role;
use crate::pki::svid::named;
use crate::pki::verify::Question;
use crate::pki::verify::RevocationScope;
use crate::pki::verify::TlsRole;
use crate::pki::verify::TrustBundles;
use crate::pki::verify::verify;
use crate::spiffe::SpiffeId;

/// What was found in a file, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The form of the file.
    pub format: Format,
    /// The time that counts.
    pub at: Timestamp,
    /// Its parts.
    pub entries: Vec<InspectedEntry>,
}

/// One part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedEntry {
    /// What it holds.
    pub entry: Entry,
    /// For each key, the position of the certificate it belongs to.
    pub key_owners: Vec<Option<usize>>,
    /// What is wrong, the worst of each certificate first.
    pub problems: Vec<Problem>,
}

impl Inspection {
    /// The identity of the first workload's certificate that has one.
    #[must_use]
    pub fn spiffe_id(&self) -> Option<SpiffeId> {
        let certificates = self.entries.iter().flat_map(|inspected| &inspected.entry.chain);
        let listed = || self.entries.iter().flat_map(|inspected| &inspected.entry.listed).filter(|listed| !listed.is_authority);
        certificates
            .filter(|certificate| Role::of(certificate) == Role::Svid)
            .find_map(|leaf| svid::spiffe_id(leaf).ok())
            .or_else(|| listed().find_map(|listed| svid::identity_of(&uris(listed)).ok()))
    }

    /// Every problem of every part.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.entries.iter().flat_map(|inspected| &inspected.problems)
    }
}

/// Looks at everything in a container as of a time.
#[must_use]
pub fn inspect(container: Container, at: Timestamp) -> Inspection {
    let entries = container.entries.into_iter().map(|entry| inspect_entry(entry, at)).collect();
    Inspection { format: container.format, at, entries }
}

fn inspect_entry(entry: Entry, at: Timestamp) -> InspectedEntry {
    let is_of_workload = entry.chain.iter().any(|certificate| matches!(Role::of(certificate), Role::Svid | Role::Leaf));
    let mut problems = match (entry.chain.is_empty(), is_of_workload) {
        (true, _) => Vec::new(),
        (false, true) => svid::check_chain(&entry.chain, at),
        (false, false) => svid::check_authorities(&entry.chain, true, at),
    };
    problems.extend(svid::check_authorities(&entry.roots, false, at));
    if is_of_workload && !entry.roots.is_empty() {
        problems.extend(leads_nowhere(&entry, at, &problems));
    }
    for (position, listed) in entry.listed.iter().filter(|listed| !listed.is_authority).enumerate() {
        problems.extend(check_listed(position, listed, at));
    }
    let key_owners: Vec<Option<usize>> = entry.keys.iter().map(|key| owner(key, &entry.chain)).collect();
    for (key, position) in entry.keys.iter().zip(&key_owners) {
        problems.extend(mismatch(key, *position, &entry.chain));
    }
    problems.sort_by_key(|problem| {
        let position = problem.certificate.as_ref().map_or(usize::MAX, |name| name.position.unwrap_or(usize::MAX - 1));
        (position, std::cmp::Reverse(problem.check.severity))
    });
    InspectedEntry { entry, key_owners, problems }
}

fn uris(listed: &ListedCertificate) -> Vec<&str> {
    listed.uris.iter().map(String::as_str).collect()
}

/// What speaks against a certificate of which only facts are known.
fn check_listed(position: usize, listed: &ListedCertificate, at: Timestamp) -> Vec<Problem> {
    let name = CertificateName {
        position: Some(position),
        name: listed.uris.first().unwrap_or(&listed.path).clone(),
        serial: listed.serial.parse().unwrap_or_else(|_| SerialNumber::from_be_bytes(&[])),
    };
    let identity = svid::identity_of(&uris(listed)).err().map(|error| Problem::of(error.check(), &name, error.to_string()));
    let period = listed.lifetime().and_then(|(begin, end)| svid::period(begin, end, &name, at));
    identity.into_iter().chain(period).collect()
}

/// Why the roots beside a chain do not vouch for it, unless the chain itself told already.
fn leads_nowhere(entry: &Entry, at: Timestamp, known: &[Problem]) -> Option<Problem> {
    let id = svid::spiffe_id(entry.chain.first()?).ok()?;
    let bundles = TrustBundles::from([(id.trust_domain().parse().ok()?, entry.roots.clone())]);
    let question = Question {
        chain: &entry.chain,
        bundles: &bundles,
        crls: &[],
        revocation: RevocationScope::WholePath,
        at,
        role: TlsRole::Any,
        expected: None,
    };
    let problem = verify(&question).err()?.0;
    (!known.iter().any(|known| known.check == problem.check)).then_some(problem)
}

fn owner(key: &FoundKey, chain: &[Certificate]) -> Option<usize> {
    chain.iter().position(|certificate| key.belongs_to(certificate) == Some(true))
}

fn mismatch(key: &FoundKey, owner: Option<usize>, chain: &[Certificate]) -> Option<Problem> {
    let first = chain.first()?;
    let KeyState::Read(public) = &key.state else { return None };
    let name = CertificateName::new(Some(0), first);
    match owner {
        Some(0) => None,
        Some(position) => {
            let message = format!("the private key at {} belongs to certificate {position}, not to the first", key.origin);
            Some(Problem::of(&named::KEY_MISMATCH, &name, message))
        }
        None => {
            let message = format!("the private key at {} ({public}) belongs to no certificate here", key.origin);
            Some(Problem::of(&named::KEY_MISMATCH, &name, message))
        }
    }
}
