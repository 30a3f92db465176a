use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::near::Names;
use crate::lint::tree;
use crate::lint::value_lists;
use crate::manifest::yaml::Node;
use crate::mesh::ServiceKind;

pub(super) const RULE: Rule = Rule {
    code: Code("MS130"),
    name: "host-not-in-registry",
    severity: Severity::Warning,
    peers: &["KIA0104"],
    needs: Needs::Inventory,
    finds: "A host that no Service, ServiceEntry, Gateway or route has.",
    why: "The value is compared with what the client asks for; a name that nobody serves is misspelt or left over.",
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
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {hosts: [catr.shop.svc.cluster.local]}}]}]}
",
    instead: r#"apiVersion: v1
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
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {hosts: [cart.shop.svc.cluster.local, "cart.shop.svc.cluster.local:*"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.hosts",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let policies = &view.mesh.authorization_policies;
    let has_hosts = policies.iter().flat_map(|policy| &policy.spec.rules).flatten().flatten().flat_map(|rule| &rule.to);
    if !has_hosts.flatten().any(|operation| !operation.hosts.is_empty() || !operation.not_hosts.is_empty()) {
        return;
    }
    let served = Served::of(view);
    if served.serves_any {
        return;
    }
    let names = Names::new(served.hosts.iter().map(String::as_str));
    for policy in policies {
        for list in value_lists(&policy.spec).iter().filter(|list| list.attribute == Attribute::Hosts) {
            for value in list.values {
                let host = without_port(&value.value).to_lowercase();
                if served.has(&host) {
                    continue;
                }
                let finding = RULE
                    .at(value.span, format!("no service, gateway or route has the host `{host}`"))
                    .with_label(if list.is_negated { "excludes nothing" } else { "never matches" });
                if let Some(meant) = names.meant(&host) {
                    found.push(finding.with_help(format!("did you mean `{meant}`?")).likely());
                } else if let Some(namespace) = service_namespace(view, &host) {
                    let finding = finding.with_help("name a service of that namespace");
                    found.push(if view.knows_namespace(namespace) {
                        finding.likely()
                    } else {
                        finding.cannot_tell(format!("the manifests of namespace `{namespace}`"))
                    });
                } else if served.has_gateways {
                    let finding = finding.with_help("write the host that clients ask for");
                    found.push(finding.cannot_tell(format!("the gateway or route that serves `{host}`")));
                }
            }
        }
    }
}

/// The namespace of a host that is a service of the cluster by its form.
fn service_namespace<'h>(view: &MeshView<'_>, host: &'h str) -> Option<&'h str> {
    let short = host.strip_suffix(&view.mesh.settings.cluster_domain)?.strip_suffix(".svc.")?;
    let (name, namespace) = short.split_once('.')?;
    (!name.contains('*') && !namespace.contains('.')).then_some(namespace)
}

/// The host of a value such as `cart.example.com:8080`.
fn without_port(value: &str) -> &str {
    match value.rsplit_once(':') {
        Some((host, port)) if port == "*" || (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())) => host,
        _ => value,
    }
}

/// Every host that something answers for.
struct Served {
    hosts: BTreeSet<String>,
    /// What follows the `*` of a host.
    suffixes: Vec<String>,
    /// A gateway takes every host.
    serves_any: bool,
    /// Some gateway or route is known at all.
    has_gateways: bool,
}

impl Served {
    fn of(view: &MeshView<'_>) -> Self {
        let mut served = Self { hosts: BTreeSet::new(), suffixes: Vec::new(), serves_any: false, has_gateways: false };
        for service in &view.mesh.services {
            served.add(&service.hostname);
            if service.kind != ServiceKind::ServiceEntry {
                let (name, namespace) = (&service.id.name, &service.id.namespace);
                for short in [name.clone(), format!("{name}.{namespace}"), format!("{name}.{namespace}.svc")] {
                    served.hosts.insert(short);
                }
            }
        }
        for server in view.mesh.gateways.iter().flat_map(|gateway| &gateway.spec.servers) {
            for host in &server.hosts {
                served.add_outside(host.value.rsplit('/').next().unwrap_or_default());
            }
        }
        for listener in view.mesh.kubernetes_gateways.iter().flat_map(|gateway| &gateway.spec.listeners) {
            // The mesh port of a waypoint and a listener without a hostname take what routes say.
            if let Some(host) = &listener.hostname {
                served.add_outside(host.as_str());
            }
        }
        for raw in view.raw {
            match (raw.header.group(), raw.header.kind.value.as_str()) {
                ("networking.istio.io", "VirtualService") => served.add_texts(tree::items_at(&raw.node, &["spec", "hosts"])),
                ("gateway.networking.k8s.io", _) => served.add_texts(tree::items_at(&raw.node, &["spec", "hostnames"])),
                ("networking.k8s.io", "Ingress") => {
                    for host in tree::items_at(&raw.node, &["spec", "rules"]).iter().filter_map(|rule| rule.get("host")) {
                        served.add_texts(std::slice::from_ref(host));
                    }
                }
                _ => {}
            }
        }
        served
    }

    fn add_texts(&mut self, hosts: &[Node]) {
        hosts.iter().filter_map(Node::as_str).for_each(|host| self.add_outside(host));
    }

    fn add_outside(&mut self, host: &str) {
        self.has_gateways = true;
        self.add(host);
    }

    fn add(&mut self, host: &str) {
        let host = host.to_lowercase();
        match host.strip_prefix('*') {
            Some("") => self.serves_any = true,
            Some(suffix) => self.suffixes.push(suffix.to_owned()),
            None => {
                self.hosts.insert(host);
            }
        }
    }

    /// Whether a value and a host that is served can mean the same. Addresses are not looked for.
    fn has(&self, host: &str) -> bool {
        if host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return true;
        }
        match (host.strip_prefix('*'), host.strip_suffix('*')) {
            (Some(end), _) => {
                self.hosts.iter().any(|known| known.ends_with(end))
                    || self.suffixes.iter().any(|known| known.ends_with(end) || end.ends_with(known))
            }
            (None, Some(start)) => !self.suffixes.is_empty() || self.hosts.iter().any(|known| known.starts_with(start)),
            (None, None) => self.hosts.contains(host) || self.suffixes.iter().any(|known| host.ends_with(known)),
        }
    }
}
