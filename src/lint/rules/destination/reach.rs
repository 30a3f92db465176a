//! What comes of a `DestinationRule`'s settings at each workload they lead to, asked of the model of connections.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::json;

use crate::diag::SourceId;
use crate::diag::Span;
use crate::lint::MeshView;
use crate::lint::rules::destination::client::Setting;
use crate::lint::rules::destination::client::settings;
use crate::manifest::kinds::DestinationRule;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::PortClass;
use crate::mesh::Service;
use crate::mesh::ServicePort;
use crate::mesh::Workload;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::connection::Caller;
use crate::simulate::connection::CallerProxy;
use crate::simulate::connection::ClientTlsOverride;
use crate::simulate::connection::Connection;
use crate::simulate::connection::ConnectionVerdict;
use crate::simulate::connection::Destination;
use crate::simulate::connection::Outcome;
use crate::simulate::connection::Question;
use crate::simulate::connection::connect;
use crate::simulate::connection::full_host;

/// One connection that one setting of a rule decides.
#[derive(Debug)]
pub(super) struct Reach<'a> {
    pub(super) rule: &'a Object<DestinationRule>,
    pub(super) setting: Setting<'a>,
    pub(super) service: &'a Service,
    pub(super) port: &'a ServicePort,
    pub(super) workload: &'a Workload,
    pub(super) connection: Connection,
    /// The namespace of the caller that was asked about.
    namespace: String,
}

/// Services by host, and what a rule's host stands for.
pub(super) struct Hosts<'a> {
    mesh: &'a Mesh,
    by_name: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Hosts<'a> {
    pub(super) fn new(mesh: &'a Mesh) -> Self {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, service) in mesh.services.iter().enumerate() {
            by_name.entry(&service.hostname).or_default().push(index);
        }
        Self { mesh, by_name }
    }

    /// The services of a full host, which may be a wildcard.
    pub(super) fn services(&self, host: &str) -> Vec<(usize, &'a Service)> {
        let with_index = |index: &usize| Some((*index, self.mesh.services.get(*index)?));
        match host.strip_prefix('*') {
            None => self.by_name.get(host).into_iter().flatten().filter_map(with_index).collect(),
            Some(end) => {
                let fitting = self.by_name.iter().filter(|(name, _)| name.ends_with(end));
                fitting.flat_map(|(_, indices)| indices).filter_map(with_index).collect()
            }
        }
    }
}

