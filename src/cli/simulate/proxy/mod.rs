//! `meshsec simulate proxy`: a workload's proxy on real sockets.

mod audit;
mod ext_authz;
mod follow;
mod identity;
mod jwks;
mod listening;
mod serving;

use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use crate::cli::duration::parse_ttl;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::cli::simulate::keys::KeyArgs;
use crate::cli::simulate::question;
use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::proxy::Limits;
use crate::proxy::Options;
use crate::proxy::Rules;
use crate::render;
use crate::simulate::Detail;
use crate::simulate::Enforcer;
use crate::simulate::KeySets;
use crate::simulate::Names;
use crate::simulate::scenario::ExtAuthz;
use crate::spiffe::SpiffeId;
use audit::AuditArgs;
use ext_authz::Given;
use identity::IdentityArgs;
use jwks::Clock;
use jwks::LiveKeys;
use listening::ListenArgs;

/// Stand before a real application as the sidecar of a workload, with the rules of the manifests
///
/// Listens for each port of the workload, takes plaintext and mutual TLS as its PeerAuthentication says, and lets through to the application
/// what `simulate request` would let through; everything else gets the answer that Envoy gives. Each decision is a line on standard output.
/// Manifests, certificates and revocation lists are read again when they change, and on SIGHUP; while they are broken the old ones hold.
/// SIGTERM and SIGINT let requests under way end.
/// Rules on addresses see the addresses of this machine, but for the workload's own where the manifests give it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ProxyArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// The workload: `namespace/name`
    #[arg(short, long, value_name = "WORKLOAD")]
    workload: String,
    #[command(flatten)]
    listening: ListenArgs,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    keys: KeyArgs,
    /// Where an external authorization provider is, `PROVIDER=http://127.0.0.1:9000` or `PROVIDER=grpc://127.0.0.1:9000`, or what is
    /// assumed of it, or of all: `allow`, `deny`, `error`; repeatable. One of which nothing is said is one that cannot be reached
    #[arg(long, value_name = "[PROVIDER=]ANSWER", help_heading = "Rules")]
    ext_authz: Vec<String>,
    #[command(flatten)]
    audit: AuditArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// Also keep the trace of each decision in the audit log
    #[arg(long, help_heading = "Audit", requires = "audit")]
    explain: bool,
}

/// What one client may take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Connections at once; more are closed as they arrive
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: u32,
    /// Bytes of a request's head
    #[arg(long, value_name = "BYTES", default_value_t = 61_440, value_parser = clap::value_parser!(u32).range(8192..=8_388_608))]
    max_head_bytes: u32,
    /// Headers of a request
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    max_headers: u32,
    /// Streams of one HTTP/2 connection at once
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    max_streams: u32,
    /// How long a connection may wait for its next request, or for the rest of one's head
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_ttl)]
    idle_timeout: SignedDuration,
    /// How long requests under way may take when the proxy is to end
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_ttl)]
    drain_timeout: SignedDuration,
}

const EXAMPLES: &str = "Examples:
  meshsec simulate proxy -f examples/online-boutique --workload default/frontend --upstream 127.0.0.1:8080
  meshsec simulate proxy -f examples/online-boutique --workload default/frontend --echo --client default/curl=curl-identity
  curl --cert curl-identity/cert-chain.pem --key curl-identity/key.pem --cacert curl-identity/root-cert.pem https://localhost:23080/
  meshsec simulate proxy -f manifests/ -w shop/cart --upstream 127.0.0.1:8080 --audit decisions.jsonl

curl does not name Istio's protocols: on a PERMISSIVE port its TLS is not taken, as in the mesh; on a STRICT one it is.
Exit code 0: ended by a signal.";

