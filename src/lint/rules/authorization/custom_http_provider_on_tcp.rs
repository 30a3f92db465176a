use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::sample::admits_port;
use crate::lint::rules::authorization::tcp;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::ExtensionProviderKind;

pub(super) const RULE: Rule = Rule {
    code: Code("MS136"),
    name: "custom-http-provider-on-tcp",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A CUSTOM policy with an HTTP provider on a workload with a TCP port.",
    why: "The provider exists for HTTP requests only, so that connections to the port are not checked by it.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzHttp: {service: opa.shop.svc.cluster.local, port: 8080, timeout: 1s}
---
apiVersion: v1
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
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-data, port: 6379, targetPort: 6379}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: opa, namespace: shop}
spec:
  selector: {matchLabels: {app: opa}}
  template:
    metadata: {labels: {app: opa}}
    spec: {serviceAccountName: opa, containers: [{name: opa, image: example.com/opa, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: opa, namespace: shop}
spec: {selector: {app: opa}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: opa, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{}]}
",
    instead: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.shop.svc.cluster.local, port: 8080, timeout: 1s}
---
apiVersion: v1
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
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-data, port: 6379, targetPort: 6379}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: opa, namespace: shop}
spec:
  selector: {matchLabels: {app: opa}}
  template:
    metadata: {labels: {app: opa}}
    spec: {serviceAccountName: opa, containers: [{name: opa, image: example.com/opa, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: opa, namespace: shop}
spec: {selector: {app: opa}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: opa, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{}]}
",
    specification: "MeshConfig, extensionProviders.envoyExtAuthzHttp",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for (index, policy) in view.mesh.authorization_policies.iter().enumerate() {
        let Some(name) = policy.spec.provider.as_ref().filter(|_| policy.spec.action.value == Action::Custom) else { continue };
        let Some(provider) = view.mesh.provider(name.as_str()) else { continue };
        if !matches!(provider.kind, ExtensionProviderKind::HttpExtAuthz(_)) {
            continue;
        }
        let Some(lowered) = view.lowered(index) else { continue };
        let is_meant = |port: u16| lowered.engines.rules().any(|rule| rule.to.iter().any(|to| admits_port(to, port)));
        let open = view.workloads_of(policy).into_iter().find_map(|workload| {
            let port = view
                .inbound_ports(workload)
                .iter()
                .find(|port| tcp::is_tcp(port.protocol) && workload.intercepts(port.port) && is_meant(port.port))?;
            Some((workload, port))
        });
        let Some((workload, port)) = open else { continue };
        let (number, workload) = (port.port, workload.display_name());
        found.push(
            RULE.at(name.span, format!("connections to port {number} of `{workload}` are not checked by `{}`", name.value))
                .with_label("an HTTP provider is asked about HTTP requests only")
                .with_secondary(port.span, "a TCP port")
                .with_help("use a provider with `envoyExtAuthzGrpc`, or name the HTTP ports in the rules"),
        );
    }
}
