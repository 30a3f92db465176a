//! What one step does to the requests of the workloads it concerns.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::apply::Change;
use crate::apply::Item;
use crate::apply::order::connection;
use crate::apply::order::connection::Client;
use crate::apply::order::connection::Turns;
use crate::apply::order::facts;
use crate::apply::order::facts::Fact;
use crate::apply::order::overlap::Requests;
use crate::apply::order::overlap::beyond;
use crate::apply::order::scope::Scope;
use crate::apply::order::transport::Servers;
use crate::manifest::Body;
use crate::manifest::Document;
use crate::manifest::Labels;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::PodTemplate;
use crate::manifest::kinds::RequestAuthentication;
use crate::manifest::kinds::Rule;

/// One effect, on the workloads of a scope.
#[derive(Debug, Clone)]
pub(in crate::apply) struct Effect {
    pub(super) scope: Scope,
    pub(super) what: What,
    /// It follows from what becomes known of callers, not from another rule.
    pub(super) is_by_fact: bool,
}

/// What becomes of requests.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// More of them are refused, whatever ALLOW policies say.
    DenyMore(Requests),
    /// Fewer are.
    DenyLess(Requests),
    /// More of them match an ALLOW policy.
    AllowMore(Requests),
    /// Fewer do.
    AllowLess(Requests),
    /// An ALLOW policy comes: whatever none matches is refused.
    AllowEnters {
        /// There is another one before and after.
        is_backed: bool,
    },
    /// An ALLOW policy goes: without any, everything is let in.
    AllowLeaves {
        /// There is another one before and after.
        is_backed: bool,
    },
}

/// What clients and servers do to a connection, and which facts come and go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::apply) struct Traits {
    /// How clients turn.
    pub(in crate::apply) clients: Turns<Client>,
    /// How servers do.
    pub(in crate::apply) servers: Turns<MutualTlsMode>,
    /// Claims become known, or of another issuer.
    pub(in crate::apply) brings_claims: bool,
    /// Claims become unknown.
    pub(in crate::apply) takes_claims: bool,
    /// Its rules want claims, before or after.
    pub(in crate::apply) needs_claims: bool,
    /// It is something that is called, not something that decides.
    pub(in crate::apply) is_called: bool,
}

/// A policy that stands before, after, or both, by the namespace it lives in.
#[derive(Debug, Default)]
pub(in crate::apply) struct Policies<'a> {
    by_namespace: BTreeMap<&'a str, Vec<Standing<'a>>>,
    root_namespace: &'a str,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    pub(super) before: Option<(Scope, &'a AuthorizationPolicy)>,
    pub(super) after: Option<(Scope, &'a AuthorizationPolicy)>,
}

impl<'a> Policies<'a> {
    /// Of what changes, and of what stays as it is.
    pub(in crate::apply) fn new(changes: &'a [Change], staying: impl Iterator<Item = &'a Item>, root_namespace: &'a str) -> Self {
        let mut policies = Self { by_namespace: BTreeMap::new(), root_namespace };
        for change in changes {
            policies.add(change.before.as_ref(), change.after.as_ref());
        }
        for item in staying {
            policies.add(Some(item), Some(item));
        }
        policies
    }

    fn add(&mut self, before: Option<&'a Item>, after: Option<&'a Item>) {
        let root = self.root_namespace;
        let read = |item: Option<&'a Item>| item.and_then(|item| authorization(item, root));
        let namespace = after.or(before).and_then(|item| item.key.namespace.as_deref()).unwrap_or_default();
        let standing = Standing { before: read(before), after: read(after) };
        if standing.before.is_some() || standing.after.is_some() {
            self.by_namespace.entry(namespace).or_default().push(standing);
        }
    }

