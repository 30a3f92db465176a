//! Engines of `AuthorizationPolicy` as Envoy's RBAC filters.
//!
//! ```text
//! rule  = any `to` entry (permissions) and any `from` entry (principals)
//! entry = and [ test.. ], `any` when it holds no test
//! test  = or [ value.. ]  and  not or [ not value.. ]
//! ```
//!
//! Claims, audiences, presenters and dynamic metadata keep all their values in one metadata matcher; a single request
//! principal stands without `or`.

use serde_json::Value;

use super::matcher;
use super::message::Message;
use crate::policy::Attribute;
use crate::policy::Engine;
use crate::policy::EngineRule;
use crate::policy::Engines;
use crate::policy::Entry;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::TextPattern;
use crate::policy::Value as PolicyValue;

const HTTP_FILTER: &str = "envoy.filters.http.rbac";
const NETWORK_FILTER: &str = "envoy.filters.network.rbac";
const JWT_FILTER: &str = "envoy.filters.http.jwt_authn";
const JWT_PAYLOAD: &str = "payload";

/// Whether filters stand in a chain of HTTP or of network filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// Inside the HTTP connection manager.
    Http,
    /// On the connection itself.
    Network,
}

impl Layer {
    /// Name of the RBAC filter, which is also where its results are stored.
    pub(super) fn rbac_filter(self) -> &'static str {
        match self {
            Self::Http => HTTP_FILTER,
            Self::Network => NETWORK_FILTER,
        }
    }
}

/// What a match of the rules means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Allow,
    Deny,
    Log,
}

/// The filters for AUDIT, DENY and ALLOW, in the order they run.
pub(super) fn filters(engines: &Engines, layer: Layer) -> Vec<Value> {
    let audit = (Action::Log, engines.audit.as_ref(), engines.dry_run_audit.as_ref());
    let deny = (Action::Deny, engines.deny.as_ref(), engines.dry_run_deny.as_ref());
    let allow = (Action::Allow, engines.allow.as_ref(), engines.dry_run_allow.as_ref());
    [audit, deny, allow]
        .into_iter()
        .filter(|(_, enforced, dry_run)| enforced.is_some() || dry_run.is_some())
        .map(|(action, enforced, dry_run)| {
            // The prefix follows the action of the dry-run rules; absent rules count as ALLOW.
            let prefix = match (action, dry_run) {
                (Action::Allow, _) | (_, None) => "istio_dry_run_allow_",
                (Action::Deny, Some(_)) => "istio_dry_run_deny_",
                (Action::Log, Some(_)) => "",
            };
            let shown = |engine: &Engine| rules(action, engine);
            filter(layer, enforced.map(shown), dry_run.map(shown), prefix)
        })
        .collect()
}

/// The filter that finds out whether a provider must be asked: its rules only leave their result for the next filter.
/// Rules of policies in dry-run really deny.
pub(super) fn provider_matcher(enforced: &Engine, dry_run: &Engine, layer: Layer) -> Value {
    let denied = (!dry_run.rules.is_empty()).then(|| rules(Action::Deny, dry_run));
    filter(layer, denied, Some(rules(Action::Deny, enforced)), "istio_ext_authz_")
}

/// The filter that denies whatever would have been asked of a provider that cannot be asked.
pub(super) fn provider_denial(enforced: &Engine, layer: Layer) -> Value {
    filter(layer, Some(rules(Action::Deny, enforced)), None, "")
}

fn filter(layer: Layer, rules: Option<Value>, shadow_rules: Option<Value>, shadow_prefix: &str) -> Value {
    let message = match layer {
        Layer::Http => Message::of_type("envoy.extensions.filters.http.rbac.v3.RBAC"),
        Layer::Network => Message::of_type("envoy.extensions.filters.network.rbac.v3.RBAC"),
    };
    let message =
        message.optional("rules", rules).optional("shadowRules", shadow_rules).text("shadowRulesStatPrefix", shadow_prefix);
    match layer {
        Layer::Http => message,
        Layer::Network => message.field("statPrefix", "tcp."),
    }
    .named(layer.rbac_filter())
}

fn rules(action: Action, engine: &Engine) -> Value {
    let message = match action {
        Action::Allow => Message::new(),
        Action::Deny => Message::new().field("action", "DENY"),
        Action::Log => Message::new().field("action", "LOG"),
    };
    message.map("policies", engine.rules.iter().map(|rule| (rule.name.clone(), policy(rule)))).into()
}

