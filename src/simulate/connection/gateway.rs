use crate::manifest::kinds::Server;
use crate::mesh::Mesh;
use crate::mesh::PortClass;
use crate::mesh::Protocol;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::mesh::selector_labels_match;
use crate::simulate::connection::Chain;
use crate::simulate::connection::ClientTls;
use crate::simulate::connection::Connection;
use crate::simulate::connection::ConnectionVerdict;
use crate::simulate::connection::FailureKind;
use crate::simulate::connection::Outcome;
use crate::simulate::connection::Question;
use crate::simulate::connection::client::Certificate;
use crate::simulate::connection::client::Emission;
use crate::simulate::connection::client::Trust;
use crate::simulate::connection::server;
use crate::simulate::connection::visibility;

/// What a gateway does with TLS on one of its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Termination {
    /// It expects plaintext.
    Plaintext,
    /// It ends TLS and asks for no client certificate.
    Simple,
    /// It ends TLS and demands a client certificate of an authority in a secret.
    Mutual,
    /// It ends TLS and accepts a client certificate of an authority in a secret.
    OptionalMutual,
    /// It ends TLS and demands a client certificate of the mesh.
    IstioMutual,
    /// It passes TLS on.
    Passthrough,
}

/// One server on the port that is asked about.
struct Listener {
    termination: Termination,
    chain: Chain,
    hosts: Vec<String>,
}

/// What becomes of an emission at a gateway: `PeerAuthentication` has no say there, its servers do.
pub(super) fn receive(mesh: &Mesh, question: &Question<'_>, workload: &Workload, emission: Emission) -> Connection {
    let id = question.destination.workload;
    let port = question.destination.port;
    let mut listeners = classic(mesh, id, workload, port);
    listeners.extend(of_gateway_api(mesh, id, workload, port));
    if listeners.is_empty() {
        return server::connection(emission, None, Outcome::Failed(FailureKind::NotListening.seen_by(question)));
    }
    let speaks_tls = emission.tls != ClientTls::Plaintext;
    let plain = listeners.iter().find(|listener| listener.termination == Termination::Plaintext);
    let fitting: Vec<&Listener> = listeners
        .iter()
        .filter(|listener| (listener.termination != Termination::Plaintext) == speaks_tls)
        .filter(|listener| !speaks_tls || serves(&listener.hosts, &emission.sni))
        .collect();
    let Some(first) = fitting.first() else {
        return refused(question, emission, plain);
    };
    if fitting.iter().any(|other| (other.termination, other.chain) != (first.termination, first.chain)) {
        let reason = format!("several servers of the gateway answer for `{}` on port {port}", emission.sni);
        return server::connection(emission, None, Outcome::Undetermined { reason });
    }
    decide(mesh, question, workload, emission, first)
}

fn decide(mesh: &Mesh, question: &Question<'_>, workload: &Workload, mut emission: Emission, listener: &Listener) -> Connection {
    let connected = Outcome::Connected { then: None };
    let has_certificate = emission.certificate != Certificate::None;
    match listener.termination {
        Termination::Plaintext | Termination::Passthrough => server::connection(emission, Some(listener.chain), connected),
        Termination::IstioMutual => {
            let mut decided = server::handshake(mesh, question, workload, emission, listener.chain, None);
            // Only `PeerAuthentication` makes mutual TLS a demand of its own; here it is the server's way of speaking.
            if let Outcome::Failed(failure) = &mut decided.outcome {
                failure.verdict = ConnectionVerdict::ConnectionFailed;
            }
            decided
        }
        Termination::Mutual if !has_certificate => {
            let failure = FailureKind::ClientCertificateMissing.seen_by(question);
            server::connection(emission, None, Outcome::Failed(failure))
        }
        Termination::Mutual => {
            let reason = "which client certificates the gateway's secret accepts is not known".to_owned();
            server::connection(emission, None, Outcome::Undetermined { reason })
        }
        Termination::OptionalMutual if has_certificate => {
            let reason = "which client certificates the gateway's secret accepts is not known".to_owned();
            server::connection(emission, None, Outcome::Undetermined { reason })
        }
        Termination::Simple | Termination::OptionalMutual => {
            if emission.tls == ClientTls::IstioMutual {
                // The gateway's certificate is none of the mesh's.
                let failure = FailureKind::ServerUntrusted.seen_by(question);
                return server::connection(emission, None, Outcome::Failed(failure));
            }
            if emission.trust != Trust::Everyone {
                let text = "the caller checks the gateway's certificate, which is not known here; it is taken to pass";
                emission.warnings.push(text.to_owned());
            }
            server::connection(emission, Some(listener.chain), connected)
        }
    }
}

