use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::DestinationRule;
use crate::mesh::Object;
use crate::simulate::connection::full_host;

pub(super) const RULE: Rule = Rule {
    code: Code("MS413"),
    name: "several-rules-per-host",
    severity: Severity::Warning,
    peers: &["KIA0201"],
    needs: Needs::Manifests,
    finds: "Two DestinationRules of a namespace for one host, both with a traffic policy.",
    why: "Rules for the same host are merged oldest first: the traffic policy of the second is ignored as a whole, its `tls` included.",
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
metadata: {name: first, namespace: shop}
spec: {host: cart, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: second, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}}
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
metadata: {name: first, namespace: shop}
spec: {host: cart, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, loadBalancer: {simple: LEAST_REQUEST}}}
"#,
    specification: "Istio traffic management best practices, multiple DestinationRules",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    type Key<'a> = (&'a str, String, Vec<&'a str>);
    let mut known: BTreeMap<Key<'_>, Vec<&Object<DestinationRule>>> = BTreeMap::new();
    // Those with a selector stand beside the others; of different `exportTo` each is seen by others.
    for rule in view.mesh.destination_rules.iter().filter(|rule| rule.spec.workload_selector.is_none()) {
        let mut export: Vec<&str> = rule.spec.export_to.iter().map(|namespace| namespace.value.as_str()).collect();
        export.sort_unstable();
        known.entry((&rule.id.namespace, full_host(view.mesh, rule), export)).or_default().push(rule);
    }
    for ((_, host, _), rules) in known.iter().filter(|(_, rules)| rules.len() > 1) {
        let mut deciding = None;
        let mut subsets: BTreeMap<&str, Span> = BTreeMap::new();
        for rule in rules {
            if let Some(policy) = &rule.spec.traffic_policy {
                match deciding {
                    None => deciding = Some(policy.place.span),
                    Some(first) => found.push(
                        RULE.at(policy.place.span, format!("this traffic policy for `{host}` is ignored: an older rule has one"))
                            .with_secondary(first, "this one counts")
                            .with_help("put both into one rule"),
                    ),
                }
            }
            for subset in &rule.spec.subsets {
                let first = *subsets.entry(&subset.name.value).or_insert(subset.name.span);
                if (first.source, first.offset) != (subset.name.span.source, subset.name.span.offset) {
                    found.push(
                        RULE.at(
                            subset.name.span,
                            format!("subset `{}` of `{host}` is ignored: an older rule has it", subset.name.value),
                        )
                        .with_secondary(first, "this one counts")
                        .with_help("put both into one rule"),
                    );
                }
            }
        }
    }
}