/// One rule. Without any entry it stands for a policy without rules and never matches.
fn policy(rule: &EngineRule) -> Value {
    let side = |side: Side, entries: &[Entry]| -> Vec<Value> {
        if entries.is_empty() { vec![side.never()] } else { entries.iter().map(|entry| side.entry(entry)).collect() }
    };
    Message::new()
        .list("permissions", side(Side::Permission, &rule.to))
        .list("principals", side(Side::Principal, &rule.from))
        .into()
}

/// The two halves of a rule use different words for the same shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Permission,
    Principal,
}

impl Side {
    fn any() -> Value {
        Message::new().field("any", true).into()
    }

    fn never(self) -> Value {
        self.not(Self::any())
    }

    fn and(self, nodes: Vec<Value>) -> Value {
        self.set("andRules", "andIds", nodes)
    }

    fn or(self, nodes: Vec<Value>) -> Value {
        self.set("orRules", "orIds", nodes)
    }

    fn not(self, node: Value) -> Value {
        match self {
            Self::Permission => Message::new().field("notRule", node),
            Self::Principal => Message::new().field("notId", node),
        }
        .into()
    }

    fn set(self, permission: &str, principal: &str, nodes: Vec<Value>) -> Value {
        match self {
            Self::Permission => Message::new().field(permission, Message::new().list("rules", nodes)),
            Self::Principal => Message::new().field(principal, Message::new().list("ids", nodes)),
        }
        .into()
    }

    fn entry(self, entry: &Entry) -> Value {
        let nodes: Vec<Value> = entry.tests.iter().flat_map(|test| self.test(test)).collect();
        self.and(if nodes.is_empty() { vec![Self::any()] } else { nodes })
    }

    fn test(self, test: &Test) -> Vec<Value> {
        let positive = self.values(&test.attribute, &test.values);
        let negative = self.values(&test.attribute, &test.not_values).map(|node| self.not(node));
        positive.into_iter().chain(negative).collect()
    }

    /// One node that is satisfied by any of the values; `None` without values.
    fn values(self, attribute: &Attribute, values: &[PolicyValue]) -> Option<Value> {
        if values.is_empty() {
            return None;
        }
        Some(match attribute {
            Attribute::Audiences => metadata(claim(&["aud"], values)),
            Attribute::Presenter => metadata(claim(&["azp"], values)),
            Attribute::Claim(keys) => metadata(claim(&keys.iter().map(String::as_str).collect::<Vec<_>>(), values)),
            Attribute::Metadata(filter, key) => metadata(matcher::metadata(filter, &[key], metadata_values(values))),
            Attribute::RequestPrincipal => {
                let mut nodes: Vec<Value> = values.iter().map(|value| self.value(attribute, value)).collect();
                match (nodes.pop(), nodes.is_empty()) {
                    (Some(only), true) => only,
                    (last, _) => self.or(nodes.into_iter().chain(last).collect()),
                }
            }
            Attribute::Principal
            | Attribute::Namespace
            | Attribute::ServiceAccount
            | Attribute::TrustDomain
            | Attribute::SourceIp
            | Attribute::RemoteIp
            | Attribute::DestinationIp
            | Attribute::DestinationPort
            | Attribute::Sni
            | Attribute::Host
            | Attribute::Method
            | Attribute::Path
            | Attribute::Header(_) => self.or(values.iter().map(|value| self.value(attribute, value)).collect()),
        })
    }

