use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::near::Names;
use crate::lint::value_lists;

pub(super) const RULE: Rule = Rule {
    code: Code("MS127"),
    name: "namespace-not-found",
    severity: Severity::Warning,
    peers: &["IST0101", "KIA0101"],
    needs: Needs::Inventory,
    finds: "A namespace in a policy that there is not: in `namespaces`, in a service account, in a principal, or under `when`.",
    why: "An ALLOW by it never matches, and `notNamespaces` excludes nobody.",
    example: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: checkout}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/chekout/sa/web]}}]}]}
",
    instead: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.namespaces",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let is_written = view.mesh.namespaces.values().any(|namespace| namespace.span.is_some());
    if !is_written && !view.has_workloads() {
        return;
    }
    let known: BTreeSet<&str> = view
        .mesh
        .namespaces
        .keys()
        .chain(view.known_namespaces)
        .map(String::as_str)
        .chain([view.mesh.settings.root_namespace.as_str()])
        .collect();
    let names = Names::new(known.iter().copied());
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec) {
            for value in list.values {
                let Some(namespace) = named(&list.attribute, value) else { continue };
                if known.contains(namespace) {
                    continue;
                }
                let effect = if list.is_negated { "excludes nobody" } else { "never matches" };
                found.push(match names.meant(namespace) {
                    Some(meant) => RULE
                        .at(value.span, format!("there is no namespace `{namespace}`"))
                        .with_label(effect)
                        .with_help(format!("did you mean `{meant}`?"))
                        .likely(),
                    None => RULE
                        .at(value.span, format!("namespace `{namespace}` is not among the manifests"))
                        .with_label(format!("{effect} if there is no such namespace"))
                        .with_help("add its manifests, or name it among `known-namespaces` in meshsec.toml")
                        .cannot_tell(format!("the manifests of namespace `{namespace}`")),
                });
            }
        }
    }
}

/// The namespace that a value names in full.
fn named<'p>(attribute: &Attribute, value: &'p Spanned<String>) -> Option<&'p str> {
    let namespace = match attribute {
        Attribute::Namespaces => value.as_str(),
        Attribute::ServiceAccounts => value.as_str().split_once('/')?.0,
        Attribute::Principals => value.as_str().split_once("/ns/")?.1.split_once("/sa/")?.0,
        Attribute::RequestPrincipals
        | Attribute::TrustDomains
        | Attribute::IpBlocks
        | Attribute::RemoteIpBlocks
        | Attribute::Hosts
        | Attribute::Ports
        | Attribute::Methods
        | Attribute::Paths
        | Attribute::DestinationIp
        | Attribute::Header(_)
        | Attribute::Claims(_)
        | Attribute::Audiences
        | Attribute::Presenter
        | Attribute::Sni
        | Attribute::Other(_) => return None,
    };
    // What no namespace can be called is another mistake.
    let is_name = namespace.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (is_name && !namespace.is_empty()).then_some(namespace)
}
