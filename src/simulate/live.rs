//! Connections and requests that are really there, put to what one workload enforces.
//!
//! A scenario describes a caller, and what arrives follows from the manifests. Here it has arrived: the facts are given, and everything
//! after them is the same [`decide`].

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Asker;
use crate::mesh::Mesh;
use crate::mesh::ModeOrigin;
use crate::mesh::PortClass;
use crate::mesh::Protocol;
use crate::mesh::WorkloadId;
use crate::policy::CustomOutcome;
use crate::simulate::connection;
use crate::simulate::connection::Chain;
use crate::simulate::connection::ClientTls;
use crate::simulate::connection::Connection;
use crate::simulate::connection::ConnectionVerdict;
use crate::simulate::connection::Destination;
use crate::simulate::connection::FailureKind;
use crate::simulate::connection::Outcome;
use crate::simulate::connection::SecureNaming;
use crate::simulate::decide;
use crate::simulate::decision::DecidedBy;
use crate::simulate::decision::Decision;
use crate::simulate::decision::Detail;
use crate::simulate::http::BadRequest;
use crate::simulate::http::Version;
use crate::simulate::message::Message;
use crate::simulate::prepared::KeySets;
use crate::simulate::prepared::Prepared;
use crate::simulate::provider::Asking;
use crate::simulate::replay;
use crate::simulate::replay::Again;
use crate::simulate::request_authentication::SignatureMemory;
use crate::simulate::request_authentication::TokenCache;
use crate::simulate::resolve::QuestionError;
use crate::simulate::route;
use crate::simulate::route::Parts;
use crate::simulate::route::Route;
use crate::simulate::scenario::ExtAuthz;
use crate::simulate::scenario::ExtAuthzAnswer;
use crate::simulate::scenario::RequestProtocol;
use crate::simulate::simulator::Seen;
use crate::simulate::simulator::Work;

/// What one workload enforces.
#[derive(Debug)]
pub struct Enforcer {
    mesh: Rc<Mesh>,
    workload: WorkloadId,
    prepared: Rc<Prepared>,
    policies: Rc<[DecidedBy]>,
    ext_authz: Option<ExtAuthz<'static>>,
    trust_domains: Option<Vec<String>>,
    /// How the declared ports are guarded.
    guards: Vec<Guard>,
    /// What was not read, in words, when it could change what is enforced.
    doubt: Option<Arc<str>>,
    token_rules: Option<Arc<str>>,
}

/// How a port of the workload is guarded.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// The workload's port.
    pub port: u16,
    /// What the port demands.
    pub mode: MutualTlsMode,
    /// The policy that says so; `None` for the default.
    pub mode_from: Option<ModeOrigin>,
    /// How its bytes are read.
    pub class: PortClass,
    /// The protocol it is declared for.
    pub protocol: Protocol,
}

/// A connection as the proxy sees it.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The workload's port it is for.
    pub port: u16,
    /// The address it comes from.
    pub source: IpAddr,
    /// The address it goes to.
    pub destination: IpAddr,
    /// What the client speaks.
    pub client_tls: ClientTls,
    /// Names in the client's certificate, when mutual TLS ended here.
    pub peer: Vec<String>,
    /// Server name of the client's hello.
    pub sni: String,
    /// How it is read, or why it comes to nothing.
    pub chain: Result<Chain, Refusal>,
    /// The HTTP version spoken on it.
    pub version: Version,
    /// The entry for `x-forwarded-client-cert` that is made of the client's certificate.
    pub forwarded_certificate: Option<String>,
}

/// Why a connection comes to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub kind: FailureKind,
    /// What it counts as.
    pub verdict: ConnectionVerdict,
    /// What is wrong with the client's certificate, when that is it.
    pub defect: Option<String>,
}

/// A connection with what is enforced on it.
#[derive(Debug)]
pub struct LiveRoute {
    route: Route,
    enforcer: Rc<Enforcer>,
}

