//! From a kubeconfig, or the service account of a pod, to a client.

use std::env;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kube::Config;
use kube::client::ClientBuilder;
use kube::config::KubeConfigOptions;
use kube::config::Kubeconfig;
use kube::config::KubeconfigError;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;

use crate::cluster::Error;
use crate::cluster::api::Api;
use crate::cluster::proxy;
use crate::cluster::status::Server;
use crate::cluster::transport;

/// Where the cluster is, and as whom it is asked.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// The kubeconfig; otherwise those of `KUBECONFIG`, otherwise `~/.kube/config`, otherwise the pod this runs in.
    pub kubeconfig: Option<PathBuf>,
    /// The context; otherwise the current one.
    pub context: Option<String>,
    /// The user to act as.
    pub impersonate: Option<String>,
    /// The groups to act in.
    pub impersonate_groups: Vec<String>,
    /// How long one request may take; zero for as long as it wants.
    pub request_timeout: Option<Duration>,
}

/// How long one request may take when nothing is said.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// The name of the context inside a pod.
const IN_CLUSTER: &str = "in-cluster";

/// Everything a [`Cluster`](crate::cluster::Cluster) is made of.
pub(super) struct Connected {
    pub(super) runtime: Runtime,
    pub(super) api: Api,
    pub(super) namespace: String,
}

pub(super) fn connect(options: &ConnectOptions) -> Result<Connected, Error> {
    // Several libraries bring TLS, each with a provider of cryptography in mind; the first to be named counts for all.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let (mut config, context) = runtime.block_on(configuration(options))?;
    if let Some(user) = &options.impersonate {
        config.auth_info.impersonate = Some(user.clone());
    }
    if !options.impersonate_groups.is_empty() {
        config.auth_info.impersonate_groups = Some(options.impersonate_groups.clone());
    }
    let timeout = match options.request_timeout {
        None => Some(REQUEST_TIMEOUT),
        Some(timeout) => Some(timeout).filter(|timeout| !timeout.is_zero()),
    };
    config.connect_timeout = Some(timeout.map_or(transport::CONNECT_TIMEOUT, |timeout| timeout.min(transport::CONNECT_TIMEOUT)));
    config.write_timeout = timeout;
    // What is safe to ask again is decided in one place, by what was asked.
    config.default_retry = false;
    let server = Server { address: config.cluster_url.to_string().trim_end_matches('/').to_owned(), context };
    let namespace = config.default_namespace.clone();
    // The client starts a task of its own.
    let guard = runtime.enter();
    let client = ClientBuilder::try_from(config).map_err(|problem| unusable(problem, &server))?.build();
    drop(guard);
    Ok(Connected { api: Api { client, server: Arc::new(server), timeout }, namespace, runtime })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what other failures come to is told in their own words, and the library may add more of them"
)]
fn unusable(problem: kube::Error, server: &Server) -> Error {
    match problem {
        kube::Error::Auth(problem) => transport::credentials(&problem),
        kube::Error::RustlsTls(problem) => Error::Kubeconfig { path: None, message: problem.to_string() },
        kube::Error::ProxyProtocolUnsupported { proxy_url } | kube::Error::ProxyProtocolDisabled { proxy_url, .. } => {
            let scheme = proxy_url.scheme_str().unwrap_or("no scheme");
            Error::Kubeconfig {
                path: None,
                message: format!("the proxy is to be reached by `{scheme}`, which nothing here speaks"),
            }
        }
        other => transport::error(&other, server, None),
    }
}

async fn configuration(options: &ConnectOptions) -> Result<(Config, String), Error> {
    let Some(kubeconfig) = kubeconfig(options)? else {
        let config = Config::incluster().map_err(|problem| Error::Credentials { message: problem.to_string() })?;
        return Ok((config, IN_CLUSTER.to_owned()));
    };
    let known: Vec<String> = kubeconfig.contexts.iter().map(|context| context.name.clone()).collect();
    let Some(context) = options.context.clone().or_else(|| kubeconfig.current_context.clone()).filter(|name| !name.is_empty())
    else {
        return Err(Error::NoContext { known });
    };
    let own_proxy = kubeconfig
        .contexts
        .iter()
        .find(|named| named.name == context)
        .and_then(|named| named.context.as_ref())
        .and_then(|context| kubeconfig.clusters.iter().find(|cluster| cluster.name == context.cluster))
        .and_then(|named| named.cluster.as_ref()?.proxy_url.clone())
        .filter(|url| !url.is_empty());
    let wanted = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &wanted)
        .await
        .map_err(|problem| of_kubeconfig(&problem, options.kubeconfig.clone(), Some(&context), known))?;
    if own_proxy.is_none() {
        config.proxy_url = proxy_of_environment(&config)?;
    }
    Ok((config, context))
}

