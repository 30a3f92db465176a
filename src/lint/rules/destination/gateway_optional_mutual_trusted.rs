use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::gateways;
use crate::lint::rules::destination::gateways::Pods;
use crate::lint::value_lists;
use crate::manifest::kinds::Server;

pub(super) const RULE: Rule = Rule {
    code: Code("MS453"),
    name: "gateway-optional-mutual-trusted",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A gateway that asks for client certificates and takes clients without one, with no policy that names clients.",
    why: "Whoever has no certificate simply leaves it out.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, istio: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: "edge:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Secret
metadata: {name: shop-tls, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key, ca.crt: authority}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: OPTIONAL_MUTUAL, credentialName: shop-tls}}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, istio: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: "edge:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Secret
metadata: {name: shop-tls, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key, ca.crt: authority}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: MUTUAL, credentialName: shop-tls, subjectAltNames: [partner.example.com]}}
"#,
    specification: "Gateway reference, ServerTLSSettings.TLSmode",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let pods = Pods::new(view);
    let optional = |server: &&Server| server.tls.as_ref().is_some_and(|tls| gateways::mode(tls) == "OPTIONAL_MUTUAL");
    for gateway in view.mesh.gateways.iter().filter(|gateway| gateway.spec.servers.iter().any(|server| optional(&server))) {
        let workloads: BTreeSet<String> = pods.of(gateway).iter().map(|(_, workload)| workload.display_name()).collect();
        if workloads.is_empty() {
            continue;
        }
        let names_clients = view.mesh.authorization_policies.iter().any(|policy| {
            let by_identity = value_lists(&policy.spec).iter().any(|list| {
                matches!(
                    list.attribute,
                    Attribute::Principals | Attribute::Namespaces | Attribute::ServiceAccounts | Attribute::TrustDomains
                )
            });
            by_identity && view.workloads_of(policy).iter().any(|workload| workloads.contains(&workload.display_name()))
        });
        if names_clients {
            continue;
        }
        for mode in gateway.spec.servers.iter().filter(optional).filter_map(|server| server.tls.as_ref()?.mode.as_ref()) {
            found.push(
                RULE.at(mode.span, "clients may leave their certificate out, and no policy asks for it")
                    .with_help("write MUTUAL, or admit clients by `principals` in an AuthorizationPolicy for the gateway")
                    .likely(),
            );
        }
    }
}
