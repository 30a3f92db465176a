use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::tcp;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS189"),
    name: "allow-http-on-tcp-port",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "An ALLOW rule with HTTP conditions whose workloads have a TCP port that no other rule allows.",
    why: "On a TCP port such a rule does not exist, and what remains denies every connection.",
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
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET]}}]}]}
",
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
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: ["8080"], methods: [GET]}}]}, {from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: ["6379"]}}]}]}
"#,
    specification: "Istio authorization on TCP ports",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut witnesses = Witnesses::new(view);
    // Of each rule: the ports it is missed on, with a workload and a request.
    let mut dropped: BTreeMap<(usize, usize), tcp::Missed<'_>> = BTreeMap::new();
    for on_tcp in tcp::workloads(view) {
        let allow: Vec<_> = on_tcp.policies.iter().filter(|policy| policy.action == Action::Allow).collect();
        for port in &on_tcp.ports {
            let is_allowed = allow.iter().any(|policy| policy.on_tcp.engines.rules().any(|rule| tcp::is_about(rule, *port)));
            if is_allowed {
                continue;
            }
            for policy in &allow {
                let Some(on_http) = view.lowered(policy.index) else { continue };
                for rule in on_http.engines.rules().filter(|rule| tcp::is_about(rule, *port)) {
                    let is_gone = !policy.on_tcp.engines.rules().any(|other| other.rule == rule.rule);
                    let Some(test) = tcp::first_http(rule).filter(|_| is_gone) else { continue };
                    let missed = dropped
                        .entry((policy.index, rule.rule))
                        .or_insert_with(|| tcp::Missed::new(test.place.span, on_tcp.workload));
                    missed.ports.insert(*port);
                    if missed.witness.is_none() && missed.ports.len() == 1 {
                        let witness = rule.from.first().and_then(|from| witnesses.ask(&tcp::connection(view, on_tcp.workload, *port, from)));
                        missed.witness = witness.filter(Witness::is_denied).map(|witness| witness.scenario);
                    }
                }
            }
        }
    }
    for tcp::Missed { span, workload, ports, witness } in dropped.into_values() {
        let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
        let finding = RULE
            .at(span, format!("every connection to TCP port {} of `{}` is denied", ports.join(", "), workload.display_name()))
            .with_label("this exists for HTTP only: on the port the whole rule is gone")
            .with_help(format!("add a rule with `ports: [\"{}\"]`, or select fewer workloads", ports.join("\", \"")))
            .likely();
        found.push(match witness {
            Some(witness) => finding.with_witness(witness),
            None => finding,
        });
    }
}
