//! Decisions of a log, made again by other rules.
//!
//! ```text
//! line of an audit log -> Recorded --replay(Enforcer)--> the same | another Decision | not to be told, and why
//! ```
//!
//! A log keeps neither tokens nor queries, and only the headers that were asked for. What hangs on something that was not kept is not
//! guessed: it is told as unknown. What the first rules never came to see (the requests of a connection they refused, the certificate of
//! one they passed on) is unknown in the same way.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use aws_lc_rs::digest;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error as _;
use serde_json::Value;
use serde_json::json;

use crate::jose::TokenStatus;
use crate::manifest::kinds::JwtRule;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Mesh;
use crate::mesh::PortClass;
use crate::mesh::Workload;
use crate::policy::Withheld;
use crate::simulate::connection::Alpn;
use crate::simulate::connection::Arrival;
use crate::simulate::connection::Chain;
use crate::simulate::connection::ClientTls;
use crate::simulate::connection::ConnectionVerdict;
use crate::simulate::connection::FailureKind;
use crate::simulate::connection::Reception;
use crate::simulate::connection::reception;
use crate::simulate::decision::AuthenticationStatus;
use crate::simulate::decision::Decision;
use crate::simulate::decision::Verdict;
use crate::simulate::http::Version;
use crate::simulate::live::Desk;
use crate::simulate::live::Enforcer;
use crate::simulate::live::Guard;
use crate::simulate::live::Head;
use crate::simulate::live::Observed;
use crate::simulate::live::Refusal;
use crate::simulate::scenario::ExtAuthz;
use crate::simulate::scenario::ExtAuthzAnswer;
use crate::simulate::scenario::Text;

/// Stands in a log where a text held a token.
pub const MASK: &str = "(a-token)";

/// What was seen of the first bytes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrived {
    /// A request in the clear.
    Http,
    /// Anything else in the clear.
    Bytes,
    /// In the clear; nobody needed to know more.
    Plaintext,
    /// TLS with Istio's protocols for HTTP.
    IstioHttpTls,
    /// TLS with Istio's protocols for other traffic.
    IstioTls,
    /// TLS with other protocols.
    Tls,
    /// Nobody looked.
    Unread,
}

impl Arrived {
    /// The word in a log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Bytes => "bytes",
            Self::Plaintext => "plaintext",
            Self::IstioHttpTls => "istio-http-tls",
            Self::IstioTls => "istio-tls",
            Self::Tls => "tls",
            Self::Unread => "unread",
        }
    }
}

impl From<Alpn> for Arrived {
    fn from(alpn: Alpn) -> Self {
        match alpn {
            Alpn::Foreign => Self::Tls,
            Alpn::IstioHttp => Self::IstioHttpTls,
            Alpn::IstioTcp => Self::IstioTls,
        }
    }
}

/// One line of a log.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A decision.
    Decision(Box<Recorded>),
    /// So many decisions are missing here.
    Gap(u64),
}

/// A decision as a log has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// When it was made.
    #[serde(deserialize_with = "time")]
    pub time: Timestamp,
    /// The connection.
    pub connection: RecordedConnection,
    /// The request; `None` when the decision is on the connection.
    #[serde(default)]
    pub request: Option<RecordedRequest>,
    /// The decision.
    pub decision: RecordedDecision,
    /// What the rules on tokens were, as [`Enforcer::token_rules`] tells them.
    #[serde(default)]
    token_rules: Option<String>,
    /// What providers answered.
    #[serde(default)]
    ext_authz: BTreeMap<String, ExtAuthzAnswer>,
}

/// A connection as a log has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedConnection {
    /// `namespace/name` of the workload.
    pub workload: String,
    /// The workload's port.
    pub port: u16,
    source: SocketAddr,
    destination: SocketAddr,
    arrived: Arrived,
    tls_version: Option<String>,
    sni: Option<String>,
    peer: Vec<String>,
}

/// A request as a log has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedRequest {
    protocol: String,
    /// Method.
    pub method: String,
    authority: String,
    /// Target without its query.
    pub path: String,
    request_id: String,
    #[serde(default)]
    scheme: Option<String>,
    #[serde(default)]
    query_cut: bool,
    #[serde(default)]
    may_hold_token: bool,
    #[serde(default)]
    remote_ip: Option<IpAddr>,
    /// Headers that were to be kept, with what was there.
    #[serde(default)]
    headers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    claims: Option<Value>,
}

