//! Scenarios in, decisions out. Keeps what does not change between scenarios: resolved connections, compiled policies, tokens.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::mesh::Mesh;
use crate::mesh::WorkloadId;
use crate::policy::Headers;
use crate::policy::Scratch;
use crate::simulate::decide;
use crate::simulate::decision::Branch;
use crate::simulate::decision::DecidedBy;
use crate::simulate::decision::Decision;
use crate::simulate::decision::Detail;
use crate::simulate::decision::Verdict;
use crate::simulate::http::UNKNOWN_REQUEST_ID;
use crate::simulate::message::Message;
use crate::simulate::prepared::KeySets;
use crate::simulate::prepared::Prepared;
use crate::simulate::request_authentication::KeySource;
use crate::simulate::request_authentication::SignatureMemory;
use crate::simulate::request_authentication::TokenCache;
use crate::simulate::resolve::Names;
use crate::simulate::resolve::QuestionError;
use crate::simulate::resolve::parse_ip;
use crate::simulate::route;
use crate::simulate::route::ChainRead;
use crate::simulate::route::Route;
use crate::simulate::scenario::DestinationRef;
use crate::simulate::scenario::ExtAuthzAnswer;
use crate::simulate::scenario::KeySet;
use crate::simulate::scenario::RequestProtocol;
use crate::simulate::scenario::Scenario;
use crate::simulate::scenario::SourceRef;
use crate::simulate::scenario::Text;
use crate::simulate::scenario::TlsMode;
use crate::simulate::scenario::Token;

/// Brings in what a scenario only names: files of keys and tokens.
pub trait Files {
    /// The text of a file.
    ///
    /// # Errors
    /// A sentence saying why it cannot be read.
    fn read(&mut self, path: &str) -> Result<Arc<str>, String>;

    /// A token minted from claims, signed with the key in a file.
    ///
    /// # Errors
    /// A sentence saying why it cannot be made.
    fn mint(&mut self, token: &crate::simulate::scenario::MintedToken) -> Result<String, String>;
}

/// What every scenario of a run shares.
#[derive(Debug, Clone)]
pub struct Setting<'m> {
    /// The mesh asked.
    pub mesh: &'m Mesh,
    /// `-n`.
    pub default_namespace: Option<&'m str>,
    /// The time of scenarios that give none.
    pub now: Timestamp,
    /// Key sets given for the whole run.
    pub keys: KeySets,
    /// Why the callers' certificate is refused wherever mutual TLS ends, when it was given and is not good.
    pub certificate_defect: Option<String>,
    /// How much of the reasons is collected.
    pub detail: Detail,
}

/// Answers scenarios against one mesh.
#[derive(Debug)]
pub struct Simulator<'m> {
    setting: Setting<'m>,
    routes: FxHashMap<String, Rc<[Route]>>,
    prepared: FxHashMap<(WorkloadId, String), Rc<Prepared>>,
    policies: Rc<[DecidedBy]>,
    key_buffer: String,
    work: Work,
}

/// Memory that is used again for every scenario.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) message: Message,
    pub(super) scratch: Scratch,
    pub(super) tokens: TokenCache,
    pub(super) seen: Seen,
}

/// What came out about the last request on the way to its decision.
#[derive(Debug, Default)]
pub struct Seen {
    /// The client's address, after `x-forwarded-for` rules.
    pub remote_ip: Option<IpAddr>,
    /// Claims of its verified token.
    pub claims: Option<Arc<serde_json::Value>>,
    /// Providers that were to be asked, and what they said or were assumed to say.
    pub providers: Vec<(String, ExtAuthzAnswer)>,
    /// The provider that is to be asked before there is an answer.
    pub asks: Option<String>,
}

/// Routes that are remembered; more make room by forgetting all, so that memory stays bounded on endless input.
const ROUTE_LIMIT: usize = 100_000;

impl<'m> Simulator<'m> {
    /// A simulator that has answered nothing yet.
    #[must_use]
    pub fn new(setting: Setting<'m>) -> Self {
        Self {
            policies: route::policies(setting.mesh),
            setting,
            routes: FxHashMap::default(),
            prepared: FxHashMap::default(),
            key_buffer: String::new(),
            work: Work::default(),
        }
    }

    /// The same, sharing with other simulators which signatures are good.
    #[must_use]
    pub fn sharing(mut self, memory: Arc<SignatureMemory>) -> Self {
        self.work.tokens = TokenCache::sharing(memory);
        self
    }