impl ProxyArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let loaded = self.manifests.load(env)?;
        let names = Names { mesh: &loaded.mesh, default_namespace: self.manifests.namespace.as_deref() };
        let id = names.workload("workload", &self.workload).map_err(|error| question(&error, true, &loaded.sources))?;
        let Given { assumed, addresses: providers } = Given::read(&self.ext_authz, &loaded.mesh)?;
        let live_keys = LiveKeys::new(self.keys);
        let (keys, told) = live_keys.load(&loaded.mesh)?;
        for text in told {
            writeln!(env.stderr, "{} {text}", env.style.warning("warning:"))?;
        }
        let clock = Clock::new(&loaded.mesh, &live_keys);
        let Some(workload) = loaded.mesh.workload(id).cloned() else {
            return Err(Error::question(format!("`{}` is unknown", self.workload), None));
        };
        require_sidecar(&workload)?;
        let ports = self.listening.ports(&guarded_ports(&loaded.mesh, id, &workload, env)?)?;
        if ports.is_empty() {
            return Err(Error::question(
                format!("`{}` has no port: no Service selects it", self.workload),
                "add the Service with `-f`, or name a port with `--listen PORT=127.0.0.1`".to_owned(),
            ));
        }
        let identity = identity_of(&loaded.mesh, &workload)?;
        let addresses = ports.iter().map(|port| port.listen.ip()).collect();
        let mut source = self.identity.source(identity, service_names(&loaded.mesh, id), addresses, env)?;
        let credentials = source.load(env.now)?;
        let options = Options {
            workload: workload.display_name(),
            workload_address: workload.ip,
            ports,
            limits: self.limits.limits(),
            expects_proxy_header: self.listening.proxy_protocol,
            takes_http10: loaded.mesh.settings.feature("PILOT_HTTP10", false),
            detail: if self.explain { Detail::Trace } else { Detail::Verdict },
            kept: self.audit.kept()?,
            providers,
        };
        let maker = RulesMaker { workload: self.workload, namespace: self.manifests.namespace.clone(), ext_authz: assumed };
        if !env.quiet {
            render::findings(env.stderr, &loaded.findings, &loaded.sources, env.style)?;
        }
        let rules = maker.make(loaded, &keys)?;
        let serving = serving::Serving {
            manifests: self.manifests,
            keys: live_keys,
            clock,
            maker,
            source,
            audit: self.audit.open()?,
            drain_timeout: unsigned(self.limits.drain_timeout),
            is_ledger_lost: false,
        };
        serving.run(options, rules, credentials, env)
    }
}

impl LimitArgs {
    fn limits(&self) -> Limits {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Limits {
            connections: count(self.max_connections),
            head_bytes: count(self.max_head_bytes),
            headers: count(self.max_headers),
            idle: unsigned(self.idle_timeout),
            streams: self.max_streams,
        }
    }
}

fn unsigned(duration: SignedDuration) -> Duration {
    duration.try_into().unwrap_or_default()
}

/// Makes rules of manifests, at the start and whenever they changed.
struct RulesMaker {
    workload: String,
    namespace: Option<String>,
    ext_authz: Option<ExtAuthz<'static>>,
}

impl RulesMaker {
    fn make(&self, loaded: Loaded, keys: &KeySets) -> Result<Rules, Error> {
        let Loaded { mesh, sources, .. } = loaded;
        let names = Names { mesh: &mesh, default_namespace: self.namespace.as_deref() };
        let id = names.workload("workload", &self.workload).map_err(|error| question(&error, true, &sources))?;
        let enforcer = Enforcer::new(Rc::new(mesh), id, keys, self.ext_authz.clone());
        let enforcer = enforcer.map_err(|error| question(&error, true, &sources))?;
        Ok(Rules { enforcer: Rc::new(enforcer), sources })
    }
}

fn require_sidecar(workload: &Workload) -> Result<(), Error> {
    let what = match workload.proxy {
        Proxy::Sidecar => return Ok(()),
        Proxy::None => "has no sidecar: no rule is enforced before it",
        Proxy::Gateway => "is a gateway, and only sidecars are stood in for",
        Proxy::Waypoint => "is a waypoint, and only sidecars are stood in for",
        Proxy::Ambient => "is part of an ambient mesh, and only sidecars are stood in for",
    };
    let help = "label its namespace `istio-injection: enabled`, or name another workload".to_owned();
    Err(Error::question(format!("`{}` {what}", workload.display_name()), (workload.proxy == Proxy::None).then_some(help)))
}

/// Ports that the workload's proxy reads; the others are named on standard error.
fn guarded_ports(mesh: &Mesh, id: WorkloadId, workload: &Workload, env: &mut Env<'_>) -> Result<Vec<u16>, Error> {
    let declared = mesh.inbound_ports(id).into_iter().map(|port| port.port);
    let (guarded, past): (Vec<u16>, Vec<u16>) = declared.partition(|port| workload.intercepts(*port));
    for port in past {
        let text = format!("port {port} is not intercepted: no rule applies to it, and it is not served");
        writeln!(env.stderr, "{} {text}", env.style.warning("warning:"))?;
    }
    Ok(guarded)
}

fn identity_of(mesh: &Mesh, workload: &Workload) -> Result<SpiffeId, Error> {
    let principal = workload.principal(&mesh.settings.trust_domain.replace('@', "."));
    format!("spiffe://{principal}").parse().map_err(|error| {
        Error::question(
            format!("`{}` would be `spiffe://{principal}`, which is no identity: {error}", workload.display_name()),
            None,
        )
    })
}

/// Names by which a client finds the workload: those of its services, and this machine's.
fn service_names(mesh: &Mesh, id: WorkloadId) -> Vec<String> {
    let of_services = mesh
        .services
        .iter()
        .filter(|service| service.endpoints.iter().any(|endpoint| endpoint.workload == Some(id)))
        .map(|service| service.hostname.clone())
        .filter(|name| !name.contains('*'));
    let mut names: Vec<String> = ["localhost".to_owned()].into_iter().chain(of_services).collect();
    names.dedup();
    names
}
