//! One scenario on one route: connection, HTTP layer, CUSTOM, token, DENY, ALLOW, in the order of the data plane.

mod custom;
mod ending;
mod rbac;
mod token;

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::diag::Span;
use crate::mesh::Mesh;
use crate::policy::Engine;
use crate::policy::Facts;
use crate::policy::HttpFacts;
use crate::policy::Known;
use crate::policy::RuleTrace;
use crate::policy::Scratch;
use crate::simulate::decide::custom::Custom;
use crate::simulate::decide::ending::Ending;
use crate::simulate::decide::ending::bad_request;
use crate::simulate::decide::ending::connection_ending;
use crate::simulate::decide::ending::no_route_for_connect;
use crate::simulate::decision::AuthenticationReport;
use crate::simulate::decision::Branch;
use crate::simulate::decision::DecidedBy;
use crate::simulate::decision::Decision;
use crate::simulate::decision::Detail;
use crate::simulate::decision::Passed;
use crate::simulate::decision::Step;
use crate::simulate::decision::Verdict;
use crate::simulate::explain;
use crate::simulate::http;
use crate::simulate::message::Message;
use crate::simulate::provider::Asking;
use crate::simulate::provider::HeaderEdits;
use crate::simulate::replay::Kept;
use crate::simulate::request_authentication::Origin;
use crate::simulate::route::ChainRead;
use crate::simulate::route::Route;
use crate::simulate::scenario::ExtAuthz;
use crate::simulate::scenario::ExtAuthzAnswer;
use crate::simulate::scenario::RequestProtocol;
use crate::simulate::simulator::Seen;
use crate::simulate::simulator::Work;

pub(super) use ending::no_route;
pub(super) use ending::undetermined;

/// One request with its time and token settled. Its headers are in the message that is worked on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'q> {
    pub(super) method: Option<&'q str>,
    pub(super) target: Option<&'q str>,
    pub(super) host: Option<&'q str>,
    /// `:scheme`, when it was seen.
    pub(super) scheme: Option<&'q str>,
    /// The client's address, when it is given instead of found in headers.
    pub(super) remote_ip: Option<IpAddr>,
    pub(super) ext_authz: Option<&'q ExtAuthz<'q>>,
    /// Providers of which nothing is assumed are asked.
    pub(super) asking: Option<&'q Asking>,
    /// What the proxy would write as `x-request-id`.
    pub(super) request_id: &'q str,
    pub(super) at: Timestamp,
    /// The caller's address, when the scenario gives it.
    pub(super) from_ip: Option<IpAddr>,
    pub(super) token: Option<&'q str>,
    /// What a log kept, where the request is one that was decided before.
    pub(super) kept: Option<&'q Kept>,
    pub(super) detail: Detail,
}

/// Collects the answer while the stages run.
struct Answer<'a> {
    mesh: &'a Mesh,
    route: &'a Route,
    detail: Detail,
    is_http: bool,
    is_grpc: bool,
    steps: Vec<Step>,
    branches: Vec<Branch>,
    rules: Vec<RuleTrace>,
    warnings: Vec<Arc<str>>,
    authentication: AuthenticationReport,
    /// Providers that were to be asked, and what they said.
    providers: Vec<(String, ExtAuthzAnswer)>,
    /// The provider that is to be asked before there is an answer.
    pending: Option<String>,
    edits: Vec<HeaderEdits>,
}

/// The answer on one route. The message of `work` holds the headers that the caller sends. Where something was not read that could change the
/// answer, it is one of those there may be.
pub(super) fn decide(mesh: &Mesh, route: &Route, question: &Question<'_>, work: &mut Work) -> Decision {
    let decision = decide_on_what_was_read(mesh, route, question, work);
    let Some(doubt) = route.doubt.as_ref().filter(|_| decision.verdict != Verdict::Undetermined) else { return decision };
    Decision {
        message: Arc::clone(doubt),
        reason: "unread".into(),
        steps: decision.steps.clone(),
        trace: decision.trace.clone(),
        warnings: decision.warnings.clone(),
        branches: vec![Branch { assuming: "nothing in what was not read changes it".to_owned(), decision: Box::new(decision) }],
        ..undetermined(Some(Arc::clone(&route.report)))
    }
}

