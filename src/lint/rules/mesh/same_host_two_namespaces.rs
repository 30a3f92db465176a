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
    finds: "VirtualServices of two namespaces for one host of one gateway, or routes of the Gateway API.",
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

/// Kinds of routes that are looked at together: those that read HTTP, and those that read names of TLS.
const ROUTES: &[(&str, &str)] = &[("HTTPRoute", "HTTP"), ("GRPCRoute", "HTTP"), ("TLSRoute", "TLS")];

const GROUP: &str = "gateway.networking.k8s.io";

/// Who first claimed what: namespace and place, and the listener when one is named.
struct Claim<'v> {
    namespace: &'v str,
    section: Option<&'v str>,
    span: Span,
}

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    of_virtual_services(view, found);
    of_routes(view, found);
}

fn of_virtual_services(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut known: BTreeMap<(String, &str), Claim<'_>> = BTreeMap::new();
    for service in view.raw_of("networking.istio.io", "VirtualService") {
        let Some(spec) = service.node.get("spec") else { continue };
        for (gateway, _) in tree::texts(spec, "gateways").filter(|(gateway, _)| *gateway != "mesh") {
            let gateway = if gateway.contains('/') { gateway.to_owned() } else { format!("{}/{gateway}", service.namespace) };
            for (host, span) in tree::texts(spec, "hosts") {
                let claim = Claim { namespace: &service.namespace, section: None, span };
                let first = known.entry((gateway.clone(), host)).or_insert(Claim { ..claim });
                if let Some(finding) = first.conflict(&claim, host, &gateway) {
                    found.push(finding.with_help(format!("say in the Gateway whose host it is: `{}/{host}`", first.namespace)));
                }
            }
        }
    }
}

fn of_routes(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut known: BTreeMap<(String, &str, &str), Vec<Claim<'_>>> = BTreeMap::new();
    for (kind, reads) in ROUTES {
        for route in view.raw_of(GROUP, kind) {
            let Some(spec) = route.node.get("spec") else { continue };
            for parent in tree::items(spec, "parentRefs") {
                let is_gateway = tree::text(parent, "kind").is_none_or(|kind| kind == "Gateway")
                    && tree::text(parent, "group").is_none_or(|group| group == GROUP);
                let Some(name) = tree::text(parent, "name").filter(|_| is_gateway) else { continue };
                let gateway = format!("{}/{name}", tree::text(parent, "namespace").unwrap_or(&route.namespace));
                for (host, span) in tree::texts(spec, "hostnames") {
                    let claim = Claim { namespace: &route.namespace, section: tree::text(parent, "sectionName"), span };
                    let claims = known.entry((gateway.clone(), reads, host)).or_default();
                    let conflict = claims.iter().find_map(|first| first.conflict(&claim, host, &gateway));
                    found.extend(conflict.map(|finding| {
                        finding.with_help("give each team a listener with its own hostname, and admit only its namespace there")
                    }));
                    claims.push(claim);
                }
            }
        }
    }
}

impl Claim<'_> {
    fn conflict(&self, other: &Claim<'_>, host: &str, gateway: &str) -> Option<Finding> {
        let are_apart = self.section.is_some() && other.section.is_some() && self.section != other.section;
        (self.namespace != other.namespace && !are_apart).then(|| {
            RULE.at(other.span, format!("namespace `{}` serves `{host}` at gateway `{gateway}` too", self.namespace))
                .with_secondary(self.span, format!("in namespace `{}`", self.namespace))
        })
    }
}
