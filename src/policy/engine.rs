use std::fmt;

use crate::diag::Span;
use crate::diag::Spanned;

/// The policies of one workload on one kind of chain (HTTP or TCP), lowered to what istiod gives its proxy.
///
/// This is the one form that evaluation, explanation and translation share. Conditions that translation drops are gone from
/// here and stand in the findings; trust domains are already migrated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Engines {
    /// One per provider name, in name order.
    pub custom: Vec<CustomEngine>,
    /// AUDIT policies; they never decide.
    pub audit: Option<Engine>,
    /// DENY policies.
    pub deny: Option<Engine>,
    /// ALLOW policies; present with no rules denies everything.
    pub allow: Option<Engine>,
    /// DENY policies in dry-run.
    pub dry_run_deny: Option<Engine>,
    /// ALLOW policies in dry-run.
    pub dry_run_allow: Option<Engine>,
    /// AUDIT policies in dry-run; admission refuses them.
    pub dry_run_audit: Option<Engine>,
}

impl Engines {
    /// Every rule, of whatever action.
    pub fn rules(&self) -> impl Iterator<Item = &EngineRule> {
        let custom = self.custom.iter().flat_map(|custom| [&custom.engine, &custom.dry_run]);
        let plain = [&self.audit, &self.deny, &self.allow, &self.dry_run_deny, &self.dry_run_allow, &self.dry_run_audit];
        custom.chain(plain.into_iter().flatten()).flat_map(|engine| &engine.rules)
    }
}

/// All rules of one action.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Engine {
    /// Rules in byte order of their names, which is the order in which the proxy tries them.
    pub rules: Vec<EngineRule>,
}

/// CUSTOM rules that name one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomEngine {
    /// The provider's name.
    pub provider: String,
    /// What happens to a request that a rule matches.
    pub outcome: CustomOutcome,
    /// The rules of enforced policies.
    pub engine: Engine,
    /// Rules of policies annotated dry-run: the proxy denies what they match. Empty when `outcome` is a denial, because istiod leaves
    /// them out then.
    pub dry_run: Engine,
}

/// What happens to a request that a CUSTOM rule matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomOutcome {
    /// The provider is asked.
    Ask,
    /// The provider is not defined, broken, or one of several: everything matched is denied. The text says which.
    Deny(String),
}

/// One rule as the proxy evaluates it: any `from` entry and any `to` entry.
///
/// A policy without rules is one rule (number 0) without any entry: it never matches, and istiod names it in the proxy as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineRule {
    /// Name in the proxy, such as `ns[shop]-policy[api]-rule[0]`.
    pub name: String,
    /// Index of the policy in `Mesh::authorization_policies`.
    pub policy: usize,
    /// Index in the policy's `rules`.
    pub rule: usize,
    /// Who sends: entries joined by OR; none only for a policy without rules.
    pub from: Vec<Entry>,
    /// What is asked: entries joined by OR; none only for a policy without rules.
    pub to: Vec<Entry>,
    /// Where the rule stands.
    pub place: Spanned<()>,
}

/// One `source` or `operation` with the `when` conditions of its side: tests joined by AND. Without tests it matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// The tests in istiod's order.
    pub tests: Vec<Test>,
}

/// One field pair or condition: some value matches (when there are any) and no `not` value does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// What is looked at.
    pub attribute: Attribute,
    /// The name the user wrote: `paths`, `notPaths` is its negative, or the key of a `when` condition.
    pub field: String,
    /// Positive patterns, joined by OR; empty means no constraint.
    pub values: Vec<Value>,
    /// Negative patterns; none may match.
    pub not_values: Vec<Value>,
    /// Where the first of its lists stands.
    pub place: Spanned<()>,
}

/// What a test looks at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// `source.principal`: a name in the peer certificate.
    Principal,
    /// `source.namespace`.
    Namespace,
    /// `source.serviceAccount`.
    ServiceAccount,
    /// `source.trustDomain`.
    TrustDomain,
    /// `source.ip`.
    SourceIp,
    /// `remote.ip`.
    RemoteIp,
    /// `destination.ip`.
    DestinationIp,
    /// `destination.port`.
    DestinationPort,
    /// `connection.sni`.
    Sni,
    /// `hosts`.
    Host,
    /// `methods`.
    Method,
    /// `paths`.
    Path,
    /// `request.headers[NAME]`, the name as written.
    Header(String),
    /// `request.auth.principal`.
    RequestPrincipal,
    /// `request.auth.audiences`.
    Audiences,
    /// `request.auth.presenter`.
    Presenter,
    /// `request.auth.claims[A][B]`: the path of keys.
    Claim(Vec<String>),
    /// `experimental.envoy.filters.NAME[KEY]`: full filter name and key.
    Metadata(String, String),
}

