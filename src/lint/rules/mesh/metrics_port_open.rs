use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS535"),
    name: "metrics-port-open",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Inventory,
    finds: "Metrics that are served in plaintext beside a workload that demands mutual TLS.",
    why: "The proxy offers the merged metrics on port 15020, which is not captured: no policy and no mutual TLS applies, every pod can read them.",
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
    metadata: {labels: {app: cart}, annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9090"}}
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
"#,
    specification: "Istio Prometheus integration, metrics merging",
    check: Check::Mesh(check),
};

const PORT: &str = "prometheus.io/port";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for workload in
        view.mesh.workloads.iter().filter(|workload| workload.proxy == Proxy::Sidecar && workload.annotations.contains_key(PORT))
    {
        let scrapes = workload.annotations.get("prometheus.io/scrape").is_none_or(|wish| wish == "true");
        if scrapes && view.mesh.workload_mode(workload).mode == MutualTlsMode::Strict {
            found.push(
                RULE.at(
                    workload.place_of(PORT),
                    format!("the metrics of `{}` are served in plaintext on port 15020", workload.display_name()),
                )
                .with_help("let a NetworkPolicy admit only the scraper to 15020 and 15090"),
            );
        }
    }
}
