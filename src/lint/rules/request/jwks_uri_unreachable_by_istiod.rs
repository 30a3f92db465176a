use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;
use crate::lint::witness::Request;
use crate::lint::witness::Witnesses;
use crate::mesh::Service;
use crate::simulate::Verdict;

pub(super) const RULE: Rule = Rule {
    code: Code("MS360"),
    name: "jwks-uri-unreachable-by-istiod",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A `jwksUri` that leads to a workload of the mesh whose port is STRICT, while istiod fetches the keys.",
    why: "istiod is no part of the mesh and has no sidecar: its request is refused. Requests without a token pass, and every real token gets 401.",
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
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: Service
metadata: {name: idp, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "http://idp.shop.svc.cluster.local/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
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
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: Service
metadata: {name: idp, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: idp, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  mtls: {mode: STRICT}
  portLevelMtls: {8080: {mode: PERMISSIVE}} # meshsec: ignore[MS227] istiod fetches the keys here
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "http://idp.shop.svc.cluster.local/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "istiod, PILOT_JWT_ENABLE_REMOTE_JWKS; PeerAuthentication reference, MutualTLS.Mode STRICT",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let mode = mesh.settings.features.get("PILOT_JWT_ENABLE_REMOTE_JWKS").map_or("", String::as_str);
    if mesh.request_authentications.is_empty() || matches!(mode, "true" | "hybrid" | "envoy") {
        return;
    }
    let by_host: BTreeMap<&str, &Service> = mesh.services.iter().map(|service| (service.hostname.as_str(), service)).collect();
    let mut witnesses = Witnesses::new(view);
    for uri in mesh.request_authentications.iter().flat_map(|policy| &policy.spec.jwt_rules).filter_map(|rule| rule.jwks_uri.as_ref()) {
        let Some((scheme, host)) = jwt_rule::scheme_and_host(&uri.value) else { continue };
        let Some(service) = by_host.get(full_name(host, &mesh.settings.cluster_domain).as_str()) else { continue };
        let number = port_of(&uri.value).unwrap_or(if scheme == "https" { 443 } else { 80 });
        let refused = service.endpoints.iter().find_map(|endpoint| {
            let workload = mesh.workload(endpoint.workload?)?;
            let request = Request {
                namespace: workload.namespace.clone(),
                workload: workload.name.clone(),
                port: *endpoint.ports.get(&number)?,
                ..Request::default()
            };
            let witness = witnesses.ask(&request).filter(|witness| witness.decision.verdict == Verdict::MtlsRequired)?;
            Some((workload, request.port, witness))
        });
        let Some((workload, port, witness)) = refused else { continue };
        let mut finding = RULE
            .at(uri.span, format!("istiod cannot fetch the keys: port {port} of `{}` is STRICT", workload.display_name()))
            .with_label("istiod has no sidecar; every real token gets 401")
            .with_help(format!("let port {port} be PERMISSIVE, or let the proxies fetch (`PILOT_JWT_ENABLE_REMOTE_JWKS: hybrid`)"))
            .with_witness(witness.scenario);
        if let Some(from) = mesh.server_mode(workload, port).from {
            finding = finding.with_secondary(from.span, "STRICT by this policy");
        }
        found.push(finding);
    }
}

/// `idp.shop` and `idp.shop.svc` in full.
fn full_name(host: &str, domain: &str) -> String {
    match host.split('.').count() {
        2 => format!("{host}.svc.{domain}"),
        3 if host.split('.').next_back() == Some("svc") => format!("{host}.{domain}"),
        _ => host.to_owned(),
    }
}

fn port_of(url: &str) -> Option<u16> {
    let authority = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
    authority.rsplit_once(':')?.1.parse().ok()
}
