use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::kinds::ClientTls as Settings;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Endpoint;
use crate::mesh::Mesh;
use crate::mesh::PortClass;
use crate::mesh::Service;
use crate::mesh::ServiceKind;
use crate::mesh::Workload;
use crate::simulate::connection::Alpn;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::connection::CallerProxy;
use crate::simulate::connection::ClientTls;
use crate::simulate::connection::ClientTlsOverride;
use crate::simulate::connection::Connection;
use crate::simulate::connection::FailureKind;
use crate::simulate::connection::Outcome;
use crate::simulate::connection::Question;
use crate::simulate::connection::RuleOrigin;
use crate::simulate::connection::destination_rule;
use crate::simulate::connection::destination_rule::ClientPolicy;
use crate::simulate::connection::naming;
use crate::simulate::connection::naming::Expected;
use crate::simulate::connection::visibility;

/// What the caller puts on the wire, and which servers it takes.
#[derive(Debug, Clone)]
pub struct Emission {
    /// TLS, or none.
    pub tls: ClientTls,
    /// The rule that says so.
    pub from: Option<RuleOrigin>,
    /// Which of Istio's protocol names are offered.
    pub alpn: Alpn,
    /// The certificate that is presented.
    pub certificate: Certificate,
    /// The authorities that count.
    pub trust: Trust,
    /// The names that count.
    pub expected: Expected,
    /// The server name that is sent; empty for none.
    pub sni: String,
    /// What is true but surprising.
    pub warnings: Vec<String>,
}

/// The client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// None.
    None,
    /// One of the mesh, with these names.
    Mesh(Vec<String>),
    /// From files whose contents are not known.
    Unknown,
}

/// Which servers the caller trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Those of the mesh.
    Mesh,
    /// Everyone.
    Everyone,
    /// Those of the public authorities.
    Public,
    /// Those of an authority in a file or secret whose contents are not known.
    Unknown,
}

/// Folders in which a proxy finds the mesh's own certificates. Files there count as those of the mesh.
const MESH_FILES: [&str; 4] =
    ["/etc/certs/", "/etc/istio-output-certs/", "/var/run/secrets/istio/", "/var/run/secrets/workload-spiffe-"];

/// What the caller sends to this destination, or the connection that it does not even try.
pub(super) fn emit(mesh: &Mesh, question: &Question<'_>, workload: &Workload) -> Result<Emission, Box<Connection>> {
    let client = Client { mesh, question, workload };
    let mut emission = match question.tls {
        ClientTlsOverride::Auto if question.caller.has_proxy() => client.as_told_by_istiod()?,
        ClientTlsOverride::Auto if question.caller.holds_certificate => client.with_own_certificate(),
        ClientTlsOverride::Auto | ClientTlsOverride::Disable => plaintext(),
        ClientTlsOverride::Simple => Emission { tls: ClientTls::Simple, sni: client.host(), ..plaintext() },
        ClientTlsOverride::Mutual => client.with_own_certificate(),
        ClientTlsOverride::IstioMutual => client.as_a_sidecar_would(),
    };
    if emission.tls == ClientTls::Plaintext {
        emission.sni.clear();
    } else if let Some(sni) = question.sni {
        sni.clone_into(&mut emission.sni);
    }
    Ok(emission)
}

fn plaintext() -> Emission {
    Emission {
        tls: ClientTls::Plaintext,
        from: None,
        alpn: Alpn::Foreign,
        certificate: Certificate::None,
        trust: Trust::Everyone,
        expected: Expected::Any,
        sni: String::new(),
        warnings: Vec::new(),
    }
}

struct Client<'a> {
    mesh: &'a Mesh,
    question: &'a Question<'a>,
    workload: &'a Workload,
}

impl<'a> Client<'a> {
    fn service(&self) -> Option<(&'a Service, u16)> {
        let (index, port) = self.question.destination.service?;
        Some((self.mesh.services.get(index)?, port))
    }

