use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::INBOUND_LISTENER_PORT;
use crate::mesh::Mesh;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::mesh::ServerMode;
use crate::mesh::Workload;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::connection::Arrival;
use crate::simulate::connection::Chain;
use crate::simulate::connection::ClientTls;
use crate::simulate::connection::Connection;
use crate::simulate::connection::ConnectionFailure;
use crate::simulate::connection::FailureKind;
use crate::simulate::connection::Outcome;
use crate::simulate::connection::Question;
use crate::simulate::connection::Reception;
use crate::simulate::connection::SecureNaming;
use crate::simulate::connection::client::Certificate;
use crate::simulate::connection::client::Emission;
use crate::simulate::connection::client::Trust;
use crate::simulate::connection::naming;
use crate::simulate::connection::reception::reception;

/// Usual ports of protocols in which the server speaks first: SMTP and `MySQL`.
const SERVER_FIRST: [u16; 2] = [25, 3306];

/// A probe of the kubelet that was rewritten at injection: it goes to the status port, past every policy.
pub(super) fn probe(question: &Question<'_>, workload: &Workload) -> Option<Connection> {
    let rewritten = workload.annotations.get("sidecar.istio.io/rewriteAppHTTPProbers").is_none_or(|rewrite| rewrite != "false");
    if !question.caller.kubelet || workload.proxy != Proxy::Sidecar || !rewritten {
        return None;
    }
    Some(Connection {
        chain: Some(Chain::Passthrough),
        outcome: Outcome::Connected { then: None },
        warnings: vec!["injection rewrites probes to the proxy's status port, so no policy applies to them".to_owned()],
        ..Connection::undetermined("")
    })
}

/// What becomes of an emission at a workload behind a sidecar, or without one.
pub(super) fn receive(mesh: &Mesh, question: &Question<'_>, workload: &Workload, emission: Emission) -> Connection {
    let port = question.destination.port;
    if workload.proxy != Proxy::Sidecar {
        return without_policy(question, emission, Chain::NoProxy);
    }
    if !workload.intercepts(port) {
        let mut connection = without_policy(question, emission, Chain::Passthrough);
        connection.warnings.push(format!("port {port} is not intercepted: no policy applies to it"));
        return connection;
    }
    if port == INBOUND_LISTENER_PORT {
        let outcome = Outcome::Failed(FailureKind::NotListening.seen_by(question));
        return connection(emission, None, outcome);
    }
    let declared = mesh.inbound_ports(question.destination.workload);
    let declared = declared.iter().find(|own| own.port == port);
    if workload.interception_none && declared.is_none() {
        let reason = format!("interception mode NONE leaves port {port} to whatever the application listens on");
        return connection(emission, None, Outcome::Undetermined { reason });
    }
    let demanded = mesh.server_mode(workload, port);
    if has_custom_tls(mesh, workload, port, demanded) {
        let reason = format!("the Sidecar's own TLS settings for port {port} are not modelled");
        return connection(emission, None, Outcome::Undetermined { reason });
    }
    let class = declared.map_or(PortClass::Auto, |own| own.class);
    let mut decided = at_sidecar(mesh, question, workload, emission, demanded.mode, class);
    decided.server_mode = Some(demanded.mode);
    decided.server_mode_from = demanded.from;
    decided
}

/// Custom TLS on a Sidecar's ingress counts only when enabled, and only where mutual TLS is off.
fn has_custom_tls(mesh: &Mesh, workload: &Workload, port: u16, demanded: ServerMode) -> bool {
    demanded.mode == MutualTlsMode::Disable
        && mesh.settings.feature("ENABLE_TLS_ON_SIDECAR_INGRESS", false)
        && mesh
            .sidecar_of(workload)
            .is_some_and(|sidecar| sidecar.spec.ingress.iter().any(|own| own.port.value == port && own.tls.is_some()))
}

