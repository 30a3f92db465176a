use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::mesh::pods::SYSTEM;
use crate::lint::rules::mesh::pods::is_control_plane;
use crate::lint::rules::mesh::pods::opts_out;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS531"),
    name: "net-admin-in-app",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "An application container that is privileged or holds NET_ADMIN or NET_RAW.",
    why: "It can rewrite the rules that lead its traffic through the proxy, in both directions, and so leave the mesh at will.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", securityContext: {capabilities: {add: [NET_ADMIN]}}}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", securityContext: {capabilities: {drop: [ALL]}}}]}
"#,
    specification: "Istio security best practices, traffic capture limitations",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some((metadata, spec)) = tree::pod(view.node, view.header.kind.as_str()) else { return };
    // Such a pod is in no mesh, so there is nothing to get around.
    if opts_out(metadata) || is_control_plane(metadata) || tree::is_true(spec, "hostNetwork") || SYSTEM.contains(&view.namespace)
    {
        return;
    }
    for container in tree::items(spec, "containers").iter().chain(tree::items(spec, "initContainers")) {
        let name = tree::text(container, "name").unwrap_or_default();
        if matches!(name, "istio-proxy" | "istio-init" | "istio-validation") {
            continue;
        }
        let Some(context) = container.get("securityContext") else { continue };
        let mut report = |span, what: &str| {
            found.push(
                RULE.at(span, format!("container `{name}` {what}, so it can rewrite the capture of its traffic")).with_help(
                    "take it away; where the pod's own network must be set up, leave that to the CNI plugin on the node",
                ),
            );
        };
        if tree::is_true(context, "privileged") {
            report(tree::key(context, "privileged").unwrap_or(context.span), "is privileged");
        }
        let added = context.get("capabilities").map(|capabilities| tree::texts(capabilities, "add"));
        for (capability, span) in added.into_iter().flatten() {
            if matches!(capability.trim_start_matches("CAP_"), "NET_ADMIN" | "NET_RAW" | "ALL") {
                report(span, &format!("holds {capability}"));
            }
        }
    }
}
