use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::ValueList;
use crate::lint::rules::authorization::wording::is_refusing;
use crate::lint::value_lists;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::Condition;
use crate::manifest::kinds::RuleSource;
use crate::mesh::Endpoint;
use crate::mesh::Object;

pub(super) const RULE: Rule = Rule {
    code: Code("MS187"),
    name: "any-ip",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "An address block of length 0 as the only test of an ALLOW, or in a `not` list; a list of addresses to keep out that has one family only, for a service with both.",
    why: "It matches every address of its family: an ALLOW then allows all of them, and a `not` list of it keeps its rule from ever matching them. What is named in one family only is not kept out in the other.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {ipBlocks: [0.0.0.0/0]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.ipBlocks",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let has_dual_stack = view.mesh.services.iter().any(|service| service.is_dual_stack);
    for policy in &view.mesh.authorization_policies {
        let action = policy.spec.action.value;
        for list in value_lists(&policy.spec) {
            if !matches!(list.attribute, Attribute::IpBlocks | Attribute::RemoteIpBlocks) {
                continue;
            }
            for value in list.values {
                found.extend(of_every_address(action, &list, value));
            }
            if has_dual_stack && is_refusing(action, &list) {
                found.extend(of_one_family(view, policy, &list));
            }
        }
    }
}

/// A block that is every address of its family.
fn of_every_address(action: Action, list: &ValueList<'_>, value: &Spanned<String>) -> Option<Finding> {
    let family = match value.as_str() {
        text if !text.ends_with("/0") => return None,
        text if text.contains(':') => "IPv6",
        _ => "IPv4",
    };
    let (headline, label) = if list.is_negated {
        (format!("the rule matches no {family} caller"), format!("every {family} address is excluded"))
    } else if action == Action::Allow && is_only_test(list) {
        (format!("every {family} caller is allowed"), format!("this is every {family} address"))
    } else {
        return None;
    };
    Some(RULE.at(value.span, headline).with_label(label).with_help("name the addresses that are meant"))
}

/// Addresses of one family that are kept out of a workload which is reached over both.
fn of_one_family(view: &MeshView<'_>, policy: &Object<AuthorizationPolicy>, list: &ValueList<'_>) -> Option<Finding> {
    let first = list.values.first()?;
    let is_v6 = |value: &Spanned<String>| value.value.contains(':');
    if list.values.iter().any(|value| is_v6(value) != is_v6(first)) {
        return None;
    }
    let workloads: Vec<_> = view.workloads_of(policy).into_iter().filter_map(|workload| view.id_of(workload)).collect();
    let service = view.mesh.services.iter().find(|service| {
        let is_reached = |endpoint: &Endpoint| endpoint.workload.is_some_and(|workload| workloads.contains(&workload));
        service.is_dual_stack && service.endpoints.iter().any(is_reached)
    })?;
    let missing = if is_v6(first) { "IPv4" } else { "IPv6" };
    Some(
        RULE.at(first.span, format!("a caller over {missing} is not kept out"))
            .with_label("addresses of one family only")
            .with_secondary(service.span, format!("service `{}` is reached over both", service.id.name))
            .with_help(format!("add the {missing} addresses of the same callers, or allow those that are meant"))
            .likely(),
    )
}

/// Whether nothing else is asked of the caller.
fn is_only_test(list: &ValueList<'_>) -> bool {
    let asks_nothing = |source: &RuleSource| {
        *source
            == (RuleSource {
                ip_blocks: source.ip_blocks.clone(),
                remote_ip_blocks: source.remote_ip_blocks.clone(),
                place: source.place,
                ..RuleSource::default()
            })
    };
    let is_address = |condition: &Condition| {
        matches!(Attribute::of_key(condition.key.as_str()), Attribute::IpBlocks | Attribute::RemoteIpBlocks)
    };
    let own = if list.key.is_none() {
        list.rule.from.get(list.entry).into_iter().flatten().all(asks_nothing)
    } else {
        list.rule.from.iter().flatten().all(asks_nothing)
    };
    own && list.rule.when.iter().all(is_address)
}
