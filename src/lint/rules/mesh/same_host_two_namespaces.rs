use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS528"),
    name: "same-host-two-namespaces",
    severity: Severity::Warning,
    peers: &["IST0109"],
    needs: Needs::Manifests,
    finds: "VirtualServices of two namespaces for one host of one gateway.",
    why: "They are merged, the oldest first: a team can take over paths of a host that another team serves.",
    example: "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: a}
spec: {hosts: [shop.example.com], gateways: [edge/public], http: [{route: [{destination: {host: cart}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: b}
spec: {hosts: [shop.example.com], gateways: [edge/public], http: [{route: [{destination: {host: stock}}]}]}
",
    instead: "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: a}
spec: {hosts: [shop.example.com], gateways: [edge/public], http: [{route: [{destination: {host: cart}}]}]}
",
    specification: "VirtualService reference, hosts",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut known: BTreeMap<(String, &str), (&str, Span)> = BTreeMap::new();
    for service in view.raw_of("networking.istio.io", "VirtualService") {
        let Some(spec) = service.node.get("spec") else { continue };
        for (gateway, _) in tree::texts(spec, "gateways").filter(|(gateway, _)| *gateway != "mesh") {
            let gateway = if gateway.contains('/') { gateway.to_owned() } else { format!("{}/{gateway}", service.namespace) };
            for (host, span) in tree::texts(spec, "hosts") {
                let (namespace, first) = *known.entry((gateway.clone(), host)).or_insert((&service.namespace, span));
                if namespace != service.namespace {
                    found.push(
                        RULE.at(span, format!("namespace `{namespace}` serves `{host}` at gateway `{gateway}` too"))
                            .with_secondary(first, format!("in namespace `{namespace}`"))
                            .with_help(format!("say in the Gateway whose host it is: `{namespace}/{host}`")),
                    );
                }
            }
        }
    }
}
