use crate::diag::Spanned;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::TargetRef;
use crate::manifest::yaml::Node;

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

const ACTIONS: &[(&str, Action)] =
    &[("ALLOW", Action::Allow), ("DENY", Action::Deny), ("AUDIT", Action::Audit), ("CUSTOM", Action::Custom)];

impl AuthorizationPolicy {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let place = fields.place();
        let policy = Self {
            selector: fields.fields(decoder, "selector").map(|selector| Selector::decode(selector, decoder)),
            target_ref: fields.fields(decoder, "targetRef").map(|target| TargetRef::decode(target, decoder)),
            target_refs: fields.each(decoder, "targetRefs", TargetRef::decode),
            action: fields.word(decoder, "action", ACTIONS).unwrap_or(Spanned::new(Action::Allow, place.span)),
            rules: fields.take(decoder, "rules").map(|rules| {
                decoder.list(rules, "rules").iter().map(|rule| optional(rule, "rules", decoder, Rule::decode)).collect()
            }),
            provider: fields.fields(decoder, "provider").map(|mut provider| {
                let name = provider.string(decoder, "name").unwrap_or(Spanned::new(String::new(), provider.place().span));
                provider.finish(decoder);
                name
            }),
        };
        fields.finish(decoder);
        policy
    }
}

/// A list item that may be null.
fn optional<T>(
    node: &Node,
    name: &'static str,
    decoder: &mut Decoder,
    decode: impl FnOnce(Fields<'_>, &mut Decoder) -> T,
) -> Option<T> {
    if node.is_null() {
        return None;
    }
    let fields = decoder.fields(node, name)?;
    Some(decode(fields, decoder))
}

impl Rule {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let from = fields.items(decoder, "from");
        let from = from.iter().map(|item| wrapped(item, "from", "source", decoder, RuleSource::decode)).collect();
        let to = fields.items(decoder, "to");
        let to = to.iter().map(|item| wrapped(item, "to", "operation", decoder, Operation::decode)).collect();
        let when = fields.items(decoder, "when");
        let when = when.iter().filter_map(|item| optional(item, "when", decoder, Condition::decode)).collect();
        let place = fields.place();
        fields.finish(decoder);
        Self { from, to, when, place }
    }
}

/// `- source: {..}` or `- operation: {..}`.
fn wrapped<T>(
    node: &Node,
    list: &'static str,
    name: &'static str,
    decoder: &mut Decoder,
    decode: impl FnOnce(Fields<'_>, &mut Decoder) -> T,
) -> Option<T> {
    optional(node, list, decoder, |mut fields, decoder| {
        let inner = fields.fields(decoder, name).map(|inner| decode(inner, decoder));
        fields.finish(decoder);
        inner
    })
    .flatten()
}

impl RuleSource {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let source = Self {
            principals: fields.strings(decoder, "principals"),
            not_principals: fields.strings(decoder, "notPrincipals"),
            request_principals: fields.strings(decoder, "requestPrincipals"),
            not_request_principals: fields.strings(decoder, "notRequestPrincipals"),
            namespaces: fields.strings(decoder, "namespaces"),
            not_namespaces: fields.strings(decoder, "notNamespaces"),
            service_accounts: fields.strings(decoder, "serviceAccounts"),
            not_service_accounts: fields.strings(decoder, "notServiceAccounts"),
            trust_domains: fields.strings(decoder, "trustDomains"),
            not_trust_domains: fields.strings(decoder, "notTrustDomains"),
            ip_blocks: fields.strings(decoder, "ipBlocks"),
            not_ip_blocks: fields.strings(decoder, "notIpBlocks"),
            remote_ip_blocks: fields.strings(decoder, "remoteIpBlocks"),
            not_remote_ip_blocks: fields.strings(decoder, "notRemoteIpBlocks"),
            place: fields.place(),
        };
        fields.finish(decoder);
        source
    }
}

impl Operation {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let operation = Self {
            hosts: fields.strings(decoder, "hosts"),
            not_hosts: fields.strings(decoder, "notHosts"),
            ports: fields.strings(decoder, "ports"),
            not_ports: fields.strings(decoder, "notPorts"),
            methods: fields.strings(decoder, "methods"),
            not_methods: fields.strings(decoder, "notMethods"),
            paths: fields.strings(decoder, "paths"),
            not_paths: fields.strings(decoder, "notPaths"),
            place: fields.place(),
        };
        fields.finish(decoder);
        operation
    }
}

impl Condition {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let condition = Self {
            key: fields.required_string(decoder, "key"),
            values: fields.strings(decoder, "values"),
            not_values: fields.strings(decoder, "notValues"),
            place: fields.place(),
        };
        fields.finish(decoder);
        condition
    }
}
