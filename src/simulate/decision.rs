//! The answer to one scenario: a verdict with its reasons.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::diag::Span;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It reaches the workload.
    Allowed,
    /// Authorization refuses it.
    Denied,
    /// The token filter refuses its token.
    Unauthenticated,
    /// It lacks mutual TLS where only that is accepted.
    MtlsRequired,
    /// The connection fails for another reason.
    ConnectionFailed,
    /// The proxy's HTTP layer refuses it before any policy.
    BadRequest,
    /// It depends on a fact that was not given.
    Undetermined,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 7] = [
        Self::Allowed,
        Self::Denied,
        Self::Unauthenticated,
        Self::MtlsRequired,
        Self::ConnectionFailed,
        Self::BadRequest,
        Self::Undetermined,
    ];

    /// The word in every output format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Unauthenticated => "unauthenticated",
            Self::MtlsRequired => "mtls-required",
            Self::ConnectionFailed => "connection-failed",
            Self::BadRequest => "bad-request",
            Self::Undetermined => "undetermined",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much of the reasons is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// What every output has: verdict, deciding object, nearest miss, warnings.
    #[default]
    Verdict,
    /// Also the chain of reasons in data-plane order.
    Steps,
    /// Also every policy, rule and condition that was looked at, or why not.
    Trace,
}

/// The object, and the rule in it, that settled the verdict.
#[derive(Debug, Clone)]
pub struct DecidedBy {
    /// Kind.
    pub kind: &'static str,
    /// Namespace.
    pub namespace: Arc<str>,
    /// Name.
    pub name: Arc<str>,
    /// Index in `rules` or `jwtRules`, when a rule decided.
    pub rule: Option<usize>,
    /// Where it stands.
    pub span: Span,
}

/// What happened to the connection.
#[derive(Debug, Clone)]
pub struct ConnectionReport {
    /// What the client spoke: `plaintext`, `simple`, `mutual`, `istio-mutual`.
    pub client_tls: &'static str,
    /// The DestinationRule that said so.
    pub client_tls_from: Option<DecidedBy>,
    /// What the server demands; `None` where no proxy stands.
    pub server_mode: Option<&'static str>,
    /// The PeerAuthentication that said so.
    pub server_mode_from: Option<DecidedBy>,
    /// The identity the server saw.
    pub source_principal: Option<String>,
    /// `ok`, `mismatch` or `not-checked`.
    pub secure_naming: &'static str,
    /// `namespace/name` of the workload that is reached.
    pub destination: String,
    /// Workload port.
    pub port: u16,
    /// How the proxy reads the bytes: `http`, `tcp`, `pass-through` or `none`.
    pub chain: &'static str,
}

impl ConnectionReport {
    /// A connection nothing is known of.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            client_tls: "plaintext",
            client_tls_from: None,
            server_mode: None,
            server_mode_from: None,
            source_principal: None,
            secure_naming: "not-checked",
            destination: String::new(),
            port: 0,
            chain: "none",
        }
    }
}

/// What became of the token.
#[derive(Debug, Clone, Default)]
pub struct AuthenticationReport {
    /// The outcome.
    pub status: AuthenticationStatus,
    /// Issuer of the verified token.
    pub issuer: Option<String>,
    /// `iss/sub` of the verified token.
    pub principal: Option<String>,
    /// Envoy's text for a refused token.
    pub reason: Option<&'static str>,
}

/// Outcome of request authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthenticationStatus {
    /// A token was verified.
    Valid,
    /// No token was found; the request goes on without one.
    Missing,
    /// A token was refused.
    Invalid,
    /// It could not be settled.
    Undetermined,
    /// No RequestAuthentication applies.
    #[default]
    NotRequired,
}

impl AuthenticationStatus {
    /// The word in every output format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::Undetermined => "undetermined",
            Self::NotRequired => "not-required",
        }
    }
}

/// The ALLOW rule that came closest, and what it missed.
#[derive(Debug, Clone)]
pub struct MissReport {
    /// Its policy.
    pub rule: DecidedBy,
    /// Every test that failed: text and place.
    pub failed: Vec<(String, Span)>,
    /// Each text again where it quotes a header, without the quotation.
    pub discreet: Vec<Option<String>>,
}

