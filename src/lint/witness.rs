//! Requests that show what a finding says, put to the simulator before they are shown.
//!
//! A request to one workload is answered in the part of the mesh that concerns it (its namespace and the root namespace), so that the
//! price of a question does not grow with the rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::lint::MeshView;
use crate::mesh::Endpoint;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::Service;
use crate::mesh::WorkloadId;
use crate::simulate::Decision;
use crate::simulate::Detail;
use crate::simulate::Files;
use crate::simulate::KeySets;
use crate::simulate::Setting;
use crate::simulate::Simulator;
use crate::simulate::Verdict;
use crate::simulate::scenario::MintedToken;
use crate::simulate::scenario::Scenario;

/// A request to a port of a workload. What is empty or absent is left to the simulator's defaults.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    /// The caller's identity as a policy writes it; `None` is a caller without certificate.
    pub(super) principal: Option<String>,
    /// Address of the caller.
    pub(super) source_ip: Option<String>,
    /// Address of the original client.
    pub(super) remote_ip: Option<String>,
    /// Namespace of the workload.
    pub(super) namespace: String,
    /// Its name.
    pub(super) workload: String,
    /// Its port.
    pub(super) port: u16,
    /// `tcp`, when it must not be HTTP.
    pub(super) protocol: Option<&'static str>,
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) host: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) sni: Option<String>,
}

impl Request {
    /// The scenario, as `simulate request` reads it.
    pub(super) fn to_json(&self) -> Value {
        let mut scenario = Map::new();
        let mut from = Map::new();
        if let Some(principal) = &self.principal {
            from.insert("principal".to_owned(), json!(principal));
        }
        if let Some(address) = &self.source_ip {
            from.insert("ip".to_owned(), json!(address));
        }
        if !from.is_empty() {
            scenario.insert("from".to_owned(), Value::Object(from));
        }
        scenario.insert("to".to_owned(), json!(format!("{}/{}:{}", self.namespace, self.workload, self.port)));
        if let Some(protocol) = self.protocol {
            scenario.insert("protocol".to_owned(), json!(protocol));
        }
        let texts = [("method", &self.method), ("path", &self.path), ("host", &self.host), ("remoteIp", &self.remote_ip)];
        for (key, text) in texts {
            if let Some(text) = text {
                scenario.insert(key.to_owned(), json!(text));
            }
        }
        if !self.headers.is_empty() {
            let headers = self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            scenario.insert("headers".to_owned(), Value::Object(headers));
        }
        let mut tls = Map::new();
        if self.principal.is_some() {
            // A workload that is called by its own name is not known to the caller's proxy, which would pass plaintext through.
            tls.insert("mode".to_owned(), json!("istio-mutual"));
        }
        if let Some(sni) = &self.sni {
            tls.insert("sni".to_owned(), json!(sni));
        }
        if !tls.is_empty() {
            scenario.insert("tls".to_owned(), Value::Object(tls));
        }
        Value::Object(scenario)
    }
}

/// An answered request.
#[derive(Debug)]
pub(super) struct Witness {
    /// The scenario as one line of JSON, with the verdict it is expected to have.
    pub(super) scenario: String,
    /// The answer.
    pub(super) decision: Decision,
}

impl Witness {
    /// Whether a rule of this policy settled the request.
    pub(super) fn is_settled_by(&self, namespace: &str, policy: &str, rule: usize) -> bool {
        self.decision.decided_by.as_ref().is_some_and(|by| {
            by.kind == "AuthorizationPolicy" && *by.namespace == *namespace && *by.name == *policy && by.rule == Some(rule)
        })
    }

    /// Whether the request reaches the workload.
    pub(super) fn is_allowed(&self) -> bool {
        self.decision.verdict == Verdict::Allowed
    }

    /// Whether authorization refuses it.
    pub(super) fn is_denied(&self) -> bool {
        self.decision.verdict == Verdict::Denied
    }
}

/// Questions one rule may ask in a run: more findings than this need no further proof, and a check stays fast.
const QUESTIONS: usize = 200;

