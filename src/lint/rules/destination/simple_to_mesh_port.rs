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
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS433"),
    name: "simple-to-mesh-port",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A DestinationRule with mode SIMPLE or MUTUAL for a port of a workload of the mesh.",
    why: "The proxy there takes plaintext or mutual TLS of the mesh, so the handshake fails; where it passes the bytes on, the caller has no identity.",
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
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem}}}
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
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    specification: "DestinationRule reference, ClientTLSSettings.mode",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut told = Told::default();
    reach::each(view, Setting::is_origination, &|workload| workload.proxy == Proxy::Sidecar, &mut |reach| {
        // At a port that is not captured the application may well speak TLS; against STRICT it is another finding.
        let is_elsewhere = matches!(reach.connection.server_mode, None | Some(MutualTlsMode::Strict));
        if !reach.has_failed() || is_elsewhere || !told.is_first(reach.setting.span()) {
            return false;
        }
        let mode = reach.setting.mode().as_str();
        let finding = RULE
            .at(reach.setting.span(), format!("mode {mode} to {}, whose proxy does not answer it", reach.destination()))
            .with_label("every handshake fails")
            .with_secondary(reach.workload.span, reach.workload.proxy_reason.clone())
            .with_help("remove `tls`, or use mode ISTIO_MUTUAL");
        found.push(match reach.witness() {
            Some(witness) => finding.with_witness(witness),
            None => finding,
        });
        true
    });
}
