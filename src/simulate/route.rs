//! What stays the same for every request between one caller and one destination: the connection and what the destination enforces.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Asker;
use crate::mesh::Mesh;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::mesh::WorkloadId;
use crate::policy::Known;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::connection::Caller;
use crate::simulate::connection::Chain;
use crate::simulate::connection::ClientTls;
use crate::simulate::connection::ClientTlsOverride;
use crate::simulate::connection::Connection;
use crate::simulate::connection::ConnectionFailure;
use crate::simulate::connection::ConnectionVerdict;
use crate::simulate::connection::Destination;
use crate::simulate::connection::FailureKind;
use crate::simulate::connection::Outcome;
use crate::simulate::connection::Question;
use crate::simulate::connection::SecureNaming;
use crate::simulate::connection::connect;
use crate::simulate::decide::decided_by;
use crate::simulate::decision::ConnectionReport;
use crate::simulate::decision::DecidedBy;
use crate::simulate::decision::Passed;
use crate::simulate::decision::Step;
use crate::simulate::decision::Verdict;
use crate::simulate::http::ManagerOptions;
use crate::simulate::http::Version;
use crate::simulate::prepared::Prepared;
use crate::simulate::resolve::QuestionError;
use crate::simulate::resolve::parse_ip;
use crate::simulate::scenario::DestinationRef;
use crate::simulate::scenario::RequestProtocol;
use crate::simulate::scenario::Scenario;
use crate::simulate::scenario::Text;
use crate::simulate::scenario::TlsMode;

/// How the bytes of a connection are read for policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChainRead {
    Http,
    Tcp,
    /// No proxy reads them.
    Unguarded,
}

/// A connection that does not come about, or comes to nothing, in the words of a decision.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) verdict: Verdict,
    pub(super) http_status: Option<u16>,
    pub(super) caller_sees: String,
    pub(super) reason: Arc<str>,
    pub(super) message: Arc<str>,
    pub(super) decided_by: Option<DecidedBy>,
}

/// One caller, one destination, one protocol.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) workload: WorkloadId,
    pub(super) report: Arc<ConnectionReport>,
    /// The connection as the first link in the chain of reasons.
    pub(super) step: Step,
    /// It fails before authorization.
    pub(super) failure: Option<Failure>,
    /// It fails after authorization let it through.
    pub(super) failure_at_application: Option<Failure>,
    pub(super) chain: ChainRead,
    pub(super) protocol: RequestProtocol,
    pub(super) prepared: Rc<Prepared>,
    /// Every AuthorizationPolicy of the mesh as a deciding object.
    pub(super) policies: Rc<[DecidedBy]>,
    pub(super) peer: Vec<String>,
    pub(super) sni: Option<String>,
    pub(super) is_tls: bool,
    pub(super) source_ip: Known<IpAddr>,
    pub(super) destination_ip: Known<IpAddr>,
    pub(super) default_host: String,
    /// Made only when some rule looks at it.
    pub(super) forwarded_certificate: Option<String>,
    pub(super) manager: ManagerOptions,
    pub(super) warnings: Vec<Arc<str>>,
    /// What was not read and could change the answer.
    pub(super) doubt: Option<Arc<str>>,
}

/// What a route is made of beside its connection.
pub(super) struct Parts<'p> {
    pub(super) destination: &'p Destination,
    pub(super) protocol: RequestProtocol,
    pub(super) prepared: Rc<Prepared>,
    pub(super) policies: Rc<[DecidedBy]>,
    pub(super) source_ip: Option<IpAddr>,
    pub(super) destination_ip: Option<IpAddr>,
    pub(super) default_host: String,
    pub(super) forwarded_certificate: Option<String>,
    /// The client's side was dictated or seen, not derived: it speaks for itself.
    pub(super) is_overridden: bool,
    /// Why the caller's certificate is refused.
    pub(super) defect: Option<&'p str>,
    /// What was not read, in words, when it could change the answer.
    pub(super) doubt: Option<Arc<str>>,
}

