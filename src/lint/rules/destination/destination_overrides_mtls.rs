use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::span;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::DestinationRule;
use crate::mesh::Object;
use crate::simulate::connection::full_host;

pub(super) const RULE: Rule = Rule {
    code: Code("MS412"),
    name: "destination-overrides-mtls",
    severity: Severity::Warning,
    peers: &["KIA0204"],
    needs: Needs::Manifests,
    finds: "A DestinationRule without `tls` that hides a broader one with mode ISTIO_MUTUAL.",
    why: "Rules for different hosts are not merged: for this host the broader rule does not exist, and automatic mutual TLS or, where that is off, plaintext takes over.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: "*.shop.svc.cluster.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: "*.shop.svc.cluster.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, loadBalancer: {simple: LEAST_REQUEST}}}
"#,
    specification: "DestinationRule reference, DestinationRule.host",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let root = mesh.settings.root_namespace.as_str();
    let tls_of = |rule: &'_ Object<DestinationRule>| rule.spec.traffic_policy.as_ref().and_then(|policy| policy.tls.clone());
    let mut broad: BTreeMap<&str, Vec<(&str, Span)>> = BTreeMap::new();
    for rule in &mesh.destination_rules {
        let mode = tls_of(rule).filter(|tls| tls.mode.value == ClientTlsMode::IstioMutual);
        if let (Some(end), Some(tls)) = (rule.spec.host.value.strip_prefix('*'), mode) {
            broad.entry(&rule.id.namespace).or_default().push((end, span(&tls)));
        }
    }
    if broad.is_empty() {
        return;
    }
    for rule in mesh.destination_rules.iter().filter(|rule| tls_of(rule).is_none()) {
        let host = full_host(mesh, rule);
        let candidates = [rule.id.namespace.as_str(), root].into_iter().filter_map(|namespace| broad.get(namespace)).flatten();
        let hidden =
            candidates.filter(|(end, _)| host.trim_start_matches('*').ends_with(end) && host.trim_start_matches('*') != *end);
        let Some((_, broader)) = hidden.max_by_key(|(end, _)| end.len()) else { continue };
        let is_off = !mesh.settings.enable_auto_mtls;
        let effect = if is_off { "in plaintext" } else { "as automatic mutual TLS decides" };
        let mut finding = RULE
            .at(rule.spec.host.span, format!("`{host}` is called {effect}: the broader rule does not count here"))
            .with_secondary(*broader, "hidden by this rule")
            .with_help("repeat `tls` in this rule");
        if !is_off {
            finding.severity = Severity::Info;
        }
        found.push(finding);
    }
}
