//! The two sides, the application behind them, and the Envoy that speaks mutual TLS for a generator that cannot.

use std::fs;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;

use meshsec::diag::SourceMap;
use meshsec::envoy;
use meshsec::manifest;
use meshsec::mesh;
use meshsec::simulate::Names;
use serde_json::Value;
use serde_json::json;

use crate::application;
use crate::material::Authority;
use crate::material::Identity;
use crate::material::SERVER;
use crate::process::OTHER_CORE;
use crate::process::PROXY_CORE;
use crate::process::Process;
use crate::process::free_port;
use crate::process::on_core;

const CALLER: &str = "spiffe://cluster.local/ns/web/sa/front";
const HTTP1: [&str; 3] = ["istio-http/1.1", "istio", "http/1.1"];
const HTTP2: [&str; 3] = ["istio-h2", "istio", "h2"];

/// The authority of the mesh, and a caller's identity.
pub(crate) struct Identities {
    pub(crate) authority: Authority,
    pub(crate) caller: Identity,
}

/// Identities that all parts of a run share.
pub(crate) fn identities() -> &'static Identities {
    static ALL: OnceLock<Identities> = OnceLock::new();
    ALL.get_or_init(|| {
        let authority = Authority::new("mesh", meshsec::pki::KeyType::EcdsaP256);
        let caller = authority.issue(CALLER);
        Identities { authority, caller }
    })
}

/// The application; its port is the workload's.
pub(crate) struct Application {
    _process: Process,
    pub(crate) port: u16,
}

impl Application {
    pub(crate) fn start(folder: &Path) -> Self {
        let port = free_port();
        let own = std::env::current_exe().expect("a path of this program");
        let mut command = on_core(OTHER_CORE, &own.display().to_string());
        command.args([application::FLAG, &port.to_string()]);
        let address = (Ipv4Addr::LOCALHOST, port).into();
        Self { _process: Process::start(command, folder, "application", address), port }
    }
}

/// Which proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Envoy,
    Proxy,
}

/// A proxy that runs.
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

/// Writes what both sides read: the manifests and the workload's identity.
pub(crate) fn write(folder: &Path, manifests: &str) {
    let Identities { authority, .. } = identities();
    let server = authority.issue(SERVER);
    let certs = folder.join("certs");
    fs::create_dir_all(&certs).expect("a folder for certificates");
    fs::write(folder.join("mesh.yaml"), manifests).expect("the manifests can be written");
    for (name, text) in [("cert-chain.pem", &server.chain), ("key.pem", &server.key), ("root-cert.pem", &authority.bundle())] {
        fs::write(certs.join(name), text).expect("a certificate can be written");
    }
}

impl Side {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Envoy => "Envoy",
            Self::Proxy => "simulate proxy",
        }
    }

    /// Starts it with what [`write`] wrote.
    pub(crate) fn start(self, envoy: &str, folder: &Path, manifests: &str, port: u16) -> Running {
        match self {
            Self::Envoy => start_envoy(envoy, folder, manifests, port),
            Self::Proxy => start_proxy(folder, port),
        }
    }
}

/// `simulate proxy` before the application.
pub(crate) fn start_proxy(folder: &Path, port: u16) -> Running {
    let address = (Ipv4Addr::LOCALHOST, free_port()).into();
    let mut command = on_core(PROXY_CORE, env!("CARGO_BIN_EXE_meshsec"));
    command.args(["-q", "simulate", "proxy", "-f", "mesh.yaml", "--workload", "shop/web", "--svid-dir", "certs"]);
    command.args(["--max-connections", "100000", "--upstream", &format!("127.0.0.1:{port}")]);
    command.args(["--listen", &format!("{port}={address}")]);
    Running { process: Process::start(command, folder, "proxy", address), address }
}

/// Envoy listens at the workload's port on another address of this machine: the chain for that port takes the connection.
fn start_envoy(envoy: &str, folder: &Path, manifests: &str, port: u16) -> Running {
    let address: SocketAddr = ([127, 0, 0, 2], port).into();
    let mut sources = SourceMap::default();
    let id = sources.add("mesh.yaml", manifests.to_owned());
    let (mesh, _) = mesh::build(&manifest::read(&sources, &[id]), &mesh::BuildOptions::default());
    let workload = Names { mesh: &mesh, default_namespace: None }.workload("workload", "shop/web").expect("the workload");
    let translated = envoy::Translated::new(&mesh, workload).expect("a translation");
    let mut bootstrap = envoy::bootstrap(&translated.input(&mesh).expect("a translation"), free_port());
    let listener = &mut bootstrap["staticResources"]["listeners"][0];
    listener["address"] = socket(address);
    let filters = listener["listenerFilters"].as_array_mut().expect("filters");
    filters.retain(|filter| filter["name"] != "envoy.filters.listener.proxy_protocol");
    Running { process: run_envoy(envoy, PROXY_CORE, folder, "envoy", &bootstrap, address), address }
}

fn run_envoy(envoy: &str, core: &str, folder: &Path, name: &str, configuration: &Value, address: SocketAddr) -> Process {
    let file = format!("{name}.json");
    fs::write(folder.join(&file), configuration.to_string()).expect("the configuration can be written");
    let mut command = on_core(core, envoy);
    command.args(["-c", &file, "--concurrency", "1", "--disable-hot-restart", "-l", "error"]);
    Process::start(command, folder, name, address)
}

fn socket(address: SocketAddr) -> Value {
    json!({"socketAddress": {"address": address.ip().to_string(), "portValue": address.port()}})
}

/// An Envoy that takes bytes and passes them on over mutual TLS.
pub(crate) struct Originator {
    _process: Process,
    pub(crate) address: SocketAddr,
}

impl Originator {
    pub(crate) fn start(envoy: &str, folder: &Path, to: SocketAddr, http2: bool) -> Self {
        let Identities { authority, caller } = identities();
        let address: SocketAddr = (Ipv4Addr::LOCALHOST, free_port()).into();
        let tls = json!({
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": "outbound_.80_._.web.shop.svc.cluster.local",
            "maxSessionKeys": 0,
            "commonTlsContext": {
                "alpnProtocols": if http2 { HTTP2 } else { HTTP1 },
                "tlsParams": {"tlsMinimumProtocolVersion": "TLSv1_2", "tlsMaximumProtocolVersion": "TLSv1_3"},
                "tlsCertificates": [{"certificateChain": {"inlineString": caller.chain}, "privateKey": {"inlineString": caller.key}}],
                "validationContext": {"trustedCa": {"inlineString": authority.bundle()}},
            },
        });
        let endpoint = json!({"endpoint": {"address": socket(to)}});
        let unlimited = json!({"maxConnections": 100_000, "maxPendingRequests": 100_000});
        let configuration = json!({"staticResources": {
            "listeners": [{
                "name": "bytes",
                "address": socket(address),
                "filterChains": [{"filters": [{"name": "tcp", "typedConfig": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                    "statPrefix": "tcp",
                    "cluster": "proxy",
                }}]}],
            }],
            "clusters": [{
                "name": "proxy",
                "type": "STATIC",
                "connectTimeout": "10s",
                "circuitBreakers": {"thresholds": [unlimited]},
                "loadAssignment": {"clusterName": "proxy", "endpoints": [{"lbEndpoints": [endpoint]}]},
                "transportSocket": {"name": "tls", "typedConfig": tls},
            }],
        }});
        Self { _process: run_envoy(envoy, OTHER_CORE, folder, "originator", &configuration, address), address }
    }
}