impl Route {
    pub(super) fn new(
        mesh: &Mesh,
        caller: &Caller,
        destination: &Destination,
        scenario: &Scenario<'_>,
        prepared: Rc<Prepared>,
        policies: Rc<[DecidedBy]>,
    ) -> Result<Self, QuestionError> {
        let protocol = protocol(mesh, destination, scenario);
        let default_host = default_host(mesh, destination);
        let host = scenario.host.as_ref().map_or(default_host.as_str(), Text::as_str);
        let question = Question {
            caller,
            destination,
            protocol: if protocol == RequestProtocol::Tcp { ApplicationProtocol::Tcp } else { ApplicationProtocol::Http },
            tls: tls_override(scenario.tls.mode),
            sni: scenario.tls.sni.as_ref().map(Text::as_str),
            host: Some(host.split(':').next().unwrap_or(host)),
        };
        let connection = connect(mesh, &question);
        let address = match &scenario.to {
            DestinationRef::Long(parts) => parts.ip.as_ref().map(|ip| parse_ip("to.ip", ip)).transpose()?,
            DestinationRef::Short(_) => None,
        };
        let workload_ip = mesh.workload(destination.workload).and_then(|workload| workload.ip);
        let looks_at_certificate = prepared.http.looks_at_header("x-forwarded-client-cert");
        let parts = Parts {
            destination,
            protocol,
            prepared,
            policies,
            source_ip: caller.ip,
            destination_ip: address.or(workload_ip),
            default_host,
            forwarded_certificate: forwarded_certificate(mesh, destination, &connection).filter(|_| looks_at_certificate),
            is_overridden: scenario.tls.mode != TlsMode::Auto,
            defect: caller.certificate_defect.as_deref(),
            doubt: doubt(mesh, destination.workload, asker(mesh, caller, destination)),
        };
        Ok(Self::over(mesh, &connection, parts))
    }

    /// The route over a connection that is known.
    pub(super) fn over(mesh: &Mesh, connection: &Connection, parts: Parts<'_>) -> Self {
        let Parts { destination, defect, .. } = parts;
        let is_gateway = mesh.workload(destination.workload).is_some_and(|workload| workload.proxy == Proxy::Gateway);
        let report = Arc::new(report(mesh, destination, connection));
        let (failure, failure_at_application) = failures(connection, &report, parts.is_overridden, defect);
        let mut route = Self {
            workload: destination.workload,
            step: step(connection, &report, defect),
            failure,
            failure_at_application,
            chain: match connection.chain {
                Some(Chain::Http) => ChainRead::Http,
                Some(Chain::Tcp) => ChainRead::Tcp,
                Some(Chain::Passthrough | Chain::NoProxy) | None => ChainRead::Unguarded,
            },
            protocol: parts.protocol,
            prepared: parts.prepared,
            policies: parts.policies,
            peer: connection.peer.clone(),
            sni: Some(connection.sni.clone()),
            is_tls: connection.client_tls != ClientTls::Plaintext,
            source_ip: parts.source_ip.map_or(Known::No("source address"), Known::Yes),
            destination_ip: parts.destination_ip.map_or(Known::No("destination address"), Known::Yes),
            default_host: parts.default_host,
            forwarded_certificate: parts.forwarded_certificate,
            manager: ManagerOptions {
                normalization: mesh.settings.path_normalization,
                gateway_trusted_proxies: is_gateway.then_some(mesh.settings.num_trusted_proxies),
            },
            doubt: parts.doubt,
            warnings: connection.warnings.iter().map(|warning| warning.as_str().into()).collect(),
            report,
        };
        if let Some(defect) = defect.filter(|_| route.failure.is_none()) {
            let text = format!(
                "the caller's certificate is refused wherever mutual TLS ends at a proxy, which it does not here: {defect}"
            );
            route.warnings.push(text.into());
        }
        route.add_warnings(mesh, connection);
        route
    }

