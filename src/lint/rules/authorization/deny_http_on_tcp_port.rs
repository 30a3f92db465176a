use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::tcp;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS190"),
    name: "deny-http-on-tcp-port",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A DENY rule with HTTP conditions whose workloads have a TCP port.",
    why: "On a TCP port these conditions are dropped, and the rule denies connections that it does not mean.",
    example: r#"apiVersion: v1
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
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "request.headers[x-env]", values: ["test*"]}]}]}
"#,
    instead: r#"apiVersion: v1
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
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: ["8080"]}}], when: [{key: "request.headers[x-env]", values: ["test*"]}]}]}
"#,
    specification: "Istio authorization on TCP ports",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut witnesses = Witnesses::new(view);
    let mut widened: BTreeMap<(usize, usize), tcp::Missed<'_>> = BTreeMap::new();
    for on_tcp in tcp::workloads(view) {
        for policy in on_tcp.policies.iter().filter(|policy| policy.action == Action::Deny) {
            let Some(on_http) = view.lowered(policy.index) else { continue };
            let Some(object) = view.mesh.authorization_policies.get(policy.index) else { continue };
            for rule in policy.on_tcp.engines.rules() {
                let written = on_http.engines.rules().find(|other| other.rule == rule.rule);
                let Some(test) = written.and_then(tcp::first_http) else { continue };
                for port in on_tcp.ports.iter().filter(|port| tcp::is_about(rule, **port)) {
                    let missed =
                        widened.entry((policy.index, rule.rule)).or_insert_with(|| tcp::Missed::new(test.place.span, on_tcp.workload));
                    missed.ports.insert(*port);
                    if missed.witness.is_none() && missed.ports.len() == 1 {
                        let witness = rule.from.first().and_then(|from| witnesses.ask(&tcp::connection(view, on_tcp.workload, *port, from)));
                        missed.witness = witness
                            .filter(|witness| witness.is_denied() && witness.is_settled_by(&object.id.namespace, &object.id.name, rule.rule))
                            .map(|witness| witness.scenario);
                    }
                }
            }
        }
    }
    for tcp::Missed { span, workload, ports, witness } in widened.into_values() {
        let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
        let finding = RULE
            .at(span, format!("connections to TCP port {} of `{}` are denied too", ports.join(", "), workload.display_name()))
            .with_label("this exists for HTTP only: on the port the rule goes on without it")
            .with_help("name the HTTP ports under `to`, so that the rule is about them alone");
        found.push(match witness {
            Some(witness) => finding.with_witness(witness),
            None => finding,
        });
    }
}
