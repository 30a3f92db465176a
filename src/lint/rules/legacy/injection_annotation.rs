use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS708"),
    name: "injection-annotation",
    severity: Severity::Info,
    peers: &["IST0135"],
    needs: Needs::Document,
    finds: "The wish for a sidecar written as an annotation instead of a label.",
    why: "The webhook selects pods by labels, so an annotation alone may never reach the injector.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}, annotations: {sidecar.istio.io/inject: "true"}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, sidecar.istio.io/inject: "true"}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
"#,
    specification: "Istio labels reference, sidecar.istio.io/inject",
    check: Check::Document(check),
};

const NAME: &str = "sidecar.istio.io/inject";

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let template: &[&str] = match view.header.kind.value.as_str() {
        "Pod" => &[],
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => &["spec", "template"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        _ => return,
    };
    let Some(metadata) = tree::at(view.node, template).and_then(|template| template.get("metadata")) else { return };
    let has = |field: &str| metadata.get(field).and_then(|mapping| tree::entry(mapping, NAME));
    if let (Some((key, _)), None) = (has("annotations"), has("labels")) {
        found.push(
            RULE.at(key.span, format!("`{NAME}` is written as an annotation"))
                .with_label("the label is what counts")
                .with_help("write it among the labels"),
        );
    }
}