    /// The name the caller asks for, as a server name: addresses are none.
    fn host(&self) -> String {
        let of_service = || self.service().map(|(service, _)| service.hostname.as_str());
        let host = self.question.host.or_else(of_service).unwrap_or_default();
        let is_address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
        if is_address { String::new() } else { host.to_owned() }
    }

    fn certificate(&self) -> Certificate {
        let names = &self.question.caller.names;
        if names.is_empty() { Certificate::None } else { Certificate::Mesh(names.clone()) }
    }

    /// A client that uses its certificate of the mesh like any other certificate.
    fn with_own_certificate(&self) -> Emission {
        let certificate = self.certificate();
        let tls = if certificate == Certificate::None { ClientTls::Simple } else { ClientTls::Mutual };
        Emission { tls, certificate, sni: self.host(), ..plaintext() }
    }

    /// Mutual TLS as between proxies, whatever the manifests say.
    fn as_a_sidecar_would(&self) -> Emission {
        let service = self.service();
        let expected = service.map_or(Expected::Any, |(service, _)| naming::accounts(self.mesh, service));
        let sni = service.map_or_else(String::new, |(service, port)| self.istio_sni(service, port));
        Emission {
            tls: ClientTls::IstioMutual,
            alpn: self.istio_alpn(),
            certificate: self.certificate(),
            trust: Trust::Mesh,
            expected,
            sni,
            ..plaintext()
        }
    }

    fn istio_sni(&self, service: &Service, port: u16) -> String {
        let subset = self.question.destination.subset.as_deref().unwrap_or_default();
        format!("outbound_.{port}_.{subset}_.{}", service.hostname)
    }

    /// HTTP is announced as such unless the addressed port is declared to be something else.
    fn istio_alpn(&self) -> Alpn {
        let declared = if let Some((service, number)) = self.service() {
            service.ports.iter().find(|port| port.number == number).map(|port| port.protocol.class())
        } else {
            let declared = self.mesh.inbound_ports(self.question.destination.workload);
            declared.iter().find(|port| port.port == self.question.destination.port).map(|port| port.class)
        };
        match (declared.unwrap_or(PortClass::Auto), self.question.protocol) {
            (PortClass::Http, _) | (PortClass::Auto, ApplicationProtocol::Http) => Alpn::IstioHttp,
            (PortClass::Tcp, _) | (PortClass::Auto, ApplicationProtocol::Tcp) => Alpn::IstioTcp,
        }
    }

    /// Whether the caller's proxy knows that this is HTTP: on a port that is declared to be something else it passes bytes on, whatever the
    /// application sends, and then there is no host to put into SNI or to look for in the certificate.
    fn is_read_as_http(&self) -> bool {
        self.question.protocol == ApplicationProtocol::Http && self.istio_alpn() == Alpn::IstioHttp
    }

    /// The cluster istiod gives the caller's proxy for the addressed port, and its choice for the endpoint.
    fn as_told_by_istiod(&self) -> Result<Emission, Box<Connection>> {
        let caller = self.question.caller;
        let Some((service, port)) = self.service() else {
            return Ok(self.passed_through("the workload is addressed directly, so the caller's proxy passes plaintext through"));
        };
        if caller.excluded_outbound_ports.contains(&port) {
            return Ok(self.passed_through("`excludeOutboundPorts` keeps the caller's proxy out of this call"));
        }
        if !visibility::is_visible(self.mesh, caller, service, port) {
            let text = format!("`{}` is not visible to the caller's proxy, which passes plaintext through", service.hostname);
            return Ok(self.passed_through(&text));
        }
        if self.tunnels() {
            let reason = format!("calls to `{}` are tunnelled (HBONE), which is not modelled", self.workload.display_name());
            return Err(Box::new(Connection::undetermined(reason)));
        }
        let namespace = caller.namespace.as_deref().unwrap_or("default");
        let rule = destination_rule::find(self.mesh, namespace, &caller.labels, service);
        let subset = match &self.question.destination.subset {
            None => None,
            Some(name) => match rule.as_ref().and_then(|rule| rule.subset(name)) {
                None => return Err(Box::new(self.unknown_subset())),
                found => found,
            },
        };
        let policy = rule.as_ref().map(|rule| rule.policy(port, subset)).unwrap_or_default();
        let mut emission = match policy.tls {
            Some((index, settings)) => self.as_told_by_rule(service, port, index, settings, &policy),
            None => self.automatically(service, port, &policy),
        };
        if let Some((_, subset)) = subset
            && !subset.labels.iter().all(|(name, value)| self.workload.labels.get(name).is_some_and(|own| *own == value.value))
        {
            let name = &subset.name.value;
            emission.warnings.push(format!("`{}` does not belong to subset `{name}`", self.workload.display_name()));
        }
        Ok(emission)
    }

