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
use crate::mesh::Mesh;
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
        let mesh = self.parts.entry(request.namespace.clone()).or_insert_with(|| view.mesh.part(&request.namespace));
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
