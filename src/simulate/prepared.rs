//! What one workload enforces, lowered and compiled once, for HTTP and for TCP chains.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::manifest::kinds::JwtRule;
use crate::mesh::AppliedJwtRule;
use crate::mesh::Mesh;
use crate::mesh::Workload;
use crate::policy;
use crate::policy::Attribute;
use crate::policy::ChainKind;
use crate::policy::CompiledEngine;
use crate::policy::Engine;
use crate::policy::EngineRule;
use crate::policy::Engines;
use crate::policy::Lowered;
use crate::policy::NoteKind;
use crate::simulate::request_authentication::Authenticator;
use crate::simulate::request_authentication::KeySource;
use crate::simulate::request_authentication::Origin;
use crate::simulate::request_authentication::Provider;
use crate::simulate::resolve::QuestionError;

/// Key sets the user gave, by `jwksUri` or issuer.
pub type KeySets = BTreeMap<String, KeySource>;

/// An engine with the form it was lowered to and the form that is evaluated.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) engine: Engine,
    pub(super) index: CompiledEngine,
    /// What is said of each rule, in order.
    pub(super) words: Vec<RuleWords>,
}

/// What is said when a rule settles a request, written once.
#[derive(Debug)]
pub(super) struct RuleWords {
    /// Envoy's detail of a denial by it.
    pub(super) refusal: Arc<str>,
    /// The sentence when it matches.
    pub(super) matched: Arc<str>,
    /// The start of the sentence when nothing matches and it came closest.
    pub(super) nearest: Arc<str>,
}

/// What the rules of an engine do.
#[derive(Debug, Clone, Copy)]
enum Role {
    /// Deny what they match.
    Deny,
    /// Let in what they match; holds the number of policies.
    Allow(usize),
    /// Something that is told where it happens.
    Other,
}

impl Compiled {
    fn new(mesh: &Mesh, lowered: &Engine, role: Role) -> Self {
        Self {
            engine: lowered.clone(),
            index: CompiledEngine::new(lowered),
            words: lowered.rules.iter().map(|rule| RuleWords::new(mesh, rule, role)).collect(),
        }
    }
}

impl RuleWords {
    fn new(mesh: &Mesh, rule: &EngineRule, side: Role) -> Self {
        let policy = mesh.authorization_policies.get(rule.policy).map(|policy| &policy.id);
        let policy = policy.map_or_else(String::new, |id| format!("{}/{}", id.namespace, id.name));
        let name: String = rule.name.chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect();
        let number = rule.rule;
        let (matched, nearest) = match side {
            Role::Deny => (format!("rule {number} of DENY policy {policy} matches"), String::new()),
            Role::Allow(count) => (
                format!("the request reaches the workload: rule {number} of ALLOW policy {policy} matches"),
                format!(
                    "no rule of {count} ALLOW polic{} matches; the nearest is rule {number} of {policy}: ",
                    if count == 1 { "y" } else { "ies" }
                ),
            ),
            Role::Other => (String::new(), String::new()),
        };
        Self {
            refusal: format!("rbac_access_denied_matched_policy[{name}]").into(),
            matched: matched.into(),
            nearest: nearest.into(),
        }
    }
}

/// What is said again and again, written once.
#[derive(Debug)]
pub(super) struct Words {
    /// No text.
    pub(super) none: Arc<str>,
    /// Envoy's detail when no ALLOW rule matched.
    pub(super) no_allow: Arc<str>,
    /// The sentence when nothing had to be asked.
    pub(super) unrestricted: Arc<str>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            none: "".into(),
            no_allow: "rbac_access_denied_matched_policy[none]".into(),
            unrestricted: "the request reaches the workload: nothing denies it and no ALLOW policy selects the workload".into(),
        }
    }
}

/// CUSTOM rules of one provider.
#[derive(Debug)]
pub(super) struct CompiledCustom {
    pub(super) provider: String,
    pub(super) outcome: policy::CustomOutcome,
    pub(super) rules: Compiled,
    pub(super) dry_run: Compiled,
}

/// All engines of one kind of chain.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) lowered: Lowered,
    pub(super) custom: Vec<CompiledCustom>,
    pub(super) audit: Option<Compiled>,
    pub(super) deny: Option<Compiled>,
    pub(super) allow: Option<Compiled>,
    /// Indexes of the enforced ALLOW policies, in order.
    pub(super) allow_policies: Vec<usize>,
    pub(super) dry_run_deny: Option<Compiled>,
    pub(super) dry_run_allow: Option<Compiled>,
    /// Some rule looks at the caller's identity.
    pub(super) uses_identity: bool,
}

