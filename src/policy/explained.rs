//! What istiod makes of policies: each rule on HTTP and on TCP, and all policies of a workload merged into one table of decisions.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diag::Span;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::policy::ChainKind;
use crate::policy::CustomOutcome;
use crate::policy::Engine;
use crate::policy::Engines;
use crate::policy::Lowered;
use crate::policy::lower;

/// One policy, rule by rule.
#[derive(Debug, Clone)]
pub struct ExplainedPolicy {
    /// Index in [`Mesh::authorization_policies`].
    pub policy: usize,
    /// It only reports what it would do.
    pub is_dry_run: bool,
    /// Its rules as written, in order; one without anything when it has none.
    pub rules: Vec<ExplainedRule>,
    /// What concerns the whole policy.
    pub notes: Vec<ExplainedNote>,
}

/// One rule on both kinds of chain.
#[derive(Debug, Clone)]
pub struct ExplainedRule {
    /// Index in `rules`.
    pub rule: usize,
    /// Where it stands.
    pub span: Span,
    /// On HTTP.
    pub http: OnChain,
    /// On TCP.
    pub tcp: OnChain,
}

/// What a rule is on one kind of chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OnChain {
    /// What it matches; `None` when translation leaves nothing of it.
    pub matches: Option<String>,
    /// It matches everything there.
    pub matches_everything: bool,
    /// What translation dropped or changed.
    pub notes: Vec<String>,
}

/// Something translation did to a policy.
#[derive(Debug, Clone)]
pub struct ExplainedNote {
    /// Where it does so.
    pub chain: ChainKind,
    /// What, in one sentence.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The policies of some workloads, merged.
#[derive(Debug, Clone)]
pub struct DecisionTable {
    /// For which workloads.
    pub scope: Scope,
    /// What happens to HTTP requests.
    pub http: Vec<Row>,
    /// What happens to TCP connections.
    pub tcp: Vec<Row>,
    /// What becomes of requests that no row settles.
    pub http_otherwise: Otherwise,
    /// What becomes of connections that no row settles.
    pub tcp_otherwise: Otherwise,
}

/// For which workloads a table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// These, which the same policies select.
    Workloads(Vec<WorkloadId>),
    /// Workloads that were not given, in words: ``workloads of namespace `shop` with label app=cart``.
    Described(String),
}

/// One step of a decision.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it does.
    pub step: Step,
    /// Index in [`Mesh::authorization_policies`].
    pub policy: usize,
    /// Index in its `rules`.
    pub rule: usize,
    /// Where the rule stands.
    pub span: Span,
    /// What it matches.
    pub matches: String,
    /// It matches everything.
    pub matches_everything: bool,
}

/// What happens to what a row matches, in order of evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The provider is asked.
    Ask(String),
    /// Refused, because the provider cannot be asked.
    BrokenProvider(String),
    /// Refused.
    Deny,
    /// Let in.
    Allow,
    /// Marked for the audit log; decides nothing.
    Audit,
    /// Only reported: would be refused.
    DryRunDeny,
    /// Only reported: would be let in.
    DryRunAllow,
}

/// What becomes of the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// No ALLOW policy applies, so it is let in.
    LetIn,
    /// An ALLOW policy applies, so it is refused.
    Refused,
}

/// Explains every policy of the mesh, in order.
#[must_use]
pub fn explain_policies(mesh: &Mesh) -> Vec<ExplainedPolicy> {
    // Each is translated alone, for a workload that it selects whatever its selector says.
    let mut alone = Mesh {
        settings: mesh.settings.clone(),
        services: mesh.services.clone(),
        namespaces: mesh.namespaces.clone(),
        ..Mesh::default()
    };
    let explain = |(policy, object): (usize, &Object<AuthorizationPolicy>)| {
        let mut object = object.clone();
        let spec = Arc::make_mut(&mut object.spec);
        spec.selector = None;
        spec.target_ref = None;
        spec.target_refs = Vec::new();
        Arc::make_mut(&mut object.header).labels.remove("istio.io/rev");
        let workload = stand_in(&object.id.namespace, BTreeMap::new(), Proxy::Sidecar);
        alone.authorization_policies = vec![object];
        let object = alone.authorization_policies.first()?;
        let http = lower(&alone, &workload, ChainKind::Http);
        let tcp = lower(&alone, &workload, ChainKind::Tcp);
        Some(explain_one(policy, object, &http, &tcp))
    };
    mesh.authorization_policies.iter().enumerate().filter_map(explain).collect()
}