    /// One value. A pattern that does not fit its attribute, which lowering never makes, matches nothing.
    fn value(self, attribute: &Attribute, value: &PolicyValue) -> Value {
        match (attribute, &value.pattern) {
            (Attribute::Principal, Pattern::Text(text)) => authenticated(matcher::principal(text)),
            (Attribute::Namespace, Pattern::NamespaceGlob(glob)) => {
                authenticated(matcher::regex(&format!(".*/ns/{}/.*", matcher::glob(glob, ".*"))))
            }
            (Attribute::ServiceAccount, Pattern::ServiceAccount { namespace, name }) => {
                let (namespace, name) = (matcher::quote(namespace), matcher::quote(name));
                authenticated(matcher::regex(&format!("spiffe://.+/ns/{namespace}/(.+/|)sa/{name}(/.+)?")))
            }
            (Attribute::TrustDomain, Pattern::TrustDomainGlob(glob)) => authenticated(trust_domain(glob)),
            (Attribute::SourceIp, Pattern::Cidr(ip, length)) => node("directRemoteIp", matcher::cidr(*ip, *length)),
            (Attribute::RemoteIp, Pattern::Cidr(ip, length)) => node("remoteIp", matcher::cidr(*ip, *length)),
            (Attribute::DestinationIp, Pattern::Cidr(ip, length)) => node("destinationIp", matcher::cidr(*ip, *length)),
            (Attribute::DestinationPort, Pattern::Port(port)) => node("destinationPort", *port),
            (Attribute::Sni, Pattern::Text(text)) => node("requestedServerName", matcher::text(text)),
            (Attribute::Host, Pattern::Text(text)) => node("header", matcher::host(text)),
            (Attribute::Method, Pattern::Text(text)) => node("header", matcher::header(":method", text)),
            (Attribute::Header(name), Pattern::Text(text)) => node("header", matcher::header(name, text)),
            (Attribute::Path, Pattern::Text(text)) => node("urlPath", Message::new().field("path", matcher::text(text))),
            (Attribute::Path, Pattern::Template(template)) => node("uriTemplate", uri_template(template)),
            (Attribute::RequestPrincipal, Pattern::RequestPrincipal { issuer, subject }) => {
                self.and(vec![string_claim("iss", issuer), string_claim("sub", subject)])
            }
            _ => self.never(),
        }
    }
}

fn node(name: &str, value: impl Into<Value>) -> Value {
    Message::new().field(name, value).into()
}

fn authenticated(name: Value) -> Value {
    node("authenticated", Message::new().field("principalName", name))
}

fn metadata(matcher: Value) -> Value {
    node("metadata", matcher)
}

/// Only the first star is a wildcard, and it stays inside the trust domain.
fn trust_domain(glob: &str) -> Value {
    match glob.split_once('*') {
        None => matcher::string("prefix", format!("spiffe://{glob}/")),
        Some(("", "")) => matcher::string("prefix", "spiffe://"),
        Some((before, after)) => matcher::regex(&format!("spiffe://{}[^/]*{}/.*", matcher::quote(before), matcher::quote(after))),
    }
}

fn uri_template(template: &str) -> Value {
    let text = template.replace("{**}", "**").replace("{*}", "*");
    Message::of_type("envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig")
        .field("pathTemplate", text)
        .named("uri-template")
}

fn string_claim(claim: &str, pattern: &TextPattern) -> Value {
    metadata(matcher::metadata(JWT_FILTER, &[JWT_PAYLOAD, claim], matcher::text_value(pattern)))
}

/// A claim that is a text, or a list with such a text.
fn claim(keys: &[&str], values: &[PolicyValue]) -> Value {
    let texts = || -> Vec<Value> { values.iter().filter_map(text_of).map(matcher::text_value).collect() };
    let either = vec![matcher::element(matcher::any_value(texts())), matcher::any_value(texts())];
    let path: Vec<&str> = std::iter::once(JWT_PAYLOAD).chain(keys.iter().copied()).collect();
    matcher::metadata(JWT_FILTER, &path, Message::new().field("orMatch", Message::new().list("valueMatchers", either)))
}

fn text_of(value: &PolicyValue) -> Option<&TextPattern> {
    match &value.pattern {
        Pattern::Text(text) | Pattern::Metadata(text, _) => Some(text),
        Pattern::Template(_)
        | Pattern::Cidr(..)
        | Pattern::Port(_)
        | Pattern::NamespaceGlob(_)
        | Pattern::ServiceAccount { .. }
        | Pattern::TrustDomainGlob(_)
        | Pattern::RequestPrincipal { .. } => None,
    }
}

fn metadata_values(values: &[PolicyValue]) -> Value {
    let matchers = values.iter().filter_map(|value| {
        let text = matcher::text_value(text_of(value)?);
        Some(if matches!(value.pattern, Pattern::Metadata(_, true)) { matcher::element(text) } else { text })
    });
    matcher::any_value(matchers.collect())
}

#[cfg(test)]
mod tests;
