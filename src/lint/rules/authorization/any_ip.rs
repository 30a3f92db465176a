use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::ValueList;
use crate::lint::rules::authorization::wording::values;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::Condition;
use crate::manifest::kinds::RuleSource;

pub(super) const RULE: Rule = Rule {
    code: Code("MS187"),
    name: "any-ip",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "An address block of length 0 as the only test of an ALLOW, or in a `not` list.",
    why: "It matches every address of its family: an ALLOW then allows all of them, and a `not` list of it keeps its rule from ever matching them.",
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
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    for (list, value) in values(view, |attribute| matches!(attribute, Attribute::IpBlocks | Attribute::RemoteIpBlocks)) {
        let family = match value.as_str() {
            text if !text.ends_with("/0") => continue,
            text if text.contains(':') => "IPv6",
            _ => "IPv4",
        };
        if list.is_negated {
            found.push(
                RULE.at(value.span, format!("the rule matches no {family} caller"))
                    .with_label(format!("every {family} address is excluded"))
                    .with_help("name the addresses that are meant"),
            );
        } else if policy.action.value == Action::Allow && is_only_test(list) {
            found.push(
                RULE.at(value.span, format!("every {family} caller is allowed"))
                    .with_label(format!("this is every {family} address"))
                    .with_help("name the addresses that are meant"),
            );
        }
    }
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
