//! `meshsec simulate proxy`: the proxies of workloads on real sockets, for what arrives and for what they call.

mod audit;
mod ext_authz;
mod follow;
mod identity;
mod jwks;
mod listening;
mod outgoing;
mod served;
mod serving;
mod terminal;
mod ui;

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use crate::cli::duration::parse_ttl;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::ManifestArgs;
use crate::cli::simulate::keys::KeyArgs;
use crate::cli::simulate::proxy::follow::Followed;
use crate::cli::simulate::proxy::follow::manifest_files;
use crate::cli::simulate::question;
use crate::mesh::Mesh;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::proxy::Credentials;
use crate::proxy::Limits;
use crate::proxy::Options;
use crate::proxy::OutboundOptions;
use crate::proxy::PortOptions;
use crate::render;
use crate::simulate::Detail;
use crate::simulate::Names;
use audit::AuditArgs;
use ext_authz::Given;
use identity::Authority;
use identity::IdentityArgs;
use identity::Source;
use jwks::Clock;
use jwks::LiveKeys;
use listening::ListenArgs;
use outgoing::CallerPlan;
use outgoing::OutgoingArgs;
use served::RulesMaker;
use served::ServedName;
use served::guarded_ports;
use served::identity_of;
use served::require_sidecar;
use served::service_names;
use ui::Ui;
use ui::UiArgs;

/// Stand before a real application as the sidecar of a workload, with the rules of the manifests
///
/// Listens for each port of the workload, takes plaintext and mutual TLS as its PeerAuthentication says, and lets through to the application
/// what `simulate request` would let through; everything else gets the answer that Envoy gives. Each decision is a line on standard output.
/// With `--all` every workload of the manifests is served, which is a whole mesh on one machine; with `--as` the calls of a caller are taken
/// too, and go where its sidecar would send them, to what is served here. No route of a `VirtualService` has a say in it.
/// Manifests, certificates and revocation lists are read again when they change, and on SIGHUP; while they are broken the old ones hold.
/// SIGTERM and SIGINT let requests under way end.
/// Rules on addresses see the addresses of this machine, but for the workload's own where the manifests give it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[cfg_attr(feature = "cluster", command(mut_arg("impersonate", |arg| arg.long("cluster-as"))))]
pub(in crate::cli) struct ProxyArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// The workload: `namespace/name`
    #[arg(short, long, value_name = "WORKLOAD", required_unless_present_any = ["all", "caller"], conflicts_with = "all")]
    workload: Option<String>,
    /// Serve every workload that has a sidecar, each with all its ports
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    outgoing: OutgoingArgs,
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
    ui: UiArgs,
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
    /// How long a connection may wait for its next request, or for the rest of one's head or body
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
  meshsec simulate proxy -f manifests/ -w shop/cart --echo --ui 127.0.0.1:15000
  meshsec simulate proxy -f examples/online-boutique --all --as default/loadgenerator
  http_proxy=127.0.0.1:15001 curl http://frontend.default/
  curl --proxy socks5h://127.0.0.1:15001 http://frontend.default/
  curl -H 'Host: frontend.default' http://127.0.0.1:15001/

curl does not name Istio's protocols: on a PERMISSIVE port its TLS is not taken, as in the mesh; on a STRICT one it is.
Exit code 0: ended by a signal.";