    /// Those that may concern a scope.
    pub(super) fn around<'p>(&'p self, scope: &'p Scope) -> impl Iterator<Item = &'p Standing<'a>> {
        let of = move |namespace: &str| self.by_namespace.get(namespace).into_iter().flatten();
        let own = scope.in_namespace().filter(|namespace| *namespace != self.root_namespace);
        let everywhere = scope.in_namespace().is_none();
        let all = self.by_namespace.iter().filter(move |_| everywhere).flat_map(|(_, standing)| standing);
        let root = (!everywhere).then_some(self.root_namespace);
        all.chain(own.into_iter().flat_map(of)).chain(root.into_iter().flat_map(of))
    }

    /// Whether an ALLOW policy is there all the time on every workload of a scope.
    fn has_allow_throughout(&self, scope: &Scope) -> bool {
        self.around(scope).any(|standing| {
            let is_there = |side: &Option<(Scope, &AuthorizationPolicy)>| {
                side.as_ref().is_some_and(|(own, policy)| policy.action.value == Action::Allow && own.covers(scope))
            };
            is_there(&standing.before) && is_there(&standing.after)
        })
    }
}

/// An AuthorizationPolicy that decides about requests, with the workloads it is meant for.
fn authorization<'a>(item: &'a Item, root_namespace: &str) -> Option<(Scope, &'a AuthorizationPolicy)> {
    let document = item.document.as_ref()?;
    let Body::AuthorizationPolicy(policy) = &document.body else { return None };
    if is_dry_run(document) || policy.action.value == Action::Audit {
        return None;
    }
    let references: Vec<_> = policy.target_refs.iter().chain(&policy.target_ref).collect();
    let namespace = item.key.namespace.as_deref().unwrap_or_default();
    Some((Scope::policy(namespace, root_namespace, policy.selector.as_ref(), &references), policy))
}

/// A policy whose effect is only logged.
fn is_dry_run(document: &Document) -> bool {
    document.header.annotation("istio.io/dry-run").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// What a change does.
pub(in crate::apply) fn effects(change: &Change, servers: &Servers<'_>, policies: &Policies<'_>) -> (Vec<Effect>, Traits) {
    let mut effects = Vec::new();
    let mut traits = Traits::default();
    let root = policies.root_namespace;
    let namespace = change.key.namespace.as_deref().unwrap_or_default();
    match change.before.as_ref().or(change.after.as_ref()).and_then(|item| item.document.as_ref()).map(|document| &document.body)
    {
        Some(Body::AuthorizationPolicy(_)) => {
            let read = |item: &'_ Option<Item>| {
                let (scope, policy) = item.as_ref().and_then(|item| authorization(item, root))?;
                Some((scope, policy.clone()))
            };
            let (before, after) = (read(&change.before), read(&change.after));
            let needs_claims = |(_, policy): &Side| rules(policy).iter().any(|rule| facts::needs(rule, Fact::Claims));
            traits.needs_claims = before.iter().chain(&after).any(needs_claims);
            authorization_effects(before.as_ref(), after.as_ref(), policies, &mut effects);
        }
        Some(Body::RequestAuthentication(_)) => {
            let read = |item: &Option<Item>| {
                let Body::RequestAuthentication(own) = &item.as_ref()?.document.as_ref()?.body else { return None };
                Some((authentication_scope(own, namespace, root), own.clone()))
            };
            let (before, after) = (read(&change.before), read(&change.after));
            let is_same = before == after;
            if let Some((scope, _)) = after.filter(|_| !is_same) {
                traits.brings_claims = true;
                effects.push(Effect::new(&scope, What::DenyMore(Requests::Any)));
                facts::appears(&scope, Fact::Claims, policies, &mut effects);
            }
            if let Some((scope, _)) = before.filter(|_| !is_same) {
                traits.takes_claims = true;
                effects.push(Effect::new(&scope, What::DenyLess(Requests::Any)));
                facts::vanishes(&scope, Fact::Claims, policies, &mut effects);
            }
        }
        Some(Body::PeerAuthentication(_) | Body::DestinationRule(_)) => {
            for (scope, turn) in servers.turns_of(change) {
                traits = traits.or(turn);
                connection_effects(&scope, turn, policies, &mut effects);
            }
        }
        Some(Body::Workload(_) | Body::WorkloadEntry(_) | Body::WorkloadGroup(_) | Body::Istiod(_) | Body::Namespace) => {
            traits.is_called = true;
            exposure_effects(change, &mut effects);
        }
        Some(Body::MeshConfig(_)) => both_ways(&Scope::everywhere(), &mut effects),
        Some(Body::Sidecar(_)) => both_ways(&Scope::policy(namespace, root, None, &[]), &mut effects),
        Some(
            Body::Service(_)
            | Body::ServiceAccount
            | Body::ServiceEntry(_)
            | Body::Gateway(_)
            | Body::KubernetesGateway(_)
            | Body::Other,
        )
        | None => {}
    }
    effects.retain(|effect| !effect.is_nothing());
    (effects, traits)
}