/// One link in the chain of reasons.
#[derive(Debug, Clone)]
pub struct Step {
    /// The stage: `connection`, `request`, `token`, `CUSTOM`, `DENY`, `ALLOW`.
    pub stage: &'static str,
    /// Whether the request passed it.
    pub passed: Passed,
    /// What happened.
    pub text: String,
    /// The object behind it.
    pub by: Option<DecidedBy>,
}

/// Whether a stage let the request go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// It did.
    Yes,
    /// It did not.
    No,
    /// It could not be told.
    Unknown,
}

/// One policy of the mesh in a full trace.
#[derive(Debug, Clone)]
pub struct TraceEntry {
    /// The policy.
    pub policy: DecidedBy,
    /// Its action or kind of effect: `ALLOW`, `DENY`, `AUDIT`, `CUSTOM`, `token`, `mTLS`.
    pub action: &'static str,
    /// Whether it applies to the workload.
    pub applies: bool,
    /// Why, or why not.
    pub why: String,
    /// Its rules, when it applies and was evaluated.
    pub rules: Vec<TraceRule>,
}

/// One rule in a full trace.
#[derive(Debug, Clone)]
pub struct TraceRule {
    /// Index in `rules`.
    pub rule: usize,
    /// `match`, `no-match` or `unknown`.
    pub outcome: &'static str,
    /// Where it stands.
    pub span: Span,
    /// Its conditions.
    pub conditions: Vec<TraceCondition>,
}

/// One condition in a full trace.
#[derive(Debug, Clone)]
pub struct TraceCondition {
    /// `from[0]`, `to[1]`: the entry it belongs to.
    pub entry: String,
    /// The field, such as `methods`.
    pub field: String,
    /// What it wants.
    pub wanted: String,
    /// What the request has.
    pub seen: String,
    /// `match`, `no-match` or `unknown`.
    pub outcome: &'static str,
    /// Where it stands.
    pub span: Span,
}

/// The answer under one assumption, where the answer depends on it.
#[derive(Debug, Clone)]
pub struct Branch {
    /// What is assumed, such as `provider ext-authz allows`, or the workload that answers.
    pub assuming: String,
    /// The answer then.
    pub decision: Box<Decision>,
}

/// The answer to one scenario.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The scenario's name.
    pub name: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// The status the caller sees; `None` when no HTTP response reaches it.
    pub http_status: Option<u16>,
    /// `grpc-status`, when the caller speaks gRPC and the proxy answers.
    pub grpc_status: Option<u8>,
    /// The body the proxy answers with.
    pub body: Option<Cow<'static, str>>,
    /// The proxy's own word for it: response code or connection details.
    pub reason: Arc<str>,
    /// One sentence a person can act on.
    pub message: Arc<str>,
    /// The object that settled it; `None` when a default did.
    pub decided_by: Option<DecidedBy>,
    /// What happened to the connection.
    pub connection: Arc<ConnectionReport>,
    /// What became of the token.
    pub request_authentication: AuthenticationReport,
    /// On a denial because no ALLOW rule matched: the rule that came closest.
    pub nearest_miss: Option<MissReport>,
    /// The chain of reasons, when asked for.
    pub steps: Vec<Step>,
    /// Everything that was looked at, when asked for.
    pub trace: Option<Vec<TraceEntry>>,
    /// What is true but surprising.
    pub warnings: Vec<Arc<str>>,
    /// The answers the verdict depends on, when it is undetermined.
    pub branches: Vec<Branch>,
    /// Where the scenario's `expect` does not hold.
    pub expectation_failed: Option<String>,
}

impl Decision {
    /// What the caller sees, in one line: `200`, `403 RBAC: access denied`, `connection reset (curl exit 56)`.
    #[must_use]
    pub fn caller_sees(&self) -> String {
        match (self.verdict, self.http_status, &self.body) {
            (Verdict::Undetermined, _, _) => "depends on a fact that was not given".to_owned(),
            (_, Some(status), Some(body)) => match self.grpc_status {
                Some(grpc) => format!("{status} grpc-status {grpc} {body}"),
                None => format!("{status} {body}"),
            },
            (_, Some(status), None) => status.to_string(),
            (Verdict::Allowed, None, _) => "connection accepted".to_owned(),
            (Verdict::Denied, None, _) => "connection closed without an answer".to_owned(),
            (_, None, Some(body)) => body.to_string(),
            (_, None, None) => "connection closed".to_owned(),
        }
    }
}
