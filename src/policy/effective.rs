//! Everything that decides about the traffic of one workload, in the order in which it is looked at, and what does not, and why.

use crate::diag::Span;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::Sidecar;
use crate::manifest::kinds::TrafficPolicy;
use crate::mesh::AppliedJwtRule;
use crate::mesh::Attachment;
use crate::mesh::InboundPort;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::ObjectRef;
use crate::mesh::ServerMode;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::policy::ChainKind;
use crate::policy::Engine;
use crate::policy::Engines;
use crate::policy::Lowered;
use crate::policy::lower;

/// What applies to one workload.
#[derive(Debug)]
pub struct Effective<'m> {
    /// The workload.
    pub workload: &'m Workload,
    /// The ports its proxy declares and those that a policy names, in order.
    pub ports: Vec<EffectivePort>,
    /// What is demanded on all other ports.
    pub other_ports: ServerMode,
    /// The PeerAuthentications that are joined, the widest first; each overrides those before it.
    pub peer_policies: Vec<PeerPolicy>,
    /// The rules for tokens, in the order of the proxy's providers.
    pub jwt_rules: Vec<AppliedJwtRule<'m>>,
    /// AuthorizationPolicies in order of evaluation.
    pub policies: Vec<AppliedPolicy>,
    /// An ALLOW policy applies: what none lets in is refused.
    pub allow_applies: bool,
    /// What callers do, by DestinationRules for its services; rules that take precedence come first.
    pub service_rules: Vec<ServiceRule>,
    /// The Sidecar that configures its proxy.
    pub sidecar: Option<&'m Object<Sidecar>>,
    /// Policies that do not apply, in reading order of their kind.
    pub ignored: Vec<IgnoredObject>,
}

/// A port and what it demands.
#[derive(Debug, Clone, Copy)]
pub struct EffectivePort {
    /// The workload's port.
    pub port: u16,
    /// As declared by a service or Sidecar; `None` when only a policy names it.
    pub declared: Option<InboundPort>,
    /// The merged mode with its origin.
    pub mode: ServerMode,
    /// Its proxy does not see what arrives there: no mode and no policy counts.
    pub is_bypassed: bool,
}

/// A PeerAuthentication that takes part.
#[derive(Debug, Clone)]
pub struct PeerPolicy {
    /// Index in [`Mesh::peer_authentications`].
    pub policy: usize,
    /// Why it applies.
    pub why: String,
}

/// An AuthorizationPolicy that applies.
#[derive(Debug, Clone)]
pub struct AppliedPolicy {
    /// Index in [`Mesh::authorization_policies`].
    pub policy: usize,
    /// Its action.
    pub action: Action,
    /// It only reports.
    pub is_dry_run: bool,
    /// Why it applies.
    pub why: String,
    /// How many of its rules the proxy has on HTTP.
    pub http_rules: usize,
    /// How many of its rules the proxy has on TCP.
    pub tcp_rules: usize,
}

/// A DestinationRule for a service of the workload.
#[derive(Debug, Clone)]
pub struct ServiceRule {
    /// Index in [`Mesh::destination_rules`].
    pub rule: usize,
    /// Index in [`Mesh::services`].
    pub service: usize,
    /// Which callers follow it, in words.
    pub callers: String,
    /// What it makes them do on each port of the service; `None` leaves it to automatic mutual TLS.
    pub ports: Vec<(u16, Option<ClientTlsMode>)>,
}

/// An object that does not apply.
#[derive(Debug, Clone)]
pub struct IgnoredObject {
    /// Kind, namespace and name.
    pub object: ObjectRef,
    /// Where it stands.
    pub span: Span,
    /// Why not.
    pub why: String,
}

