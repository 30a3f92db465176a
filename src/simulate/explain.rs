//! Everything that was looked at for one scenario, and why the rest was not.

use crate::mesh::Attachment;
use crate::mesh::Mesh;
use crate::mesh::Workload;
use crate::policy::EntryTrace;
use crate::policy::Facts;
use crate::policy::RuleTrace;
use crate::policy::Truth;
use crate::simulate::decide::decided_by;
use crate::simulate::decision::TraceCondition;
use crate::simulate::decision::TraceEntry;
use crate::simulate::decision::TraceRule;
use crate::simulate::prepared::Chain;
use crate::simulate::prepared::Compiled;
use crate::simulate::route::Route;

/// Every policy object of the mesh in data-plane order: connection, token, authorization.
pub(super) fn trace(mesh: &Mesh, route: &Route, rules: &[RuleTrace]) -> Vec<TraceEntry> {
    let Some(workload) = mesh.workload(route.workload) else { return Vec::new() };
    let mut entries = connection_entries(mesh, route, workload);
    for (index, policy) in mesh.request_authentications.iter().enumerate() {
        let (applies, why) = match mesh.request_authentication_attachment(workload, index) {
            Attachment::Applies(why) => (true, why),
            Attachment::Ignored(why) => (false, why),
        };
        let by = decided_by(policy.id.kind, &policy.id.namespace, &policy.id.name, None, policy.span);
        entries.push(TraceEntry { policy: by, action: "token", applies, why, rules: Vec::new() });
    }
    authorization_entries(mesh, route, rules, &mut entries);
    entries
}

/// The rules of every engine, looked at completely.
pub(super) fn rules(chain: &Chain, facts: &Facts<'_>) -> Vec<RuleTrace> {
    let custom = chain.custom.iter().flat_map(|custom| [&custom.rules, &custom.dry_run]);
    let others = [&chain.audit, &chain.deny, &chain.allow, &chain.dry_run_deny, &chain.dry_run_allow];
    let all: Vec<&Compiled> = custom.chain(others.into_iter().flatten()).collect();
    all.into_iter().flat_map(|compiled| compiled.index.trace(&compiled.engine, facts)).collect()
}

fn connection_entries(mesh: &Mesh, route: &Route, workload: &Workload) -> Vec<TraceEntry> {
    let root = &mesh.settings.root_namespace;
    let decided = route.report.server_mode_from.as_ref();
    let mut entries = Vec::new();
    for policy in &mesh.peer_authentications {
        let labels = policy.spec.selector.as_ref().map(|selector| &selector.match_labels).filter(|labels| !labels.is_empty());
        let missing =
            labels.and_then(|labels| labels.iter().find(|(key, value)| workload.labels.get(*key) != Some(&value.value)));
        let is_deciding = decided.is_some_and(|by| *by.namespace == *policy.id.namespace && *by.name == *policy.id.name);
        let (applies, why) = if is_deciding {
            (true, "sets the mode of this port".to_owned())
        } else if policy.id.namespace != workload.namespace && policy.id.namespace != *root {
            (false, format!("other namespace `{}`", policy.id.namespace))
        } else if policy.id.namespace == *root && labels.is_some() {
            (false, "a selector in the root namespace has no effect".to_owned())
        } else if let Some((key, value)) = missing {
            let has = workload.labels.get(key).map_or_else(|| "nothing".to_owned(), |has| format!("{key}={has}"));
            (false, format!("selector wants {key}={}, the workload has {has}", value.value))
        } else {
            (false, "a narrower or older policy, or its own missing mode, leaves the decision elsewhere".to_owned())
        };
        let by = decided_by(policy.id.kind, &policy.id.namespace, &policy.id.name, None, policy.span);
        entries.push(TraceEntry { policy: by, action: "mTLS", applies, why, rules: Vec::new() });
    }
    for rule in &mesh.destination_rules {
        let is_deciding = route
            .report
            .client_tls_from
            .as_ref()
            .is_some_and(|by| *by.namespace == *rule.id.namespace && *by.name == *rule.id.name);
        let why = if is_deciding { "sets the client's side" } else { "does not set the client's side of this call" };
        let by = decided_by(rule.id.kind, &rule.id.namespace, &rule.id.name, None, rule.span);
        entries.push(TraceEntry {
            policy: by,
            action: "client TLS",
            applies: is_deciding,
            why: why.to_owned(),
            rules: Vec::new(),
        });
    }
    entries
}

fn authorization_entries(mesh: &Mesh, route: &Route, rules: &[RuleTrace], entries: &mut Vec<TraceEntry>) {
    for selection in &route.prepared.http.lowered.selection {
        let Some(policy) = mesh.authorization_policies.get(selection.policy) else { continue };
        let own = rules.iter().filter(|rule| rule.policy == selection.policy).map(rule_view).collect();
        entries.push(TraceEntry {
            policy: decided_by(policy.id.kind, &policy.id.namespace, &policy.id.name, None, policy.span),
            action: policy.spec.action.value.as_str(),
            applies: selection.applies,
            why: selection.why.clone(),
            rules: own,
        });
    }
}

fn rule_view(rule: &RuleTrace) -> TraceRule {
    let side = |name: &str, entries: &[EntryTrace]| -> Vec<TraceCondition> {
        let conditions = entries.iter().enumerate().flat_map(|(index, entry)| {
            let entry_name = format!("{name}[{index}]");
            entry.tests.iter().map(move |test| TraceCondition {
                entry: entry_name.clone(),
                field: test.field.clone(),
                wanted: match (test.wanted.is_empty(), test.excluded.is_empty()) {
                    (_, true) => test.wanted.clone(),
                    (true, false) => format!("none of {}", test.excluded),
                    (false, false) => format!("{}, none of {}", test.wanted, test.excluded),
                },
                seen: test.seen.clone(),
                outcome: word(test.outcome),
                span: test.place,
            })
        });
        conditions.collect()
    };
    let mut conditions = side("from", &rule.from);
    conditions.extend(side("to", &rule.to));
    TraceRule { rule: rule.rule, outcome: word(rule.outcome), span: rule.place, conditions }
}

fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::Yes => "match",
        Truth::No => "no-match",
        Truth::Unknown(_) => "unknown",
    }
}
