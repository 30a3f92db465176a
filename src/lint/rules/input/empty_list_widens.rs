use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS009"),
    name: "empty-list-widens",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A list of a rule that is written, and empty.",
    why: "An empty list is the same as none, and none matches everybody: a chart that renders an empty list of callers opens the service.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [], to: [{operation: {ports: ["8080"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Rule",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.raw("security.istio.io", "AuthorizationPolicy") else { return };
    for rule in tree::items_at(policy, &["spec", "rules"]) {
        empty_lists(rule, &["from", "to", "when"], "the rule", found);
        for (list, wrapper, what) in [("from", "source", "the source"), ("to", "operation", "the operation")] {
            for entry in tree::items_at(rule, &[list]) {
                if let Some(fields) = entry.get(wrapper)
                    && has_values(fields)
                {
                    empty_lists(fields, &[], what, found);
                }
            }
        }
        for condition in tree::items_at(rule, &["when"]).iter().filter(|condition| has_values(condition)) {
            empty_lists(condition, &["values", "notValues"], "the condition", found);
        }
    }
}

/// Whether some list in a mapping has an item; where none has, the object is refused anyway.
fn has_values(mapping: &Node) -> bool {
    tree::entries(mapping).iter().any(|(_, value)| !tree::list(value).is_empty())
}

/// Tells each empty list among some fields, or among all when none are named.
fn empty_lists(mapping: &Node, names: &[&str], what: &str, found: &mut Vec<Finding>) {
    for (key, value) in tree::entries(mapping) {
        let is_meant = names.is_empty() || names.contains(&key.value.as_str());
        if is_meant && tree::is_empty_list(value) {
            found.push(empty(&key.value, what, key.span));
        }
    }
}

fn empty(name: &str, what: &str, span: Span) -> Finding {
    RULE.at(span, format!("`{name}` is empty, so {what} does not look at it"))
        .with_label("the same as if it were not written")
        .with_help(format!("remove `{name}` if that is meant; leave the whole policy out where a list of values may be empty"))
}