fn at_sidecar(
    mesh: &Mesh,
    question: &Question<'_>,
    workload: &Workload,
    emission: Emission,
    mode: MutualTlsMode,
    class: PortClass,
) -> Connection {
    let arrival = match (emission.tls, question.protocol) {
        (ClientTls::Plaintext, ApplicationProtocol::Http) => Arrival::Http,
        (ClientTls::Plaintext, ApplicationProtocol::Tcp) => Arrival::Bytes,
        (ClientTls::Simple | ClientTls::Mutual | ClientTls::IstioMutual, _) => Arrival::Tls(emission.alpn),
    };
    match reception(mode, class, arrival) {
        Reception::Closed(kind, verdict) => connection(emission, None, Outcome::Failed(kind.counted_as(verdict, question))),
        Reception::Plaintext(chain) => {
            let mut emission = emission;
            emission.warnings.extend(surprises_of_plaintext(question, mode, class));
            let then = question.destination.app_tls.then(|| FailureKind::PlaintextToTls.seen_by(question));
            connection(emission, Some(chain), Outcome::Connected { then })
        }
        Reception::PassesTls => {
            let mut decided = without_policy(question, emission, Chain::Tcp);
            // Policies see the bytes before the application does.
            if let Outcome::Failed(failure) = decided.outcome {
                decided.outcome = Outcome::Connected { then: Some(failure) };
                decided.chain = Some(Chain::Tcp);
            }
            decided
        }
        Reception::Terminates(chain) => {
            let mut decided = handshake(mesh, question, workload, emission, chain, accepted_trust_domains(mesh).as_deref());
            if mode == MutualTlsMode::Strict && class == PortClass::Auto && chain == Chain::Tcp && decided.chain.is_some() {
                decided
                    .warnings
                    .push("without Istio's ALPN this port reads mutual TLS as bytes: HTTP rules do not apply".to_owned());
            }
            decided
        }
    }
}

/// What is true but surprising about plaintext that is accepted.
fn surprises_of_plaintext(question: &Question<'_>, mode: MutualTlsMode, class: PortClass) -> Vec<String> {
    let port = question.destination.port;
    let mut warnings = Vec::new();
    if mode == MutualTlsMode::Permissive {
        warnings.push(format!("port {port} is PERMISSIVE and takes plaintext: the caller has no identity here"));
    }
    let is_sniffed = mode == MutualTlsMode::Permissive || class == PortClass::Auto;
    if is_sniffed && question.protocol == ApplicationProtocol::Tcp && SERVER_FIRST.contains(&port) {
        let text = "the proxy waits for the client's first bytes: a server that speaks first never gets a turn";
        warnings.push(text.to_owned());
    }
    warnings
}

/// Trust domains of which a sidecar accepts client certificates; `None` accepts all that the mesh's roots vouch for.
pub(in crate::simulate) fn accepted_trust_domains(mesh: &Mesh) -> Option<Vec<String>> {
    let settings = &mesh.settings;
    if settings.feature("PILOT_SKIP_VALIDATE_TRUST_DOMAIN", false) {
        return None;
    }
    let all = [&settings.trust_domain].into_iter().chain(&settings.trust_domain_aliases).chain(&settings.ca_trust_domains);
    Some(all.filter(|domain| !domain.is_empty()).cloned().collect())
}