/// Answers the requests of one rule.
#[derive(Debug)]
pub(super) struct Witnesses<'v> {
    view: &'v MeshView<'v>,
    parts: BTreeMap<String, Mesh>,
    left: usize,
}

/// A witness brings everything along.
struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, _path: &str) -> Result<Arc<str>, String> {
        Err("there are no files".to_owned())
    }

    fn mint(&mut self, _token: &MintedToken) -> Result<String, String> {
        Err("there are no keys".to_owned())
    }
}

impl<'v> Witnesses<'v> {
    /// Has answered nothing yet; costs nothing until it is asked.
    pub(super) fn new(view: &'v MeshView<'v>) -> Self {
        Self { view, parts: BTreeMap::new(), left: QUESTIONS }
    }

    /// Whether enough was asked.
    pub(super) fn is_exhausted(&self) -> bool {
        self.left == 0
    }

    /// The answer; `None` when the request cannot be put to this mesh, or enough was asked.
    pub(super) fn ask(&mut self, request: &Request) -> Option<Witness> {
        self.left = self.left.checked_sub(1)?;
        let view = self.view;
        let mesh = self.parts.entry(request.namespace.clone()).or_insert_with(|| part(view.mesh, &request.namespace));
        let setting = Setting {
            mesh,
            default_namespace: None,
            now: view.now,
            keys: KeySets::new(),
            certificate_defect: None,
            detail: Detail::Verdict,
        };
        let mut value = request.to_json();
        let text = value.to_string();
        let scenario = Scenario::from_json(&text).ok()?;
        let decision = Simulator::new(setting).answer(&scenario, &mut NoFiles).ok()?;
        if let Value::Object(scenario) = &mut value {
            scenario.insert("expect".to_owned(), json!(decision.verdict.as_str()));
        }
        Some(Witness { scenario: value.to_string(), decision })
    }
}

/// What of a mesh concerns the workloads of a namespace.
fn part(mesh: &Mesh, namespace: &str) -> Mesh {
    let is_near = |other: &str| other == namespace || other == mesh.settings.root_namespace;
    let workloads = mesh.workloads.partition_point(|workload| workload.namespace.as_str() < namespace);
    let own = mesh.workloads.iter().skip(workloads).take_while(|workload| workload.namespace == namespace);
    let services = mesh.services.iter().filter(|service| service.id.namespace == namespace);
    Mesh {
        unread: mesh.unread.clone(),
        settings: mesh.settings.clone(),
        namespaces: mesh
            .namespaces
            .iter()
            .filter(|(name, _)| is_near(name))
            .map(|(name, own)| (name.clone(), own.clone()))
            .collect(),
        workloads: own.cloned().collect(),
        service_accounts: mesh.service_accounts.iter().filter(|(of, _)| is_near(of)).cloned().collect(),
        services: services.map(|service| shifted(service, workloads)).collect(),
        peer_authentications: near(&mesh.peer_authentications, &is_near),
        request_authentications: near(&mesh.request_authentications, &is_near),
        authorization_policies: near(&mesh.authorization_policies, &is_near),
        destination_rules: near(&mesh.destination_rules, &is_near),
        sidecars: near(&mesh.sidecars, &is_near),
        gateways: near(&mesh.gateways, &is_near),
        kubernetes_gateways: near(&mesh.kubernetes_gateways, &is_near),
    }
}

fn near<T: Clone>(objects: &[Object<T>], is_near: &impl Fn(&str) -> bool) -> Vec<Object<T>> {
    objects.iter().filter(|object| is_near(&object.id.namespace)).cloned().collect()
}

/// The service with its endpoints counted from the first workload of the part.
fn shifted(service: &Service, first: usize) -> Service {
    let endpoint = |endpoint: &Endpoint| Endpoint {
        workload: endpoint.workload.and_then(|id| id.0.checked_sub(first)).map(WorkloadId),
        ..endpoint.clone()
    };
    Service { endpoints: service.endpoints.iter().map(endpoint).collect(), ..service.clone() }
}
