use std::fmt;
use std::str::FromStr;

use crate::spiffe::IstioIdentity;
use crate::spiffe::SCHEME;
use crate::spiffe::SpiffeError;
use crate::spiffe::SpiffeRule;
use crate::spiffe::trust_domain;

/// The identity of a workload (SPIFFE-ID 2): a trust domain and a path. Without a path it is the trust domain's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpiffeId {
    text: String,
    trust_domain_end: usize,
}

/// Longest identity to make; longer ones are read all the same (SPIFFE-ID 2.3).
const MAX_LENGTH_MADE: usize = 2048;

impl SpiffeId {
    /// The identity Istio gives a Kubernetes service account. Kubernetes names always make valid segments, so the parts are
    /// checked like any other text.
    ///
    /// # Errors
    /// When a part breaks the grammar, or holds a slash and would become two.
    pub fn for_service_account(trust_domain: &str, namespace: &str, service_account: &str) -> Result<Self, SpiffeError> {
        let rules = [SpiffeRule::TrustDomainCharacter, SpiffeRule::SegmentCharacter, SpiffeRule::SegmentCharacter];
        for (rule, part) in rules.into_iter().zip([trust_domain, namespace, service_account]) {
            if let Some(slash) = part.find('/') {
                return Err(SpiffeError::at(rule, part, slash));
            }
        }
        format!("{SCHEME}{trust_domain}/ns/{namespace}/sa/{service_account}").parse()
    }

    /// That a certificate may be made for it: it has a path (X509-SVID section 2) and no more than 2048 bytes (SPIFFE-ID 2.3).
    ///
    /// # Errors
    /// With the rule that forbids it.
    pub fn require_issuable(&self) -> Result<(), SpiffeError> {
        if self.path().is_empty() {
            return Err(SpiffeError::at(SpiffeRule::PathMissing, &self.text, self.text.len()));
        }
        if self.text.len() > MAX_LENGTH_MADE {
            return Err(SpiffeError::at(SpiffeRule::Length, &self.text, MAX_LENGTH_MADE));
        }
        Ok(())
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

    /// The path with its leading slash; empty for the trust domain's own identity.
    #[must_use]
    pub fn path(&self) -> &str {
        self.text.get(self.trust_domain_end..).unwrap_or_default()
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
        IstioIdentity::parse(&self.text).map(|identity| (identity.namespace, identity.service_account))
    }
}

impl FromStr for SpiffeId {
    type Err = SpiffeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(SpiffeError::at(SpiffeRule::Empty, text, 0));
        }
        let Some(rest) = text.strip_prefix(SCHEME) else {
            return Err(SpiffeError::at(SpiffeRule::Scheme, text, 0));
        };
        let trust_domain_end = SCHEME.len() + rest.find('/').unwrap_or(rest.len());
        trust_domain::check(text, SCHEME.len(), trust_domain_end)?;
        check_path(text, trust_domain_end)?;
        Ok(Self { text: text.to_owned(), trust_domain_end })
    }
}

/// That the text from here on is nothing, or segments with a slash before each. The first place at fault is reported.
fn check_path(text: &str, start: usize) -> Result<(), SpiffeError> {
    let fail = |rule, at| Err(SpiffeError::at(rule, text, at));
    let path = text.get(start..).unwrap_or_default();
    if path.is_empty() {
        return Ok(());
    }
    let Some(segments) = path.strip_prefix('/') else { return fail(SpiffeRule::LeadingSlash, start) };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let mut at = start + 1;
    for segment in segments.split('/') {
        if let Some(bad) = segment.bytes().position(|byte| !allowed(byte)) {
            return fail(SpiffeRule::SegmentCharacter, at + bad);
        }
        match segment {
            "" if at == text.len() => return fail(SpiffeRule::TrailingSlash, at - 1),
            "" => return fail(SpiffeRule::EmptySegment, at),
            "." | ".." => return fail(SpiffeRule::DotSegment, at),
            _ => at += segment.len() + 1,
        }
    }
    Ok(())
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