/// A request as it arrived, without its headers.
#[derive(Debug, Clone, Copy)]
pub struct Head<'r> {
    /// Method.
    pub method: &'r str,
    /// Request target or `:path`.
    pub target: &'r str,
    /// `Host` or `:authority`.
    pub host: &'r str,
    /// `:scheme` of HTTP/2.
    pub scheme: Option<&'r str>,
    /// What `x-request-id` is set to where the caller sent none.
    pub request_id: &'r str,
}

/// Memory that is used again for every request.
#[derive(Debug, Default)]
pub struct Desk(Work);

impl Desk {
    /// A desk that shares with others which signatures are good.
    #[must_use]
    pub fn sharing(memory: Arc<SignatureMemory>) -> Self {
        Self(Work { tokens: TokenCache::sharing(memory), ..Work::default() })
    }

    /// The request on the desk: put the caller's headers here before a decision, find what is passed on after it.
    pub fn message(&mut self) -> &mut Message {
        &mut self.0.message
    }

    /// The provider that is to be asked next, and those that were to be asked before.
    pub fn take_providers(&mut self) -> (Option<String>, Vec<(String, ExtAuthzAnswer)>) {
        (self.0.seen.asks.take(), std::mem::take(&mut self.0.seen.providers))
    }

    /// What came out about the request on the way to the last decision.
    #[must_use]
    pub fn seen(&self) -> &Seen {
        &self.0.seen
    }
}

impl Enforcer {
    /// Lowers and compiles what applies to a workload.
    ///
    /// # Errors
    /// The workload is unknown, or its proxy would refuse the configuration.
    pub fn new(
        mesh: Rc<Mesh>,
        workload: WorkloadId,
        keys: &KeySets,
        ext_authz: Option<ExtAuthz<'static>>,
    ) -> Result<Self, QuestionError> {
        let target =
            mesh.workload(workload).ok_or_else(|| QuestionError::malformed("workload", "", "is not part of the mesh"))?;
        let prepared = Rc::new(Prepared::new(&mesh, target, keys)?);
        let policies = route::policies(&mesh);
        let trust_domains = connection::accepted_trust_domains(&mesh);
        let doubt = route::doubt(&mesh, workload, Asker::default());
        let guards = mesh.inbound_ports(workload).iter().map(|port| guard(&mesh, workload, port.port)).collect();
        let token_rules = replay::token_rules(&mesh, target);
        Ok(Self { mesh, workload, prepared, policies, ext_authz, trust_domains, guards, doubt, token_rules })
    }

    /// The mesh it is made of.
    #[must_use]
    pub fn mesh(&self) -> &Mesh {
        &self.mesh
    }

    /// The workload.
    #[must_use]
    pub fn workload(&self) -> WorkloadId {
        self.workload
    }

    /// How a port is guarded.
    #[must_use]
    pub fn guard(&self, port: u16) -> Guard {
        let known = self.guards.iter().find(|guard| guard.port == port);
        known.copied().unwrap_or_else(|| guard(&self.mesh, self.workload, port))
    }

    /// Trust domains of which client certificates are accepted; `None` for all that the roots vouch for.
    #[must_use]
    pub fn trust_domains(&self) -> Option<&[String]> {
        self.trust_domains.as_deref()
    }

    /// Providers that rules may ask, of which nothing is assumed.
    pub fn asked_providers(&self) -> impl Iterator<Item = &str> {
        let Prepared { http, tcp, .. } = &*self.prepared;
        let asked: BTreeSet<&str> = http
            .custom
            .iter()
            .chain(&tcp.custom)
            .filter(|custom| matches!(custom.outcome, CustomOutcome::Ask))
            .map(|custom| custom.provider.as_str())
            .collect();
        asked.into_iter().filter(|name| match &self.ext_authz {
            None => true,
            Some(ExtAuthz::All(answer)) => *answer == ExtAuthzAnswer::Undetermined,
            Some(ExtAuthz::ByProvider(answers)) => !answers.iter().any(|(assumed, _)| assumed.as_str() == *name),
        })
    }