    /// Puts one scenario to the mesh.
    ///
    /// # Errors
    /// The scenario names something the mesh does not have, or a value is not of its form.
    pub fn answer(&mut self, scenario: &Scenario<'_>, files: &mut dyn Files) -> Result<Decision, QuestionError> {
        if let Some((field, value, why)) = scenario.unsendable() {
            return Err(QuestionError::malformed(field, value, why));
        }
        let from_ip = match &scenario.from {
            Some(SourceRef::Long(parts)) => parts.ip.as_ref().map(|ip| parse_ip("from.ip", ip)).transpose()?,
            Some(SourceRef::Short(_)) | None => None,
        };
        let routes = self.routes(scenario, files)?;
        let at = match &scenario.at {
            None => self.setting.now,
            Some(text) => parse_time(text)?,
        };
        let (minted, read);
        let token = match &scenario.token {
            None => None,
            Some(Token::Compact(text)) if text.as_str().starts_with('@') => {
                let path = text.as_str().trim_start_matches('@');
                read = files.read(path).map_err(|why| QuestionError::malformed("token", path, why))?;
                Some(read.trim())
            }
            Some(Token::Compact(text)) => Some(text.as_str()),
            Some(Token::Mint(claims)) => {
                minted = files.mint(claims).map_err(|why| QuestionError::malformed("token", &claims.signed_by, why))?;
                Some(minted.as_str())
            }
        };
        let question = decide::Question {
            method: scenario.method.as_ref().map(Text::as_str),
            target: scenario.path.as_ref().map(Text::as_str),
            host: scenario.host.as_ref().map(Text::as_str),
            scheme: None,
            remote_ip: scenario.remote_ip.as_ref().map(|text| parse_ip("remoteIp", text)).transpose()?,
            ext_authz: scenario.ext_authz.as_ref(),
            request_id: UNKNOWN_REQUEST_ID,
            at,
            from_ip,
            token,
            asking: None,
            kept: None,
            detail: self.setting.detail,
        };
        let mut answer = |route: &Route| {
            if route.chain == ChainRead::Http {
                fill_headers(&mut self.work.message.headers, scenario, token, route);
            }
            decide::decide(self.setting.mesh, route, &question, &mut self.work)
        };
        let mut decision = match &*routes {
            [route] => answer(route),
            routes => join(routes.iter().map(answer).collect(), routes),
        };
        decision.name = scenario.name.as_ref().map(|name| name.as_str().to_owned());
        Ok(decision)
    }

    fn routes(&mut self, scenario: &Scenario<'_>, files: &mut dyn Files) -> Result<Rc<[Route]>, QuestionError> {
        write_key(&mut self.key_buffer, scenario);
        if let Some(routes) = self.routes.get(self.key_buffer.as_str()) {
            return Ok(Rc::clone(routes));
        }
        let names = Names { mesh: self.setting.mesh, default_namespace: self.setting.default_namespace };
        let mut caller = names.caller(scenario.from.as_ref())?;
        caller.certificate_defect.clone_from(&self.setting.certificate_defect);
        // The address a scenario gives is its own; the route is remembered with that of the workload.
        caller.ip = caller.workload.and_then(|id| self.setting.mesh.workload(id)).and_then(|workload| workload.ip);
        let (keys, keys_name) = self.keys(scenario, files)?;
        let mut routes = Vec::new();
        for destination in names.destinations(&caller, scenario)? {
            let Some(prepared) = self.prepare(destination.workload, &keys, &keys_name)? else { continue };
            routes.push(Route::new(self.setting.mesh, &caller, &destination, scenario, prepared, Rc::clone(&self.policies))?);
        }
        let routes: Rc<[Route]> = routes.into();
        if self.routes.len() >= ROUTE_LIMIT {
            self.routes.clear();
            self.prepared.clear();
        }
        self.routes.insert(self.key_buffer.clone(), Rc::clone(&routes));
        Ok(routes)
    }

    fn prepare(&mut self, workload: WorkloadId, keys: &KeySets, keys_name: &str) -> Result<Option<Rc<Prepared>>, QuestionError> {
        let key = (workload, keys_name.to_owned());
        if let Some(prepared) = self.prepared.get(&key) {
            return Ok(Some(Rc::clone(prepared)));
        }
        let mesh = self.setting.mesh;
        let Some(target) = mesh.workload(workload) else { return Ok(None) };
        let prepared = Rc::new(Prepared::new(mesh, target, keys)?);
        self.prepared.insert(key, Rc::clone(&prepared));
        Ok(Some(prepared))
    }

    /// The run's key sets with the scenario's own over them, and a text that tells them apart from others.
    fn keys(&self, scenario: &Scenario<'_>, files: &mut dyn Files) -> Result<(KeySets, String), QuestionError> {
        let mut keys = self.setting.keys.clone();
        let mut name = String::new();
        for (target, set) in &scenario.jwks {
            let parsed = match set {
                KeySet::Named(text) if text.as_str() == "unreachable" => KeySource::Unreachable,
                KeySet::Named(path) => {
                    let text = files.read(path.as_str()).map_err(|why| QuestionError::malformed("jwks", path.as_str(), why))?;
                    KeySource::from_text(&text)
                }
                KeySet::Inline(value) => KeySource::from_text(&value.to_string()),
            };
            keys.insert(target.as_str().to_owned(), parsed);
            write_keys(&mut name, target, set);
        }
        Ok((keys, name))
    }
}

fn parse_time(text: &Text<'_>) -> Result<Timestamp, QuestionError> {
    text.as_str()
        .parse()
        .map_err(|_| QuestionError::malformed("at", text.as_str(), "is no RFC 3339 time, such as 2026-11-22T12:00:00Z"))
}