/// One value of a list: what it means, what the user wrote and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// What it means to the proxy.
    pub pattern: Pattern,
    /// What the user wrote. Several values share it when a trust domain was migrated.
    pub written: Spanned<String>,
}

impl Value {
    /// What the user wrote; with what it became when its trust domain was migrated away.
    #[must_use]
    pub fn effective_text(&self) -> String {
        let written = self.written.as_str();
        let effective = match &self.pattern {
            Pattern::Text(text) => text.to_string(),
            Pattern::TrustDomainGlob(text) => text.clone(),
            Pattern::Template(_)
            | Pattern::Cidr(..)
            | Pattern::Port(_)
            | Pattern::NamespaceGlob(_)
            | Pattern::ServiceAccount { .. }
            | Pattern::RequestPrincipal { .. }
            | Pattern::Metadata(..) => return written.to_owned(),
        };
        if effective == written { effective } else { format!("{effective} (written {written})") }
    }
}

/// What a value means to the proxy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Principal (after migration, without scheme), SNI, host, method, plain path, header, audience, presenter, claim.
    Text(TextPattern),
    /// A path template; holds the text as written.
    Template(String),
    /// An address block: the address as written (host bits included, as istiod prints it) and the prefix length.
    Cidr(std::net::IpAddr, u8),
    /// A port.
    Port(u16),
    /// A namespace with `*` anywhere.
    NamespaceGlob(String),
    /// A service account.
    ServiceAccount {
        /// Its namespace; the policy's when the user wrote none.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A trust domain with at most one meaningful `*`.
    TrustDomainGlob(String),
    /// Issuer and subject, both must match.
    RequestPrincipal {
        /// Pattern on `iss`.
        issuer: TextPattern,
        /// Pattern on `sub`.
        subject: TextPattern,
    },
    /// Dynamic metadata: `true` when the value was written in brackets and means an element of a list.
    Metadata(TextPattern, bool),
}

/// Exact text, or one star at an end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextPattern {
    /// `*`: present (and not empty, except for headers, hosts and methods).
    Present,
    /// Equal.
    Exact(String),
    /// `x*`.
    Prefix(String),
    /// `*x`.
    Suffix(String),
}

impl fmt::Display for TextPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present => f.write_str("*"),
            Self::Exact(text) => f.write_str(text),
            Self::Prefix(text) => write!(f, "{text}*"),
            Self::Suffix(text) => write!(f, "*{text}"),
        }
    }
}

impl TextPattern {
    /// Reads the classes in the order that decides: `*`, leading star, trailing star, exact.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == "*" {
            Self::Present
        } else if let Some(suffix) = text.strip_prefix('*') {
            Self::Suffix(suffix.to_owned())
        } else if let Some(prefix) = text.strip_suffix('*') {
            Self::Prefix(prefix.to_owned())
        } else {
            Self::Exact(text.to_owned())
        }
    }
}

/// What kind of thing translation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// A null rule counts as an empty one.
    NullRule,
    /// One value of a list is gone; the others stay.
    ValueDropped,
    /// A condition is gone: the rule matches more than it says.
    ConditionDropped,
    /// A rule is gone: it never matches.
    RuleDropped,
    /// The policy has no effect on this kind of chain.
    PolicyIgnored,
    /// Every request that the policy's rules match is denied, because its provider cannot be asked.
    ProviderBroken,
    /// The dry-run annotation is not a boolean; the policy is enforced.
    AnnotationIgnored,
    /// The proxy refuses the configuration: nothing it would say is known.
    ProxyRefuses,
}

/// Something translation did that the user should know: a dropped value, condition or rule.
#[derive(Debug, Clone)]
pub struct LoweringNote {
    /// What kind of thing it is.
    pub kind: NoteKind,
    /// Index of the policy in `Mesh::authorization_policies`.
    pub policy: usize,
    /// Index in `rules`, when it concerns one rule.
    pub rule: Option<usize>,
    /// What happened, in one sentence.
    pub text: String,
    /// Where.
    pub span: Span,
}
