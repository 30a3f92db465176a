use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::ValueList;
use crate::lint::rules::authorization::identities;
use crate::lint::value_lists;
use crate::lint::witness::Request;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::Operation;
use crate::manifest::kinds::PeerAuthentication;
use crate::mesh::Object;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::mesh::ServerMode;
use crate::mesh::Workload;
use crate::mesh::selector_labels_match;

pub(super) const RULE: Rule = Rule {
    code: Code("MS131"),
    name: "identity-needs-mtls",
    severity: Severity::Warning,
    peers: &["KIA0105"],
    needs: Needs::Manifests,
    finds: "A rule about the identity of callers on a port where mutual TLS is disabled.",
    why: "No caller has an identity there: an ALLOW by identity admits nobody, a DENY by identity stops nobody, and every `not` form matches.",
    example: r"apiVersion: v1
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
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example, namespace: shop}
spec:
  mtls: {mode: DISABLE} # meshsec: ignore[MS221] legacy clients until they are moved
",
    instead: r"apiVersion: v1
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
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: example, namespace: shop}
spec: {mtls: {mode: STRICT}}
",
    specification: "AuthorizationPolicy reference, Source",
    check: Check::Mesh(check),
};

/// A port on which nobody has an identity.
#[derive(Clone, Copy)]
struct OpenPort {
    port: u16,
    class: PortClass,
    mode: ServerMode,
}

type OpenWorkload<'v> = (&'v Workload, Vec<OpenPort>);

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    if !mesh.peer_authentications.iter().any(disables) {
        return;
    }
    let open = open_workloads(view);
    let mut witnesses = Witnesses::new(view);
    for policy in &mesh.authorization_policies {
        let lists: Vec<ValueList<'_>> =
            value_lists(&policy.spec).into_iter().filter(|list| list.attribute.is_peer_identity()).collect();
        if lists.is_empty() || open.is_empty() {
            continue;
        }
        let is_root = policy.id.namespace == mesh.settings.root_namespace;
        let near = open.iter().filter(|(namespace, _)| is_root || **namespace == policy.id.namespace);
        let mut concerned = near.flat_map(|(_, workloads)| workloads).filter(|(workload, _)| concerns(view, policy, workload));
        // The workloads that were found so far, for the lists that follow.
        let mut known: Vec<&OpenWorkload<'_>> = Vec::new();
        for list in &lists {
            let port_of = |open: &OpenWorkload<'_>| open.1.iter().find(|open| may_reach(list, open.port)).copied();
            let mut reached = known.iter().find_map(|open| Some((open.0, port_of(open)?)));
            while reached.is_none() {
                let Some(next) = concerned.next() else { break };
                known.push(next);
                reached = port_of(next).map(|port| (next.0, port));
            }
            if let Some((workload, port)) = reached {
                found.extend(told(policy, list, workload, port, &mut witnesses));
            }
        }
    }
}

fn disables(policy: &Object<PeerAuthentication>) -> bool {
    let is_off = |mode: MutualTlsMode| mode == MutualTlsMode::Disable;
    policy.spec.mode.as_ref().is_some_and(|mode| is_off(mode.value))
        || policy.spec.port_level.values().any(|mode| is_off(mode.value))
}

/// Workloads with a sidecar that has ports without mutual TLS, by namespace.
fn open_workloads<'v>(view: &'v MeshView<'_>) -> BTreeMap<&'v str, Vec<OpenWorkload<'v>>> {
    let modes = view.mesh.peer_modes();
    let mut open: BTreeMap<&str, Vec<OpenWorkload<'_>>> = BTreeMap::new();
    for workload in view.mesh.workloads.iter().filter(|workload| workload.proxy == Proxy::Sidecar) {
        let (of_all, of_ports) = (modes.workload_mode(workload), modes.port_level_modes(workload));
        let mode_of = |port: u16| of_ports.get(&port).copied().unwrap_or(of_all);
        if of_all.mode != MutualTlsMode::Disable && of_ports.values().all(|mode| mode.mode != MutualTlsMode::Disable) {
            continue;
        }
        let ports: Vec<OpenPort> = view
            .inbound_ports(workload)
            .iter()
            .map(|inbound| OpenPort { port: inbound.port, class: inbound.class, mode: mode_of(inbound.port) })
            .filter(|open| open.mode.mode == MutualTlsMode::Disable)
            .collect();
        if !ports.is_empty() {
            open.entry(&workload.namespace).or_default().push((workload, ports));
        }
    }
    open
}