fn decide_on_what_was_read(mesh: &Mesh, route: &Route, question: &Question<'_>, work: &mut Work) -> Decision {
    let mut answer = Answer {
        mesh,
        route,
        detail: question.detail,
        is_http: route.protocol != RequestProtocol::Tcp,
        is_grpc: false,
        steps: Vec::new(),
        branches: Vec::new(),
        rules: Vec::new(),
        warnings: route.warnings.clone(),
        authentication: AuthenticationReport::default(),
        providers: Vec::new(),
        pending: None,
        edits: Vec::new(),
    };
    if question.detail >= Detail::Steps {
        answer.steps.push(route.step.clone());
    }
    if let Some(failure) = &route.failure {
        let trace = (question.detail == Detail::Trace).then(|| explain::trace(mesh, route, &[]));
        return answer.finish(connection_ending(failure), trace);
    }
    let (ending, branches) = match route.chain {
        ChainRead::Unguarded => (answer.reaches_unguarded(), Vec::new()),
        ChainRead::Tcp => {
            let facts = connection_facts(route, question, question.remote_ip.map_or(question.source_ip(route), Known::Yes), None);
            work.seen = Seen::default();
            answer.run_tcp(&facts, question, &mut work.scratch)
        }
        ChainRead::Http if !answer.is_http => (bad_request(&http::BadRequest::NotHttp, false), Vec::new()),
        ChainRead::Http => answer.run_http(question, work),
    };
    work.seen.providers = std::mem::take(&mut answer.providers);
    work.seen.asks = answer.pending.take();
    let ending = match &route.failure_at_application {
        Some(failure) if ending.verdict == Verdict::Allowed => connection_ending(failure),
        _ if ending.verdict == Verdict::Allowed && route.chain == ChainRead::Http && question.method == Some("CONNECT") => {
            no_route_for_connect()
        }
        _ => ending,
    };
    let trace = (question.detail == Detail::Trace).then(|| explain::trace(mesh, route, &answer.rules));
    let mut decision = answer.finish(ending, trace);
    if !branches.is_empty() {
        decision.branches = branches;
    }
    decision
}

/// The answer to a request that the HTTP layer refuses.
pub(super) fn refuse(mesh: &Mesh, route: &Route, error: &http::BadRequest, is_grpc: bool) -> Decision {
    let answer = Answer {
        mesh,
        route,
        detail: Detail::Verdict,
        is_http: true,
        is_grpc,
        steps: Vec::new(),
        branches: Vec::new(),
        rules: Vec::new(),
        warnings: Vec::new(),
        authentication: AuthenticationReport::default(),
        providers: Vec::new(),
        pending: None,
        edits: Vec::new(),
    };
    answer.finish(bad_request(error, is_grpc), None)
}

fn connection_facts<'f>(
    route: &'f Route,
    question: &Question<'_>,
    remote_ip: Known<IpAddr>,
    http: Option<HttpFacts<'f>>,
) -> Facts<'f> {
    Facts {
        peer: &route.peer,
        source_ip: question.source_ip(route),
        remote_ip,
        destination_ip: route.destination_ip,
        destination_port: route.report.port,
        sni: route.sni.as_deref().map_or(Known::No("server name"), Known::Yes),
        http,
    }
}

/// HTTP facts of a message with the claims of its verified token.
pub(super) fn http_facts<'f>(
    message: &'f Message,
    claims: Option<&'f serde_json::Value>,
    question: &Question<'f>,
) -> HttpFacts<'f> {
    HttpFacts {
        method: &message.method,
        authority: &message.authority,
        path: message.path.as_deref(),
        scheme: &message.scheme,
        headers: &message.headers,
        claims,
        withheld: question.kept.map(|kept| &kept.withheld),
    }
}

impl Question<'_> {
    /// The address the destination's proxy sees.
    fn source_ip(&self, route: &Route) -> Known<IpAddr> {
        self.from_ip.map_or(route.source_ip, Known::Yes)
    }
}

