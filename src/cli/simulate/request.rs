use std::io::Read;

use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwt::read_token;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::cli::manifests::read_text;
use crate::cli::simulate::files::FileCache;
use crate::cli::simulate::keys::KeyArgs;
use crate::cli::simulate::outcome;
use crate::cli::simulate::question;
use crate::cli::simulate::svid;
use crate::render;
use crate::simulate::Detail;
use crate::simulate::Setting;
use crate::simulate::Simulator;
use crate::simulate::scenario::DestinationRef;
use crate::simulate::scenario::ExtAuthz;
use crate::simulate::scenario::ExtAuthzAnswer;
use crate::simulate::scenario::HeaderList;
use crate::simulate::scenario::RequestProtocol;
use crate::simulate::scenario::Scenario;
use crate::simulate::scenario::SourceParts;
use crate::simulate::scenario::SourceRef;
use crate::simulate::scenario::Text;
use crate::simulate::scenario::Tls;
use crate::simulate::scenario::TlsMode;
use crate::simulate::scenario::Token;

/// Put one request to the mesh and learn what becomes of it, and why
///
/// Follows the request through connection, token, CUSTOM, DENY and ALLOW as istiod and Envoy would, and names the line that decided.
/// Exit code 0: allowed; 1: denied, unauthenticated, mtls-required, connection-failed or bad-request; 4: undetermined.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct RequestArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// The whole scenario from a YAML or JSON file, or `-`; flags override its keys
    #[arg(long, value_name = "FILE", help_heading = "Scenario")]
    request: Option<String>,
    /// Caller: `namespace/workload`, or a principal `spiffe://..`; absent: someone outside the mesh
    #[arg(long, value_name = "CALLER", help_heading = "Scenario")]
    from: Option<String>,
    /// Chain of the caller's certificate: the SPIFFE ID in it is the caller; with `--from`, that workload presents it
    #[arg(long, value_name = "FILE", help_heading = "Scenario")]
    from_svid: Option<String>,
    /// Source address as the destination's proxy sees it
    #[arg(long, value_name = "IP", help_heading = "Scenario")]
    from_ip: Option<String>,
    /// Destination: `service.namespace[:port]` or `namespace/workload[:port]`
    #[arg(long, value_name = "DESTINATION", help_heading = "Scenario")]
    to: Option<String>,
    /// Application protocol; by the port when absent
    #[arg(long, value_enum, help_heading = "Scenario")]
    protocol: Option<ProtocolFlag>,
    /// Method
    #[arg(short = 'X', long, help_heading = "Scenario")]
    method: Option<String>,
    /// Request target with its query
    #[arg(long, help_heading = "Scenario")]
    path: Option<String>,
    /// Host the caller writes
    #[arg(long, help_heading = "Scenario")]
    host: Option<String>,
    /// Request header `name: value`; repeatable
    #[arg(short = 'H', long = "header", value_name = "HEADER", help_heading = "Scenario")]
    headers: Vec<String>,
    /// Bearer token, `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "TOKEN", help_heading = "Scenario")]
    token: Option<String>,
    /// Original client address as authorization sees it
    #[arg(long, value_name = "IP", help_heading = "Scenario")]
    remote_ip: Option<String>,
    /// The client's side of the connection
    #[arg(long, value_enum, value_name = "MODE", help_heading = "Scenario")]
    tls: Option<TlsFlag>,
    /// Server name the client sends
    #[arg(long, value_name = "NAME", help_heading = "Scenario")]
    sni: Option<String>,
    /// Evaluation time, RFC 3339; now when absent
    #[arg(long, value_name = "TIME", help_heading = "Scenario")]
    at: Option<String>,
    /// What external authorization providers would answer
    #[arg(long, value_enum, value_name = "ANSWER", help_heading = "Scenario")]
    ext_authz: Option<AnswerFlag>,
    #[command(flatten)]
    keys: KeyArgs,
    /// Also print every policy that was looked at, and every one that was not, and why
    #[arg(long, help_heading = "Output")]
    explain: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec simulate request -f examples/online-boutique --from default/productcatalogservice --to frontend.default:80 --path /
  meshsec simulate request -f examples/online-boutique -f examples/online-boutique/policies/mtls-strict.yaml \\
      --from default/productcatalogservice --tls disable --to frontend.default:80
  meshsec simulate request -f examples/online-boutique --from-svid certs/cert-chain.pem --to frontend.default:80
  kustomize build . | meshsec simulate request -f - --from shop/web --to cart.shop:80 -X POST -o json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Jsonl,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ProtocolFlag {
    Http,
    Http2,
    Grpc,
    Tcp,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TlsFlag {
    /// What the manifests say
    Auto,
    /// Plaintext
    Disable,
    /// TLS without a client certificate
    Simple,
    /// Mutual TLS with the caller's certificate, without Istio's ALPN
    Mutual,
    /// Mutual TLS as a sidecar does it
    IstioMutual,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AnswerFlag {
    Allow,
    Deny,
    Error,
    Undetermined,
}

impl RequestArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut scenario = self.scenario(env)?;
        let certificate_defect = match &self.from_svid {
            Some(path) => svid::present(path, &mut scenario, env)?,
            None => None,
        };
        let Loaded { mesh, sources, findings, looked_in, default_namespace, .. } = self.manifests.load(env)?;
        if !env.quiet && self.explain {
            render::findings(env.stderr, &findings, &sources, env.style)?;
        }
        let detail = match (self.explain, self.output) {
            (true, _) => Detail::Trace,
            (false, Format::Text) => Detail::Steps,
            (false, Format::Json | Format::Jsonl) => Detail::Verdict,
        };
        let setting = Setting {
            mesh: &mesh,
            default_namespace: default_namespace.as_deref(),
            now: env.now,
            keys: self.keys.load(&mesh)?,
            certificate_defect,
            detail,
        };
        let mut simulator = Simulator::new(setting);
        let mut cache = self.request.as_deref().filter(|path| *path != "-").map_or_else(FileCache::default, FileCache::beside);
        let decision =
            simulator.answer(&scenario, &mut cache).map_err(|error| question(&error, self.request.is_none(), &sources))?;
        if !env.quiet {
            match self.output {
                Format::Text => {
                    render::decision_text(env.stdout, &decision, &sources, env.style)?;
                    env.stdout.flush()?;
                    let policies =
                        mesh.authorization_policies.len() + mesh.request_authentications.len() + mesh.peer_authentications.len();
                    let summary = format!("looked at {policies} policies and {} workloads in {looked_in}", mesh.workloads.len());
                    writeln!(env.stderr, "{}", env.style.faint(&summary))?;
                }
                Format::Json | Format::Jsonl => {
                    render::decision_json(env.stdout, &decision, &sources, self.output == Format::Json)?;
                    writeln!(env.stdout)?;
                }
            }
        }
        if let Some(broken) = scenario.expect.as_ref().and_then(|expect| super::broken_expectation(expect, &decision)) {
            writeln!(env.stderr, "{} {broken}", env.style.error("expect:"))?;
            return Ok(Outcome::No);
        }
        Ok(if scenario.expect.is_some() { Outcome::Yes } else { outcome(decision.verdict) })
    }

    /// The scenario of `--request`, if any, with the flags over it.
    fn scenario(&self, env: &mut Env<'_>) -> Result<Scenario<'static>, Error> {
        let mut scenario = match self.request.as_deref() {
            None => Scenario::default(),
            Some(path) => {
                let text = if path == "-" {
                    let mut text = String::new();
                    env.stdin
                        .take(1 << 20)
                        .read_to_string(&mut text)
                        .map_err(|source| Error::Read { path: "<stdin>".to_owned(), source })?;
                    text
                } else {
                    read_text(path)?
                };
                Scenario::from_yaml(&text).map_err(|error| {
                    let help = error.suggestion.as_ref().map(|name| format!("did you mean `{name}`?"));
                    Error::question(format!("`{path}` holds no scenario: {error}"), help)
                })?
            }
        };
        let own = |text: &Option<String>| text.clone().map(Text::from);
        if let Some(from) = &self.from {
            scenario.from = Some(read_from(from));
        }
        if self.from_ip.is_some() {
            scenario.from = Some(with_address(scenario.from.take(), own(&self.from_ip)));
        }
        match (&self.to, &self.request) {
            (Some(to), _) => scenario.to = DestinationRef::Short(to.clone().into()),
            (None, None) => {
                return Err(Error::question(
                    "no destination was given",
                    "name it with `--to service.namespace:port` or `--to namespace/workload:port`".to_owned(),
                ));
            }
            (None, Some(_)) => {}
        }
        scenario.method = own(&self.method).or(scenario.method);
        scenario.path = own(&self.path).or(scenario.path);
        scenario.host = own(&self.host).or(scenario.host);
        scenario.remote_ip = own(&self.remote_ip).or(scenario.remote_ip);
        scenario.at = own(&self.at).or(scenario.at);
        if !self.headers.is_empty() {
            scenario.headers = self.parse_headers()?;
        }
        if let Some(argument) = &self.token {
            scenario.token = Some(Token::Compact(self.read_token(argument, env)?.into()));
        }
        scenario.protocol = self.protocol.map_or(scenario.protocol, |protocol| Some(protocol.into()));
        let mode = self.tls.map_or(scenario.tls.mode, Into::into);
        scenario.tls = Tls { mode, sni: own(&self.sni).or(scenario.tls.sni) };
        scenario.ext_authz = self.ext_authz.map_or(scenario.ext_authz, |answer| Some(ExtAuthz::All(answer.into())));
        Ok(scenario)
    }

    /// A token from a file or standard input may stand in a token endpoint's answer; one that is typed is taken as it is.
    fn read_token(&self, argument: &str, env: &mut Env<'_>) -> Result<String, Error> {
        if !argument.starts_with('@') {
            // Pasted with its prefix it would be sent with two.
            return Ok(argument.strip_prefix("Bearer ").unwrap_or(argument).to_owned());
        }
        if argument == "@-" && (self.manifests.reads_stdin() || self.request.as_deref() == Some("-")) {
            return Err(Error::question(
                "only one of `--token @-`, `-f -` and `--request -` can read standard input",
                "give the others as files".to_owned(),
            ));
        }
        Ok(read_token(argument, env)?.text)
    }

    fn parse_headers(&self) -> Result<HeaderList<'static>, Error> {
        let parse = |text: &String| {
            let (name, value) = text.split_once(':').ok_or_else(|| {
                Error::question(format!("`--header {text}` has no `:`"), "write it as `-H 'name: value'`".to_owned())
            })?;
            Ok((Text::from(name.to_owned()), Text::from(value.trim().to_owned())))
        };
        self.headers.iter().map(parse).collect::<Result<_, Error>>().map(HeaderList)
    }
}