/// No server fits: TLS meets plaintext, plaintext meets TLS, or no server has this name.
fn refused(question: &Question<'_>, emission: Emission, plain: Option<&Listener>) -> Connection {
    let outcome = match plain {
        None if emission.tls == ClientTls::Plaintext => Outcome::Failed(FailureKind::PlaintextRefused.seen_by(question)),
        None => Outcome::Failed(FailureKind::UnexpectedTls.seen_by(question)),
        Some(listener) if listener.chain == Chain::Tcp => {
            return server::connection(emission, Some(Chain::Tcp), Outcome::Connected { then: None });
        }
        Some(_) => Outcome::Failed(FailureKind::TlsToPlaintext.seen_by(question)),
    };
    server::connection(emission, None, outcome)
}

/// Whether a server's hosts cover a server name. Hosts may carry a namespace; without a name only `*` fits.
fn serves(hosts: &[String], sni: &str) -> bool {
    hosts
        .iter()
        .map(|host| host.split_once('/').map_or(host.as_str(), |(_, name)| name))
        .any(|host| host == "*" || (!sni.is_empty() && visibility::overlaps(host, sni)))
}

/// Servers of Gateways that select the workload and lead to the port: through a service of the workload, or as they are.
fn classic(mesh: &Mesh, id: WorkloadId, workload: &Workload, port: u16) -> Vec<Listener> {
    mesh.gateways
        .iter()
        .filter(|gateway| selector_labels_match(&gateway.spec.selector, &workload.labels))
        .flat_map(|gateway| &gateway.spec.servers)
        .filter(|server| listens_on(mesh, id, server.port.value) == port)
        .map(listener)
        .collect()
}

/// The port a gateway pod listens on for a server's port: the target of the first service of the pod that has it.
fn listens_on(mesh: &Mesh, id: WorkloadId, port: u16) -> u16 {
    let mut targets = mesh
        .services
        .iter()
        .flat_map(|service| &service.endpoints)
        .filter_map(|endpoint| (endpoint.workload == Some(id)).then(|| endpoint.ports.get(&port).copied()).flatten());
    targets.next().unwrap_or(port)
}

fn listener(server: &Server) -> Listener {
    let protocol = Protocol::parse(&server.protocol.value);
    let hosts = server.hosts.iter().map(|host| host.value.clone()).collect();
    let class = protocol.class();
    let redirects = server.tls.as_ref().is_some_and(|tls| tls.https_redirect && tls.mode.is_none());
    let termination = match &server.tls {
        None => Termination::Plaintext,
        // An HTTP server's `tls` serves for nothing but the redirect.
        Some(_) if class == PortClass::Http || redirects && protocol != Protocol::Https => Termination::Plaintext,
        Some(tls) => match tls.mode.as_ref().map_or("PASSTHROUGH", |mode| mode.value.as_str()) {
            "SIMPLE" => Termination::Simple,
            "MUTUAL" => Termination::Mutual,
            "OPTIONAL_MUTUAL" => Termination::OptionalMutual,
            "ISTIO_MUTUAL" => Termination::IstioMutual,
            _ => Termination::Passthrough,
        },
    };
    let reads_http = class == PortClass::Http || (protocol == Protocol::Https && termination != Termination::Passthrough);
    Listener { termination, chain: if reads_http { Chain::Http } else { Chain::Tcp }, hosts }
}

/// Listeners of the Gateway API's gateway that the workload is.
fn of_gateway_api(mesh: &Mesh, id: WorkloadId, workload: &Workload, port: u16) -> Vec<Listener> {
    let Some(name) = workload.gateway_name() else { return Vec::new() };
    mesh.kubernetes_gateways
        .iter()
        .filter(|gateway| gateway.id.namespace == workload.namespace && gateway.id.name == name)
        .flat_map(|gateway| &gateway.spec.listeners)
        .filter(|listener| listens_on(mesh, id, listener.port.value) == port)
        .map(|listener| {
            let passes = listener.tls_mode.as_ref().is_some_and(|mode| mode.value == "Passthrough");
            let (termination, chain) = match listener.protocol.value.as_str() {
                "HTTP" => (Termination::Plaintext, Chain::Http),
                "HTTPS" => (Termination::Simple, Chain::Http),
                "TLS" if passes => (Termination::Passthrough, Chain::Tcp),
                "TLS" => (Termination::Simple, Chain::Tcp),
                _ => (Termination::Plaintext, Chain::Tcp),
            };
            let hosts = vec![listener.hostname.as_ref().map_or_else(|| "*".to_owned(), |host| host.value.clone())];
            Listener { termination, chain, hosts }
        })
        .collect()
}
