//! `--service-account`, `--spiffe-id`, `--dns`, `--ip`: who a certificate is for.

use std::net::IpAddr;

use clap::Args;

use crate::cli::error::Error;
use crate::pki::SubjectAltName;
use crate::spiffe::SpiffeId;
use crate::spiffe::SpiffeRule;
use crate::spiffe::TrustDomain;

/// Who a certificate is for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Identity")]
pub(in crate::cli) struct IdentityArgs {
    /// Kubernetes service account: `namespace/name`, or `name` in namespace `default`
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "spiffe_id")]
    service_account: Option<String>,
    /// SPIFFE ID, in the trust domain of this authority
    #[arg(long, value_name = "ID")]
    spiffe_id: Option<String>,
    /// DNS name beside the identity; repeatable
    #[arg(long = "dns", value_name = "NAME")]
    dns_names: Vec<String>,
    /// Address beside the identity; repeatable
    #[arg(long = "ip", value_name = "ADDRESS")]
    addresses: Vec<IpAddr>,
}

/// DNS names and addresses.
pub(in crate::cli) type NamesBeside = (Vec<String>, Vec<IpAddr>);

/// The identity and the names beside it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Identity {
    pub(in crate::cli) spiffe_id: SpiffeId,
    pub(in crate::cli) dns_names: Vec<String>,
    pub(in crate::cli) addresses: Vec<IpAddr>,
}

impl IdentityArgs {
    /// The same as naming this account.
    #[cfg(feature = "cluster")]
    pub(in crate::cli) fn of_service_account(namespace: &str, account: &str) -> Self {
        Self { service_account: Some(format!("{namespace}/{account}")), ..Self::default() }
    }

    /// Whether an identity was named.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.service_account.is_some() || self.spiffe_id.is_some()
    }

    /// Names beside the identity, if any were said.
    pub(in crate::cli) fn names_beside(&self) -> Result<Option<NamesBeside>, Error> {
        self.dns_names.iter().try_for_each(|name| require_dns_name(name))?;
        let is_given = !self.dns_names.is_empty() || !self.addresses.is_empty();
        Ok(is_given.then(|| (self.dns_names.clone(), self.addresses.clone())))
    }

    /// What was typed as what is meant.
    pub(in crate::cli) fn parse(&self, trust_domain: &TrustDomain) -> Result<Identity, Error> {
        let spiffe_id = match (&self.service_account, &self.spiffe_id) {
            (Some(account), _) => for_service_account(trust_domain, account)?,
            (None, Some(id)) => in_trust_domain(trust_domain, id)?,
            (None, None) => {
                return Err(Error::question(
                    "no identity was given",
                    "name it with `--service-account namespace/name` or `--spiffe-id spiffe://..`".to_owned(),
                ));
            }
        };
        let (dns_names, addresses) = self.names_beside()?.unwrap_or_default();
        Ok(Identity { spiffe_id, dns_names, addresses })
    }
}

impl Identity {
    /// The identity of a service account, alone.
    pub(in crate::cli) fn of_service_account(trust_domain: &TrustDomain, namespace: &str, account: &str) -> Result<Self, Error> {
        let spiffe_id = for_service_account(trust_domain, &format!("{namespace}/{account}"))?;
        Ok(Self { spiffe_id, dns_names: Vec::new(), addresses: Vec::new() })
    }

    /// The names a certificate carries for it, in order.
    pub(in crate::cli) fn subject_alt_names(&self) -> Vec<SubjectAltName> {
        let uri = SubjectAltName::Uri(self.spiffe_id.to_string());
        let dns = self.dns_names.iter().cloned().map(SubjectAltName::Dns);
        let addresses = self.addresses.iter().copied().map(SubjectAltName::Ip);
        std::iter::once(uri).chain(dns).chain(addresses).collect()
    }
}

