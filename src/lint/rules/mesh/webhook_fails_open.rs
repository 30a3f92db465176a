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
    code: Code("MS530"),
    name: "webhook-fails-open",
    severity: Severity::Warning,
    peers: &["IST0139"],
    needs: Needs::Document,
    finds: "istiod's validating webhook, as it is in the cluster, that lets objects pass when istiod does not answer, or leaves namespaces out.",
    why: "Objects that istiod refuses can then exist all the same, and a refused policy protects nothing.",
    example: r#"apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: istio-validator-istio-system, resourceVersion: "4711", uid: 7b2f0c1e-5a55-4f0e-9d5e-0f7c1c1f2b11}
webhooks:
- name: rev.validation.istio.io
  failurePolicy: Ignore
  clientConfig: {service: {name: istiod, namespace: istio-system, path: /validate}}
  rules: [{apiGroups: [security.istio.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: ["*"]}]
"#,
    instead: r#"apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: istio-validator-istio-system, resourceVersion: "4711", uid: 7b2f0c1e-5a55-4f0e-9d5e-0f7c1c1f2b11}
webhooks:
- name: rev.validation.istio.io
  failurePolicy: Fail
  clientConfig: {service: {name: istiod, namespace: istio-system, path: /validate}}
  rules: [{apiGroups: [security.istio.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: ["*"]}]
"#,
    specification: "Kubernetes ValidatingWebhookConfiguration, failurePolicy",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(node) = view.raw("admissionregistration.k8s.io", "ValidatingWebhookConfiguration") else { return };
    // Charts ship `Ignore`, which istiod sets to `Fail` once it is ready: only what is in a cluster says something.
    if tree::at(node, &["metadata", "uid"]).is_none() {
        return;
    }
    for webhook in tree::items(node, "webhooks") {
        let service = tree::at(webhook, &["clientConfig", "service", "name"]).and_then(Node::as_str).unwrap_or_default();
        if !service.starts_with("istiod") {
            continue;
        }
        let name = tree::text(webhook, "name").unwrap_or_default();
        if let Some(policy) = webhook.get("failurePolicy").filter(|policy| policy.as_str() == Some("Ignore")) {
            found.push(
                RULE.at(policy.span, format!("`{name}` lets everything pass when istiod does not answer"))
                    .with_help("set `failurePolicy: Fail`; istiod does so itself once it can validate"),
            );
        }
        let expressions = tree::at(webhook, &["namespaceSelector"]).map(|selector| tree::items(selector, "matchExpressions"));
        for expression in expressions.into_iter().flatten() {
            if matches!(tree::text(expression, "operator"), Some("NotIn" | "DoesNotExist")) {
                found.push(
                    RULE.at(expression.span, format!("`{name}` does not validate objects of every namespace"))
                        .with_help("leave no namespace out in which policies may be written"),
                );
            }
        }
    }
}
