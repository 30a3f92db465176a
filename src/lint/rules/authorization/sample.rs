//! A request that a rule means, for the simulator to answer. A guess: whether it is one, the answer tells.

use crate::lint::MeshView;
use crate::lint::rules::authorization::cover::Identity;
use crate::lint::rules::authorization::cover::covers;
use crate::lint::rules::authorization::cover::is_identity;
use crate::lint::witness::Request;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::policy::Attribute;
use crate::policy::Entry;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::TextPattern;

/// What a sample starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lint::rules) enum Caller {
    /// With the identity the rule asks for, or any.
    Identified,
    /// Without a certificate.
    Anonymous,
}

/// A request to a workload that satisfies a `from` and a `to` entry, as far as that can be had without a token.
pub(in crate::lint::rules) fn request(
    view: &MeshView<'_>,
    workload: &Workload,
    caller: Caller,
    from: &Entry,
    to: &Entry,
) -> Option<Request> {
    let mut request = Request {
        namespace: workload.namespace.clone(),
        workload: workload.name.clone(),
        port: port(view, workload, to)?,
        // Other policies may ask for it.
        source_ip: Some("192.0.2.1".to_owned()),
        ..Request::default()
    };
    if caller == Caller::Identified {
        request.principal = Some(principal(view, workload, from));
    }
    for test in from.tests.iter().chain(&to.tests) {
        match &test.attribute {
            Attribute::Principal
            | Attribute::Namespace
            | Attribute::ServiceAccount
            | Attribute::TrustDomain
            | Attribute::DestinationPort
            | Attribute::DestinationIp
            | Attribute::Metadata(..) => {}
            Attribute::SourceIp => request.source_ip = Some(address(test)?),
            Attribute::RemoteIp => request.remote_ip = Some(address(test)?),
            Attribute::Sni => request.sni = Some(text(test, &["shop.example"])?),
            Attribute::Host => request.host = Some(text(test, &["meshsec.example", "other.example"])?),
            Attribute::Method => request.method = Some(text(test, &["GET", "POST", "PUT"])?),
            Attribute::Path => request.path = Some(text(test, &["/", "/meshsec", "/other"])?),
            Attribute::Header(name) => {
                // Without values it must be absent, or differ.
                if !test.values.is_empty() {
                    request.headers.push((name.clone(), text(test, &[])?));
                }
            }
            Attribute::RequestPrincipal | Attribute::Audiences | Attribute::Presenter | Attribute::Claim(_) => {
                if !test.values.is_empty() {
                    return None;
                }
            }
        }
    }
    Some(request)
}

/// A port of the workload that the entry is about, one that is read as HTTP if there is one.
fn port(view: &MeshView<'_>, workload: &Workload, to: &Entry) -> Option<u16> {
    if !matches!(workload.proxy, Proxy::Sidecar | Proxy::Ambient) {
        return None;
    }
    let declared = view.inbound_ports(workload);
    let is_meant = |port: u16| admits_port(to, port) && workload.intercepts(port);
    let by_class = |class| declared.iter().find(|port| port.class == class && is_meant(port.port)).map(|port| port.port);
    by_class(PortClass::Http).or_else(|| by_class(PortClass::Auto))
}

/// Whether an entry says nothing against a port.
pub(super) fn admits_port(entry: &Entry, port: u16) -> bool {
    let is = |pattern: &Pattern| *pattern == Pattern::Port(port);
    entry.tests.iter().filter(|test| test.attribute == Attribute::DestinationPort).all(|test| {
        (test.values.is_empty() || test.values.iter().any(|value| is(&value.pattern)))
            && !test.not_values.iter().any(|value| is(&value.pattern))
    })
}