/// Asks about every connection that a wanted setting decides, until `visit` has seen enough of the setting and says so by `true`.
///
/// A question costs a walk over the mesh, so `at` picks the workloads that are worth one.
pub(super) fn each<'a>(
    view: &MeshView<'a>,
    wanted: impl Fn(&Setting<'a>) -> bool,
    at: &dyn Fn(&Workload) -> bool,
    visit: &mut dyn FnMut(Reach<'a>) -> bool,
) {
    let mesh = view.mesh;
    if !view.has_workloads() {
        return;
    }
    let hosts = Hosts::new(mesh);
    for (index, rule) in mesh.destination_rules.iter().enumerate() {
        let of_rule: Vec<Setting<'a>> = settings(&rule.spec).into_iter().filter(&wanted).collect();
        if of_rule.is_empty() {
            continue;
        }
        let services = hosts.services(&full_host(mesh, rule));
        for setting in of_rule {
            let subject = Subject { mesh, index, rule, setting };
            for (service_index, service) in &services {
                if subject.at(*service_index, service, at, visit) {
                    break;
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Subject<'a> {
    mesh: &'a Mesh,
    index: usize,
    rule: &'a Object<DestinationRule>,
    setting: Setting<'a>,
}

impl<'a> Subject<'a> {
    fn at(
        &self,
        service_index: usize,
        service: &'a Service,
        at: &dyn Fn(&Workload) -> bool,
        visit: &mut dyn FnMut(Reach<'a>) -> bool,
    ) -> bool {
        let caller = self.caller(service);
        for port in service.ports.iter().filter(|port| port.transport == "TCP") {
            if self.setting.port.is_some_and(|number| number != u32::from(port.number)) {
                continue;
            }
            for endpoint in &service.endpoints {
                let (Some(id), Some(&target)) = (endpoint.workload, endpoint.ports.get(&port.number)) else { continue };
                let Some(workload) = self.mesh.workload(id).filter(|workload| at(workload)) else { continue };
                let fits = self.setting.subset.is_none_or(|subset| {
                    subset.labels.iter().all(|(name, value)| endpoint.labels.get(name).is_some_and(|own| *own == value.value))
                });
                if !fits {
                    continue;
                }
                let destination = Destination {
                    workload: id,
                    port: target,
                    service: Some((service_index, port.number)),
                    subset: self.setting.subset.map(|subset| subset.name.value.clone()),
                    app_tls: false,
                };
                let connection = connect(self.mesh, &self.question(&caller, &destination, port));
                if !self.decides(&connection) {
                    continue;
                }
                let namespace = caller.namespace.clone().unwrap_or_default();
                let reach = Reach { rule: self.rule, setting: self.setting, service, port, workload, connection, namespace };
                if visit(reach) {
                    return true;
                }
            }
        }
        false
    }

    /// A sidecar that uses the rule: beside it, or beside the service when the rule is the mesh's.
    fn caller(&self, service: &Service) -> Caller {
        let is_root = self.rule.id.namespace == self.mesh.settings.root_namespace;
        let namespace = if is_root { &service.id.namespace } else { &self.rule.id.namespace };
        let labels = self.rule.spec.workload_selector.iter().flat_map(|selector| &selector.match_labels);
        Caller {
            labels: labels.map(|(name, value)| (name.clone(), value.value.clone())).collect(),
            proxy: CallerProxy::Sidecar,
            ..Caller::service_account(self.mesh, namespace, "default")
        }
    }

    fn question<'q>(&self, caller: &'q Caller, destination: &'q Destination, port: &ServicePort) -> Question<'q> {
        let _ = self;
        let protocol = match port.protocol.class() {
            PortClass::Tcp => ApplicationProtocol::Tcp,
            PortClass::Http | PortClass::Auto => ApplicationProtocol::Http,
        };
        Question { caller, destination, protocol, tls: ClientTlsOverride::Auto, sni: None, host: None }
    }

    /// Whether this setting decided the connection, and not one of another rule or port.
    fn decides(&self, connection: &Connection) -> bool {
        let place = self.setting.span();
        connection
            .client_tls_from
            .is_some_and(|from| from.rule == self.index && (from.span.source, from.span.offset) == (place.source, place.offset))
    }
}

impl Reach<'_> {
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.connection.outcome, Outcome::Failed(_))
    }

    /// ``port 80 of `cart.shop.svc.cluster.local` ``.
    pub(super) fn destination(&self) -> String {
        format!("port {} of `{}`", self.port.number, self.service.hostname)
    }

    /// A request that shows it. A caller that is picked by its labels has no name to ask by.
    pub(super) fn witness(&self) -> Option<String> {
        if self.rule.spec.workload_selector.is_some() {
            return None;
        }
        let mut to = json!({
            "service": self.service.hostname,
            "workload": self.workload.display_name(),
            "port": self.port.number,
        });
        if let (Some(subset), Some(fields)) = (self.setting.subset, to.as_object_mut()) {
            fields.insert("subset".to_owned(), json!(subset.name.value));
        }
        let mut scenario = json!({"from": {"serviceAccount": format!("{}/default", self.namespace)}, "to": to});
        if let (Outcome::Failed(failure), Some(fields)) = (&self.connection.outcome, scenario.as_object_mut()) {
            let verdict = match failure.verdict {
                ConnectionVerdict::MtlsRequired => "mtls-required",
                ConnectionVerdict::ConnectionFailed => "connection-failed",
            };
            fields.insert("expect".to_owned(), json!(verdict));
        }
        Some(scenario.to_string())
    }
}

/// Places that were told of already.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeSet<(SourceId, u32)>);

impl Told {
    /// Whether it is the first time.
    pub(super) fn is_first(&mut self, span: Span) -> bool {
        self.0.insert((span.source, span.offset))
    }
}