    pub(super) fn version(&self) -> Version {
        match self.protocol {
            RequestProtocol::Http | RequestProtocol::Tcp => Version::Http1,
            RequestProtocol::Http2 | RequestProtocol::Grpc => Version::Http2,
        }
    }

    fn add_warnings(&mut self, mesh: &Mesh, connection: &Connection) {
        if self.failure.is_some() {
            return;
        }
        let chain = match self.chain {
            ChainRead::Http => &self.prepared.http,
            ChainRead::Tcp => &self.prepared.tcp,
            ChainRead::Unguarded => return,
        };
        if connection.server_mode == Some(MutualTlsMode::Permissive) && chain.uses_identity {
            self.warnings.push(
                "the port is PERMISSIVE: a caller without mutual TLS has no identity, and rules on identities treat it as nobody"
                    .into(),
            );
        }
        for note in &chain.lowered.notes {
            let Some(policy) = mesh.authorization_policies.get(note.policy) else { continue };
            let rule = note.rule.map(|rule| format!(" rule {rule}")).unwrap_or_default();
            self.warnings.push(format!("{}/{}{rule}: {}", policy.id.namespace, policy.id.name, note.text).into());
        }
    }
}

fn asker<'a>(mesh: &'a Mesh, caller: &'a Caller, destination: &Destination) -> Asker<'a> {
    let service = destination.service.and_then(|(service, _)| mesh.services.get(service));
    Asker { namespace: caller.namespace.as_deref(), service_namespace: service.map(|service| service.id.namespace.as_str()) }
}

/// What was not read, in words, when it could change the answer.
pub(super) fn doubt(mesh: &Mesh, workload: WorkloadId, asker: Asker<'_>) -> Option<Arc<str>> {
    let doubts: Vec<String> =
        mesh.doubts(mesh.workload(workload)?, asker).map(|unread| format!("{unread} ({})", unread.why)).collect();
    let (first, others) = doubts.split_first()?;
    let more = if others.is_empty() { String::new() } else { format!(", and {} more", others.len()) };
    Some(format!("not read, and could change the answer: {first}{more}").into())
}

/// Every AuthorizationPolicy of a mesh as a deciding object, in order.
pub(super) fn policies(mesh: &Mesh) -> Rc<[DecidedBy]> {
    mesh.authorization_policies
        .iter()
        .map(|policy| decided_by("AuthorizationPolicy", &policy.id.namespace, &policy.id.name, None, policy.span))
        .collect()
}

fn tls_override(mode: TlsMode) -> ClientTlsOverride {
    match mode {
        TlsMode::Auto => ClientTlsOverride::Auto,
        TlsMode::Disable => ClientTlsOverride::Disable,
        TlsMode::Simple => ClientTlsOverride::Simple,
        TlsMode::Mutual => ClientTlsOverride::Mutual,
        TlsMode::IstioMutual => ClientTlsOverride::IstioMutual,
    }
}

/// The protocol a caller would speak: the one given, else the one the port is declared for.
fn protocol(mesh: &Mesh, destination: &Destination, scenario: &Scenario<'_>) -> RequestProtocol {
    use crate::mesh::Protocol;
    if let Some(given) = scenario.protocol {
        return given;
    }
    let declared = match destination.service {
        Some((service, port)) => mesh
            .services
            .get(service)
            .and_then(|service| service.ports.iter().find(|candidate| candidate.number == port))
            .map(|port| port.protocol),
        None => {
            mesh.inbound_ports(destination.workload).iter().find(|port| port.port == destination.port).map(|port| port.protocol)
        }
    };
    match declared {
        Some(Protocol::Grpc | Protocol::GrpcWeb) => RequestProtocol::Grpc,
        Some(Protocol::Http2) => RequestProtocol::Http2,
        Some(protocol) if protocol.class() == PortClass::Tcp => RequestProtocol::Tcp,
        _ => RequestProtocol::Http,
    }
}

