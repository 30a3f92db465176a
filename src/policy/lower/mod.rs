//! From policies as written to the engines istiod gives a workload's proxy.
//!
//! Nothing disappears in silence: every value, condition, rule or policy that translation drops leaves a [`LoweringNote`].
//!
//! | problem | ALLOW | DENY, AUDIT, CUSTOM |
//! |---|---|---|
//! | unknown `when` key | the rule is gone | the rule is gone |
//! | bad address or port | the rule is gone | the value is gone; a list without values left constrains nothing |
//! | broken brackets in a key, HTTP-only condition on TCP | the rule is gone | the condition is gone |
//! | null rule | matches everything | matches everything |

mod key;
mod provider;
mod rule;
mod trust_domain;
mod values;

use std::collections::BTreeMap;

use crate::diag::Span;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::Rule;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::Workload;
use crate::policy::CustomEngine;
use crate::policy::CustomOutcome;
use crate::policy::Engine;
use crate::policy::EngineRule;
use crate::policy::Engines;
use crate::policy::LoweringNote;
use crate::policy::NoteKind;
use provider::Providers;
use provider::Transport;
use rule::RuleContext;
use trust_domain::TrustDomains;

/// What a filter chain carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChainKind {
    /// HTTP requests: every attribute exists.
    Http,
    /// Opaque bytes: conditions on HTTP attributes are dropped, or drop their rule.
    Tcp,
}

/// The policies of a mesh, as they arrive at one workload's proxy.
#[derive(Debug, Clone, Default)]
pub struct Lowered {
    /// What the proxy evaluates.
    pub engines: Engines,
    /// What translation dropped or changed.
    pub notes: Vec<LoweringNote>,
    /// Every `AuthorizationPolicy` of the mesh, in order: whether it concerns the workload, and why.
    pub selection: Vec<Selection>,
}

/// Whether one policy concerns the workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Index in `Mesh::authorization_policies`.
    pub policy: usize,
    /// Whether it does.
    pub applies: bool,
    /// Why, or why not.
    pub why: String,
}

/// Translates every policy that concerns a workload, for one kind of chain.
#[must_use]
pub fn lower(mesh: &Mesh, workload: &Workload, chain: ChainKind) -> Lowered {
    let mut lowering = Lowering::new(mesh, chain);
    let mut selection = Vec::with_capacity(mesh.authorization_policies.len());
    for (policy, object) in mesh.authorization_policies.iter().enumerate() {
        let AuthorizationPolicy { selector, target_ref, target_refs, action: _, rules: _, provider: _ } = &*object.spec;
        let attachment =
            mesh.attachment(workload, &object.id, &object.header.labels, selector.as_ref(), target_ref.as_ref(), target_refs);
        if attachment.applies() {
            lowering.add(policy, object);
        }
        selection.push(Selection { policy, applies: attachment.applies(), why: attachment.why().to_owned() });
    }
    let (engines, notes) = lowering.finish();
    Lowered { engines, notes, selection }
}

/// Translates these policies, by their indices in ascending order, as for a workload that all of them and no others concern.
#[must_use]
pub fn lower_these(mesh: &Mesh, policies: &[usize], chain: ChainKind) -> Lowered {
    let mut lowering = Lowering::new(mesh, chain);
    for policy in policies {
        if let Some(object) = mesh.authorization_policies.get(*policy) {
            lowering.add(*policy, object);
        }
    }
    let (engines, notes) = lowering.finish();
    Lowered { engines, notes, selection: Vec::new() }
}

/// Translates one policy, by its index, as for a workload that no other policy concerns.
#[must_use]
pub fn lower_one(mesh: &Mesh, policy: usize, chain: ChainKind) -> Lowered {
    lower_these(mesh, &[policy], chain)
}

/// Rules by name: the proxy tries them in byte order, and of two with one name the later stays.
type RuleSet = BTreeMap<String, EngineRule>;

/// The CUSTOM rules that name one provider.
#[derive(Debug, Default)]
struct CustomRules {
    enforced: RuleSet,
    dry_run: RuleSet,
    /// The policies, for notes.
    policies: Vec<(usize, Span)>,
}

struct Lowering<'a> {
    mesh: &'a Mesh,
    chain: ChainKind,
    trust_domains: TrustDomains,
    custom: BTreeMap<String, CustomRules>,
    engines: BTreeMap<(Action, bool), RuleSet>,
    notes: Vec<LoweringNote>,
}