    /// Whether the caller's proxy prefers a tunnel to the endpoint over everything else.
    fn tunnels(&self) -> bool {
        let settings = &self.mesh.settings;
        let accepts = self.workload.labels.get("networking.istio.io/tunnel").is_some_and(|kind| kind == "http");
        accepts
            && settings.feature("PILOT_ENABLE_AMBIENT", false)
            && settings.feature("PILOT_ENABLE_SENDING_HBONE", true)
            && (!self.workload.is_tls_ready() || settings.feature("PILOT_PREFER_SENDING_HBONE", false))
    }

    fn passed_through(&self, why: &str) -> Emission {
        let _ = self;
        Emission { warnings: vec![why.to_owned()], ..plaintext() }
    }

    fn unknown_subset(&self) -> Connection {
        Connection { outcome: Outcome::Failed(FailureKind::UnknownSubset.seen_by(self.question)), ..Connection::undetermined("") }
    }

    fn as_told_by_rule(
        &self,
        service: &Service,
        port: u16,
        rule: usize,
        settings: &Settings,
        policy: &ClientPolicy<'_>,
    ) -> Emission {
        let from = Some(RuleOrigin { rule, span: origin(settings) });
        let is_secret = settings
            .credential_name
            .as_ref()
            .is_some_and(|name| !name.value.is_empty() && !name.value.starts_with("configmap://"));
        let withheld = is_secret && self.question.caller.proxy == CallerProxy::Sidecar && !policy.has_selector;
        let told = match settings.mode.value {
            ClientTlsMode::Disable => return Emission { from, ..plaintext() },
            ClientTlsMode::IstioMutual => self.istio_mutual(service, port, settings),
            ClientTlsMode::Simple | ClientTlsMode::Mutual if withheld => {
                let text =
                    "the rule's `credentialName` is not given to sidecars without a `workloadSelector`, so TLS is not set up";
                Emission { warnings: vec![text.to_owned()], ..plaintext() }
            }
            ClientTlsMode::Simple => self.one_way(service, settings),
            ClientTlsMode::Mutual => self.mutual(service, settings),
        };
        Emission { from, ..told }
    }

    fn istio_mutual(&self, service: &Service, port: u16, settings: &Settings) -> Emission {
        let own = self.as_a_sidecar_would();
        let names: Vec<String> = settings.subject_alt_names.iter().map(|name| name.value.clone()).collect();
        let expected = if names.is_empty() { naming::accounts(self.mesh, service) } else { Expected::OneOf(names) };
        let sni = written(settings.sni.as_ref()).map_or_else(|| self.istio_sni(service, port), str::to_owned);
        Emission { expected, sni, ..own }
    }

    fn one_way(&self, service: &Service, settings: &Settings) -> Emission {
        let skip = settings.insecure_skip_verify;
        let is_http = self.is_read_as_http();
        let own_sni = written(settings.sni.as_ref());
        let names: Vec<String> = settings.subject_alt_names.iter().map(|name| name.value.clone()).collect();
        let expected = if skip {
            Expected::Any
        } else if !names.is_empty() {
            Expected::OneOf(names)
        } else if is_http && own_sni.is_none() {
            Expected::Host(self.host())
        } else if service.kind == ServiceKind::ServiceEntry {
            naming::accounts(self.mesh, service)
        } else {
            Expected::Any
        };
        let authority = written(settings.ca_certificates.as_ref());
        let trust = match authority {
            _ if skip => Trust::Everyone,
            Some(path) if is_mesh_file(path) => Trust::Mesh,
            None | Some("system") if written(settings.credential_name.as_ref()).is_none() => Trust::Public,
            _ => Trust::Unknown,
        };
        let sni = match own_sni {
            Some(sni) => sni.to_owned(),
            None if is_http => self.host(),
            None => String::new(),
        };
        Emission { tls: ClientTls::Simple, trust, expected, sni, ..plaintext() }
    }