    /// The rules on tokens as one short text, the same for the same issuers, audiences, keys and places. `None` when there are none.
    #[must_use]
    pub fn token_rules(&self) -> Option<&str> {
        self.token_rules.as_deref()
    }

    /// Policies of each kind that apply to the workload.
    #[must_use]
    pub fn policy_count(&self) -> usize {
        let authorization = self.prepared.http.lowered.selection.iter().filter(|selection| selection.applies).count();
        let tokens = self.mesh.workload(self.workload).map_or(0, |workload| {
            let mut policies: Vec<usize> = self.mesh.jwt_rules(workload).iter().map(|rule| rule.policy).collect();
            policies.dedup();
            policies.len()
        });
        authorization + tokens
    }

    /// What is enforced on a connection.
    #[must_use]
    pub fn route(self: &Rc<Self>, observed: &Observed) -> LiveRoute {
        let guard = self.guard(observed.port);
        let (chain, outcome, defect) = match &observed.chain {
            Ok(chain) => (Some(*chain), Outcome::Connected { then: None }, None),
            Err(refusal) => (None, Outcome::Failed(refusal.kind.observed(refusal.verdict)), refusal.defect.as_deref()),
        };
        let connection = Connection {
            client_tls: observed.client_tls,
            client_tls_from: None,
            server_mode: Some(guard.mode),
            server_mode_from: guard.mode_from,
            chain,
            peer: observed.peer.clone(),
            sni: observed.sni.clone(),
            secure_naming: SecureNaming::NotChecked,
            outcome,
            warnings: Vec::new(),
        };
        let destination =
            Destination { workload: self.workload, port: observed.port, service: None, subset: None, app_tls: false };
        let protocol = match (chain, observed.version) {
            (Some(Chain::Http), Version::Http1) => RequestProtocol::Http,
            (Some(Chain::Http), Version::Http2) => RequestProtocol::Http2,
            (Some(Chain::Tcp | Chain::Passthrough | Chain::NoProxy) | None, _) => RequestProtocol::Tcp,
        };
        let parts = Parts {
            destination: &destination,
            protocol,
            prepared: Rc::clone(&self.prepared),
            policies: Rc::clone(&self.policies),
            source_ip: Some(observed.source),
            destination_ip: Some(observed.destination),
            default_host: String::new(),
            forwarded_certificate: observed.forwarded_certificate.clone(),
            is_overridden: true,
            defect,
            doubt: self.doubt.clone(),
        };
        LiveRoute { route: Route::over(&self.mesh, &connection, parts), enforcer: Rc::clone(self) }
    }
}

fn guard(mesh: &Mesh, workload: WorkloadId, port: u16) -> Guard {
    let declared = mesh.inbound_ports(workload).into_iter().find(|own| own.port == port);
    let demanded = mesh.workload(workload).map(|workload| mesh.server_mode(workload, port)).unwrap_or_default();
    Guard {
        port,
        mode: demanded.mode,
        mode_from: demanded.from,
        class: declared.map_or(PortClass::Auto, |own| own.class),
        protocol: declared.map_or(Protocol::Unset, |own| own.protocol),
    }
}

impl LiveRoute {
    /// What is enforced.
    #[must_use]
    pub fn enforcer(&self) -> &Rc<Enforcer> {
        &self.enforcer
    }

    /// The answer to a request whose headers are on the desk, or without one to the connection itself.
    pub fn decide(&self, head: Option<&Head<'_>>, at: Timestamp, detail: Detail, desk: &mut Desk) -> Decision {
        self.decide_asking(head, at, detail, None, desk)
    }

