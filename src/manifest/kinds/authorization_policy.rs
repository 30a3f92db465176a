use crate::diag::Spanned;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::TargetRef;

/// `AuthorizationPolicy` of security.istio.io, v1 and v1beta1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorizationPolicy {
    /// `selector`.
    pub selector: Option<Selector>,
    /// `targetRef`, the legacy single form.
    pub target_ref: Option<TargetRef>,
    /// `targetRefs`.
    pub target_refs: Vec<TargetRef>,
    /// `action`; [`Action::Allow`] when absent, then at the place of the spec.
    pub action: Spanned<Action>,
    /// `rules`; `None` when absent or null. A null element is `None`.
    pub rules: Option<Vec<Option<Rule>>>,
    /// `provider.name`, when `provider` is given.
    pub provider: Option<Spanned<String>>,
}

/// What happens to a request that a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Action {
    /// Let it in; everything that no ALLOW rule matches stays out.
    #[default]
    Allow,
    /// Keep it out.
    Deny,
    /// Mark it for the audit log.
    Audit,
    /// Ask an external authorization provider.
    Custom,
}

impl Action {
    /// The word as written in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Deny => "DENY",
            Self::Audit => "AUDIT",
            Self::Custom => "CUSTOM",
        }
    }
}

/// One entry of `rules`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rule {
    /// `from`: who sends. A null entry, or one whose `source` is absent, is `None`.
    pub from: Vec<Option<RuleSource>>,
    /// `to`: what is asked. A null entry, or one whose `operation` is absent, is `None`.
    pub to: Vec<Option<Operation>>,
    /// `when`: further conditions. A null entry is dropped, as the translator does.
    pub when: Vec<Condition>,
    /// Where the rule stands.
    pub place: Place,
}

/// `from[].source`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is the list of the same name in the API")]
pub struct RuleSource {
    pub principals: Vec<Spanned<String>>,
    pub not_principals: Vec<Spanned<String>>,
    pub request_principals: Vec<Spanned<String>>,
    pub not_request_principals: Vec<Spanned<String>>,
    pub namespaces: Vec<Spanned<String>>,
    pub not_namespaces: Vec<Spanned<String>>,
    pub service_accounts: Vec<Spanned<String>>,
    pub not_service_accounts: Vec<Spanned<String>>,
    pub trust_domains: Vec<Spanned<String>>,
    pub not_trust_domains: Vec<Spanned<String>>,
    pub ip_blocks: Vec<Spanned<String>>,
    pub not_ip_blocks: Vec<Spanned<String>>,
    pub remote_ip_blocks: Vec<Spanned<String>>,
    pub not_remote_ip_blocks: Vec<Spanned<String>>,
    pub place: Place,
}

/// `to[].operation`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is the list of the same name in the API")]
pub struct Operation {
    pub hosts: Vec<Spanned<String>>,
    pub not_hosts: Vec<Spanned<String>>,
    pub ports: Vec<Spanned<String>>,
    pub not_ports: Vec<Spanned<String>>,
    pub methods: Vec<Spanned<String>>,
    pub not_methods: Vec<Spanned<String>>,
    pub paths: Vec<Spanned<String>>,
    pub not_paths: Vec<Spanned<String>>,
    pub place: Place,
}

/// One entry of `when`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Condition {
    /// The attribute's key, such as `request.headers[x-team]`.
    pub key: Spanned<String>,
    /// `values`.
    pub values: Vec<Spanned<String>>,
    /// `notValues`.
    pub not_values: Vec<Spanned<String>>,
    /// Where the condition stands.
    pub place: Place,
}
