//! One scenario on one route: connection, HTTP layer, CUSTOM, token, DENY, ALLOW, in the order of the data plane.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::diag::Span;
use crate::jose::TokenStatus;
use crate::jose::UnverifiedToken;
use crate::manifest::kinds::ExtensionProviderKind;
use crate::mesh::Mesh;
use crate::policy::CustomOutcome;
use crate::policy::Engine;
use crate::policy::Facts;
use crate::policy::HttpFacts;
use crate::policy::Known;
use crate::policy::Outcome;
use crate::policy::RuleTrace;
use crate::policy::Scratch;
use crate::simulate::decision::AuthenticationReport;
use crate::simulate::decision::AuthenticationStatus;
use crate::simulate::decision::Branch;
use crate::simulate::decision::ConnectionReport;
use crate::simulate::decision::DecidedBy;
use crate::simulate::decision::Decision;
use crate::simulate::decision::Detail;
use crate::simulate::decision::MissReport;
use crate::simulate::decision::Passed;
use crate::simulate::decision::Step;
use crate::simulate::decision::Verdict;
use crate::simulate::explain;
use crate::simulate::http;
use crate::simulate::message::Message;
use crate::simulate::prepared::Chain;
use crate::simulate::prepared::Compiled;
use crate::simulate::prepared::CompiledCustom;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::Origin;
use crate::simulate::resolve::QuestionError;
use crate::simulate::resolve::parse_ip;
use crate::simulate::route::ChainRead;
use crate::simulate::route::Failure;
use crate::simulate::route::Route;
use crate::simulate::scenario::ExtAuthz;
use crate::simulate::scenario::ExtAuthzAnswer;
use crate::simulate::scenario::RequestProtocol;
use crate::simulate::scenario::Scenario;
use crate::simulate::simulator::Work;
use crate::simulate::simulator::fill_headers;

/// What Envoy's RBAC filter answers an HTTP request with.
const ACCESS_DENIED: &str = "RBAC: access denied";

/// One scenario with its time and token settled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'q> {
    pub(super) scenario: &'q Scenario<'q>,
    pub(super) at: Timestamp,
    /// The caller's address, when the scenario gives it.
    pub(super) from_ip: Option<IpAddr>,
    pub(super) token: Option<&'q str>,
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
}

/// How a stage ends the request, before it becomes a [`Decision`].
struct Ending {
    verdict: Verdict,
    status: Option<u16>,
    grpc: Option<u8>,
    body: Option<Cow<'static, str>>,
    reason: Arc<str>,
    message: Arc<str>,
    decided_by: Option<DecidedBy>,
    nearest_miss: Option<MissReport>,
}

/// The answer on one route.
///
/// # Errors
/// A value of the scenario is not of its form.
pub(super) fn decide(mesh: &Mesh, route: &Route, question: &Question<'_>, work: &mut Work) -> Result<Decision, QuestionError> {
    let scenario = question.scenario;
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
    };
    if question.detail >= Detail::Steps {
        answer.steps.push(route.step.clone());
    }
    if let Some(failure) = &route.failure {
        let trace = (question.detail == Detail::Trace).then(|| explain::trace(mesh, route, &[]));
        return Ok(answer.finish(connection_ending(failure), trace));
    }
    let remote_ip = scenario.remote_ip.as_ref().map(|text| parse_ip("remoteIp", text)).transpose()?;
    let (ending, branches) = match route.chain {
        ChainRead::Unguarded => (answer.reaches_unguarded(), Vec::new()),
        ChainRead::Tcp => {
            let facts = connection_facts(route, question, remote_ip.map_or(question.source_ip(route), Known::Yes), None);
            answer.run_tcp(&facts, question, &mut work.scratch)
        }
        ChainRead::Http if !answer.is_http => (bad_request(&http::BadRequest::NotHttp, false), Vec::new()),
        ChainRead::Http => answer.run_http(question, remote_ip, work),
    };
    let ending = match &route.failure_at_application {
        Some(failure) if ending.verdict == Verdict::Allowed => connection_ending(failure),
        _ if ending.verdict == Verdict::Allowed && route.chain == ChainRead::Http && is_connect(scenario) => {
            no_route_for_connect()
        }
        _ => ending,
    };
    let trace = (question.detail == Detail::Trace).then(|| explain::trace(mesh, route, &answer.rules));
    let mut decision = answer.finish(ending, trace);
    if !branches.is_empty() {
        decision.branches = branches;
    }
    Ok(decision)
}