/// What applies to a workload; `None` when there is none with this index.
#[must_use]
pub fn effective(mesh: &Mesh, id: WorkloadId) -> Option<Effective<'_>> {
    let workload = mesh.workload(id)?;
    let mut ignored = Vec::new();
    let mut ignore = |object: &ObjectRef, span: Span, why: &str| {
        ignored.push(IgnoredObject { object: object.clone(), span, why: why.to_owned() });
    };

    let mut peer_policies = Vec::new();
    for (policy, object) in mesh.peer_authentications.iter().enumerate() {
        match mesh.peer_authentication_attachment(workload, policy) {
            Attachment::Applies(why) => peer_policies.push(PeerPolicy { policy, why }),
            Attachment::Ignored(why) => ignore(&object.id, object.span, &why),
        }
    }
    peer_policies.sort_by_key(|applied| width(mesh, applied.policy));
    for (policy, object) in mesh.request_authentications.iter().enumerate() {
        if let Attachment::Ignored(why) = mesh.request_authentication_attachment(workload, policy) {
            ignore(&object.id, object.span, &why);
        }
    }
    let http = lower(mesh, workload, ChainKind::Http);
    let tcp = lower(mesh, workload, ChainKind::Tcp);
    for selection in http.selection.iter().filter(|selection| !selection.applies) {
        if let Some(object) = mesh.authorization_policies.get(selection.policy) {
            ignore(&object.id, object.span, &selection.why);
        }
    }
    Some(Effective {
        workload,
        ports: ports(mesh, id, workload),
        other_ports: mesh.workload_mode(workload),
        peer_policies,
        jwt_rules: mesh.jwt_rules(workload),
        policies: policies(mesh, &http, &tcp),
        allow_applies: http.engines.allow.is_some(),
        service_rules: service_rules(mesh, id),
        sidecar: mesh.sidecar_of(workload),
        ignored,
    })
}

/// The mesh's policy before the namespace's before the one with a selector.
fn width(mesh: &Mesh, policy: usize) -> u8 {
    let Some(object) = mesh.peer_authentications.get(policy) else { return 0 };
    let selects = object.spec.selector.as_ref().is_some_and(|selector| !selector.match_labels.is_empty());
    match (selects, object.id.namespace == mesh.settings.root_namespace) {
        (true, _) => 2,
        (false, true) => 0,
        (false, false) => 1,
    }
}

