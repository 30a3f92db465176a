//! What one workload enforces, lowered and compiled once, for HTTP and for TCP chains.

use std::collections::BTreeMap;

use crate::manifest::kinds::JwtRule;
use crate::mesh::AppliedJwtRule;
use crate::mesh::Mesh;
use crate::mesh::Workload;
use crate::policy;
use crate::policy::Attribute;
use crate::policy::ChainKind;
use crate::policy::CompiledEngine;
use crate::policy::Engine;
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
    pub(super) compiled: CompiledEngine,
}

impl Compiled {
    fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone(), compiled: CompiledEngine::new(engine) }
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
        let compile = |engine: &Option<Engine>| engine.as_ref().map(Compiled::new);
        let custom = engines
            .custom
            .iter()
            .map(|custom| CompiledCustom {
                provider: custom.provider.clone(),
                outcome: custom.outcome.clone(),
                rules: Compiled::new(&custom.engine),
                dry_run: Compiled::new(&custom.dry_run),
            })
            .collect();
        let uses_identity = engines.deny.iter().chain(&engines.allow).any(looks_at_identity);
        Self {
            custom,
            audit: compile(&engines.audit),
            deny: compile(&engines.deny),
            allow: compile(&engines.allow),
            dry_run_deny: compile(&engines.dry_run_deny),
            dry_run_allow: compile(&engines.dry_run_allow),
            allow_policies: policies_of(engines.allow.as_ref()),
            uses_identity,
            lowered,
        }
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
        Ok(Self { http, tcp: Chain::new(mesh, workload, ChainKind::Tcp), authenticator: authenticator(mesh, workload, keys)? })
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
fn key_source(rule: &JwtRule, keys: &KeySets) -> KeySource {
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