    /// The same where providers are really asked. When one is to be asked next, [`Seen::asks`] names it, the desk holds the request as it is
    /// shown to it, and the decision is none yet.
    pub fn decide_asking(
        &self,
        head: Option<&Head<'_>>,
        at: Timestamp,
        detail: Detail,
        asking: Option<&Asking>,
        desk: &mut Desk,
    ) -> Decision {
        let question = decide::Question {
            method: head.map(|head| head.method),
            target: head.map(|head| head.target),
            host: head.map(|head| head.host),
            scheme: head.and_then(|head| head.scheme),
            remote_ip: None,
            ext_authz: self.enforcer.ext_authz.as_ref(),
            asking,
            request_id: head.map_or("", |head| head.request_id),
            at,
            from_ip: None,
            token: None,
            kept: None,
            detail,
        };
        decide::decide(&self.enforcer.mesh, &self.route, &question, &mut desk.0)
    }

    /// The answer to a request that was decided before, by what was kept of it.
    pub(super) fn decide_again(&self, head: Option<&Head<'_>>, again: &Again<'_>, desk: &mut Desk) -> Decision {
        let question = decide::Question {
            method: head.map(|head| head.method),
            target: head.map(|head| head.target),
            host: head.map(|head| head.host),
            scheme: head.and_then(|head| head.scheme),
            remote_ip: again.remote_ip,
            ext_authz: Some(again.ext_authz),
            asking: None,
            request_id: head.map_or("", |head| head.request_id),
            at: again.at,
            from_ip: None,
            token: None,
            kept: Some(again.kept),
            detail: Detail::Verdict,
        };
        decide::decide(&self.enforcer.mesh, &self.route, &question, &mut desk.0)
    }
}

impl LiveRoute {
    /// The answer to a request that the proxy's HTTP layer refuses.
    #[must_use]
    pub fn refuse(&self, error: &BadRequest, is_grpc: bool) -> Decision {
        decide::refuse(&self.enforcer.mesh, &self.route, error, is_grpc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::Verdict;

    fn observed(chain: Result<Chain, Refusal>) -> Observed {
        Observed {
            port: 80,
            source: [127, 0, 0, 1].into(),
            destination: [10, 0, 0, 1].into(),
            client_tls: ClientTls::Plaintext,
            peer: Vec::new(),
            sni: String::new(),
            chain,
            version: Version::Http1,
            forwarded_certificate: None,
        }
    }

    fn enforcer() -> Rc<Enforcer> {
        let mut mesh = Mesh::default();
        mesh.workloads.push(crate::mesh::Workload {
            namespace: "shop".to_owned(),
            name: "web".to_owned(),
            proxy: crate::mesh::Proxy::Sidecar,
            ..crate::mesh::Workload::default()
        });
        Rc::new(Enforcer::new(Rc::new(mesh), WorkloadId(0), &KeySets::new(), None).unwrap())
    }

    #[test]
    fn a_request_is_answered_and_what_is_passed_on_stays_on_the_desk() {
        let route = enforcer().route(&observed(Ok(Chain::Http)));
        let mut desk = Desk::default();
        desk.message().headers.append("x-forwarded-client-cert", "forged");
        let head = Head { method: "GET", target: "/a/../b", host: "h", scheme: None, request_id: "id" };
        let decision = route.decide(Some(&head), Timestamp::UNIX_EPOCH, Detail::Verdict, &mut desk);
        assert_eq!((decision.verdict, decision.http_status), (Verdict::Allowed, Some(200)));
        let message = desk.message();
        assert_eq!(message.path.as_deref(), Some("/b"));
        assert_eq!(message.headers.first("x-request-id"), Some("id"));
        assert_eq!(message.headers.first("x-forwarded-proto"), Some("http"));
        assert_eq!(message.headers.first("x-forwarded-client-cert"), None);
    }

    #[test]
    fn a_connection_that_came_to_nothing_says_why() {
        let refusal = Refusal { kind: FailureKind::PlaintextRefused, verdict: ConnectionVerdict::MtlsRequired, defect: None };
        let decision =
            enforcer().route(&observed(Err(refusal))).decide(None, Timestamp::UNIX_EPOCH, Detail::Verdict, &mut Desk::default());
        assert_eq!(decision.verdict, Verdict::MtlsRequired);
        assert!(decision.message.contains("shop/web:80"), "{}", decision.message);
    }
}
