use thiserror::Error;

use crate::bundle::TrustBundle;

/// Bundles of one trust domain, put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The result. Its sequence number is one above the highest of the parts.
    pub bundle: TrustBundle,
    /// How many authorities and JWT keys were in an earlier part already.
    pub repeated: usize,
}

/// Why bundles are not merged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MergeError {
    /// They are of different trust domains, or one of them is of several.
    #[error(
        "{} are not merged: an authority of one could make identities of the other, because a peer that trusts a bundle trusts every authority in it",
        list(.0)
    )]
    TrustDomains(Vec<(String, String)>),
    /// Two keys have one identifier.
    #[error("`{second}` has another JWT key `{id}` than `{first}`: which of them to use cannot be told")]
    KeyId {
        /// The identifier.
        id: String,
        /// The earlier bundle.
        first: String,
        /// The later bundle.
        second: String,
    },
    /// The number is the highest there is.
    #[error("`{0}` has the highest sequence number there is, so none can follow")]
    Sequence(String),
}

fn list(domains: &[(String, String)]) -> String {
    domains.iter().map(|(domain, name)| format!("`{domain}` (in `{name}`)")).collect::<Vec<_>>().join(" and ")
}

/// Puts bundles of one trust domain together, in order. Each comes with the name that errors call it by.
///
/// A bundle that does not say whose it is, and whose authorities do not say either, is taken to be of the others' trust domain.
///
/// # Errors
/// With the reason why they do not belong together.
pub fn merge(parts: &[(&str, &TrustBundle)]) -> Result<Merged, MergeError> {
    let mut domains: Vec<(String, String)> = Vec::new();
    for (name, part) in parts {
        for domain in part.named_trust_domains() {
            if domains.iter().all(|(known, _)| *known != domain.as_str()) {
                domains.push((domain.to_string(), (*name).to_owned()));
            }
        }
    }
    if domains.len() > 1 {
        return Err(MergeError::TrustDomains(domains));
    }
    let mut bundle = TrustBundle::new(parts.iter().find_map(|(_, part)| part.trust_domain().cloned()));
    let mut repeated = 0;
    let mut keys: Vec<(&str, &str)> = Vec::new();
    for (name, part) in parts {
        for authority in part.authorities() {
            repeated += usize::from(!bundle.add_authority(authority.clone()));
        }
        for key in part.jwt_keys() {
            match bundle.jwt_keys().iter().find(|known| known.id() == key.id()) {
                None => {
                    keys.push((key.id(), name));
                    bundle.add_jwt_key(key.clone());
                }
                Some(known) if known == key => repeated += 1,
                Some(_) => {
                    let first = keys.iter().find(|(id, _)| *id == key.id()).map_or("", |(_, name)| name);
                    let names = (first.to_owned(), (*name).to_owned());
                    return Err(MergeError::KeyId { id: key.id().to_owned(), first: names.0, second: names.1 });
                }
            }
        }
    }
    let highest = parts.iter().max_by_key(|(_, part)| part.sequence);
    if let Some((name, part)) = highest {
        let next = part.sequence.unwrap_or_default().checked_add(1);
        bundle.sequence = Some(next.ok_or_else(|| MergeError::Sequence((*name).to_owned()))?);
    }
    bundle.refresh_hint = parts.iter().filter_map(|(_, part)| part.refresh_hint).min();
    Ok(Merged { bundle, repeated })
}