/// As much of a decision as is compared and told.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedDecision {
    /// The verdict's word.
    pub verdict: String,
    reason: String,
    /// What settled it.
    #[serde(default)]
    pub decided_by: Option<RecordedOrigin>,
    connection: RecordedReport,
    request_authentication: RecordedAuthentication,
}

/// The object that decided, as a log has it.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedOrigin {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Index of the rule.
    #[serde(default)]
    pub rule: Option<usize>,
    /// File.
    pub file: String,
    /// Line.
    pub line: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordedReport {
    source_principal: Option<String>,
    chain: String,
}

#[derive(Debug, Clone, Deserialize)]
struct RecordedAuthentication {
    status: String,
    issuer: Option<String>,
    principal: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GapLine {
    not_written: NotWritten,
}

#[derive(Deserialize)]
struct NotWritten {
    dropped: u64,
    lost: u64,
}

/// How a connection is read or why it comes to nothing, and what its client spoke.
type Reading = (Result<Chain, Refusal>, ClientTls);

/// What becomes of a recorded decision by other rules.
#[derive(Debug)]
pub enum Replayed {
    /// The verdict is the same.
    Same,
    /// It is another one.
    Changed(Box<Decision>),
    /// It hangs on something that is not in the log.
    Unknown(String),
}

/// What a log kept of a request.
#[derive(Debug, Clone)]
pub struct Kept {
    pub(super) token: KeptToken,
    pub(super) withheld: Withheld,
}

/// What became of the token, which itself was not kept.
#[derive(Debug, Clone)]
pub(super) enum KeptToken {
    /// There was none, or nobody looks at it.
    Absent,
    /// It was good; these claims were kept.
    Good(Arc<Value>),
    /// It was refused.
    Refused(TokenStatus),
    /// It cannot be told.
    Unknown(&'static str),
}

/// What a decision is made on again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Again<'a> {
    pub(super) remote_ip: Option<IpAddr>,
    pub(super) ext_authz: &'a ExtAuthz<'a>,
    pub(super) at: Timestamp,
    pub(super) kept: &'a Kept,
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

impl Entry {
    /// Reads a line.
    ///
    /// # Errors
    /// It is no line of a log, in words.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map(|recorded| Self::Decision(Box::new(recorded))).or_else(|error| {
            let gap = serde_json::from_str::<GapLine>(text).map_err(|_| format!("no line of an audit log: {error}"))?;
            Ok(Self::Gap(gap.not_written.dropped.saturating_add(gap.not_written.lost)))
        })
    }
}

impl Recorded {
    /// Who called: its identity, or its address.
    #[must_use]
    pub fn caller(&self) -> String {
        let principal = self.decision.connection.source_principal.clone();
        principal.unwrap_or_else(|| self.connection.source.ip().to_string())
    }

    /// The decision that these rules make.
    pub fn replay(&self, enforcer: &Rc<Enforcer>, desk: &mut Desk) -> Replayed {
        let decision = match self.decide_again(enforcer, desk) {
            Ok(Some(decision)) => decision,
            Ok(None) => return Replayed::Same,
            Err(why) => return Replayed::Unknown(why.to_owned()),
        };
        if decision.verdict.as_str() == self.decision.verdict {
            Replayed::Same
        } else if decision.verdict == Verdict::Undetermined {
            Replayed::Unknown(decision.message.as_ref().to_owned())
        } else {
            Replayed::Changed(Box::new(decision))
        }
    }