fn explain_one(policy: usize, object: &Object<AuthorizationPolicy>, http: &Lowered, tcp: &Lowered) -> ExplainedPolicy {
    let written = object.spec.rules.as_deref().unwrap_or_default();
    let on_chain = |lowered: &Lowered, chain: ChainKind, number: usize| {
        let rule = rows(&lowered.engines, chain).into_iter().find(|row| row.rule == number);
        let notes = lowered.notes.iter().filter(|note| note.rule == Some(number));
        OnChain {
            matches_everything: rule.as_ref().is_some_and(|row| row.matches_everything),
            matches: rule.map(|row| row.matches),
            notes: notes.map(|note| note.text.clone()).collect(),
        }
    };
    let rules = (0..written.len().max(1))
        .map(|number| ExplainedRule {
            rule: number,
            span: written.get(number).and_then(Option::as_ref).map_or(object.span, |rule| rule.place.span),
            http: on_chain(http, ChainKind::Http, number),
            tcp: on_chain(tcp, ChainKind::Tcp, number),
        })
        .collect();
    let mut notes: Vec<ExplainedNote> = Vec::new();
    for (lowered, chain) in [(http, ChainKind::Http), (tcp, ChainKind::Tcp)] {
        for note in lowered.notes.iter().filter(|note| note.rule.is_none()) {
            // What holds for both is told once.
            if !notes.iter().any(|known| known.text == note.text) {
                notes.push(ExplainedNote { chain, text: note.text.clone(), span: note.span });
            }
        }
    }
    let Engines { custom, dry_run_deny, dry_run_allow, dry_run_audit, .. } = &http.engines;
    let is_dry_run = [dry_run_deny, dry_run_allow, dry_run_audit].into_iter().any(Option::is_some)
        || custom.iter().any(|custom| !custom.dry_run.rules.is_empty());
    ExplainedPolicy { policy, is_dry_run, rules, notes }
}

/// The tables of all workloads with a proxy, and of the scopes of policies that select none that was given.
#[must_use]
pub fn decision_tables(mesh: &Mesh) -> Vec<DecisionTable> {
    let mut by_policies: BTreeMap<Vec<usize>, (Lowered, &Workload, Vec<WorkloadId>)> = BTreeMap::new();
    for (index, workload) in mesh.workloads.iter().enumerate() {
        match workload.proxy {
            Proxy::Sidecar | Proxy::Gateway | Proxy::Waypoint => {}
            Proxy::None | Proxy::Ambient => continue,
        }
        let http = lower(mesh, workload, ChainKind::Http);
        let policies = applied(&http);
        if !policies.is_empty() {
            by_policies.entry(policies).or_insert_with(|| (http, workload, Vec::new())).2.push(WorkloadId(index));
        }
    }
    let mut tables: Vec<DecisionTable> = by_policies
        .values()
        .map(|(http, workload, ids)| table(Scope::Workloads(ids.clone()), http, &lower(mesh, workload, ChainKind::Tcp)))
        .collect();
    tables.sort_by_key(|table| match &table.scope {
        Scope::Workloads(ids) => ids.first().copied(),
        Scope::Described(_) => None,
    });
    let selected: BTreeSet<usize> = by_policies.keys().flatten().copied().collect();
    let mut described = BTreeSet::new();
    for (index, object) in mesh.authorization_policies.iter().enumerate().filter(|(index, _)| !selected.contains(index)) {
        let Some((words, workload)) = described_scope(mesh, object) else { continue };
        if !described.insert(words.clone()) {
            continue;
        }
        let http = lower(mesh, &workload, ChainKind::Http);
        if applied(&http).contains(&index) {
            tables.push(table(Scope::Described(words), &http, &lower(mesh, &workload, ChainKind::Tcp)));
        }
    }
    tables
}

fn applied(lowered: &Lowered) -> Vec<usize> {
    lowered.selection.iter().filter(|selection| selection.applies).map(|selection| selection.policy).collect()
}