    fn mutual(&self, service: &Service, settings: &Settings) -> Emission {
        let file = written(settings.client_certificate.as_ref());
        let key = written(settings.private_key.as_ref());
        let certificate = match (written(settings.credential_name.as_ref()), file, key) {
            (None, Some(file), Some(_)) if is_mesh_file(file) => self.certificate(),
            (Some(_), _, _) | (None, Some(_), Some(_)) => Certificate::Unknown,
            (None, _, _) => {
                let text = "mode MUTUAL without `clientCertificate` and `privateKey` sets up no TLS";
                return Emission { warnings: vec![text.to_owned()], ..plaintext() };
            }
        };
        Emission { tls: ClientTls::Mutual, certificate, ..self.one_way(service, settings) }
    }

    /// Automatic mutual TLS: whether the cluster has it at all, and whether this endpoint gets it.
    fn automatically(&self, service: &Service, port: u16, policy: &ClientPolicy<'_>) -> Emission {
        if service.mesh_external || !self.mesh.settings.enable_auto_mtls || self.service_is_plain(service, port, policy) {
            return plaintext();
        }
        let to_original = policy.original_destination || (self.is_headless(service) && !self.balances_headless());
        let mutual = to_original || self.endpoint_speaks_mutual_tls(service, policy);
        if mutual { self.as_a_sidecar_would() } else { plaintext() }
    }

    fn is_headless(&self, service: &Service) -> bool {
        let _ = self;
        service.headless || service.original_destination
    }

    /// Gateways pick an endpoint of a headless service themselves.
    fn balances_headless(&self) -> bool {
        self.question.caller.proxy == CallerProxy::Gateway
            || self.mesh.settings.feature("PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES", false)
    }

    /// Whether the service as a whole counts as speaking plaintext. One whose calls go to the address the application names counts so as
    /// soon as one endpoint cannot speak mutual TLS.
    fn service_is_plain(&self, service: &Service, port: u16, policy: &ClientPolicy<'_>) -> bool {
        if self.is_headless(service) || policy.passes_through {
            let mut endpoints = service.endpoints.iter().filter(|endpoint| endpoint.ports.contains_key(&port)).peekable();
            if endpoints.peek().is_none() || !endpoints.all(|endpoint| endpoint.tls_ready) {
                return true;
            }
        }
        self.mesh.service_level_mode(&service.id.namespace).mode == MutualTlsMode::Disable
    }

    fn endpoint_speaks_mutual_tls(&self, service: &Service, policy: &ClientPolicy<'_>) -> bool {
        let id = self.question.destination.workload;
        let endpoint = service.endpoints.iter().find(|endpoint| endpoint.workload == Some(id));
        let Some(Endpoint { tls_ready: true, namespace, labels, .. }) = endpoint else { return false };
        if let Some(mode) = policy.endpoint_mode {
            return mode == ClientTlsMode::IstioMutual;
        }
        let demanded = self.mesh.server_mode_for(namespace, labels, self.question.destination.port);
        demanded.mode != MutualTlsMode::Disable
    }
}

/// The mode's own place, or that of the settings.
fn origin(settings: &Settings) -> Span {
    if settings.mode.span.line == 0 { settings.place.span } else { settings.mode.span }
}

fn written(text: Option<&Spanned<String>>) -> Option<&str> {
    text.map(Spanned::as_str).filter(|text| !text.is_empty())
}

fn is_mesh_file(path: &str) -> bool {
    MESH_FILES.iter().any(|folder| path.starts_with(folder))
}