fn ports(mesh: &Mesh, id: WorkloadId, workload: &Workload) -> Vec<EffectivePort> {
    let declared = mesh.inbound_ports(id);
    let named = mesh.port_level_modes(workload);
    let mut numbers: Vec<u16> = declared.iter().map(|port| port.port).chain(named.keys().copied()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
        .into_iter()
        .map(|port| EffectivePort {
            port,
            declared: declared.iter().find(|declared| declared.port == port).copied(),
            mode: mesh.server_mode(workload, port),
            is_bypassed: !workload.intercepts(port),
        })
        .collect()
}

/// CUSTOM by provider, then DENY, then ALLOW, then what decides nothing.
fn policies(mesh: &Mesh, http: &Lowered, tcp: &Lowered) -> Vec<AppliedPolicy> {
    let mut order: Vec<(usize, bool)> = Vec::new();
    for (engine, is_dry_run) in in_order(&http.engines) {
        for rule in &engine.rules {
            if !order.contains(&(rule.policy, is_dry_run)) {
                order.push((rule.policy, is_dry_run));
            }
        }
    }
    // Policies of which translation leaves nothing apply nevertheless.
    for selection in http.selection.iter().filter(|selection| selection.applies) {
        if !order.iter().any(|(policy, _)| *policy == selection.policy) {
            order.push((selection.policy, false));
        }
    }
    let count = |lowered: &Lowered, policy: usize| {
        let rules = in_order(&lowered.engines).into_iter().flat_map(|(engine, _)| &engine.rules);
        rules.filter(|rule| rule.policy == policy && !(rule.from.is_empty() && rule.to.is_empty())).count()
    };
    order
        .into_iter()
        .filter_map(|(policy, is_dry_run)| {
            let object = mesh.authorization_policies.get(policy)?;
            let selection = http.selection.iter().find(|selection| selection.policy == policy)?;
            Some(AppliedPolicy {
                policy,
                action: object.spec.action.value,
                is_dry_run,
                why: selection.why.clone(),
                http_rules: count(http, policy),
                tcp_rules: count(tcp, policy),
            })
        })
        .collect()
}

fn in_order(engines: &Engines) -> Vec<(&Engine, bool)> {
    let Engines { custom, audit, deny, allow, dry_run_deny, dry_run_allow, dry_run_audit } = engines;
    let custom = custom.iter().flat_map(|custom| [(&custom.engine, false), (&custom.dry_run, true)]);
    let mut all: Vec<(&Engine, bool)> = custom.collect();
    for (engine, is_dry_run) in
        [(deny, false), (allow, false), (audit, false), (dry_run_deny, true), (dry_run_allow, true), (dry_run_audit, true)]
    {
        all.extend(engine.iter().map(|engine| (engine, is_dry_run)));
    }
    all
}

fn service_rules(mesh: &Mesh, id: WorkloadId) -> Vec<ServiceRule> {
    let mut rules = Vec::new();
    for (index, service) in mesh.services.iter().enumerate() {
        if !service.endpoints.iter().any(|endpoint| endpoint.workload == Some(id)) {
            continue;
        }
        let mut of_service: Vec<(u8, ServiceRule)> = Vec::new();
        for (rule, object) in mesh.destination_rules.iter().enumerate() {
            let host = mesh.destination_rule_host(object);
            let is_exact = host == service.hostname;
            if !is_exact && !host.strip_prefix('*').is_some_and(|end| service.hostname.ends_with(end)) {
                continue;
            }
            let namespace = object.id.namespace.as_str();
            let (rank, callers) = if namespace == mesh.settings.root_namespace {
                (2, "callers for whom no namespace has a rule".to_owned())
            } else if namespace == service.id.namespace {
                (1, format!("callers in `{namespace}`{}", exported(mesh, object)))
            } else {
                (0, format!("callers in `{namespace}`"))
            };
            let callers = match &object.spec.workload_selector {
                Some(_) => format!("callers in `{namespace}` that its workloadSelector names"),
                None => callers,
            };
            let ports = service
                .ports
                .iter()
                .map(|port| {
                    let policy = object.spec.traffic_policy.as_ref();
                    (port.number, policy.and_then(|policy| mode_at(policy, port.number)))
                })
                .collect();
            // Of the rules of a namespace the exact host comes before a wildcard.
            let rank = rank * 2 + u8::from(!is_exact);
            of_service.push((rank, ServiceRule { rule, service: index, callers, ports }));
        }
        of_service.sort_by_key(|(rank, _)| *rank);
        rules.extend(of_service.into_iter().map(|(_, rule)| rule));
    }
    rules
}

/// Who else follows a rule of the service's own namespace.
fn exported(mesh: &Mesh, object: &Object<DestinationRule>) -> String {
    let written: Vec<&str> = object.spec.export_to.iter().map(|namespace| namespace.value.as_str()).collect();
    let default: Vec<&str> = mesh.settings.default_destination_rule_export_to.iter().map(String::as_str).collect();
    let export_to = if written.is_empty() { default } else { written };
    if export_to.contains(&"*") {
        return " and everywhere else".to_owned();
    }
    let own = object.id.namespace.as_str();
    let others: Vec<String> =
        export_to.iter().filter(|name| !matches!(**name, "." | "~") && **name != own).map(|name| format!("`{name}`")).collect();
    if others.is_empty() { String::new() } else { format!(" and {}", others.join(", ")) }
}

/// An entry of the port stands for the whole policy there.
fn mode_at(policy: &TrafficPolicy, port: u16) -> Option<ClientTlsMode> {
    let entry = policy.port_level.iter().find(|entry| entry.port.value == u32::from(port));
    let tls = entry.map_or(policy.tls.as_ref(), |entry| entry.tls.as_ref());
    tls.map(|tls| tls.mode.value)
}