/// Everything of a scenario that decides about its routes, as one text. Separators cannot occur in names.
///
/// The caller's address is not part of it: no connection depends on it, and there may be as many as there are lines.
fn write_key(key: &mut String, scenario: &Scenario<'_>) {
    key.clear();
    let part = |key: &mut String, text: Option<&Text<'_>>| {
        key.push('\u{1}');
        key.push_str(text.map_or("", Text::as_str));
    };
    match &scenario.from {
        None => key.push('-'),
        Some(SourceRef::Short(text)) => key.push_str(text.as_str()),
        Some(SourceRef::Long(parts)) => {
            for text in [&parts.workload, &parts.service_account, &parts.principal, &parts.namespace] {
                part(key, text.as_ref());
            }
            key.push(match parts.sidecar {
                None => '0',
                Some(false) => '1',
                Some(true) => '2',
            });
            key.push(if parts.kubelet { 'k' } else { '.' });
        }
    }
    key.push('\u{2}');
    match &scenario.to {
        DestinationRef::Short(text) => key.push_str(text.as_str()),
        DestinationRef::Long(parts) => {
            for text in [&parts.service, &parts.workload, &parts.ip, &parts.subset] {
                part(key, text.as_ref());
            }
            // Writing into a String cannot fail.
            let _ = write!(key, "\u{1}{:?}{}", parts.port, parts.app.tls);
        }
    }
    key.push('\u{2}');
    key.push(match scenario.protocol {
        None => '0',
        Some(RequestProtocol::Http) => '1',
        Some(RequestProtocol::Http2) => '2',
        Some(RequestProtocol::Grpc) => '3',
        Some(RequestProtocol::Tcp) => '4',
    });
    key.push(match scenario.tls.mode {
        TlsMode::Auto => '0',
        TlsMode::Disable => '1',
        TlsMode::Simple => '2',
        TlsMode::Mutual => '3',
        TlsMode::IstioMutual => '4',
    });
    part(key, scenario.tls.sni.as_ref());
    part(key, scenario.host.as_ref());
    for (target, set) in &scenario.jwks {
        write_keys(key, target, set);
    }
}

fn write_keys(key: &mut String, target: &Text<'_>, set: &KeySet<'_>) {
    let set = match set {
        KeySet::Named(name) => name.as_str().to_owned(),
        KeySet::Inline(value) => value.to_string(),
    };
    key.push('\u{3}');
    key.push_str(target.as_str());
    key.push('\u{4}');
    key.push_str(&set);
}

/// One answer for a service whose workloads may differ: theirs when they agree, otherwise undetermined with each of them.
fn join(mut decisions: Vec<Decision>, routes: &[Route]) -> Decision {
    if decisions.is_empty() {
        return decide::no_route();
    }
    let mut by_verdict: BTreeMap<Verdict, Vec<&str>> = BTreeMap::new();
    for (decision, route) in decisions.iter().zip(routes) {
        by_verdict.entry(decision.verdict).or_default().push(&route.report.destination);
    }
    if by_verdict.len() == 1 {
        let names: Vec<&str> = routes.iter().map(|route| route.report.destination.as_str()).collect();
        let differ = decisions.iter().any(|decision| decisions.first().map_or("", |first| &first.reason) != &*decision.reason);
        let note = format!("{} workloads answer for this service ({}), with the same verdict", names.len(), names.join(", "));
        let note = if differ { format!("{note} for different reasons") } else { note };
        let mut decision = decisions.swap_remove(0);
        decision.warnings.push(note.into());
        return decision;
    }
    let summary: Vec<String> = by_verdict.iter().map(|(verdict, names)| format!("{verdict} at {}", names.join(", "))).collect();
    let connection = decisions.first().map(|decision| Arc::clone(&decision.connection));
    let branches = decisions
        .into_iter()
        .zip(routes)
        .map(|(decision, route)| Branch {
            assuming: format!("workload {} answers", route.report.destination),
            decision: Box::new(decision),
        })
        .collect();
    Decision {
        verdict: Verdict::Undetermined,
        message: format!("the workloads behind this service answer differently: {}", summary.join("; ")).into(),
        reason: "workloads_differ".into(),
        branches,
        ..decide::undetermined(connection)
    }
}

/// Header names and values a request carries before the proxy edits them.
fn fill_headers(headers: &mut Headers, scenario: &Scenario<'_>, token: Option<&str>, route: &Route) {
    headers.clear();
    for (name, value) in &scenario.headers.0 {
        headers.append(name.as_str(), value.as_str());
    }
    if let Some(token) = token {
        headers.append("authorization", format!("Bearer {token}"));
    }
    // At a sidecar only this header can tell of another client than the connection's peer.
    if let Some(client) = scenario.remote_ip.as_ref().filter(|_| route.manager.gateway_trusted_proxies.is_none())
        && headers.first("x-forwarded-for").is_none()
    {
        headers.append("x-forwarded-for", client.as_str());
    }
}