impl ProxyArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        // Looked at before anything is read: what changes from now on is read again.
        let followed_manifests = Followed::new(manifest_files(&self.manifests));
        let loaded = self.manifests.load(env)?;
        let names = Names { mesh: &loaded.mesh, default_namespace: self.manifests.namespace.as_deref() };
        let ids = match &self.workload {
            Some(name) => vec![names.workload("workload", name).map_err(|error| question(&error, true, &loaded.sources))?],
            None if self.all => served::all(&loaded.mesh, env)?,
            None => Vec::new(),
        };
        let caller = self.outgoing.plan(names, &self.listening, &loaded.sources)?;
        let Given { assumed, addresses: providers } = Given::read(&self.ext_authz, &loaded.mesh)?;
        let live_keys = LiveKeys::new(self.keys.clone());
        let (keys, told) = live_keys.load(&loaded.mesh)?;
        for text in told {
            writeln!(env.stderr, "{} {text}", env.style.warning("warning:"))?;
        }
        let clock = Clock::new(&loaded.mesh, &live_keys);
        let workloads = self.workloads(&loaded.mesh, &ids, env)?;
        let trust_domain = loaded.mesh.settings.trust_domain.replace('@', ".");
        let identities = workloads.len() + usize::from(caller.is_some());
        let authority = self.identity.authority(&trust_domain, identities, env)?;
        let followed_identity = Followed::new(authority.files());
        let kept = self.audit.kept()?;
        let detail = if self.explain { Detail::Trace } else { Detail::Verdict };
        let ui = self.ui.prepare(detail, authority.signer())?;
        let mut inbound = Vec::with_capacity(workloads.len());
        for (id, workload, ports) in workloads {
            let addresses = ports.iter().map(|port| port.listen.ip()).collect();
            let identity = identity_of(&loaded.mesh, &workload)?;
            let mut source = authority.source(identity, service_names(&loaded.mesh, id), addresses);
            let credentials = source.load(env.now)?;
            let options = Options {
                workload: workload.display_name(),
                workload_address: workload.ip,
                ports,
                limits: self.limits.limits(),
                expects_proxy_header: self.listening.proxy_protocol,
                takes_http10: loaded.mesh.settings.feature("PILOT_HTTP10", false),
                detail,
                kept: kept.clone(),
                providers: providers.clone(),
                counters: ui.as_deref().map(Ui::counters),
            };
            inbound.push((ServedName::of(&workload), Inbound { options, source, credentials }));
        }
        let (served, inbound): (Vec<ServedName>, Vec<Inbound>) = inbound.into_iter().unzip();
        let maker = RulesMaker { served, caller: caller.as_ref().map(|caller| caller.name.clone()), ext_authz: assumed };
        let calls = caller.map(|plan| Calls::new(plan, &authority, self.limits.limits(), env)).transpose()?;
        if !env.quiet {
            render::findings(env.stderr, &loaded.findings, &loaded.sources, env.style)?;
        }
        let made = maker.make(loaded, &keys)?;
        let serving = serving::Serving {
            manifests: self.manifests,
            followed_manifests,
            followed_identity,
            keys: live_keys,
            clock,
            providers,
            maker,
            audit: self.audit.open()?,
            explains: self.explain,
            ui,
            drain_timeout: unsigned(self.limits.drain_timeout),
            is_ledger_lost: false,
        };
        serving.run(inbound, calls, made, env)
    }

    /// The workloads with how each of their ports is served.
    fn workloads(
        &self,
        mesh: &Mesh,
        ids: &[WorkloadId],
        env: &mut Env<'_>,
    ) -> Result<Vec<(WorkloadId, Workload, Vec<PortOptions>)>, Error> {
        let mut workloads = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(workload) = mesh.workload(*id) else { continue };
            require_sidecar(workload)?;
            workloads.push((*id, workload.clone(), guarded_ports(mesh, *id, workload, env)?));
        }
        if self.all {
            let named: Vec<(String, Vec<u16>)> =
                workloads.iter().map(|(_, workload, ports)| (workload.display_name(), ports.clone())).collect();
            let ports = self.listening.ports_of_all(&named)?;
            return Ok(workloads.into_iter().zip(ports).map(|((id, workload, _), ports)| (id, workload, ports)).collect());
        }
        let mut served = Vec::with_capacity(workloads.len());
        for (id, workload, declared) in workloads {
            let ports = self.listening.ports(&declared)?;
            if ports.is_empty() {
                return Err(Error::question(
                    format!("`{}` has no port: no Service selects it", workload.display_name()),
                    "add the Service with `-f`, or name a port with `--listen PORT=127.0.0.1`".to_owned(),
                ));
            }
            served.push((id, workload, ports));
        }
        Ok(served)
    }
}

/// A workload as it is served.
struct Inbound {
    options: Options,
    source: Source,
    credentials: Credentials,
}

/// A caller whose calls are taken.
struct Calls {
    options: OutboundOptions,
    source: Source,
    credentials: Credentials,
}

impl Calls {
    fn new(plan: CallerPlan, authority: &Authority, limits: Limits, env: &Env<'_>) -> Result<Self, Error> {
        let CallerPlan { name, identity, listen, endpoints, passes_unknown } = plan;
        let mut source = authority.source(identity, Vec::new(), Vec::new());
        let credentials = source.load(env.now)?;
        Ok(Self { options: OutboundOptions { caller: name, listen, endpoints, passes_unknown, limits }, source, credentials })
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