impl Chain {
    fn new(mesh: &Mesh, workload: &Workload, kind: ChainKind) -> Self {
        let lowered = policy::lower(mesh, workload, kind);
        let engines = &lowered.engines;
        let compile = |engine: &Option<Engine>, role| engine.as_ref().map(|engine| Compiled::new(mesh, engine, role));
        let allow_policies = policies_of(engines.allow.as_ref());
        let custom = engines
            .custom
            .iter()
            .map(|custom| CompiledCustom {
                provider: custom.provider.clone(),
                outcome: custom.outcome.clone(),
                rules: Compiled::new(mesh, &custom.engine, Role::Other),
                dry_run: Compiled::new(mesh, &custom.dry_run, Role::Other),
            })
            .collect();
        let uses_identity = engines.deny.iter().chain(&engines.allow).any(looks_at_identity);
        Self {
            custom,
            audit: compile(&engines.audit, Role::Other),
            deny: compile(&engines.deny, Role::Deny),
            allow: compile(&engines.allow, Role::Allow(allow_policies.len())),
            dry_run_deny: compile(&engines.dry_run_deny, Role::Other),
            dry_run_allow: compile(&engines.dry_run_allow, Role::Other),
            allow_policies,
            uses_identity,
            lowered,
        }
    }
}

impl Chain {
    /// Whether a rule looks at this header.
    pub(super) fn looks_at_header(&self, name: &str) -> bool {
        let Engines { custom, audit, deny, allow, dry_run_deny, dry_run_allow, dry_run_audit } = &self.lowered.engines;
        let single = [audit, deny, allow, dry_run_deny, dry_run_allow, dry_run_audit];
        let engines = single.into_iter().flatten().chain(custom.iter().flat_map(|custom| [&custom.engine, &custom.dry_run]));
        let tests = engines
            .flat_map(|engine| &engine.rules)
            .flat_map(|rule| rule.to.iter().chain(&rule.from))
            .flat_map(|entry| &entry.tests);
        tests.into_iter().any(|test| matches!(&test.attribute, Attribute::Header(written) if written.eq_ignore_ascii_case(name)))
    }
}

fn policies_of(engine: Option<&Engine>) -> Vec<usize> {
    let mut policies: Vec<usize> = engine.iter().flat_map(|engine| &engine.rules).map(|rule| rule.policy).collect();
    policies.sort_unstable();
    policies.dedup();
    policies
}

fn looks_at_identity(engine: &Engine) -> bool {
    let tests = engine.rules.iter().flat_map(|rule| &rule.from).flat_map(|entry| &entry.tests);
    tests.into_iter().any(|test| {
        matches!(test.attribute, Attribute::Principal | Attribute::Namespace | Attribute::ServiceAccount | Attribute::TrustDomain)
    })
}

/// What one workload enforces.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) http: Chain,
    pub(super) tcp: Chain,
    /// `None` when no rule applies.
    pub(super) authenticator: Option<Authenticator>,
    pub(super) words: Words,
}

impl Prepared {
    /// Lowers and compiles what applies to a workload.
    ///
    /// # Errors
    /// The proxy would refuse the configuration, so nothing it would say is known.
    pub(super) fn new(mesh: &Mesh, workload: &Workload, keys: &KeySets) -> Result<Self, QuestionError> {
        let http = Chain::new(mesh, workload, ChainKind::Http);
        let refused = http.lowered.notes.iter().find(|note| note.kind == NoteKind::ProxyRefuses);
        if let Some(note) = refused {
            let object = mesh.authorization_policies.get(note.policy).map(|policy| policy.id.to_string()).unwrap_or_default();
            return Err(QuestionError::ProxyRefuses { object, why: note.text.clone(), place: note.span.into() });
        }
        let tcp = Chain::new(mesh, workload, ChainKind::Tcp);
        Ok(Self { http, tcp, authenticator: authenticator(mesh, workload, keys)?, words: Words::default() })
    }
}

fn authenticator(mesh: &Mesh, workload: &Workload, keys: &KeySets) -> Result<Option<Authenticator>, QuestionError> {
    let rules = mesh.jwt_rules(workload);
    if rules.is_empty() {
        return Ok(None);
    }
    let provider = |applied: &AppliedJwtRule<'_>| {
        Provider::new(applied.spec, key_source(applied.spec, keys), Origin { policy: applied.policy, rule: applied.rule })
    };
    Authenticator::new(rules.iter().map(provider).collect()).map(Some).map_err(|error| {
        let policy = mesh.request_authentications.get(error.origin.policy);
        let rule = policy.and_then(|policy| policy.spec.jwt_rules.get(error.origin.rule));
        QuestionError::ProxyRefuses {
            object: policy.map(|policy| policy.id.to_string()).unwrap_or_default(),
            why: format!("the proxy refuses the whole listener: {error}"),
            place: rule.map(|rule| rule.jwks.as_ref().map_or(rule.place, |jwks| jwks.span.into())).unwrap_or_default(),
        }
    })
}

/// Where istiod takes the key set of a rule from: inline, else `jwksUri`, else discovery by issuer.
pub(super) fn key_source(rule: &JwtRule, keys: &KeySets) -> KeySource {
    if let Some(inline) = rule.jwks.as_ref().filter(|jwks| !jwks.value.is_empty()) {
        return KeySource::from_text(&inline.value);
    }
    let uri = rule.jwks_uri.as_ref().map_or("", |uri| uri.as_str());
    let given = keys.get(uri).filter(|_| !uri.is_empty()).or_else(|| keys.get(rule.issuer.as_str()));
    match given {
        Some(source) => source.clone(),
        None if uri.is_empty() => KeySource::Unknown(rule.issuer.value.clone()),
        None => KeySource::Unknown(uri.to_owned()),
    }
}
