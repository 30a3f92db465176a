use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::reach::Hosts;
use crate::simulate::connection::full_host;

pub(super) const RULE: Rule = Rule {
    code: Code("MS410"),
    name: "destination-host-unknown",
    severity: Severity::Warning,
    peers: &["IST0174", "KIA0202"],
    needs: Needs::Inventory,
    finds: "A DestinationRule for a host that no Service and no ServiceEntry has.",
    why: "Its settings apply to nothing. A name without dots means a service of the rule's own namespace; one with dots is taken as it stands.",
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
spec: {host: cart.shop, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
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
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    specification: "DestinationRule reference, DestinationRule.host",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    if mesh.services.is_empty() {
        return;
    }
    let hosts = Hosts::new(mesh);
    let domain = format!(".svc.{}", mesh.settings.cluster_domain);
    for rule in &mesh.destination_rules {
        let written = rule.spec.host.value.as_str();
        let host = full_host(mesh, rule);
        if written.is_empty() || !hosts.services(&host).is_empty() {
            continue;
        }
        let finding = RULE.at(rule.spec.host.span, format!("no service has the host `{host}`, so this rule applies to nothing"));
        if let Some(name) = host.strip_suffix(&domain) {
            let namespace = name.rsplit('.').next().unwrap_or_default();
            if name == "*" {
                continue;
            }
            let finding = finding.with_help("correct the name, or write the service's full host");
            found.push(if view.knows_namespace(namespace) {
                finding.likely()
            } else {
                finding.cannot_tell(format!("the manifests of namespace `{namespace}`"))
            });
        } else if let Some((_, service)) = hosts.services(&format!("{host}{domain}")).first().filter(|_| !host.starts_with('*')) {
            // `cart.shop` is what people write for it, and what a route would not find either.
            let full = service.hostname.clone();
            found.push(finding.with_label(format!("`{full}` is another host")).with_help(format!("write `{full}`")).with_edit(
                Safety::Unsafe,
                rule.spec.host.span,
                full,
            ));
        } else if !host.starts_with('*') {
            found.push(
                finding
                    .with_help("correct the name, or declare the host with a ServiceEntry")
                    .cannot_tell(format!("the ServiceEntry of `{host}`")),
            );
        }
    }
}