fn connection_ending(failure: &Failure) -> Ending {
    Ending {
        verdict: failure.verdict,
        status: failure.http_status,
        grpc: None,
        body: (!failure.caller_sees.is_empty()).then(|| Cow::Owned(failure.caller_sees.clone())),
        reason: Arc::clone(&failure.reason),
        message: Arc::clone(&failure.message),
        decided_by: failure.decided_by.clone(),
        nearest_miss: None,
    }
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
pub(super) fn http_facts<'f>(message: &'f Message, claims: Option<&'f serde_json::Value>) -> HttpFacts<'f> {
    HttpFacts {
        method: &message.method,
        authority: &message.authority,
        path: message.path.as_deref(),
        scheme: &message.scheme,
        headers: &message.headers,
        claims,
    }
}

fn bad_request(error: &http::BadRequest, is_grpc: bool) -> Ending {
    Ending {
        verdict: Verdict::BadRequest,
        status: error.status().map(|status| if is_grpc { 200 } else { status }),
        grpc: (is_grpc && error.status().is_some()).then(|| error.grpc_status()),
        body: error.body().map(Cow::Borrowed),
        reason: error.details().into(),
        message: format!("the proxy refuses the request before any policy: {error}").into(),
        decided_by: None,
        nearest_miss: None,
    }
}

fn is_connect(scenario: &Scenario<'_>) -> bool {
    scenario.method.as_ref().is_some_and(|method| method.as_str() == "CONNECT")
}

/// A plain CONNECT has no path, so no route of an inbound listener takes it.
fn no_route_for_connect() -> Ending {
    Ending {
        verdict: Verdict::BadRequest,
        status: Some(404),
        grpc: None,
        body: None,
        reason: "route_not_found".into(),
        message: "every policy lets the request pass, but a CONNECT has no path and the proxy no route for it".into(),
        decided_by: None,
        nearest_miss: None,
    }
}

/// What a CUSTOM stage did.
enum Custom {
    /// No rule matched, or every provider asked approved.
    Passed,
    /// The request ends here.
    Ends(Box<Ending>),
    /// A provider's answer is not known, or it is not known whether it is asked.
    Open { assuming: String, provider: usize },
}

impl Question<'_> {
    /// The address the destination's proxy sees.
    fn source_ip(&self, route: &Route) -> Known<IpAddr> {
        self.from_ip.map_or(route.source_ip, Known::Yes)
    }
}

