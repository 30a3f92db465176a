use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::mesh::pods::is_control_plane;
use crate::lint::rules::mesh::pods::opts_out;
use crate::lint::tree;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS509"),
    name: "app-runs-as-proxy-uid",
    severity: Severity::Error,
    peers: &["IST0144"],
    needs: Needs::Document,
    finds: "A container other than the proxy that runs as user 1337.",
    why: "Traffic of this user is taken for the proxy's own and not captured, so the application goes around its proxy: its calls carry no identity and no TLS.",
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
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", securityContext: {runAsUser: 1337}}]}
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
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", securityContext: {runAsUser: 1000}}]}
"#,
    specification: "Istio application requirements, pod requirements",
    check: Check::Document(check),
};

const PROXY_USER: i64 = 1337;

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some((metadata, spec)) = tree::pod(view.node, view.header.kind.as_str()) else { return };
    if opts_out(metadata) || is_control_plane(metadata) {
        return;
    }
    let mut report = |holder: &Node, who: String| {
        let Some(context) =
            holder.get("securityContext").filter(|context| tree::integer(context, "runAsUser") == Some(PROXY_USER))
        else {
            return;
        };
        let span = context.get("runAsUser").map_or(context.span, |user| user.span);
        found.push(
            RULE.at(span, format!("{who} as the user of the proxy, so its traffic is not captured"))
                .with_help("use another user; 1337 belongs to `istio-proxy`"),
        );
    };
    report(spec, "the pod runs".to_owned());
    for container in tree::items(spec, "containers") {
        let name = tree::text(container, "name").unwrap_or_default();
        if name != "istio-proxy" {
            report(container, format!("container `{name}` runs"));
        }
    }
}
