use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::Setting;
use crate::lint::rules::destination::reach;
use crate::lint::rules::destination::reach::Told;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS430"),
    name: "client-disable-against-strict",
    severity: Severity::Error,
    peers: &["KIA0207"],
    needs: Needs::Inventory,
    finds: "A DestinationRule whose clients speak plaintext, or TLS of another kind, to a port that demands mutual TLS.",
    why: "The server closes every such connection.",
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
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
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
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}}
"#,
    specification: "DestinationRule reference, ClientTLSSettings.mode",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut told = Told::default();
    // What is said of all hosts, or of all of a namespace, is another finding.
    let wanted = |setting: &Setting<'_>| setting.mode() != ClientTlsMode::IstioMutual;
    let is_meshed = |workload: &Workload| workload.proxy == Proxy::Sidecar;
    reach::each(view, wanted, &is_meshed, &mut |reach| {
        let is_refused = reach.has_failed() && reach.connection.server_mode == Some(MutualTlsMode::Strict);
        if !is_refused || reach.rule.spec.host.value.starts_with('*') || !told.is_first(reach.setting.span()) {
            return false;
        }
        let mode = reach.setting.mode().as_str();
        let mut finding = RULE
            .at(reach.setting.span(), format!("mode {mode} to {}, which demands mutual TLS", reach.destination()))
            .with_label("every connection is refused")
            .with_help("remove `tls`: automatic mutual TLS does what the server demands");
        if let Some(from) = reach.connection.server_mode_from {
            finding = finding.with_secondary(from.span, "demands it");
        }
        found.push(match reach.witness() {
            Some(witness) => finding.with_witness(witness),
            None => finding,
        });
        true
    });
}