fn table(scope: Scope, http: &Lowered, tcp: &Lowered) -> DecisionTable {
    let otherwise = |engines: &Engines| if engines.allow.is_some() { Otherwise::Refused } else { Otherwise::LetIn };
    DecisionTable {
        scope,
        http_otherwise: otherwise(&http.engines),
        tcp_otherwise: otherwise(&tcp.engines),
        http: rows(&http.engines, ChainKind::Http),
        tcp: rows(&tcp.engines, ChainKind::Tcp),
    }
}

/// Every rule in the order in which it is evaluated; those that decide nothing come last.
fn rows(engines: &Engines, chain: ChainKind) -> Vec<Row> {
    let Engines { custom, audit, deny, allow, dry_run_deny, dry_run_allow, dry_run_audit } = engines;
    let mut rows = Vec::new();
    let mut add = |step: &Step, engine: &Engine| {
        rows.extend(engine.rules.iter().map(|rule| Row {
            step: step.clone(),
            policy: rule.policy,
            rule: rule.rule,
            span: rule.place.span,
            matches: rule.in_english(chain),
            matches_everything: rule.matches_everything(),
        }));
    };
    for custom in custom {
        let step = match &custom.outcome {
            CustomOutcome::Ask => Step::Ask(custom.provider.clone()),
            CustomOutcome::Deny(why) => Step::BrokenProvider(why.clone()),
        };
        add(&step, &custom.engine);
        // Unlike other dry runs these are enforced: the proxy denies what they match.
        add(&Step::Deny, &custom.dry_run);
    }
    for (step, engine) in [
        (Step::Deny, deny),
        (Step::Allow, allow),
        (Step::Audit, audit),
        (Step::DryRunDeny, dry_run_deny),
        (Step::DryRunAllow, dry_run_allow),
        (Step::Audit, dry_run_audit),
    ] {
        if let Some(engine) = engine {
            add(&step, engine);
        }
    }
    rows
}

/// A workload that a policy would select, with words for all that are like it; `None` for traffic to services behind a waypoint.
fn described_scope(mesh: &Mesh, object: &Object<AuthorizationPolicy>) -> Option<(String, Workload)> {
    let spec = &object.spec;
    let namespace = object.id.namespace.as_str();
    let is_root = namespace == mesh.settings.root_namespace;
    if let Some(reference) = spec.target_refs.first().or(spec.target_ref.as_ref()) {
        let labels = |name: &str| BTreeMap::from([("gateway.networking.k8s.io/gateway-name".to_owned(), name.to_owned())]);
        let name = reference.name.as_str();
        return match reference.kind.as_str() {
            "Gateway" => Some((format!("gateway `{namespace}/{name}`"), stand_in(namespace, labels(name), Proxy::Gateway))),
            "GatewayClass" if is_root => {
                Some(("every waypoint".to_owned(), stand_in(namespace, labels("waypoint"), Proxy::Waypoint)))
            }
            _ => None,
        };
    }
    let labels: BTreeMap<String, String> = spec
        .selector
        .iter()
        .flat_map(|selector| &selector.match_labels)
        .map(|(name, value)| (name.clone(), value.value.clone()))
        .collect();
    let place = if is_root { "every namespace".to_owned() } else { format!("namespace `{namespace}`") };
    let words = if labels.is_empty() {
        format!("workloads of {place} that no selector names")
    } else {
        let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("workloads of {place} with {} {}", if pairs.len() == 1 { "label" } else { "labels" }, pairs.join(", "))
    };
    Some((words, stand_in(namespace, labels, Proxy::Sidecar)))
}

/// A workload about which nothing is known but its namespace and labels.
fn stand_in(namespace: &str, labels: BTreeMap<String, String>, proxy: Proxy) -> Workload {
    Workload { namespace: namespace.to_owned(), labels, proxy, ..Workload::default() }
}

/// The word of an action that decides, for sentences: `lets in`, `refuses`.
#[must_use]
pub fn verb(action: Action) -> &'static str {
    match action {
        Action::Allow => "lets in",
        Action::Deny => "refuses",
        Action::Audit => "marks for the audit log",
        Action::Custom => "asks about",
    }
}