/// The host a caller writes for the destination: the service's name, with the port where it is not the scheme's own.
fn default_host(mesh: &Mesh, destination: &Destination) -> String {
    let with_port = |host: &str, port: u16| if port == 80 { host.to_owned() } else { format!("{host}:{port}") };
    if let Some((service, port)) = destination.service {
        let host = mesh.services.get(service).map_or("", |service| service.hostname.as_str());
        return with_port(host, port);
    }
    let host = match mesh.workload(destination.workload) {
        Some(workload) => workload.ip.map_or_else(
            || format!("{}.{}", workload.name, workload.namespace),
            |ip| match ip {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            },
        ),
        None => String::new(),
    };
    with_port(&host, destination.port)
}

/// What the proxy writes about the caller's certificate. The hash cannot be known; zeros stand for it.
fn forwarded_certificate(mesh: &Mesh, destination: &Destination, connection: &Connection) -> Option<String> {
    let uri = connection.peer.first()?;
    let server = mesh.workload(destination.workload)?.principal(&mesh.settings.trust_domain.replace('@', "."));
    Some(format!("By=spiffe://{server};Hash={:064};Subject=\"\";URI={uri}", 0))
}

fn report(mesh: &Mesh, destination: &Destination, connection: &Connection) -> ConnectionReport {
    ConnectionReport {
        client_tls: connection.client_tls.as_str(),
        client_tls_from: connection.client_tls_from.and_then(|origin| {
            let rule = mesh.destination_rules.get(origin.rule)?;
            Some(decided_by("DestinationRule", &rule.id.namespace, &rule.id.name, None, origin.span))
        }),
        server_mode: connection.server_mode.map(MutualTlsMode::as_str),
        server_mode_from: connection.server_mode_from.and_then(|origin| {
            let policy = mesh.peer_authentications.get(origin.policy)?;
            Some(decided_by("PeerAuthentication", &policy.id.namespace, &policy.id.name, None, origin.span))
        }),
        source_principal: connection.peer.first().map(|name| name.strip_prefix("spiffe://").unwrap_or(name).to_owned()),
        secure_naming: match connection.secure_naming {
            SecureNaming::Ok => "ok",
            SecureNaming::Mismatch { .. } => "mismatch",
            SecureNaming::NotChecked => "not-checked",
        },
        destination: mesh.workload(destination.workload).map(crate::mesh::Workload::display_name).unwrap_or_default(),
        port: destination.port,
        chain: match connection.chain {
            Some(Chain::Http) => "http",
            Some(Chain::Tcp) => "tcp",
            Some(Chain::Passthrough) => "pass-through",
            Some(Chain::NoProxy) | None => "none",
        },
    }
}

fn failures(
    connection: &Connection,
    report: &ConnectionReport,
    is_overridden: bool,
    defect: Option<&str>,
) -> (Option<Failure>, Option<Failure>) {
    let describe = |failure| describe(failure, report, is_overridden, defect);
    match &connection.outcome {
        Outcome::Connected { then } => (None, then.as_ref().map(describe)),
        Outcome::Failed(failure) => (Some(describe(failure)), None),
        Outcome::Undetermined { reason } => (
            Some(Failure {
                verdict: Verdict::Undetermined,
                http_status: None,
                caller_sees: String::new(),
                reason: "connection_unknown".into(),
                message: reason.as_str().into(),
                decided_by: None,
            }),
            None,
        ),
    }
}

