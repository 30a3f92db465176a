use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::is_match_all;
use crate::lint::rules::authorization::cover::is_open;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::Caller;
use crate::lint::rules::authorization::scope::lowered_in_force;
use crate::lint::rules::authorization::wider::span_of;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::policy::EngineRule;
use crate::policy::Entry;

pub(super) const RULE: Rule = Rule {
    code: Code("MS167"),
    name: "allow-all-rule",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "An ALLOW rule that matches every request.",
    why: "It cancels every other ALLOW for these workloads, a default deny included.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, Rule",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut witnesses = Witnesses::new(view);
    for (policy, lowered) in lowered_in_force(view, Action::Allow) {
        for rule in lowered.engines.rules().filter(|rule| is_match_all(rule)) {
            let finding = RULE
                .at(span_of(view, rule), "every request is allowed by this rule")
                .with_label("it asks for nothing")
                .with_help("say who may call, or what; if everyone really may, say so in a suppression with its reason");
            let callers = [Caller::Anonymous, Caller::Identified];
            let workload = view.workloads_of(policy).into_iter().next();
            let requests = workload.into_iter().flat_map(|workload| {
                callers.into_iter().filter_map(|caller| {
                    let (from, to) = open_entries(rule)?;
                    sample::request(view, workload, caller, from, to)
                })
            });
            let shown = requests.filter_map(|request| witnesses.ask(&request)).find(Witness::is_allowed);
            found.push(match shown {
                Some(witness) => finding.with_witness(witness.scenario),
                None => finding,
            });
        }
    }
}

fn open_entries(rule: &EngineRule) -> Option<(&Entry, &Entry)> {
    let open = |entries: &'_ [Entry]| entries.iter().position(|entry| entry.tests.iter().all(is_open));
    Some((rule.from.get(open(&rule.from)?)?, rule.to.get(open(&rule.to)?)?))
}
