use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS133"),
    name: "negative-status-condition",
    severity: Severity::Warning,
    peers: &["IST0171"],
    needs: Needs::Document,
    finds: "A status in which the control plane says that it does not, or not fully, enforce the object.",
    why: "The object looks applied and is not in force.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
status: {conditions: [{type: ZtunnelAccepted, status: "False", reason: UnsupportedValue, message: "ztunnel does not support HTTP attributes"}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
status: {conditions: [{type: ZtunnelAccepted, status: "True", reason: Accepted}]}
"#,
    specification: "AuthorizationPolicy reference, status",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for condition in tree::items_at(view.node, &["status", "conditions"]) {
        let text = |name: &str| condition.get(name).and_then(Node::as_str).unwrap_or_default();
        let (kind, status, reason) = (text("type"), text("status"), text("reason"));
        let is_negative = matches!(kind, "ZtunnelAccepted" | "WaypointAccepted" | "istio.io/WaypointBound") && status == "False";
        let is_partial = kind == "WaypointAccepted" && reason == "PartiallyInvalid";
        let Some(written) = condition.get("type").filter(|_| is_negative || is_partial) else { continue };
        let name = &view.header.name.value;
        let headline = if is_negative {
            format!("`{name}` is not in force: the control plane reports `{kind}: {status}` ({reason})")
        } else {
            format!("`{name}` is only partly in force: the control plane reports `{kind}` ({reason})")
        };
        let finding = RULE.at(written.span, headline).with_help("correct what the message says, then look at the status again");
        let message = text("message");
        found.push(if message.is_empty() { finding } else { finding.with_note(message) });
    }
}
