use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::is_identity;
use crate::lint::rules::authorization::cover::is_open;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::Caller;
use crate::lint::rules::authorization::scope::lowered_in_force;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::mesh::Proxy;
use crate::policy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS185"),
    name: "remote-ip-inside-mesh",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "`remoteIpBlocks` of an ALLOW on a workload behind a sidecar, without requiring the gateway's identity.",
    why: "There the address is the last one in `X-Forwarded-For`, which a caller inside the mesh writes himself.",
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
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {remoteIpBlocks: [203.0.113.0/24]}}]}]}
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
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web], remoteIpBlocks: [203.0.113.0/24]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.remoteIpBlocks",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut witnesses = Witnesses::new(view);
    for (policy, lowered) in lowered_in_force(view, Action::Allow) {
        for rule in lowered.engines.rules() {
            for from in &rule.from {
                let has_identity = from.tests.iter().any(|test| is_identity(&test.attribute) && !test.values.is_empty());
                let remote = from.tests.iter().find(|test| test.attribute == policy::Attribute::RemoteIp && !is_open(test));
                let Some(value) = remote.and_then(|test| test.values.first()).filter(|_| !has_identity) else { continue };
                let Some(to) = rule.to.first() else { continue };
                let forged = view.workloads_of(policy).into_iter().filter(|workload| workload.proxy == Proxy::Sidecar).take(3).find_map(|workload| {
                    let mut request = sample::request(view, workload, Caller::Identified, from, to)?;
                    let address = request.remote_ip.take()?;
                    request.headers.push(("x-forwarded-for".to_owned(), address));
                    let witness = witnesses.ask(&request)?;
                    (witness.is_allowed() && witness.is_settled_by(&policy.id.namespace, &policy.id.name, rule.rule))
                        .then_some((workload, witness))
                });
                let Some((workload, witness)) = forged else { continue };
                let workload = workload.display_name();
                found.push(
                    RULE.at(value.written.span, format!("a caller inside the mesh can claim this address before `{workload}`"))
                        .with_label("read from `X-Forwarded-For`, which the caller writes")
                        .with_help("limit addresses at the gateway, and require the gateway's principal here")
                        .with_witness(witness.scenario),
                );
            }
        }
    }
}