fn read_from(text: &str) -> SourceRef<'static> {
    if text.starts_with("spiffe://") {
        return SourceRef::Long(Box::new(SourceParts { principal: Some(text.to_owned().into()), ..SourceParts::default() }));
    }
    SourceRef::Short(text.to_owned().into())
}

fn with_address(from: Option<SourceRef<'static>>, ip: Option<Text<'static>>) -> SourceRef<'static> {
    let parts = match from {
        None => SourceParts { ip, ..SourceParts::default() },
        Some(SourceRef::Short(workload)) => SourceParts { workload: Some(workload), ip, ..SourceParts::default() },
        Some(SourceRef::Long(parts)) => SourceParts { ip, ..*parts },
    };
    SourceRef::Long(Box::new(parts))
}

impl From<ProtocolFlag> for RequestProtocol {
    fn from(flag: ProtocolFlag) -> Self {
        match flag {
            ProtocolFlag::Http => Self::Http,
            ProtocolFlag::Http2 => Self::Http2,
            ProtocolFlag::Grpc => Self::Grpc,
            ProtocolFlag::Tcp => Self::Tcp,
        }
    }
}

impl From<TlsFlag> for TlsMode {
    fn from(flag: TlsFlag) -> Self {
        match flag {
            TlsFlag::Auto => Self::Auto,
            TlsFlag::Disable => Self::Disable,
            TlsFlag::Simple => Self::Simple,
            TlsFlag::Mutual => Self::Mutual,
            TlsFlag::IstioMutual => Self::IstioMutual,
        }
    }
}

impl From<AnswerFlag> for ExtAuthzAnswer {
    fn from(flag: AnswerFlag) -> Self {
        match flag {
            AnswerFlag::Allow => Self::Allow,
            AnswerFlag::Deny => Self::Deny,
            AnswerFlag::Error => Self::Error,
            AnswerFlag::Undetermined => Self::Undetermined,
        }
    }
}