impl<'a> Lowering<'a> {
    fn new(mesh: &'a Mesh, chain: ChainKind) -> Self {
        let settings = &mesh.settings;
        Self {
            mesh,
            chain,
            trust_domains: TrustDomains::new(&settings.trust_domain, &settings.trust_domain_aliases),
            custom: BTreeMap::new(),
            engines: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    fn add(&mut self, policy: usize, object: &Object<AuthorizationPolicy>) {
        let AuthorizationPolicy { selector: _, target_ref: _, target_refs: _, action, rules, provider } = &*object.spec;
        let action = action.value;
        let is_dry_run = self.is_dry_run(policy, object);
        let provider = provider.as_ref().map_or("", |provider| provider.as_str());
        let prefix = match (action, provider) {
            (Action::Custom, "") => "istio-ext-authz-".to_owned(),
            (Action::Custom, provider) => format!("istio-ext-authz-{provider}-"),
            (Action::Allow | Action::Deny | Action::Audit, _) => String::new(),
        };
        let name_of = |rule: usize| format!("{prefix}ns[{}]-policy[{}]-rule[{rule}]", object.id.namespace, object.id.name);

        let mut lowered = Vec::new();
        let written = rules.as_deref().unwrap_or_default();
        for (number, rule) in written.iter().enumerate() {
            // The API's JSON decoder reads null as an empty message: a rule without conditions.
            let empty = Rule { place: object.span.into(), ..Rule::default() };
            if rule.is_none() {
                self.notes.push(LoweringNote {
                    kind: NoteKind::NullRule,
                    policy,
                    rule: Some(number),
                    text: "a null rule is read as an empty one, which matches everything".to_owned(),
                    span: object.span,
                });
            }
            let rule = rule.as_ref().unwrap_or(&empty);
            let mut context = RuleContext {
                policy,
                rule: number,
                policy_namespace: &object.id.namespace,
                action,
                chain: self.chain,
                trust_domains: &self.trust_domains,
                notes: &mut self.notes,
            };
            if let Some((from, to)) = context.lower(rule) {
                lowered.push(EngineRule { name: name_of(number), policy, rule: number, from, to, place: rule.place });
            }
        }
        if written.is_empty() {
            // istiod writes a rule that never matches, so that the policy can be seen in the proxy.
            lowered.push(EngineRule {
                name: name_of(0),
                policy,
                rule: 0,
                from: Vec::new(),
                to: Vec::new(),
                place: object.span.into(),
            });
        }

        let set = if action == Action::Custom {
            let custom = self.custom.entry(provider.to_owned()).or_default();
            custom.policies.push((policy, object.span));
            if is_dry_run { &mut custom.dry_run } else { &mut custom.enforced }
        } else {
            self.engines.entry((action, is_dry_run)).or_default()
        };
        set.extend(lowered.into_iter().map(|rule| (rule.name.clone(), rule)));
    }

    /// The annotation as Go's `ParseBool` reads it. Anything else is logged there and leaves the policy enforced.
    fn is_dry_run(&mut self, policy: usize, object: &Object<AuthorizationPolicy>) -> bool {
        let Some(value) = object.header.annotations.get("istio.io/dry-run") else { return false };
        match value.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => true,
            "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
            other => {
                self.notes.push(LoweringNote {
                    kind: NoteKind::AnnotationIgnored,
                    policy,
                    rule: None,
                    text: format!("istio.io/dry-run `{other}` is not a boolean, so the policy is enforced"),
                    span: value.span,
                });
                false
            }
        }
    }

    fn finish(mut self) -> (Engines, Vec<LoweringNote>) {
        let custom = self.custom_engines();
        let mut take = |action, is_dry_run| self.engines.remove(&(action, is_dry_run)).map(engine);
        let engines = Engines {
            custom,
            audit: take(Action::Audit, false),
            deny: take(Action::Deny, false),
            allow: take(Action::Allow, false),
            dry_run_deny: take(Action::Deny, true),
            dry_run_allow: take(Action::Allow, true),
            dry_run_audit: take(Action::Audit, true),
        };
        (engines, self.notes)
    }

    fn custom_engines(&mut self) -> Vec<CustomEngine> {
        if self.custom.is_empty() {
            return Vec::new();
        }
        let settings = &self.mesh.settings;
        let collision =
            (self.custom.len() > 1 && !settings.feature("PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS", false)).then(|| {
                let names: Vec<&str> = self.custom.keys().map(String::as_str).collect();
                format!("the workload has several providers ({}), which istiod allows only with a feature flag", names.join(", "))
            });
        let providers = Providers::new(self.mesh);
        let mut engines = Vec::new();
        for (provider, CustomRules { enforced, dry_run, policies }) in std::mem::take(&mut self.custom) {
            let found = collision.clone().map_or_else(|| providers.find(&provider), Err);
            let note = |kind, text: &str| {
                let text = text.to_owned();
                policies.iter().map(move |(policy, span)| LoweringNote {
                    kind,
                    policy: *policy,
                    rule: None,
                    text: text.clone(),
                    span: *span,
                })
            };
            match found {
                Ok(Transport::Http) if self.chain == ChainKind::Tcp => {
                    let text = format!("provider `{provider}` speaks HTTP, so the policy has no effect on TCP connections");
                    self.notes.extend(note(NoteKind::PolicyIgnored, &text));
                }
                Ok(Transport::Http | Transport::Grpc) => engines.push(CustomEngine {
                    provider,
                    outcome: CustomOutcome::Ask,
                    engine: engine(enforced),
                    dry_run: engine(dry_run),
                }),
                Err(why) => {
                    self.notes.extend(note(NoteKind::ProviderBroken, &format!("everything the policy matches is denied: {why}")));
                    let denied = enforced.into_values().map(|rule| {
                        let name = format!("{}-deny-due-to-bad-CUSTOM-action", rule.name);
                        (name.clone(), EngineRule { name, ..rule })
                    });
                    engines.push(CustomEngine {
                        provider,
                        outcome: CustomOutcome::Deny(why),
                        engine: engine(denied.collect()),
                        dry_run: Engine::default(),
                    });
                }
            }
        }
        engines
    }
}

fn engine(rules: RuleSet) -> Engine {
    Engine { rules: rules.into_values().collect() }
}