fn concerns(view: &MeshView<'_>, policy: &Object<AuthorizationPolicy>, workload: &Workload) -> bool {
    let spec = &policy.spec;
    if spec.selector.as_ref().is_some_and(|selector| !selector_labels_match(&selector.match_labels, &workload.labels)) {
        return false;
    }
    view.mesh.attaches(workload, &policy.target())
}

/// Whether the rule of a list may meet connections to this port.
fn may_reach(list: &ValueList<'_>, port: u16) -> bool {
    let port = port.to_string();
    let takes = |operation: &Operation| {
        (operation.ports.is_empty() || operation.ports.iter().any(|own| own.value == port))
            && !operation.not_ports.iter().any(|own| own.value == port)
    };
    let conditions = list.rule.when.iter().filter(|condition| condition.key.value == "destination.port");
    (list.rule.to.is_empty() || list.rule.to.iter().flatten().any(takes))
        && conditions
            .into_iter()
            .all(|condition| condition.values.is_empty() || condition.values.iter().any(|own| own.value == port))
}

fn told(
    policy: &Object<AuthorizationPolicy>,
    list: &ValueList<'_>,
    workload: &Workload,
    open: OpenPort,
    witnesses: &mut Witnesses<'_>,
) -> Option<Finding> {
    let effect = match (policy.spec.action.value, list.is_negated) {
        (Action::Allow, false) => "admits nobody there",
        (Action::Allow, true) => "admits everybody there",
        (Action::Deny, false) => "stops nobody there",
        (Action::Deny, true) => "stops everybody there",
        // Neither decides by identity.
        (Action::Audit | Action::Custom, _) => return None,
    };
    let matches = if list.is_negated { "always matches" } else { "never matches" };
    let name = list.key.map_or_else(|| field(list), |key| key.value.clone());
    let place = format!("port {} of `{}`", open.port, workload.display_name());
    let headline = format!("`{name}` {matches} on {place}: no caller has an identity there");
    let mut finding = RULE
        .at(list.values.first()?.span, headline)
        .with_label(effect)
        .with_help("demand mutual TLS there: a PeerAuthentication with mode STRICT");
    if let Some(origin) = open.mode.from {
        finding = finding.with_secondary(origin.span, "mutual TLS is disabled here");
    }
    let named = list.values.first().filter(|value| identities::parts(&value.value).is_some()).map(|value| value.value.clone());
    let request = Request {
        principal: named.filter(|_| !list.is_negated),
        namespace: workload.namespace.clone(),
        workload: workload.name.clone(),
        port: open.port,
        protocol: (open.class == PortClass::Tcp).then_some("tcp"),
        ..Request::default()
    };
    let is_admitted = matches!((policy.spec.action.value, list.is_negated), (Action::Allow, true) | (Action::Deny, false));
    Some(match witnesses.ask(&request) {
        Some(witness) if if is_admitted { witness.is_allowed() } else { witness.is_denied() } => {
            finding.with_witness(witness.scenario)
        }
        _ => finding,
    })
}

fn field(list: &ValueList<'_>) -> String {
    let name = match list.attribute {
        Attribute::Namespaces => "namespaces",
        Attribute::ServiceAccounts => "serviceAccounts",
        Attribute::TrustDomains => "trustDomains",
        Attribute::Principals
        | Attribute::RequestPrincipals
        | Attribute::IpBlocks
        | Attribute::RemoteIpBlocks
        | Attribute::Hosts
        | Attribute::Ports
        | Attribute::Methods
        | Attribute::Paths
        | Attribute::DestinationIp
        | Attribute::Header(_)
        | Attribute::Claims(_)
        | Attribute::Audiences
        | Attribute::Presenter
        | Attribute::Sni
        | Attribute::Other(_) => "principals",
    };
    let Some((first, rest)) = name.split_at_checked(1) else { return name.to_owned() };
    if list.is_negated { format!("not{}{rest}", first.to_uppercase()) } else { name.to_owned() }
}
