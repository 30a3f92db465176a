//! The lists of values in an `AuthorizationPolicy`, one after the other, whatever field they stand in.

use crate::diag::Spanned;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::Rule;

/// What the values of a list are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field or key of the same name in the API")]
pub enum Attribute {
    Principals,
    RequestPrincipals,
    Namespaces,
    ServiceAccounts,
    TrustDomains,
    /// `ipBlocks` and `when` key `source.ip`.
    IpBlocks,
    /// `remoteIpBlocks` and `when` key `remote.ip`.
    RemoteIpBlocks,
    Hosts,
    /// `ports` and `when` key `destination.port`.
    Ports,
    Methods,
    Paths,
    DestinationIp,
    /// `request.headers[..]`: what stands in the brackets.
    Header(String),
    /// `request.auth.claims[..]`: what stands between the first and the last bracket.
    Claims(String),
    Audiences,
    Presenter,
    Sni,
    /// Any other key, as written.
    Other(String),
}

/// One list of values.
#[derive(Debug, Clone)]
pub struct ValueList<'p> {
    /// Index of the rule.
    pub index: usize,
    /// The rule.
    pub rule: &'p Rule,
    /// What they are compared with.
    pub attribute: Attribute,
    /// It is a `not` form: none of them may match.
    pub is_negated: bool,
    /// The `when` key it stands under; `None` in `from` and `to`.
    pub key: Option<&'p Spanned<String>>,
    /// Which `from`, `to` or `when` entry of the rule.
    pub entry: usize,
    /// The values; not empty.
    pub values: &'p [Spanned<String>],
}

/// Every list that has a value, in the order of the fields.
#[must_use]
pub fn value_lists(policy: &AuthorizationPolicy) -> Vec<ValueList<'_>> {
    let mut lists: Vec<ValueList<'_>> = Vec::with_capacity(8);
    for (index, rule) in policy.rules.iter().flatten().enumerate() {
        let Some(rule) = rule else { continue };
        let mut add =
            |entry, attribute, is_negated, values, key| push(&mut lists, index, rule, entry, attribute, is_negated, values, key);
        for (entry, source) in rule.from.iter().enumerate() {
            let Some(source) = source else { continue };
            add(entry, Attribute::Principals, false, &source.principals, None);
            add(entry, Attribute::Principals, true, &source.not_principals, None);
            add(entry, Attribute::RequestPrincipals, false, &source.request_principals, None);
            add(entry, Attribute::RequestPrincipals, true, &source.not_request_principals, None);
            add(entry, Attribute::Namespaces, false, &source.namespaces, None);
            add(entry, Attribute::Namespaces, true, &source.not_namespaces, None);
            add(entry, Attribute::ServiceAccounts, false, &source.service_accounts, None);
            add(entry, Attribute::ServiceAccounts, true, &source.not_service_accounts, None);
            add(entry, Attribute::TrustDomains, false, &source.trust_domains, None);
            add(entry, Attribute::TrustDomains, true, &source.not_trust_domains, None);
            add(entry, Attribute::IpBlocks, false, &source.ip_blocks, None);
            add(entry, Attribute::IpBlocks, true, &source.not_ip_blocks, None);
            add(entry, Attribute::RemoteIpBlocks, false, &source.remote_ip_blocks, None);
            add(entry, Attribute::RemoteIpBlocks, true, &source.not_remote_ip_blocks, None);
        }
        for (entry, operation) in rule.to.iter().enumerate() {
            let Some(operation) = operation else { continue };
            add(entry, Attribute::Hosts, false, &operation.hosts, None);
            add(entry, Attribute::Hosts, true, &operation.not_hosts, None);
            add(entry, Attribute::Ports, false, &operation.ports, None);
            add(entry, Attribute::Ports, true, &operation.not_ports, None);
            add(entry, Attribute::Methods, false, &operation.methods, None);
            add(entry, Attribute::Methods, true, &operation.not_methods, None);
            add(entry, Attribute::Paths, false, &operation.paths, None);
            add(entry, Attribute::Paths, true, &operation.not_paths, None);
        }
        for (entry, condition) in rule.when.iter().enumerate() {
            let attribute = Attribute::of_key(condition.key.as_str());
            add(entry, attribute.clone(), false, &condition.values, Some(&condition.key));
            add(entry, attribute, true, &condition.not_values, Some(&condition.key));
        }
    }
    lists
}

#[expect(clippy::too_many_arguments, reason = "the fields of what it makes")]
fn push<'p>(
    lists: &mut Vec<ValueList<'p>>,
    index: usize,
    rule: &'p Rule,
    entry: usize,
    attribute: Attribute,
    is_negated: bool,
    values: &'p [Spanned<String>],
    key: Option<&'p Spanned<String>>,
) {
    if !values.is_empty() {
        lists.push(ValueList { index, rule, attribute, is_negated, key, entry, values });
    }
}

impl Attribute {
    /// What a `when` key names.
    #[must_use]
    pub fn of_key(key: &str) -> Self {
        match key {
            "source.ip" => return Self::IpBlocks,
            "remote.ip" => return Self::RemoteIpBlocks,
            "source.namespace" => return Self::Namespaces,
            "source.serviceAccount" => return Self::ServiceAccounts,
            "source.principal" => return Self::Principals,
            "source.trustDomain" => return Self::TrustDomains,
            "request.auth.principal" => return Self::RequestPrincipals,
            "request.auth.audiences" => return Self::Audiences,
            "request.auth.presenter" => return Self::Presenter,
            "destination.ip" => return Self::DestinationIp,
            "destination.port" => return Self::Ports,
            "connection.sni" => return Self::Sni,
            _ => {}
        }
        let inside = |prefix: &str| key.strip_prefix(prefix)?.strip_prefix('[')?.strip_suffix(']').map(str::to_owned);
        if let Some(name) = inside("request.headers") {
            return Self::Header(name);
        }
        if let Some(path) = inside("request.auth.claims") {
            return Self::Claims(path);
        }
        Self::Other(key.to_owned())
    }

    /// Whether only HTTP has it: a TCP chain has no such fact.
    #[must_use]
    pub fn is_http_only(&self) -> bool {
        match self {
            Self::RequestPrincipals
            | Self::Hosts
            | Self::Methods
            | Self::Paths
            | Self::Header(_)
            | Self::Claims(_)
            | Self::Audiences
            | Self::Presenter => true,
            Self::Principals
            | Self::Namespaces
            | Self::ServiceAccounts
            | Self::TrustDomains
            | Self::IpBlocks
            | Self::RemoteIpBlocks
            | Self::Ports
            | Self::DestinationIp
            | Self::Sni
            | Self::Other(_) => false,
        }
    }

    /// Whether it comes from the caller's certificate.
    #[must_use]
    pub fn is_peer_identity(&self) -> bool {
        matches!(self, Self::Principals | Self::Namespaces | Self::ServiceAccounts | Self::TrustDomains)
    }
}