fn proxy_of_environment(config: &Config) -> Result<Option<http::Uri>, Error> {
    let url = &config.cluster_url;
    if url.scheme_str() != Some("https") {
        return Ok(None);
    }
    let port = url.port_u16().unwrap_or(443);
    let Some(text) = proxy::of_environment(url.host().unwrap_or_default(), port, &|name| env::var(name).ok()) else {
        return Ok(None);
    };
    let unusable =
        |_| Error::Kubeconfig { path: None, message: format!("`HTTPS_PROXY` is no address: `{}`", without_password(&text)) };
    text.parse().map(Some).map_err(unusable)
}

/// An address without the user information it may hold.
fn without_password(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, host)| host)
}

/// The kubeconfig; `None` when there is none and this is a pod.
fn kubeconfig(options: &ConnectOptions) -> Result<Option<Kubeconfig>, Error> {
    if let Some(path) = &options.kubeconfig {
        return match read(path)? {
            Some(kubeconfig) => Ok(Some(kubeconfig)),
            None => Err(Error::NoKubeconfig { tried: vec![path.clone()] }),
        };
    }
    let named = env::var_os("KUBECONFIG").filter(|value| !value.is_empty());
    let paths: Vec<PathBuf> = match named {
        Some(value) => env::split_paths(&value).filter(|path| !path.as_os_str().is_empty()).collect(),
        None => env::home_dir().map(|home| home.join(".kube").join("config")).into_iter().collect(),
    };
    let mut merged: Option<Kubeconfig> = None;
    for path in &paths {
        let Some(next) = read(path)? else { continue };
        merged = Some(match merged {
            None => next,
            Some(first) => first.merge(next).map_err(|problem| of_kubeconfig(&problem, Some(path.clone()), None, Vec::new()))?,
        });
    }
    match merged {
        Some(kubeconfig) => Ok(Some(kubeconfig)),
        None if env::var_os("KUBERNETES_SERVICE_HOST").is_some() => Ok(None),
        None => Err(Error::NoKubeconfig { tried: paths }),
    }
}

/// One file; `None` when it is not there.
fn read(path: &Path) -> Result<Option<Kubeconfig>, Error> {
    match Kubeconfig::read_from(path) {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(KubeconfigError::ReadConfig(source, _)) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(problem) => Err(of_kubeconfig(&problem, Some(path.to_owned()), None, Vec::new())),
    }
}

fn of_kubeconfig(problem: &KubeconfigError, path: Option<PathBuf>, context: Option<&str>, known: Vec<String>) -> Error {
    match (problem, context) {
        (KubeconfigError::CurrentContextNotSet, _) => Error::NoContext { known },
        (KubeconfigError::LoadContext(name), _) => {
            let nearest =
                known.iter().filter(|known| is_near(name, known)).min_by_key(|known| strsim::damerau_levenshtein(name, known));
            Error::UnknownContext { context: name.clone(), nearest: nearest.cloned(), known }
        }
        (KubeconfigError::LoadClusterOfContext(cluster), Some(context)) => {
            Error::UnknownCluster { context: context.to_owned(), cluster: cluster.clone() }
        }
        (KubeconfigError::Parse(_), _) => Error::Kubeconfig { path, message: "it is no YAML of a kubeconfig".to_owned() },
        (KubeconfigError::ReadConfig(source, path), _) => {
            Error::Kubeconfig { path: Some(path.clone()), message: source.to_string() }
        }
        (KubeconfigError::MissingClusterUrl, _) => Error::Kubeconfig { path, message: "the cluster has no `server`".to_owned() },
        (other, _) => Error::Kubeconfig { path, message: other.to_string() },
    }
}

/// Whether one name may be meant with another: a third of it may be wrong.
fn is_near(typed: &str, known: &str) -> bool {
    let distance = strsim::damerau_levenshtein(typed, known);
    distance * 3 <= known.chars().count().max(typed.chars().count()) || (typed.len() >= 3 && known.contains(typed))
}
