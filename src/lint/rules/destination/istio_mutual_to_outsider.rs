use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::settings;
use crate::lint::rules::destination::reach;
use crate::lint::rules::destination::reach::Hosts;
use crate::lint::rules::destination::reach::Told;
use crate::manifest::kinds::ClientTlsMode;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::simulate::connection::full_host;

pub(super) const RULE: Rule = Rule {
    code: Code("MS432"),
    name: "istio-mutual-to-outsider",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A DestinationRule that demands mutual TLS of the mesh from a server that has no proxy.",
    why: "Mode ISTIO_MUTUAL does not fall back to plaintext as automatic mutual TLS does: every handshake fails.",
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
    metadata: {labels: {app: cart, sidecar.istio.io/inject: "false"}}
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
    let is_bare = |workload: &Workload| workload.proxy == Proxy::None;
    reach::each(view, |setting| setting.mode() == ClientTlsMode::IstioMutual, &is_bare, &mut |reach| {
        if !reach.has_failed() || !told.is_first(reach.setting.span()) {
            return false;
        }
        let name = reach.workload.display_name();
        let mut finding = RULE
            .at(reach.setting.span(), format!("`{name}` has no proxy to answer mutual TLS"))
            .with_label(format!("calls to {} fail", reach.destination()))
            .with_secondary(reach.workload.span, reach.workload.proxy_reason.clone())
            .with_help("remove `tls`: automatic mutual TLS looks at each endpoint");
        if let Some(witness) = reach.witness() {
            finding = finding.with_witness(witness);
        }
        let namespace = &reach.workload.namespace;
        let says_itself = reach.workload.labels.contains_key("sidecar.istio.io/inject");
        if view.namespace_span(namespace).is_none() && !says_itself {
            finding = finding.cannot_tell(format!("the labels of namespace `{namespace}`"));
        }
        found.push(finding);
        true
    });
    external(view, &mut told, found);
}

/// Hosts outside the mesh, by name.
fn external(view: &MeshView<'_>, told: &mut Told, found: &mut Vec<Finding>) {
    let hosts = Hosts::new(view.mesh);
    for rule in &view.mesh.destination_rules {
        let host = full_host(view.mesh, rule);
        for setting in settings(&rule.spec).iter().filter(|setting| setting.mode() == ClientTlsMode::IstioMutual) {
            let outside = hosts.services(&host).into_iter().find(|(_, service)| service.mesh_external);
            let Some((_, service)) = outside.filter(|_| !host.starts_with('*') && told.is_first(setting.span())) else {
                continue;
            };
            let mut finding = RULE
                .at(setting.span(), format!("`{host}` is outside the mesh and has no certificate of it"))
                .with_secondary(service.span, "declared here")
                .with_help("use mode SIMPLE or MUTUAL; if it is a proxy of this mesh, declare `location: MESH_INTERNAL`")
                .likely();
            finding.severity = Severity::Warning;
            found.push(finding);
        }
    }
}