impl Answer<'_> {
    fn run_http(&mut self, question: &Question<'_>, work: &mut Work) -> (Ending, Vec<Branch>) {
        let Work { message, scratch, tokens, seen } = work;
        *seen = Seen::default();
        let asks_grpc = self.route.protocol == RequestProtocol::Grpc;
        if asks_grpc && message.headers.first("content-type").is_none() {
            message.headers.append("content-type", "application/grpc");
        }
        self.is_grpc = message.headers.first("content-type").is_some_and(is_grpc_content_type);
        let incoming = http::Incoming {
            version: self.route.version(),
            method: question.method.unwrap_or(if asks_grpc { "POST" } else { "GET" }),
            target: question.target.unwrap_or("/"),
            host: question.host.unwrap_or(&self.route.default_host),
            scheme: question.scheme,
            peer: question.source_ip(self.route),
            is_tls: self.route.is_tls,
            is_mutual: !self.route.peer.is_empty(),
            forwarded_certificate: self.route.forwarded_certificate.as_deref(),
            request_id: question.request_id,
        };
        let accepted = match http::accept(&incoming, self.route.manager, message) {
            Ok(accepted) => accepted,
            Err(error) => {
                self.step("request", Passed::No, || error.to_string(), None);
                return (bad_request(&error, self.is_grpc), Vec::new());
            }
        };
        let remote_ip = question.remote_ip.map_or(accepted.remote_ip, Known::Yes);
        seen.remote_ip = match remote_ip {
            Known::Yes(address) => Some(address),
            Known::No(_) => None,
        };
        if question.target.is_some_and(|target| message.path.as_deref() != Some(target)) {
            self.step(
                "request",
                Passed::Yes,
                || format!("policies see the path {}", message.path.as_deref().unwrap_or("none")),
                None,
            );
        }
        let chain = &self.route.prepared.http;
        let facts = connection_facts(self.route, question, remote_ip, Some(http_facts(message, None, question)));
        let custom = self.run_custom(chain, &facts, question, scratch);
        if let Custom::Ends(ending) = custom {
            self.trace_rules(chain, &facts);
            return (*ending, Vec::new());
        }
        for edits in std::mem::take(&mut self.edits) {
            edits.apply(message);
        }
        let ending = match self.authenticate(question, message, tokens) {
            Err(ending) => {
                let facts = connection_facts(self.route, question, remote_ip, Some(http_facts(message, None, question)));
                self.trace_rules(chain, &facts);
                if ending.verdict == Verdict::Undetermined {
                    self.branch_on_token(question, remote_ip, message, scratch);
                }
                *ending
            }
            Ok(claims) => {
                let facts =
                    connection_facts(self.route, question, remote_ip, Some(http_facts(message, claims.as_deref(), question)));
                let ending = self.run_rbac(chain, &facts, scratch);
                seen.claims = claims;
                ending
            }
        };
        self.settle_custom(custom, chain, ending)
    }

    fn run_tcp(&mut self, facts: &Facts<'_>, question: &Question<'_>, scratch: &mut Scratch) -> (Ending, Vec<Branch>) {
        let chain = &self.route.prepared.tcp;
        if question.token.is_some() {
            self.warnings
                .push("the port is read as TCP: no token is looked at, and rules on requests do not work as written".into());
        }
        let custom = self.run_custom(chain, facts, question, scratch);
        if let Custom::Ends(ending) = custom {
            self.trace_rules(chain, facts);
            return (*ending, Vec::new());
        }
        let ending = self.run_rbac(chain, facts, scratch);
        self.settle_custom(custom, chain, ending)
    }

    fn step(&mut self, stage: &'static str, passed: Passed, text: impl FnOnce() -> String, by: Option<DecidedBy>) {
        if self.detail >= Detail::Steps {
            self.steps.push(Step { stage, passed, text: text(), by });
        }
    }

    fn rule_at(&self, engine: &Engine, rule: usize) -> Option<DecidedBy> {
        let rule = engine.rules.get(rule)?;
        let policy = self.policy(rule.policy)?;
        Some(DecidedBy { rule: Some(rule.rule), span: rule.place.span, ..policy })
    }

    fn policy(&self, index: usize) -> Option<DecidedBy> {
        self.route.policies.get(index).cloned()
    }

    fn jwt_rule(&self, Origin { policy, rule }: Origin) -> Option<DecidedBy> {
        let object = self.mesh.request_authentications.get(policy)?;
        let place = object.spec.jwt_rules.get(rule).map_or(object.span, |rule| rule.place.span);
        Some(decided_by("RequestAuthentication", &object.id.namespace, &object.id.name, Some(rule), place))
    }

    fn copy_ending(&self, ending: Ending) -> Decision {
        let Ending { verdict, status, grpc, body, reason, message, decided_by, nearest_miss } = ending;
        Decision {
            name: None,
            verdict,
            http_status: status,
            grpc_status: grpc,
            body,
            reason,
            message,
            decided_by,
            connection: Arc::clone(&self.route.report),
            request_authentication: self.authentication.clone(),
            nearest_miss,
            steps: Vec::new(),
            trace: None,
            warnings: Vec::new(),
            branches: Vec::new(),
            expectation_failed: None,
        }
    }

    fn finish(mut self, ending: Ending, trace: Option<Vec<crate::simulate::decision::TraceEntry>>) -> Decision {
        let mut decision = self.copy_ending(ending);
        decision.steps = std::mem::take(&mut self.steps);
        decision.warnings = self.warnings;
        decision.branches = self.branches;
        decision.trace = trace;
        decision
    }
}

/// Names an object as the one that decided.
pub(super) fn decided_by(kind: &'static str, namespace: &str, name: &str, rule: Option<usize>, span: Span) -> DecidedBy {
    DecidedBy { kind, namespace: namespace.into(), name: name.into(), rule, span }
}

/// Whether a request of this content type is answered as gRPC.
pub(super) fn is_grpc_content_type(value: &str) -> bool {
    value.strip_prefix("application/grpc").is_some_and(|rest| rest.is_empty() || rest.starts_with('+') || rest.starts_with(';'))
}