/// What is not looked into may refuse more and less.
fn both_ways(scope: &Scope, effects: &mut Vec<Effect>) {
    effects.push(Effect::new(scope, What::DenyMore(Requests::Any)));
    effects.push(Effect::new(scope, What::DenyLess(Requests::Any)));
}

/// What follows from another way to connect.
fn connection_effects(scope: &Scope, turn: Traits, policies: &Policies<'_>, effects: &mut Vec<Effect>) {
    let learned = connection::learned(turn.clients, turn.servers);
    if learned.refuses_more {
        effects.push(Effect::new(scope, What::DenyMore(Requests::Any)));
    }
    if learned.refuses_less {
        effects.push(Effect::new(scope, What::DenyLess(Requests::Any)));
    }
    if learned.peer_appears {
        facts::appears(scope, Fact::Peer, policies, effects);
    }
    if learned.peer_vanishes {
        facts::vanishes(scope, Fact::Peer, policies, effects);
    }
}

fn authentication_scope(own: &RequestAuthentication, namespace: &str, root: &str) -> Scope {
    let references: Vec<_> = own.target_refs.iter().chain(&own.target_ref).collect();
    Scope::policy(namespace, root, own.selector.as_ref(), &references)
}

/// The rules of a policy. A null rule matches nothing.
pub(super) fn rules(policy: &AuthorizationPolicy) -> Vec<Rule> {
    policy.rules.iter().flatten().flatten().cloned().collect()
}

type Side = (Scope, AuthorizationPolicy);

fn authorization_effects(before: Option<&Side>, after: Option<&Side>, policies: &Policies<'_>, effects: &mut Vec<Effect>) {
    let lets_in = |(_, policy): &Side| policy.action.value == Action::Allow;
    let is_same_action = before.map(lets_in) == after.map(lets_in);
    // What stays in force, and where.
    let kept = |side: Option<&Side>, own: &Scope| match side {
        Some((scope, policy)) if is_same_action && scope.covers(own) => rules(policy),
        _ => Vec::new(),
    };
    let stays = |side: Option<&Side>, own: &Scope| side.is_some_and(|(scope, _)| is_same_action && scope.covers(own));
    if let Some((scope, policy)) = after {
        let more = beyond(&rules(policy), &kept(before, scope));
        let what = if policy.action.value == Action::Allow { What::AllowMore(more) } else { What::DenyMore(more) };
        effects.push(Effect::new(scope, what));
        if policy.action.value == Action::Allow && !stays(before, scope) {
            let what = What::AllowEnters { is_backed: policies.has_allow_throughout(scope) };
            effects.push(Effect::new(scope, what));
        }
    }
    if let Some((scope, policy)) = before {
        let less = beyond(&rules(policy), &kept(after, scope));
        let what = if policy.action.value == Action::Allow { What::AllowLess(less) } else { What::DenyLess(less) };
        effects.push(Effect::new(scope, what));
        if policy.action.value == Action::Allow && !stays(after, scope) {
            let what = What::AllowLeaves { is_backed: policies.has_allow_throughout(scope) };
            effects.push(Effect::new(scope, what));
        }
    }
}

/// A workload that comes is there to be called; one that goes is not. One that changes goes as one and comes as another.
fn exposure_effects(change: &Change, effects: &mut Vec<Effect>) {
    let (before, after) = (Exposed::of(change.before.as_ref()), Exposed::of(change.after.as_ref()));
    // A namespace that is made is empty.
    let is_namespace = change.key.kind == "Namespace";
    if before == after || is_namespace && (before.is_none() || after.is_none()) {
        return;
    }
    if let Some(exposed) = after {
        effects.push(Effect::new(&exposed.scope, What::DenyLess(Requests::Any)));
    }
    if let Some(exposed) = before {
        effects.push(Effect::new(&exposed.scope, What::DenyMore(Requests::Any)));
    }
}

