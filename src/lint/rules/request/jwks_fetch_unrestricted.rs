use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::JwtRule;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS313"),
    name: "jwks-fetch-unrestricted",
    severity: Severity::Info,
    peers: &["IST0175"],
    needs: Needs::MeshConfiguration,
    finds: "An istiod without `BLOCKED_CIDRS_IN_JWKS_URIS` while RequestAuthentications let it fetch key sets.",
    why: "Whoever may create a RequestAuthentication can make istiod fetch URLs of the network that it stands in.",
    example: r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "docker.io/istio/pilot:1.30.1"}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
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
    instead: r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "docker.io/istio/pilot:1.30.1", env: [{name: BLOCKED_CIDRS_IN_JWKS_URIS, value: "10.0.0.0/8"}]}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
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
    specification: "istiod, BLOCKED_CIDRS_IN_JWKS_URIS",
    check: Check::Mesh(check),
};

const VARIABLE: &str = "BLOCKED_CIDRS_IN_JWKS_URIS";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let settings = &view.mesh.settings;
    let is_set = settings.features.get(VARIABLE).is_some_and(|value| !value.is_empty());
    let fetches = |rule: &JwtRule| rule.jwks.as_ref().is_none_or(|jwks| jwks.value.is_empty());
    let fetching = view.mesh.request_authentications.iter().filter(|policy| policy.spec.jwt_rules.iter().any(fetches)).count();
    if is_set || fetching == 0 {
        return;
    }
    let is_istiod = |workload: &&&Workload| workload.labels.get("app").is_some_and(|app| app == "istiod");
    for istiod in view.workloads_in(&settings.root_namespace).iter().filter(is_istiod) {
        found.push(
            RULE.at(istiod.span, format!("`{}` fetches key sets from any address", istiod.name))
                .with_note(format!("{fetching} RequestAuthentications make it fetch key sets"))
                .with_help(format!("set `{VARIABLE}` to the networks that hold no identity provider"))
                .likely(),
        );
    }
}