/// Both sides' checks where TLS ends at a proxy of the mesh: first the client's, then the server's.
pub(super) fn handshake(
    mesh: &Mesh,
    question: &Question<'_>,
    workload: &Workload,
    emission: Emission,
    chain: Chain,
    trust_domains: Option<&[String]>,
) -> Connection {
    let naming = emission.expected.check(naming::of_server(mesh, workload));
    if let Some(failure) = refused_by_client(question, &emission, &naming) {
        let mut failed = connection(emission, None, Outcome::Failed(failure));
        failed.secure_naming = naming;
        return failed;
    }
    let outcome = match &emission.certificate {
        Certificate::None => Outcome::Failed(FailureKind::ClientCertificateMissing.for_lack_of_mutual_tls(question)),
        Certificate::Unknown => {
            Outcome::Undetermined { reason: "what the client certificate of the DestinationRule holds is not known".to_owned() }
        }
        Certificate::Mesh(_) if question.caller.certificate_defect.is_some() => {
            Outcome::Failed(FailureKind::ClientCertificateDefective.seen_by(question))
        }
        Certificate::Mesh(names) if is_of_trust_domain(names, trust_domains) => {
            let then = question.destination.app_tls.then(|| FailureKind::PlaintextToTls.seen_by(question));
            Outcome::Connected { then }
        }
        Certificate::Mesh(_) => Outcome::Failed(FailureKind::ClientCertificateRejected.seen_by(question)),
    };
    let outcome = if matches!(outcome, Outcome::Connected { .. }) && emission.trust == Trust::Unknown {
        Outcome::Undetermined { reason: "what the authority of the DestinationRule holds is not known".to_owned() }
    } else {
        outcome
    };
    let is_connected = matches!(outcome, Outcome::Connected { .. });
    let peer = match (&emission.certificate, is_connected) {
        (Certificate::Mesh(names), true) => names.clone(),
        _ => Vec::new(),
    };
    let mut decided = connection(emission, is_connected.then_some(chain), outcome);
    decided.peer = peer;
    decided.secure_naming = naming;
    decided
}

/// What the client does when it has looked at the certificate of a proxy of the mesh. Its checks of authority and name go together.
fn refused_by_client(question: &Question<'_>, emission: &Emission, naming: &SecureNaming) -> Option<ConnectionFailure> {
    let kind = match (emission.trust, naming) {
        (Trust::Public, _) => FailureKind::ServerUntrusted,
        (Trust::Mesh | Trust::Unknown, SecureNaming::Mismatch { .. }) => FailureKind::ServerNameMismatch,
        (Trust::Everyone, _) | (_, SecureNaming::Ok | SecureNaming::NotChecked) => return None,
    };
    // A caller that has no certificate to present would have failed anyway, for that reason.
    Some(if emission.certificate == Certificate::None { kind.for_lack_of_mutual_tls(question) } else { kind.seen_by(question) })
}

/// Whether some name starts with `spiffe://` and one of the trust domains; without a list every name will do.
#[must_use]
pub fn is_of_trust_domain(names: &[String], trust_domains: Option<&[String]>) -> bool {
    let Some(trust_domains) = trust_domains else { return true };
    names.iter().any(|name| {
        let of_domain = |domain: &String| name.strip_prefix("spiffe://").and_then(|rest| rest.strip_prefix(domain.as_str()));
        trust_domains.iter().any(|domain| of_domain(domain).is_some_and(|path| path.starts_with('/')))
    })
}

/// Bytes that reach the application as the caller sent them.
fn without_policy(question: &Question<'_>, mut emission: Emission, chain: Chain) -> Connection {
    let failure = match (emission.tls, question.destination.app_tls) {
        (ClientTls::Plaintext, false) | (ClientTls::Simple | ClientTls::Mutual, true) => None,
        (ClientTls::Plaintext, true) => Some(FailureKind::PlaintextToTls),
        (_, false) => Some(FailureKind::TlsToPlaintext),
        // The application's certificate is none of the mesh's.
        (ClientTls::IstioMutual, true) => Some(FailureKind::ServerUntrusted),
    };
    if failure.is_none() && emission.tls != ClientTls::Plaintext && emission.trust != Trust::Everyone {
        let text = "the caller checks the application's certificate, which is not known here; it is taken to pass";
        emission.warnings.push(text.to_owned());
    }
    match failure {
        Some(kind) => connection(emission, None, Outcome::Failed(kind.seen_by(question))),
        None => connection(emission, Some(chain), Outcome::Connected { then: None }),
    }
}

/// The answer, with what is known of the client's side.
pub(super) fn connection(emission: Emission, chain: Option<Chain>, outcome: Outcome) -> Connection {
    let Emission { tls, from, alpn: _, certificate: _, trust: _, expected: _, sni, warnings } = emission;
    Connection {
        client_tls: tls,
        client_tls_from: from,
        server_mode: None,
        server_mode_from: None,
        chain,
        peer: Vec::new(),
        sni,
        secure_naming: SecureNaming::NotChecked,
        outcome,
        warnings,
    }
}
