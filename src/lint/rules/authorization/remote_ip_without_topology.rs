use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::balancer;
use crate::lint::rules::authorization::balancer::Balancer;
use crate::lint::rules::authorization::balancer::Topology;
use crate::lint::value_lists;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS184"),
    name: "remote-ip-without-topology",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "`remoteIpBlocks` or `remote.ip` on a gateway that cannot know the address of its clients, or takes it from what clients send.",
    why: "The address compared is then that of a load balancer or node, which is the same for everyone, or one that the caller chose.",
    example: concat!(balancer::gateway!("numTrustedProxies: 0", "Cluster"), balancer::policy!()),
    instead: concat!(balancer::gateway!("numTrustedProxies: 0", "Local"), balancer::policy!()),
    specification: "Istio configuring gateway network topology; Kubernetes Service, externalTrafficPolicy",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.mesh.services.iter().any(|service| service.is_exposed) {
        return;
    }
    for policy in &view.mesh.authorization_policies {
        let lists = value_lists(&policy.spec);
        let Some(value) = lists.iter().find(|list| list.attribute == Attribute::RemoteIpBlocks).and_then(|list| list.values.first())
        else {
            continue;
        };
        for gateway in view.workloads_of(policy).into_iter().filter(|workload| workload.proxy == Proxy::Gateway) {
            let Some(service) = balancer::service_of(view, gateway) else { continue };
            let (topology, balancer) = (Topology::of(view, gateway), Balancer::of(service));
            let Some((headline, help)) = problem(topology, balancer, service.keeps_client_address) else { continue };
            let name = gateway.display_name();
            let finding = RULE
                .at(value.span, format!("gateway `{name}` {headline}"))
                .with_secondary(service.span, "how clients reach it")
                .with_help(help);
            found.push(if topology == Topology::Unknown {
                finding.cannot_tell("the mesh configuration")
            } else {
                finding.likely()
            });
            break;
        }
    }
}

/// What is wrong with the address that the gateway sees, and what to do.
fn problem(topology: Topology, balancer: Balancer, keeps_address: bool) -> Option<(String, &'static str)> {
    match (topology, balancer) {
        (Topology::Proxies(0) | Topology::Unknown, Balancer::Http) => Some((
            "sees the address of the load balancer: it trusts no proxy before it".to_owned(),
            "set `gatewayTopology: {numTrustedProxies: 1}` for the gateway",
        )),
        (Topology::Proxies(0) | Topology::Unknown, Balancer::SendsProxyProtocol) => Some((
            "does not read the PROXY protocol that its load balancer is told to speak".to_owned(),
            "set `gatewayTopology: {proxyProtocol: {}}` for the gateway",
        )),
        (Topology::Proxies(0) | Topology::Unknown, Balancer::Connections | Balancer::Unsaid) if !keeps_address => Some((
            "sees the address of a node: `externalTrafficPolicy` is `Cluster`".to_owned(),
            "set `externalTrafficPolicy: Local` on its Service, or put a proxy before it that sends `X-Forwarded-For`, and count it",
        )),
        (Topology::Proxies(count @ 1..), Balancer::Connections) => Some((
            format!("trusts {count} proxies before it, and its load balancer is none: callers choose their address"),
            "set `numTrustedProxies: 0` for the gateway",
        )),
        (Topology::Proxies(_) | Topology::ProxyProtocol | Topology::Unknown, _) => None,
    }
}
