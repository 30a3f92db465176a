use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::reach;
use crate::lint::rules::destination::reach::Told;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Proxy;
use crate::simulate::connection::Chain;

pub(super) const RULE: Rule = Rule {
    code: Code("MS431"),
    name: "client-disable-in-mesh",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A DestinationRule that makes clients speak plaintext to a workload of the mesh.",
    why: "The call is not encrypted, and the server does not know who calls: policies that name callers do not admit it.",
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
    reach::each(
        view,
        |setting| setting.mode() == ClientTlsMode::Disable,
        &|workload| workload.proxy == Proxy::Sidecar,
        &mut |reach| {
            let is_plain = matches!(reach.connection.chain, Some(Chain::Http | Chain::Tcp)) && !reach.has_failed();
            let would_take_more = reach.connection.server_mode == Some(MutualTlsMode::Permissive);
            let is_wide = reach.rule.spec.host.value.starts_with('*');
            if !is_plain || !would_take_more || is_wide || !told.is_first(reach.setting.span()) {
                return false;
            }
            let finding = RULE
                .at(reach.setting.span(), format!("plaintext to {}, which takes mutual TLS", reach.destination()))
                .with_label("the server does not know the caller")
                .with_help("remove `tls`: automatic mutual TLS decides");
            found.push(match reach.witness() {
                Some(witness) => finding.with_witness(witness),
                None => finding,
            });
            true
        },
    );
}