/// An identity that the tests of an entry ask for.
pub(super) fn principal(view: &MeshView<'_>, workload: &Workload, from: &Entry) -> String {
    let tests: Vec<&Test> = from.tests.iter().filter(|test| is_identity(&test.attribute)).collect();
    let exact = tests.iter().filter(|test| test.attribute == Attribute::Principal).find_map(|test| {
        let Pattern::Text(TextPattern::Exact(text)) = &test.values.first()?.pattern else { return None };
        Some(text.clone())
    });
    if let Some(exact) = exact {
        return exact;
    }
    let mut known = Identity::default();
    for test in &tests {
        let Some(value) = test.values.first() else { continue };
        let Identity { trust_domain, namespace, service_account } = Identity::of((&test.attribute, &value.pattern));
        known.trust_domain = known.trust_domain.or(trust_domain);
        known.namespace = known.namespace.or(namespace);
        known.service_account = known.service_account.or(service_account);
    }
    let written = |part: Option<TextPattern>, otherwise: &[&str]| match part {
        Some(TextPattern::Exact(text)) => vec![text],
        Some(TextPattern::Prefix(text)) => vec![format!("{text}a")],
        Some(TextPattern::Suffix(text)) => vec![format!("a{text}")],
        Some(TextPattern::Present) | None => otherwise.iter().map(|&text| text.to_owned()).collect(),
    };
    let domains = written(known.trust_domain, &[&view.mesh.settings.trust_domain]);
    let namespaces = written(known.namespace, &[&workload.namespace, "default", "other"]);
    let accounts = written(known.service_account, &["default", "other"]);
    let mut candidates = domains.iter().flat_map(|domain| {
        let accounts = &accounts;
        namespaces
            .iter()
            .flat_map(move |namespace| accounts.iter().map(move |account| format!("{domain}/ns/{namespace}/sa/{account}")))
    });
    let is_wanted = |candidate: &String| {
        let pattern = Pattern::Text(TextPattern::Exact(candidate.clone()));
        tests.iter().all(|test| {
            !test.not_values.iter().any(|not| covers((&test.attribute, &not.pattern), (&Attribute::Principal, &pattern)))
        })
    };
    let first = candidates.clone().next();
    candidates.find(is_wanted).or(first).unwrap_or_default()
}

fn address(test: &Test) -> Option<String> {
    let value = test.values.iter().find_map(|value| {
        let Pattern::Cidr(address, _) = &value.pattern else { return None };
        Some(address.to_string())
    });
    value.or_else(|| test.values.is_empty().then(|| "192.0.2.1".to_owned()))
}

/// A text that the first value matches; without values one of the candidates that no exclusion matches.
fn text(test: &Test, candidates: &[&str]) -> Option<String> {
    let exact = |text: &str| Pattern::Text(TextPattern::Exact(text.to_owned()));
    let attribute = &test.attribute;
    let is_excluded = |text: &str| test.not_values.iter().any(|not| covers((attribute, &not.pattern), (attribute, &exact(text))));
    let of_values = test.values.iter().filter_map(|value| of_pattern(attribute, &value.pattern));
    let mut all = of_values.flatten();
    if test.values.is_empty() {
        return candidates.iter().find(|text| !is_excluded(text)).map(|&text| text.to_owned());
    }
    let first = all.clone().next();
    all.find(|text| !is_excluded(text)).or(first)
}

fn of_pattern(attribute: &Attribute, pattern: &Pattern) -> Option<Vec<String>> {
    let is_path = *attribute == Attribute::Path;
    Some(match pattern {
        Pattern::Text(TextPattern::Present) => vec![if is_path { "/" } else { "a" }.to_owned()],
        Pattern::Text(TextPattern::Exact(text)) => vec![text.clone()],
        Pattern::Text(TextPattern::Prefix(text)) => vec![text.clone(), format!("{text}a"), format!("{text}meshsec")],
        Pattern::Text(TextPattern::Suffix(text)) if is_path && !text.starts_with('/') => vec![format!("/a{text}")],
        Pattern::Text(TextPattern::Suffix(text)) => vec![text.clone(), format!("a{text}")],
        Pattern::Template(text) => vec![text.replace("{**}", "a").replace("{*}", "a")],
        Pattern::Cidr(..)
        | Pattern::Port(_)
        | Pattern::NamespaceGlob(_)
        | Pattern::ServiceAccount { .. }
        | Pattern::TrustDomainGlob(_)
        | Pattern::RequestPrincipal { .. }
        | Pattern::Metadata(..) => return None,
    })
}