    /// `None` when it is as before whatever the rules are.
    fn decide_again(&self, enforcer: &Rc<Enforcer>, desk: &mut Desk) -> Result<Option<Decision>, &'static str> {
        let Some((chain, client_tls)) = self.chain(enforcer, enforcer.guard(self.connection.port))? else { return Ok(None) };
        let request = self.request.as_ref().filter(|_| chain == Ok(Chain::Http));
        if chain == Ok(Chain::Http) && self.is_settled_by_codec() {
            return Ok(None);
        }
        if chain == Ok(Chain::Http) && request.is_none() {
            return Err("its requests were not read then");
        }
        if request.is_some_and(|request| request.path.contains(MASK)) {
            return Err("its path held a token");
        }
        let is_http2 = request.is_some_and(|request| request.protocol == "HTTP/2");
        let is_terminated = matches!(client_tls, ClientTls::Mutual | ClientTls::IstioMutual);
        let observed = Observed {
            port: self.connection.port,
            source: self.connection.source.ip(),
            destination: self.connection.destination.ip(),
            client_tls,
            peer: if is_terminated { self.connection.peer.clone() } else { Vec::new() },
            sni: self.connection.sni.clone().unwrap_or_default(),
            chain,
            version: if is_http2 { Version::Http2 } else { Version::Http1 },
            forwarded_certificate: None,
        };
        let answers = self.ext_authz.iter().map(|(provider, answer)| (Text::from(provider.as_str()), *answer)).collect();
        let kept = Kept { token: self.token(enforcer), withheld: self.withheld() };
        let again = Again {
            remote_ip: request.and_then(|request| request.remote_ip),
            ext_authz: &ExtAuthz::ByProvider(answers),
            at: self.time,
            kept: &kept,
        };
        let route = enforcer.route(&observed);
        let Some(request) = request else { return Ok(Some(route.decide_again(None, &again, desk))) };
        let headers = &mut desk.message().headers;
        headers.clear();
        for (name, values) in &request.headers {
            for value in values {
                headers.append(name, value);
            }
        }
        let head = Head {
            method: &request.method,
            target: &request.path,
            host: &request.authority,
            scheme: request.scheme.as_deref(),
            request_id: &request.request_id,
        };
        Ok(Some(route.decide_again(Some(&head), &again, desk)))
    }

    /// How the connection is read, or why it comes to nothing; `None` when it comes to nothing as before.
    fn chain(&self, enforcer: &Enforcer, guard: Guard) -> Result<Option<Reading>, &'static str> {
        let arrival = self.arrival(guard)?;
        let refused = |kind, verdict| Err(Refusal { kind, verdict, defect: None });
        let in_the_clear = if matches!(arrival, Arrival::Tls(_)) { ClientTls::Simple } else { ClientTls::Plaintext };
        let chain = match reception(guard.mode, guard.class, arrival) {
            Reception::Closed(kind, verdict) => return Ok(Some((refused(kind, verdict), in_the_clear))),
            Reception::Plaintext(chain) => return Ok(Some((Ok(chain), ClientTls::Plaintext))),
            Reception::PassesTls => return Ok(Some((Ok(Chain::Tcp), ClientTls::Simple))),
            Reception::Terminates(chain) => chain,
        };
        let was_refused = self.decision.connection.chain == "none";
        match self.connection.tls_version {
            Some(_) if !was_refused => {}
            _ if self.decision.reason.starts_with("client_certificate") => return Ok(None),
            Some(_) | None => return Err("the caller's certificate was not looked at then"),
        }
        let client_tls = if arrival == Arrival::Tls(Alpn::Foreign) { ClientTls::Mutual } else { ClientTls::IstioMutual };
        let domain = self.connection.peer.first().and_then(|name| name.strip_prefix("spiffe://")?.split('/').next());
        let is_foreign = |accepted: &[String]| !domain.is_some_and(|domain| accepted.iter().any(|own| own == domain));
        if enforcer.trust_domains().is_some_and(is_foreign) {
            let refusal = refused(FailureKind::ClientCertificateRejected, ConnectionVerdict::ConnectionFailed);
            return Ok(Some((refusal, client_tls)));
        }
        Ok(Some((Ok(chain), client_tls)))
    }

    /// What arrived, as far as a port of this kind needs to know.
    fn arrival(&self, guard: Guard) -> Result<Arrival, &'static str> {
        let has_request = self.request.is_some();
        let is_plain_matter = guard.class != PortClass::Auto || guard.mode == MutualTlsMode::Strict;
        match self.connection.arrived {
            Arrived::Http => Ok(Arrival::Http),
            Arrived::Bytes => Ok(Arrival::Bytes),
            Arrived::IstioHttpTls => Ok(Arrival::Tls(Alpn::IstioHttp)),
            Arrived::IstioTls => Ok(Arrival::Tls(Alpn::IstioTcp)),
            Arrived::Tls => Ok(Arrival::Tls(Alpn::Foreign)),
            Arrived::Plaintext | Arrived::Unread if has_request => Ok(Arrival::Http),
            Arrived::Plaintext if is_plain_matter => Ok(Arrival::Bytes),
            Arrived::Plaintext => Err("whether it was HTTP was not looked at then"),
            Arrived::Unread if guard.class == PortClass::Tcp && guard.mode == MutualTlsMode::Disable => Ok(Arrival::Bytes),
            Arrived::Unread => Err("whether it was TLS was not looked at then"),
        }
    }

    /// Whether the HTTP layer refused it for what it was, which no rule changes.
    fn is_settled_by_codec(&self) -> bool {
        let is_by_rules = ["path_normalization_failed", "route_not_found"].contains(&self.decision.reason.as_str());
        self.decision.verdict == Verdict::BadRequest.as_str() && !is_by_rules
    }

    fn withheld(&self) -> Withheld {
        let Some(request) = &self.request else { return Withheld::default() };
        Withheld {
            kept_headers: request.headers.keys().cloned().chain(["x-request-id".to_owned()]).collect(),
            query: request.query_cut,
            claims: request.claims.is_none(),
        }
    }

    fn token(&self, enforcer: &Enforcer) -> KeptToken {
        let Some(rules) = enforcer.token_rules() else { return KeptToken::Absent };
        let RecordedAuthentication { status, issuer, principal, reason } = &self.decision.request_authentication;
        let is = |expected: AuthenticationStatus| status == expected.as_str();
        if self.token_rules.as_deref() == Some(rules) {
            if is(AuthenticationStatus::Valid) {
                let kept = self.request.as_ref().and_then(|request| request.claims.clone());
                return KeptToken::Good(Arc::new(kept.unwrap_or_else(|| names(issuer.as_deref(), principal.as_deref()))));
            }
            if is(AuthenticationStatus::Missing) {
                return KeptToken::Absent;
            }
            if is(AuthenticationStatus::Invalid) {
                let is_audience = reason.as_deref() == Some(TokenStatus::AudienceNotAllowed.text());
                let status = if is_audience { TokenStatus::AudienceNotAllowed } else { TokenStatus::VerificationFail };
                return KeptToken::Refused(status);
            }
            return KeptToken::Unknown("whether there was a good token was not looked at then");
        }
        let had_none = self.request.as_ref().is_some_and(|request| !request.may_hold_token);
        if had_none && looks_at_usual_places(enforcer) {
            return KeptToken::Absent;
        }
        KeptToken::Unknown("the rules on tokens are others than then, and no token is kept")
    }
}

