use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::first_few;
use crate::lint::rules::request::asking::Asking;
use crate::lint::rules::request::jwt_rule;
use crate::lint::rules::request::opening::Opening;
use crate::lint::rules::request::opening::Openings;
use crate::manifest::kinds::RequestAuthentication;
use crate::mesh::Object;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS320"),
    name: "authentication-without-authorization",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A RequestAuthentication for workloads where no policy asks for a token.",
    why: "It only checks tokens that are there: requests without one pass. This is the most common misreading of the API.",
    example: r#"apiVersion: v1
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
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: "registry.example/app:1", ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
"#,
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
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: "registry.example/app:1", ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference; Istio documentation, require a token",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    if mesh.request_authentications.is_empty() || !view.has_workloads() {
        return;
    }
    let (asking, mut openings) = (Asking::of(view), Openings::new(view));
    let mut open: BTreeMap<usize, Vec<&Workload>> = BTreeMap::new();
    let mut applied = BTreeSet::new();
    for (workload, policies) in mesh.workloads.iter().zip(view.authentications()) {
        if policies.is_empty() || !matches!(workload.proxy, Proxy::Sidecar | Proxy::Gateway) {
            continue;
        }
        applied.extend(policies.iter().copied());
        // Where there is no HTTP no token is looked for, which another rule says.
        let ports = view.inbound_ports(workload);
        if !ports.is_empty() && ports.iter().all(|port| port.class == PortClass::Tcp) {
            continue;
        }
        if asking.at(view, workload).is_none() {
            for policy in policies {
                open.entry(*policy).or_default().push(workload);
            }
        }
    }
    for (index, policy) in mesh.request_authentications.iter().enumerate() {
        let Some(rule) = policy.spec.jwt_rules.first() else { continue };
        let help = "add an AuthorizationPolicy: ALLOW with `requestPrincipals`, or DENY with `notRequestPrincipals: [\"*\"]`";
        let place = jwt_rule::place_of(rule);
        if let Some(workloads) = open.get(&index) {
            let mut opening = None;
            for workload in workloads.iter().take(TRIED) {
                match openings.at(workload) {
                    Opening::None => {}
                    Opening::Shown(witness) => opening = Some((workload, Some(witness.scenario))),
                    Opening::Unasked => opening = Some((workload, None)),
                }
                if opening.is_some() {
                    break;
                }
            }
            let Some((workload, witness)) = opening else { continue };
            let mut finding = RULE
                .at(place, format!("requests without a token pass at workload `{}`", workload.display_name()))
                .with_label("a token is checked when it is there, and not asked for")
                .with_help(help)
                .likely();
            if workloads.len() > 1 {
                let names: Vec<&str> = workloads.iter().map(|workload| workload.name.as_str()).collect();
                finding = finding.with_note(format!("no policy asks for a token at {}", first_few(&names)));
            }
            found.push(match witness {
                Some(scenario) => finding.with_witness(scenario),
                None => finding,
            });
        } else if !applied.contains(&index) && is_without_policy(view, &asking, policy) {
            let namespace = &policy.id.namespace;
            found.push(
                RULE.at(place, format!("no policy of namespace `{namespace}` asks for a token"))
                    .with_label("a token is checked when it is there, and not asked for")
                    .with_help(help)
                    .cannot_tell(format!("the manifests of namespace `{namespace}`")),
            );
        }
    }
}

/// Workloads of one policy that are tried.
const TRIED: usize = 5;

/// Whether nothing is known of the workloads, and no policy near by asks.
fn is_without_policy(view: &MeshView<'_>, asking: &Asking<'_>, policy: &Object<RequestAuthentication>) -> bool {
    let spec = &policy.spec;
    let namespace = &policy.id.namespace;
    *namespace != view.mesh.settings.root_namespace
        && !view.knows_namespace(namespace)
        && spec.target_ref.is_none()
        && spec.target_refs.is_empty()
        && !asking.has_near(view, namespace)
}