/// The identity of a service account, `namespace/name` or `name`.
pub(in crate::cli) fn for_service_account(trust_domain: &TrustDomain, account: &str) -> Result<SpiffeId, Error> {
    let (namespace, name) = account.split_once('/').unwrap_or(("default", account));
    SpiffeId::for_service_account(trust_domain.as_str(), namespace, name).map_err(|error| {
        Error::question(format!("`{account}` is no service account: {error}"), "write it as `namespace/name`".to_owned())
    })
}

/// A SPIFFE ID, when a workload of this trust domain can have it.
pub(in crate::cli) fn in_trust_domain(trust_domain: &TrustDomain, text: &str) -> Result<SpiffeId, Error> {
    let id: SpiffeId = text.parse().map_err(|error| Error::question(format!("`{text}` is no SPIFFE ID: {error}"), None))?;
    if id.trust_domain() != trust_domain.as_str() {
        return Err(Error::question(
            format!("`{text}` lies in trust domain `{}`, this authority vouches for `{trust_domain}`", id.trust_domain()),
            format!("write it as `spiffe://{trust_domain}/..`, or use the home of the other authority"),
        ));
    }
    id.require_issuable().map_err(|error| {
        let is_long = error.rule() == SpiffeRule::Length;
        let help = if is_long { "shorten its path" } else { "add a path, such as `/ns/default/sa/frontend`" };
        Error::question(format!("no certificate is made for `{text}`: {error}"), help.to_owned())
    })?;
    Ok(id)
}

/// Letters, digits and dashes in labels of at most 63, one `*` label in front allowed (RFC 1123 section 2.1).
fn require_dns_name(name: &str) -> Result<(), Error> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels = name.strip_prefix("*.").unwrap_or(name);
    if name.len() <= 253 && labels.split('.').all(is_label) {
        return Ok(());
    }
    Err(Error::question(
        format!("`--dns {name}` is no DNS name"),
        "labels of letters, digits and dashes, joined by dots".to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &IdentityArgs) -> Result<String, String> {
        let names =
            |identity: Identity| identity.subject_alt_names().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        args.parse(&"cluster.local".parse().unwrap()).map(names).map_err(|error| error.to_string())
    }

    #[test]
    fn an_account_or_an_identity_of_the_own_trust_domain_is_taken() {
        let account = |text: &str| IdentityArgs { service_account: Some(text.to_owned()), ..IdentityArgs::default() };
        let id = |text: &str| IdentityArgs { spiffe_id: Some(text.to_owned()), ..IdentityArgs::default() };
        for (args, expected) in [
            (account("shop/web"), Ok("URI:spiffe://cluster.local/ns/shop/sa/web")),
            (account("web"), Ok("URI:spiffe://cluster.local/ns/default/sa/web")),
            (account("shop/a/b"), Err("`shop/a/b` is no service account")),
            (account("/web"), Err("`/web` is no service account")),
            (id("spiffe://cluster.local/vm/db1"), Ok("URI:spiffe://cluster.local/vm/db1")),
            (id("spiffe://cluster.local"), Err("is the trust domain itself")),
            (id("spiffe://example.org/vm/db1"), Err("lies in trust domain `example.org`")),
            (id("cluster.local/ns/a/sa/b"), Err("is no SPIFFE ID")),
            (IdentityArgs::default(), Err("no identity was given")),
            (IdentityArgs { dns_names: vec!["a_b".to_owned()], ..account("a/b") }, Err("`--dns a_b` is no DNS name")),
            (
                IdentityArgs { dns_names: vec!["*.a.b".to_owned()], addresses: vec!["::1".parse().unwrap()], ..account("a/b") },
                Ok("URI:spiffe://cluster.local/ns/a/sa/b DNS:*.a.b IP:::1"),
            ),
        ] {
            match (parse(&args), expected) {
                (Ok(names), Ok(expected)) => assert_eq!(names, expected),
                (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
                (found, expected) => panic!("{args:?}: {found:?}, expected {expected:?}"),
            }
        }
    }
}