/// What is there to be called, and what decides about how.
#[derive(PartialEq)]
struct Exposed {
    scope: Scope,
    template: Option<PodTemplate>,
    labels: Labels,
    value: Option<Value>,
}

impl Exposed {
    fn of(item: Option<&Item>) -> Option<Self> {
        let item = item?;
        let namespace = item.key.namespace.as_deref().unwrap_or_default();
        let document = item.document.as_ref()?;
        let whole =
            |namespace: &str| Self { scope: Scope::namespace(namespace), template: None, labels: Labels::new(), value: None };
        if let Body::Workload(template) | Body::Istiod(template) = &document.body {
            let scope = Scope::workload(namespace, &template.labels);
            return Some(Self { scope, template: Some(template.clone()), ..whole(namespace) });
        }
        if let Body::Namespace = document.body {
            // Its labels say who gets a sidecar.
            return Some(Self { labels: document.header.labels.clone(), ..whole(&item.key.name) });
        }
        Some(Self { value: item.value.get("spec").cloned(), ..whole(namespace) })
    }
}

impl Effect {
    pub(super) fn new(scope: &Scope, what: What) -> Self {
        Self { scope: scope.clone(), what, is_by_fact: false }
    }

    pub(super) fn by_fact(scope: &Scope, what: What) -> Self {
        Self { is_by_fact: true, ..Self::new(scope, what) }
    }

    /// Whether it is an ALLOW that comes where there is none.
    pub(in crate::apply) fn is_first_allow(&self) -> bool {
        matches!(self.what, What::AllowEnters { is_backed: false })
    }

    /// Whether requests are refused by it.
    pub(in crate::apply) fn closes(&self) -> bool {
        matches!(self.what, What::DenyMore(_) | What::AllowLess(_) | What::AllowEnters { is_backed: false })
    }

    /// Whether requests are let in by it.
    pub(in crate::apply) fn opens(&self) -> bool {
        matches!(self.what, What::DenyLess(_) | What::AllowMore(_) | What::AllowLeaves { is_backed: false })
    }

    fn is_nothing(&self) -> bool {
        match &self.what {
            What::DenyMore(requests) | What::DenyLess(requests) | What::AllowMore(requests) | What::AllowLess(requests) => {
                requests.is_empty()
            }
            What::AllowEnters { .. } | What::AllowLeaves { .. } => false,
        }
    }
}

impl Traits {
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            clients: self.clients.or(other.clients),
            servers: self.servers.or(other.servers),
            brings_claims: self.brings_claims || other.brings_claims,
            takes_claims: self.takes_claims || other.takes_claims,
            needs_claims: self.needs_claims || other.needs_claims,
            is_called: self.is_called || other.is_called,
        }
    }

    /// Whether it is about how clients connect.
    pub(in crate::apply) fn is_client(self) -> bool {
        !self.clients.is_empty()
    }

    /// Whether it is about what servers take.
    pub(in crate::apply) fn is_server(self) -> bool {
        !self.servers.is_empty()
    }

    /// Whether clients turn from mutual TLS.
    pub(in crate::apply) fn clients_from_mutual(self) -> bool {
        self.clients.iter().any(|(_, to)| to == Client::Plaintext)
    }

    /// Whether clients turn to mutual TLS.
    pub(in crate::apply) fn clients_to_mutual(self) -> bool {
        self.clients.iter().any(|(from, _)| from == Client::Plaintext)
    }

    /// Whether servers begin to take plaintext.
    pub(in crate::apply) fn takes_plaintext(self) -> bool {
        self.servers.iter().any(|(from, _)| from == MutualTlsMode::Strict)
    }

    /// Whether servers begin to refuse plaintext.
    pub(in crate::apply) fn refuses_plaintext(self) -> bool {
        self.servers.iter().any(|(_, to)| to == MutualTlsMode::Strict)
    }

    /// Whether servers begin to refuse mutual TLS.
    pub(in crate::apply) fn refuses_mutual(self) -> bool {
        self.servers.iter().any(|(_, to)| to == MutualTlsMode::Disable)
    }
}
