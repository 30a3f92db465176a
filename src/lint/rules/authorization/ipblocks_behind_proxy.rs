use std::net::IpAddr;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS186"),
    name: "ipblocks-behind-proxy",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "`ipBlocks` with public addresses on a workload behind a sidecar, in a mesh with a gateway.",
    why: "The address compared is that of the direct peer. What comes through a gateway has the gateway's address.",
    example: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: example.com/cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: shop}
spec: {selector: {istio: edge}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: shop}
spec:
  selector: {matchLabels: {istio: edge}}
  template:
    metadata: {labels: {istio: edge}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: edge, containers: [{name: istio-proxy, image: auto, ports: [{containerPort: 8080}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {ipBlocks: [203.0.113.0/24]}}]}]}
",
    instead: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: example.com/cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.ipBlocks",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let Some(gateway) = view.mesh.workloads.iter().find(|workload| workload.proxy == Proxy::Gateway) else { return };
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec).iter().filter(|list| list.attribute == Attribute::IpBlocks) {
            let Some(value) = list.values.iter().find(|value| is_public(value.as_str())) else { continue };
            let selected = view.workloads_of(policy);
            let is_plain = selected.iter().all(|workload| workload.proxy == Proxy::Sidecar);
            let Some(workload) = selected.first().filter(|_| is_plain) else { continue };
            if selected.iter().any(|workload| is_exposed(view, workload)) {
                continue;
            }
            let (name, gateway) = (workload.display_name(), gateway.display_name());
            found.push(
                RULE.at(value.span, format!("`{name}` never sees this address behind gateway `{gateway}`"))
                    .with_label("compared with the direct peer, which is the gateway")
                    .with_help("limit client addresses at the gateway, with `remoteIpBlocks` or `ipBlocks`")
                    .likely(),
            );
        }
    }
}

fn is_public(block: &str) -> bool {
    let (address, length) = block.rsplit_once('/').unwrap_or((block, "32"));
    if length == "0" {
        return false;
    }
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(address.is_private() || address.is_loopback() || address.is_link_local() || address.is_unspecified() || is_shared)
        }
        Ok(IpAddr::V6(address)) => address.segments().first().is_some_and(|first| first & 0xe000 == 0x2000),
        Err(_) => false,
    }
}

/// Whether clients from outside reach a workload without a gateway.
fn is_exposed(view: &MeshView<'_>, workload: &Workload) -> bool {
    let id = view.id_of(workload);
    let exposed = view.mesh.services.iter().filter(|service| service.is_exposed);
    exposed.flat_map(|service| &service.endpoints).any(|endpoint| endpoint.workload == id)
}
