//! SPIFFE identities and their grammar.
//!
//! A [`TrustDomain`] and a [`SpiffeId`] can only be made from text that follows SPIFFE-ID sections 2.1 to 2.3, and print back
//! what they parsed. [`SpiffeId::as_istio_principal`] is the form policies use: the identity without its scheme.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Why a text is no SPIFFE identity.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SpiffeError {
    /// The scheme is missing or another one.
    #[error("a SPIFFE ID starts with `spiffe://`")]
    Scheme,
    /// No trust domain, or one with a character outside `a-z 0-9 . - _`.
    #[error(
        "the trust domain `{0}` may hold only lower-case letters, digits, dots, dashes and underscores, and may not be empty"
    )]
    TrustDomain(String),
    /// A path segment is empty, `.`, `..` or holds a character outside `A-Z a-z 0-9 . - _`.
    #[error("the path segment `{0}` is empty, a dot segment, or holds a character other than letters, digits, `.`, `-` and `_`")]
    Segment(String),
    /// Longer than 2048 bytes.
    #[error("a SPIFFE ID is at most 2048 bytes long, this one has {0}")]
    Length(usize),
}

/// The namespace of identities (SPIFFE-ID 2.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrustDomain(String);

impl TrustDomain {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TrustDomain {
    type Err = SpiffeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
        if text.is_empty() || text.len() > 255 || !text.bytes().all(allowed) {
            return Err(SpiffeError::TrustDomain(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The identity of a workload (SPIFFE-ID 2): a trust domain and a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpiffeId {
    text: String,
    trust_domain_end: usize,
}

const SCHEME: &str = "spiffe://";

impl SpiffeId {
    /// The identity Istio gives a Kubernetes service account. Kubernetes names always make valid segments, so the parts are
    /// checked like any other text.
    ///
    /// # Errors
    /// When a part breaks the grammar of SPIFFE-ID 2.2.
    pub fn for_service_account(trust_domain: &str, namespace: &str, service_account: &str) -> Result<Self, SpiffeError> {
        format!("{SCHEME}{trust_domain}/ns/{namespace}/sa/{service_account}").parse()
    }

    /// The whole identity, with its scheme.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of the trust domain.
    #[must_use]
    pub fn trust_domain(&self) -> &str {
        self.text.get(SCHEME.len()..self.trust_domain_end).unwrap_or_default()
    }

    /// The identity as a policy writes it: without the scheme.
    #[must_use]
    pub fn as_istio_principal(&self) -> &str {
        self.text.get(SCHEME.len()..).unwrap_or_default()
    }

    /// The Kubernetes namespace, when the path has Istio's shape `/ns/NAMESPACE/sa/ACCOUNT`.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.service_account_parts().map(|(namespace, _)| namespace)
    }

    /// Namespace and service account, when the path has Istio's shape.
    #[must_use]
    pub fn service_account_parts(&self) -> Option<(&str, &str)> {
        let path = self.text.get(self.trust_domain_end..)?.strip_prefix("/ns/")?;
        let (namespace, rest) = path.split_once('/')?;
        let account = rest.strip_prefix("sa/")?;
        (!account.contains('/')).then_some((namespace, account))
    }
}

impl FromStr for SpiffeId {
    type Err = SpiffeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > 2048 {
            return Err(SpiffeError::Length(text.len()));
        }
        let rest = text.strip_prefix(SCHEME).ok_or(SpiffeError::Scheme)?;
        let (domain, path) = rest.split_once('/').map_or((rest, None), |(domain, path)| (domain, Some(path)));
        TrustDomain::from_str(domain)?;
        for segment in path.iter().flat_map(|path| path.split('/')) {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            if segment.is_empty() || segment == "." || segment == ".." || !segment.bytes().all(allowed) {
                return Err(SpiffeError::Segment(segment.to_owned()));
            }
        }
        Ok(Self { text: text.to_owned(), trust_domain_end: SCHEME.len() + domain.len() })
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        for (text, valid) in [
            ("spiffe://cluster.local/ns/a/sa/b", true),
            ("spiffe://td", true),
            ("spiffe://td/", false),
            ("spiffe://td//a", false),
            ("spiffe://TD/a", false),
            ("spiffe://td/A_b.c-d", true),
            ("spiffe://td/a/../b", false),
            ("spiffe:///a", false),
            ("spiffe://td:80/a", false),
            ("https://td/a", false),
            ("spiffe://td/%61", false),
        ] {
            assert_eq!(text.parse::<SpiffeId>().is_ok(), valid, "{text}");
        }
    }

    #[test]
    fn parts_of_a_service_account_identity() {
        let id = SpiffeId::for_service_account("cluster.local", "shop", "web").unwrap();
        assert_eq!(id.to_string(), "spiffe://cluster.local/ns/shop/sa/web");
        assert_eq!(id.as_istio_principal(), "cluster.local/ns/shop/sa/web");
        assert_eq!(id.trust_domain(), "cluster.local");
        assert_eq!(id.service_account_parts(), Some(("shop", "web")));
        assert_eq!("spiffe://td/ns/a/sa/b/c".parse::<SpiffeId>().unwrap().service_account_parts(), None);
    }
}