/// What is known of the claims of a token by its issuer and `iss/sub`.
fn names(issuer: Option<&str>, principal: Option<&str>) -> Value {
    let subject = principal.zip(issuer).and_then(|(principal, issuer)| principal.strip_prefix(issuer)?.strip_prefix('/'));
    match (issuer, subject) {
        (Some(issuer), Some(subject)) => json!({"iss": issuer, "sub": subject}),
        (Some(issuer), None) => json!({"iss": issuer}),
        (None, _) => json!({}),
    }
}

/// Whether no token is looked for but in `authorization`, cookies and the query.
fn looks_at_usual_places(enforcer: &Enforcer) -> bool {
    let mesh = enforcer.mesh();
    let Some(workload) = mesh.workload(enforcer.workload()) else { return false };
    let mut headers = mesh.jwt_rules(workload).into_iter().flat_map(|rule| &rule.spec.from_headers);
    headers.all(|header| header.name.value.eq_ignore_ascii_case("authorization"))
}

/// The rules on tokens that hold for a workload as one short text: the same for the same issuers, audiences, keys and places. `None` when
/// there are none.
pub(super) fn token_rules(mesh: &Mesh, workload: &Workload) -> Option<Arc<str>> {
    let rules = mesh.jwt_rules(workload);
    if rules.is_empty() {
        return None;
    }
    let told: Vec<Value> = rules.iter().map(|rule| told(rule.spec)).collect();
    let digest = digest::digest(&digest::SHA256, Value::from(told).to_string().as_bytes());
    Some(digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

/// Everything of a rule that decides whether a token is good.
fn told(rule: &JwtRule) -> Value {
    let JwtRule {
        issuer,
        audiences,
        jwks_uri,
        jwks,
        from_headers,
        from_params,
        from_cookies,
        output_payload_to_header: _,
        forward_original_token: _,
        output_claim_to_headers: _,
        space_delimited_claims,
        timeout: _,
        place: _,
    } = rule;
    let texts = |list: &[crate::diag::Spanned<String>]| list.iter().map(|text| text.value.clone()).collect::<Vec<_>>();
    let headers: Vec<_> = from_headers.iter().map(|header| json!([header.name.value, header.prefix])).collect();
    json!([
        issuer.value,
        texts(audiences),
        jwks_uri.as_ref().map(|uri| &uri.value),
        jwks.as_ref().map(|jwks| &jwks.value),
        headers,
        texts(from_params),
        texts(from_cookies),
        texts(space_delimited_claims),
    ])
}
