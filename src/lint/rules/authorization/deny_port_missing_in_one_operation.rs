use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::Operation;

pub(super) const RULE: Rule = Rule {
    code: Code("MS135"),
    name: "deny-port-missing-in-one-operation",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A DENY rule in which one operation names ports and another does not.",
    why: "Operations are alternatives. On a TCP port the one without ports loses its HTTP conditions and matches every connection, and istiod does not warn because the other one has ports.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], methods: [DELETE]}}, {operation: {methods: [PATCH]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], methods: [DELETE]}}, {operation: {ports: ["8080"], methods: [PATCH]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.ports",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    if policy.action.value != Action::Deny {
        return;
    }
    for rule in policy.rules.iter().flatten().flatten() {
        let has_port = |operation: &&Operation| !operation.ports.is_empty() || !operation.not_ports.is_empty();
        let operations = || rule.to.iter().flatten();
        let Some(sibling) = operations().find(has_port) else { continue };
        if rule.when.iter().any(|condition| condition.key.as_str() == "destination.port") {
            continue;
        }
        for operation in operations().filter(|operation| !has_port(operation)) {
            found.push(
                RULE.at(operation.place.span, "operation without ports beside one with ports denies every TCP connection")
                    .with_label("on TCP nothing of it is left, and it matches everything")
                    .with_secondary(sibling.place.span, "this one is limited to its ports")
                    .with_help("name the ports in every operation of the rule"),
            );
        }
    }
}