/// A failure in the words of a decision. A caller whose side was dictated speaks for itself: no proxy of its own answers 503.
fn describe(failure: &ConnectionFailure, report: &ConnectionReport, is_overridden: bool, defect: Option<&str>) -> Failure {
    let verdict = match failure.verdict {
        ConnectionVerdict::MtlsRequired => Verdict::MtlsRequired,
        ConnectionVerdict::ConnectionFailed => Verdict::ConnectionFailed,
    };
    let by_client = report.client_tls_from.clone().filter(|_| verdict != Verdict::MtlsRequired);
    let (http_status, seen) = match failure.http_status {
        // A status means HTTP: without its own proxy the caller would see this.
        Some(_) if is_overridden => (None, failure.kind.seen_without_proxy(ApplicationProtocol::Http)),
        Some(status) => {
            (Some(status), failure.message.strip_prefix(&format!("{status} ")).unwrap_or(&failure.message).to_owned())
        }
        None => (None, failure.message.clone()),
    };
    Failure {
        verdict,
        http_status,
        caller_sees: seen,
        reason: failure.kind.as_str().into(),
        message: sentence(failure.kind, report, defect).into(),
        decided_by: by_client.or_else(|| report.server_mode_from.clone()),
    }
}

/// What happened and what to do, in one sentence.
fn sentence(kind: FailureKind, report: &ConnectionReport, defect: Option<&str>) -> String {
    let server = format!("{}:{}", report.destination, report.port);
    let mode = report.server_mode.unwrap_or("its own");
    match kind {
        FailureKind::PlaintextRefused => format!(
            "plaintext reaches {server}, which accepts only mutual TLS ({mode}): give the caller a sidecar, or relax the mode for this port"
        ),
        FailureKind::AmbientPlaintextRefused => format!("plaintext reaches {server}, whose node accepts only mutual TLS"),
        FailureKind::UnexpectedTls => format!(
            "TLS without Istio's ALPN reaches {server}, whose {mode} HTTP port takes plaintext or Istio's own mutual TLS only"
        ),
        FailureKind::TlsToPlaintext => format!(
            "TLS reaches {server}, where plaintext is spoken: let the client side use plaintext, or turn mutual TLS on there"
        ),
        FailureKind::ServerNameMismatch => {
            format!("the identity of {server} is none of those the caller expects (secure naming)")
        }
        FailureKind::ServerUntrusted => format!("the caller does not trust the authority behind the certificate of {server}"),
        FailureKind::ClientCertificateMissing => {
            format!("{server} demands a client certificate ({mode}), and the caller presents none")
        }
        FailureKind::ClientCertificateRejected => {
            format!("{server} refuses the caller's certificate: its authority or its trust domain is not one of the mesh's")
        }
        FailureKind::ClientCertificateDefective => {
            format!("{server} refuses the caller's certificate: {}", defect.unwrap_or("it is not good"))
        }
        FailureKind::PlaintextToTls => format!("plaintext reaches the application at {server}, which speaks TLS"),
        FailureKind::NotListening => format!("nothing listens on port {} of {}", report.port, report.destination),
        FailureKind::UnknownSubset => "no DestinationRule the caller's proxy sees defines the subset".to_owned(),
    }
}

fn step(connection: &Connection, report: &ConnectionReport, defect: Option<&str>) -> Step {
    let who = match &report.source_principal {
        Some(principal) => format!("as {principal}"),
        None => "without an identity".to_owned(),
    };
    let server = report.server_mode.map_or("no PeerAuthentication mode".to_owned(), |mode| format!("server mode {mode}"));
    let (passed, text) = match &connection.outcome {
        Outcome::Connected { .. } => (
            Passed::Yes,
            format!("{} to {}:{} {who}, {server}, read as {}", report.client_tls, report.destination, report.port, report.chain),
        ),
        Outcome::Failed(failure) => (Passed::No, sentence(failure.kind, report, defect)),
        Outcome::Undetermined { reason } => (Passed::Unknown, reason.clone()),
    };
    let by = report.server_mode_from.clone().or_else(|| report.client_tls_from.clone());
    Step { stage: "connection", passed, text, by }
}