impl Answer<'_> {
    fn run_http(&mut self, question: &Question<'_>, remote_ip: Option<IpAddr>, work: &mut Work) -> (Ending, Vec<Branch>) {
        let scenario = question.scenario;
        let Work { message, scratch, tokens } = work;
        fill_headers(&mut message.headers, scenario, question.token);
        let asks_grpc = self.route.protocol == RequestProtocol::Grpc;
        if asks_grpc && message.headers.first("content-type").is_none() {
            message.headers.append("content-type", "application/grpc");
        }
        self.is_grpc = message.headers.first("content-type").is_some_and(is_grpc_content_type);
        let incoming = http::Incoming {
            version: self.route.version(),
            method: scenario.method.as_ref().map_or(if asks_grpc { "POST" } else { "GET" }, |method| method.as_str()),
            target: scenario.path.as_ref().map_or("/", |path| path.as_str()),
            host: scenario.host.as_ref().map_or(self.route.default_host.as_str(), |host| host.as_str()),
            peer: question.source_ip(self.route),
            is_tls: self.route.is_tls,
            is_mutual: !self.route.peer.is_empty(),
            forwarded_certificate: self.route.forwarded_certificate.as_deref(),
        };
        let accepted = match http::accept(&incoming, self.route.manager, message) {
            Ok(accepted) => accepted,
            Err(error) => {
                self.step("request", Passed::No, || error.to_string(), None);
                return (bad_request(&error, self.is_grpc), Vec::new());
            }
        };
        let remote_ip = remote_ip.map_or(accepted.remote_ip, Known::Yes);
        if scenario.path.as_ref().is_some_and(|path| message.path.as_deref() != Some(path.as_str())) {
            self.step(
                "request",
                Passed::Yes,
                || format!("policies see the path {}", message.path.as_deref().unwrap_or("none")),
                None,
            );
        }
        let chain = &self.route.prepared.http;
        let facts = connection_facts(self.route, question, remote_ip, Some(http_facts(message, None)));
        let custom = self.run_custom(chain, &facts, question, scratch);
        if let Custom::Ends(ending) = custom {
            self.trace_rules(chain, &facts);
            return (*ending, Vec::new());
        }
        let ending = match self.authenticate(question, message, tokens) {
            Err(ending) => {
                let facts = connection_facts(self.route, question, remote_ip, Some(http_facts(message, None)));
                self.trace_rules(chain, &facts);
                if ending.verdict == Verdict::Undetermined {
                    self.branch_on_token(question, remote_ip, message, scratch);
                }
                *ending
            }
            Ok(claims) => {
                let facts = connection_facts(self.route, question, remote_ip, Some(http_facts(message, claims.as_deref())));
                self.run_rbac(chain, &facts, scratch)
            }
        };
        self.settle_custom(custom, chain, ending)
    }

    /// The answers if a token whose keys are not known is good, and if it is not.
    fn branch_on_token(&mut self, question: &Question<'_>, remote_ip: Known<IpAddr>, message: &Message, scratch: &mut Scratch) {
        let mut branches = Vec::new();
        let payload = question.token.and_then(|token| UnverifiedToken::parse(token).ok());
        if let Some(token) = payload {
            let facts = connection_facts(self.route, question, remote_ip, Some(http_facts(message, Some(token.payload()))));
            let (steps, warnings) = (self.steps.len(), self.warnings.len());
            let if_good = self.run_rbac(&self.route.prepared.http, &facts, scratch);
            self.steps.truncate(steps);
            self.warnings.truncate(warnings);
            branches.push(Branch { assuming: "the signature is good".to_owned(), decision: Box::new(self.copy_ending(if_good)) });
        }
        let if_bad = self.rejected(TokenStatus::VerificationFail, None);
        branches.push(Branch { assuming: "the signature is not good".to_owned(), decision: Box::new(self.copy_ending(if_bad)) });
        self.branches = branches;
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

    /// Joins what is open about CUSTOM with what the later stages said, assuming approval.
    fn settle_custom(&mut self, custom: Custom, chain: &Chain, ending: Ending) -> (Ending, Vec<Branch>) {
        let Custom::Open { assuming, provider } = custom else { return (ending, Vec::new()) };
        let Some(custom) = chain.custom.get(provider) else { return (ending, Vec::new()) };
        if ending.verdict != Verdict::Allowed {
            self.warnings
                .push(format!("provider `{}` is asked first: the caller may see its answer instead", custom.provider).into());
            return (ending, Vec::new());
        }
        let refused = self.provider_denies(custom);
        let open = Ending {
            verdict: Verdict::Undetermined,
            status: None,
            grpc: None,
            body: None,
            reason: "ext_authz_unknown".into(),
            message: format!(
                "everything else lets the request in; it depends on whether provider `{}` approves",
                custom.provider
            )
            .into(),
            decided_by: None,
            nearest_miss: None,
        };
        let branches = vec![
            Branch { assuming: format!("{assuming} and it approves"), decision: Box::new(self.copy_ending(ending)) },
            Branch { assuming: format!("{assuming} and it refuses"), decision: Box::new(self.copy_ending(refused)) },
        ];
        (open, branches)
    }

    fn run_custom(&mut self, chain: &Chain, facts: &Facts<'_>, question: &Question<'_>, scratch: &mut Scratch) -> Custom {
        let mut open = None;
        for (index, custom) in chain.custom.iter().enumerate() {
            let dry = custom.dry_run.index.evaluate(facts, scratch);
            if let (Outcome::Unknown { fact, .. }, CustomOutcome::Ask) = (dry, &custom.outcome) {
                open.get_or_insert((format!("the {fact} makes a rule of a dry-run CUSTOM policy match, which denies"), index));
            }
            if let (Outcome::Match { rule }, CustomOutcome::Ask) = (dry, &custom.outcome) {
                let by = self.rule_at(&custom.dry_run.engine, rule);
                let message =
                    "a CUSTOM policy annotated dry-run denies what it matches: the annotation has no effect there".into();
                return Custom::Ends(Box::new(self.denied(&custom.dry_run, rule, by, message)));
            }
            match custom.rules.index.evaluate(facts, scratch) {
                Outcome::NoMatch => {
                    self.step("CUSTOM", Passed::Yes, || format!("no rule asks provider `{}`", custom.provider), None);
                }
                Outcome::Match { rule } => {
                    let by = self.rule_at(&custom.rules.engine, rule);
                    if let CustomOutcome::Deny(why) = &custom.outcome {
                        self.step("CUSTOM", Passed::No, || why.clone(), by.clone());
                        return Custom::Ends(Box::new(self.denied(&custom.rules, rule, by, why.as_str().into())));
                    }
                    match answer_of(question.scenario.ext_authz.as_ref(), &custom.provider) {
                        ExtAuthzAnswer::Allow => {
                            self.step(
                                "CUSTOM",
                                Passed::Yes,
                                || format!("provider `{}` approves, as assumed", custom.provider),
                                by,
                            );
                        }
                        ExtAuthzAnswer::Deny => {
                            self.step(
                                "CUSTOM",
                                Passed::No,
                                || format!("provider `{}` refuses, as assumed", custom.provider),
                                by.clone(),
                            );
                            let mut ending = self.provider_denies(custom);
                            ending.decided_by = by;
                            return Custom::Ends(Box::new(ending));
                        }
                        ExtAuthzAnswer::Error => match self.provider_fails(custom) {
                            None => {
                                self.step(
                                    "CUSTOM",
                                    Passed::Yes,
                                    || format!("provider `{}` fails, and `failOpen` lets the request go on", custom.provider),
                                    by,
                                );
                            }
                            Some(mut ending) => {
                                self.step("CUSTOM", Passed::No, || ending.message.as_ref().to_owned(), by.clone());
                                ending.decided_by = by;
                                return Custom::Ends(Box::new(ending));
                            }
                        },
                        ExtAuthzAnswer::Undetermined => {
                            self.step(
                                "CUSTOM",
                                Passed::Unknown,
                                || format!("provider `{}` is asked; its answer is not known", custom.provider),
                                by,
                            );
                            open.get_or_insert((format!("provider `{}` is asked", custom.provider), index));
                        }
                    }
                }
                Outcome::Unknown { rule, fact } => {
                    let by = self.rule_at(&custom.rules.engine, rule);
                    self.step(
                        "CUSTOM",
                        Passed::Unknown,
                        || format!("whether provider `{}` is asked depends on the {fact}", custom.provider),
                        by,
                    );
                    open.get_or_insert((
                        format!("the {fact} makes the rule match, provider `{}` is asked", custom.provider),
                        index,
                    ));
                }
            }
        }
        open.map_or(Custom::Passed, |(assuming, provider)| Custom::Open { assuming, provider })
    }

    fn provider_denies(&self, custom: &CompiledCustom) -> Ending {
        Ending {
            verdict: Verdict::Denied,
            status: (self.route.chain == ChainRead::Http).then_some(if self.is_grpc { 200 } else { 403 }),
            grpc: (self.route.chain == ChainRead::Http && self.is_grpc).then_some(7),
            body: None,
            reason: "ext_authz_denied".into(),
            message: format!(
                "provider `{}` refuses the request; it chooses status and body, 403 is only its default",
                custom.provider
            )
            .into(),
            decided_by: None,
            nearest_miss: None,
        }
    }

    /// What an unreachable or failing provider leads to; `None` when the request goes on.
    fn provider_fails(&self, custom: &CompiledCustom) -> Option<Ending> {
        let (fail_open, status) = match self.mesh.provider(&custom.provider).map(|provider| &provider.kind) {
            Some(ExtensionProviderKind::HttpExtAuthz(http)) => (http.fail_open, http.status_on_error.as_ref()),
            Some(ExtensionProviderKind::GrpcExtAuthz(grpc)) => (grpc.fail_open, grpc.status_on_error.as_ref()),
            Some(ExtensionProviderKind::Other(_)) | None => (false, None),
        };
        if fail_open {
            return None;
        }
        let status = status.and_then(|text| text.value.parse().ok()).unwrap_or(403);
        Some(Ending {
            status: (self.route.chain == ChainRead::Http).then_some(if self.is_grpc { 200 } else { status }),
            reason: "ext_authz_error".into(),
            message: format!("provider `{}` fails, and `failOpen` is not set", custom.provider).into(),
            ..self.provider_denies(custom)
        })
    }

    /// Runs the token filter. On success the claims authorization sees.
    fn authenticate(
        &mut self,
        question: &Question<'_>,
        message: &mut Message,
        tokens: &mut crate::simulate::request_authentication::TokenCache,
    ) -> Result<Option<Arc<serde_json::Value>>, Box<Ending>> {
        let Some(authenticator) = &self.route.prepared.authenticator else { return Ok(None) };
        let now = u64::try_from(question.at.as_second()).unwrap_or(0);
        match authenticator.authenticate(message, now, tokens) {
            AuthenticationOutcome::Passed { claims: None, .. } => {
                self.authentication.status = AuthenticationStatus::Missing;
                self.step(
                    "token",
                    Passed::Yes,
                    || "no token where one is looked for; RequestAuthentication lets such a request pass".to_owned(),
                    None,
                );
                Ok(None)
            }
            AuthenticationOutcome::Passed { claims: Some(claims), provider, issuer, principal } => {
                let by = provider
                    .and_then(|index| authenticator.providers().get(index))
                    .and_then(|provider| self.jwt_rule(provider.origin()));
                self.step("token", Passed::Yes, || format!("verified, issuer {}", issuer.as_deref().unwrap_or("none")), by);
                self.authentication =
                    AuthenticationReport { status: AuthenticationStatus::Valid, issuer, principal, reason: None };
                Ok(Some(claims))
            }
            AuthenticationOutcome::Rejected { status, provider, .. } => {
                let by = authenticator.providers().get(provider).and_then(|provider| self.jwt_rule(provider.origin()));
                let text = status.text();
                self.authentication.status = AuthenticationStatus::Invalid;
                self.authentication.reason = Some(text);
                self.step("token", Passed::No, || text.to_owned(), by.clone());
                Err(Box::new(self.rejected(status, by)))
            }
            AuthenticationOutcome::Undetermined { missing } => {
                self.authentication.status = AuthenticationStatus::Undetermined;
                self.step("token", Passed::Unknown, || format!("the keys of {missing} are not known"), None);
                Err(Box::new(Ending {
                    verdict: Verdict::Undetermined,
                    status: None,
                    grpc: None,
                    body: None,
                    reason: "jwks_unknown".into(),
                    message: format!("whether the token is accepted depends on the key set of `{missing}`: give it with `--jwks {missing}=FILE`").into(),
                    decided_by: None,
                    nearest_miss: None,
                }))
            }
        }
    }

    /// What the caller of a refused token sees.
    fn rejected(&self, status: TokenStatus, by: Option<DecidedBy>) -> Ending {
        let (text, code) = (status.text(), status.http_status());
        Ending {
            verdict: Verdict::Unauthenticated,
            status: Some(if self.is_grpc { 200 } else { code }),
            grpc: self.is_grpc.then_some(if code == 403 { 7 } else { 16 }),
            body: Some(text.into()),
            reason: status.response_code_details().into(),
            message: format!("the token is refused: {text}").into(),
            decided_by: by,
            nearest_miss: None,
        }
    }

    /// DENY, then ALLOW.
    fn run_rbac(&mut self, chain: &Chain, facts: &Facts<'_>, scratch: &mut Scratch) -> Ending {
        self.trace_rules(chain, facts);
        self.note_dry_runs(chain, facts, scratch);
        let mut open: Option<(&'static str, Option<DecidedBy>, &'static str)> = None;
        if let Some(deny) = &chain.deny {
            match deny.index.evaluate(facts, scratch) {
                Outcome::Match { rule } => {
                    let by = self.rule_at(&deny.engine, rule);
                    self.step("DENY", Passed::No, || "a rule matches".to_owned(), by.clone());
                    let message = self.matched(deny, rule);
                    return self.denied(deny, rule, by, message);
                }
                Outcome::NoMatch => {
                    self.step("DENY", Passed::Yes, || format!("none of {} rules matches", deny.engine.rules.len()), None);
                }
                Outcome::Unknown { rule, fact } => {
                    let by = self.rule_at(&deny.engine, rule);
                    self.step("DENY", Passed::Unknown, || format!("whether a rule matches depends on the {fact}"), by.clone());
                    open = Some(("DENY", by, fact));
                }
            }
        }
        let Some(allow) = &chain.allow else {
            if let Some((action, by, fact)) = open {
                return self.open(action, by, fact);
            }
            self.step(
                "ALLOW",
                Passed::Yes,
                || "no ALLOW policy selects the workload: what is not denied is let in".to_owned(),
                None,
            );
            return self.allowed(None, Arc::clone(&self.route.prepared.words.unrestricted));
        };
        match allow.index.evaluate(facts, scratch) {
            Outcome::NoMatch => self.no_allow_matched(chain, allow, facts, scratch),
            Outcome::Match { rule } => {
                let by = self.rule_at(&allow.engine, rule);
                self.step("ALLOW", Passed::Yes, || "a rule matches".to_owned(), by.clone());
                match open {
                    Some((action, by, fact)) => self.open(action, by, fact),
                    None => self.allowed(by, self.matched(allow, rule)),
                }
            }
            Outcome::Unknown { rule, fact } => {
                let by = self.rule_at(&allow.engine, rule);
                self.step("ALLOW", Passed::Unknown, || format!("whether a rule matches depends on the {fact}"), by.clone());
                let (action, by, fact) = open.unwrap_or(("ALLOW", by, fact));
                self.open(action, by, fact)
            }
        }
    }

    fn no_allow_matched(&mut self, chain: &Chain, allow: &Compiled, facts: &Facts<'_>, scratch: &mut Scratch) -> Ending {
        // The scratch is as the evaluation of this engine left it.
        let miss = allow.index.nearest_miss_again(facts, scratch);
        let nearest_miss = miss.as_ref().and_then(|miss| {
            let rule = self.rule_at(&allow.engine, miss.rule)?;
            Some(MissReport { rule, failed: miss.failed.iter().map(|test| (test.text(), test.place)).collect() })
        });
        let count = chain.allow_policies.len();
        let decided_by = match &nearest_miss {
            Some(miss) => Some(DecidedBy { rule: None, ..miss.rule.clone() }),
            None => chain.allow_policies.first().and_then(|policy| self.policy(*policy)),
        };
        let message = match (&nearest_miss, miss) {
            (Some(report), Some(miss)) => {
                let start = allow.words.get(miss.rule).map_or("", |words| &words.nearest);
                let failed = report.failed.first().map_or("", |(text, _)| text.as_str());
                [start, failed].concat().into()
            }
            _ => format!("none of {count} ALLOW policies has a rule that could match").into(),
        };
        self.step("ALLOW", Passed::No, || format!("none of {} rules matches", allow.engine.rules.len()), decided_by.clone());
        Ending { nearest_miss, ..self.refusal(Arc::clone(&self.route.prepared.words.no_allow), decided_by, message) }
    }

    fn trace_rules(&mut self, chain: &Chain, facts: &Facts<'_>) {
        if self.detail == Detail::Trace {
            self.rules = explain::rules(chain, facts);
        }
    }

    fn note_dry_runs(&mut self, chain: &Chain, facts: &Facts<'_>, scratch: &mut Scratch) {
        if let Some(deny) = &chain.dry_run_deny
            && let Outcome::Match { rule } = deny.index.evaluate(facts, scratch)
            && let Some(by) = self.rule_at(&deny.engine, rule)
        {
            self.warnings.push(format!("dry-run DENY {}/{} would have denied this", by.namespace, by.name).into());
        }
        if let Some(allow) = &chain.dry_run_allow {
            let enforced_matches =
                chain.allow.as_ref().is_some_and(|allow| matches!(allow.index.evaluate(facts, scratch), Outcome::Match { .. }));
            if allow.index.evaluate(facts, scratch) == Outcome::NoMatch && !enforced_matches {
                self.warnings.push("the dry-run ALLOW policies would have denied this: none of their rules matches".into());
            }
        }
    }

    /// The answer when a rule matches or not by a fact that was not given; both branches are kept.
    fn open(&mut self, action: &str, by: Option<DecidedBy>, fact: &str) -> Ending {
        let warnings = self.warnings.len();
        let refused =
            self.refusal("rbac_access_denied".into(), by.clone(), format!("the {action} policies keep the request out").into());
        let allowed = self.allowed(by.clone(), "the policies let the request in".into());
        self.warnings.truncate(warnings);
        let (if_match, if_not) = if action == "DENY" { (refused, allowed) } else { (allowed, refused) };
        self.branches = vec![
            Branch { assuming: format!("the {fact} makes the rule match"), decision: Box::new(self.copy_ending(if_match)) },
            Branch { assuming: format!("the {fact} does not make it match"), decision: Box::new(self.copy_ending(if_not)) },
        ];
        Ending {
            verdict: Verdict::Undetermined,
            status: None,
            grpc: None,
            body: None,
            reason: "fact_missing".into(),
            message: format!("whether a rule of the {action} policies matches depends on the {fact}, which was not given").into(),
            decided_by: by,
            nearest_miss: None,
        }
    }

    fn allowed(&mut self, by: Option<DecidedBy>, message: Arc<str>) -> Ending {
        if self.authentication.status == AuthenticationStatus::Missing {
            self.warnings.push("nothing requires a token here: RequestAuthentication lets a request without one pass; require it with an ALLOW policy on `requestPrincipals`".into());
        }
        Ending {
            verdict: Verdict::Allowed,
            status: self.is_http.then_some(200),
            grpc: None,
            body: None,
            reason: Arc::clone(&self.route.prepared.words.none),
            message,
            decided_by: by,
            nearest_miss: None,
        }
    }

    fn reaches_unguarded(&mut self) -> Ending {
        self.step("ALLOW", Passed::Yes, || "no proxy reads these bytes: no policy is enforced".to_owned(), None);
        self.allowed(None, "the bytes reach the application: no proxy of its own reads them, so no policy is enforced".into())
    }

    /// The sentence on a rule that matched.
    fn matched(&self, engine: &Compiled, rule: usize) -> Arc<str> {
        Arc::clone(engine.words.get(rule).map_or(&self.route.prepared.words.none, |words| &words.matched))
    }

    fn denied(&self, engine: &Compiled, rule: usize, by: Option<DecidedBy>, message: Arc<str>) -> Ending {
        let reason = engine.words.get(rule).map_or(&self.route.prepared.words.none, |words| &words.refusal);
        self.refusal(Arc::clone(reason), by, message)
    }

    fn refusal(&self, reason: Arc<str>, by: Option<DecidedBy>, message: Arc<str>) -> Ending {
        let http = self.route.chain == ChainRead::Http;
        Ending {
            verdict: Verdict::Denied,
            status: http.then_some(if self.is_grpc { 200 } else { 403 }),
            grpc: (http && self.is_grpc).then_some(7),
            body: http.then_some(ACCESS_DENIED.into()),
            reason,
            message,
            decided_by: by,
            nearest_miss: None,
        }
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

fn is_grpc_content_type(value: &str) -> bool {
    value.strip_prefix("application/grpc").is_some_and(|rest| rest.is_empty() || rest.starts_with('+') || rest.starts_with(';'))
}

fn answer_of(given: Option<&ExtAuthz<'_>>, provider: &str) -> ExtAuthzAnswer {
    match given {
        None => ExtAuthzAnswer::Undetermined,
        Some(ExtAuthz::All(answer)) => *answer,
        Some(ExtAuthz::ByProvider(answers)) => {
            answers.iter().find(|(name, _)| name.as_str() == provider).map_or(ExtAuthzAnswer::Undetermined, |(_, answer)| *answer)
        }
    }
}

/// An undetermined decision without reasons, to be filled in.
pub(super) fn undetermined(connection: Option<Arc<ConnectionReport>>) -> Decision {
    Decision {
        name: None,
        verdict: Verdict::Undetermined,
        http_status: None,
        grpc_status: None,
        body: None,
        reason: "".into(),
        message: "".into(),
        decided_by: None,
        connection: connection.unwrap_or_else(|| Arc::new(ConnectionReport::unknown())),
        request_authentication: AuthenticationReport::default(),
        nearest_miss: None,
        steps: Vec::new(),
        trace: None,
        warnings: Vec::new(),
        branches: Vec::new(),
        expectation_failed: None,
    }
}

/// What is said when no destination was found, which [`Names::destinations`](crate::simulate::resolve::Names::destinations) reports as an error before.
pub(super) fn no_route() -> Decision {
    Decision { message: "no workload was found to answer".into(), ..undetermined(None) }
}
