use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::Setting;
use crate::lint::rules::destination::client::settings;
use crate::lint::rules::destination::client::written;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS434"),
    name: "sidecar-credential-plaintext",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "TLS with a `credentialName` of a Secret in a rule that sidecars use without a `workloadSelector`.",
    why: "Secrets are given to gateways and to selected workloads only. All other proxies set up no TLS at all and send plaintext, without a word.",
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
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec: {hosts: [api.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: http, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, credentialName: partner-ca, sni: api.example.com, subjectAltNames: [api.example.com]}}}
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
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec: {hosts: [api.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: http, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem, sni: api.example.com, subjectAltNames: [api.example.com]}}}
"#,
    specification: "DestinationRule reference, ClientTLSSettings.credentialName",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for rule in view.mesh.destination_rules.iter().filter(|rule| rule.spec.workload_selector.is_none()) {
        let namespace = rule.id.namespace.as_str();
        let workloads = view.workloads_in(namespace);
        let is_for_gateways = namespace == view.mesh.settings.root_namespace
            || workloads.iter().any(|workload| matches!(workload.proxy, Proxy::Gateway | Proxy::Waypoint));
        for setting in settings(&rule.spec).into_iter().filter(Setting::is_origination) {
            let name = written(setting.tls.credential_name.as_ref()).filter(|name| !name.value.starts_with("configmap://"));
            let Some(name) = name.filter(|_| !is_for_gateways) else { continue };
            let finding = RULE
                .at(name.span, "sidecars are not given this Secret: they send plaintext")
                .with_secondary(setting.span(), "this mode is not carried out")
                .with_help("add a `workloadSelector`, or name files of the pod with `caCertificates`");
            if workloads.iter().any(|workload| workload.proxy == Proxy::Sidecar) {
                found.push(finding);
            } else if view.has_workloads() && !view.knows_namespace(namespace) {
                found.push(finding.cannot_tell(format!("the manifests of namespace `{namespace}`")));
            }
        }
    }
}
