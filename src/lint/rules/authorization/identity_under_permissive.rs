use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::is_identity;
use crate::lint::rules::authorization::mutual_tls;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::Caller;
use crate::lint::rules::authorization::scope::lowered_in_force;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::mesh::Proxy;
use crate::policy::Test;

pub(super) const RULE: Rule = Rule {
    code: Code("MS177"),
    name: "identity-under-permissive",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A DENY by identity on a port that takes plaintext.",
    why: "A caller that does not use mutual TLS has no identity, and is not denied.",
    example: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: PERMISSIVE}}
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
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
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
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "PeerAuthentication reference, mtls.mode; ISTIO-SECURITY-2021-004",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut witnesses = Witnesses::new(view);
    for (policy, lowered) in lowered_in_force(view, Action::Deny) {
        for rule in lowered.engines.rules() {
            let asks = |test: &&Test| is_identity(&test.attribute) && !test.values.is_empty();
            let Some(test) = rule.from.iter().find_map(|from| from.tests.iter().find(asks)) else { continue };
            let (Some(from), Some(to), Some(value)) = (rule.from.first(), rule.to.first(), test.values.first()) else { continue };
            let open = view.workloads_of(policy).into_iter().filter(|workload| workload.proxy == Proxy::Sidecar).take(5).find_map(|workload| {
                let request = sample::request(view, workload, Caller::Anonymous, from, to)?;
                let mode = view.mesh.server_mode(workload, request.port);
                if !mutual_tls::is_permissive(&mode) {
                    return None;
                }
                let witness = witnesses.ask(&request).filter(Witness::is_allowed)?;
                Some((workload, request.port, mode, witness))
            });
            let Some((workload, port, mode, witness)) = open else { continue };
            let workload = workload.display_name();
            let finding = RULE
                .at(value.written.span, format!("callers that speak plaintext to port {port} of `{workload}` are not denied"))
                .with_label("without a certificate there is no identity to compare")
                .with_help("set STRICT for this port, or deny `notPrincipals: [\"*\"]` on it as well")
                .with_witness(witness.scenario);
            found.push(mutual_tls::resting_on(finding, view, &mode));
        }
    }
}
