//! Why something on the API server did not work, in the user's words, and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::cluster::ObjectKey;

/// Why the cluster gave no answer, or not the wanted one.
///
/// Facts come from the fields of the server's answer. What an answer about a Secret says in words is not kept: it may quote the data.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no kubeconfig, and this is no pod.
    #[error("no kubeconfig: {}", no_kubeconfig(tried))]
    NoKubeconfig {
        /// Where it was looked for.
        tried: Vec<PathBuf>,
    },
    /// A kubeconfig cannot be read, or means nothing.
    #[error("kubeconfig{} cannot be used: {message}", of_path(path.as_ref()))]
    Kubeconfig {
        /// The file, when it is known which.
        path: Option<PathBuf>,
        /// What is wrong with it.
        message: String,
    },
    /// No context is named, neither by the user nor in the kubeconfig.
    #[error("the kubeconfig has no current context")]
    NoContext {
        /// The contexts it has.
        known: Vec<String>,
    },
    /// The context that the user names is not in the kubeconfig.
    #[error("the kubeconfig has no context `{context}`")]
    UnknownContext {
        /// As typed.
        context: String,
        /// The one that is spelt most like it.
        nearest: Option<String>,
        /// The contexts it has.
        known: Vec<String>,
    },
    /// A context names a cluster that the kubeconfig does not have.
    #[error("context `{context}` names cluster `{cluster}`, which the kubeconfig does not have")]
    UnknownCluster {
        /// The context.
        context: String,
        /// The cluster.
        cluster: String,
    },
    /// The credentials could not be had: a plugin failed, a file is missing.
    #[error("cannot get credentials: {message}")]
    Credentials {
        /// What failed.
        message: String,
    },
    /// The host's name means nothing.
    #[error("cannot find host `{host}`")]
    UnknownHost {
        /// Of the server or of the proxy.
        host: String,
    },
    /// Nothing listens there.
    #[error("`{server}` refuses connections")]
    Refused {
        /// The API server's address.
        server: String,
    },
    /// No way leads there.
    #[error("cannot connect to `{server}`")]
    Unreachable {
        /// The API server's address.
        server: String,
        /// Why.
        #[source]
        source: Option<io::Error>,
    },
    /// The answer took too long.
    #[error("no answer from `{server}` within {}", duration(*after))]
    Timeout {
        /// The API server's address.
        server: String,
        /// How long was waited.
        after: Duration,
    },
    /// The connection ended before the answer did.
    #[error("the connection to `{server}` ended before its answer did")]
    Lost {
        /// The API server's address.
        server: String,
    },
    /// The server's certificate is not trusted.
    #[error("the certificate of `{server}` is not trusted: {problem}")]
    Certificate {
        /// The API server's address.
        server: String,
        /// What is wrong with it.
        problem: CertificateProblem,
    },
    /// TLS failed for another reason.
    #[error("TLS with `{server}` failed: {message}")]
    Tls {
        /// The API server's address.
        server: String,
        /// What the TLS library says.
        message: String,
    },
    /// What answers is no API server, or it is broken.
    #[error("what `{server}` answers is not from a Kubernetes API server (status {status})")]
    NotAnApiServer {
        /// Its address.
        server: String,
        /// HTTP status.
        status: u16,
    },
    /// The credentials are not accepted.
    #[error("`{server}` does not accept the credentials of context `{context}`")]
    Unauthorized {
        /// The API server's address.
        server: String,
        /// The context they are from.
        context: String,
    },
    /// The user lacks a permission.
    #[error("{0}")]
    Forbidden(Box<Forbidden>),
    /// A list was asked for from a moment that is no longer kept.
    #[error("the API server no longer has that state of {resource}")]
    Gone {
        /// What was listed.
        resource: String,
    },
    /// Fields belong to other managers.
    #[error("{object} has fields that others manage: {}", conflicts_text(conflicts))]
    Conflict {
        /// The object.
        object: ObjectKey,
        /// Which, and whose.
        conflicts: Vec<FieldConflict>,
    },
    /// The object is not what it was when it was read.
    #[error("{object} was changed by somebody else in the meantime")]
    Changed {
        /// The object.
        object: ObjectKey,
    },
    /// The object is there already.
    #[error("{object} exists already")]
    AlreadyExists {
        /// The object.
        object: ObjectKey,
    },
    /// The object is not there.
    #[error("there is no {object}")]
    NotFound {
        /// The object.
        object: ObjectKey,
    },
    /// The namespace an object was to be in is not there.
    #[error("there is no namespace `{namespace}`")]
    NoNamespace {
        /// Its name.
        namespace: String,
    },
    /// The API server refuses the object for what it says.
    #[error("the API server refuses {object}: {}", causes_text(causes))]
    Invalid {
        /// The object.
        object: ObjectKey,
        /// Each thing that is wrong.
        causes: Vec<Cause>,
    },
    /// A webhook or admission policy of the cluster refuses the object.
    #[error("`{by}` refuses {object}: {message}")]
    Refusal {
        /// The webhook or policy.
        by: String,
        /// The object.
        object: ObjectKey,
        /// Its reason.
        message: String,
    },
    /// A webhook that has to be asked did not answer.
    #[error("admission webhook `{webhook}` could not be asked about {object}: {message}")]
    WebhookFailed {
        /// Its name.
        webhook: String,
        /// The object.
        object: ObjectKey,
        /// What happened.
        message: String,
    },
    /// The namespace is being deleted.
    #[error("namespace `{namespace}` is being deleted: nothing can be created in it")]
    Terminating {
        /// Its name.
        namespace: String,
    },
    /// A quota is used up.
    #[error("{object} would exceed a quota: {message}")]
    Quota {
        /// The object.
        object: ObjectKey,
        /// Quota, and what was requested, used and allowed.
        message: String,
    },
    /// The object is larger than the API server takes.
    #[error("{object} is larger than the API server takes ({size} bytes)")]
    TooLarge {
        /// The object.
        object: ObjectKey,
        /// Bytes that were sent.
        size: usize,
    },
    /// The server does not have the kind.
    #[error("the API server does not serve kind `{kind}` of `{api_version}`")]
    NotServed {
        /// Group and version.
        api_version: String,
        /// The kind.
        kind: String,
    },
    /// The server has too much to do, or is starting.
    #[error("`{server}` is too busy (status {status})")]
    Busy {
        /// Its address.
        server: String,
        /// HTTP status.
        status: u16,
    },
    /// The manifest is no object that can be sent.
    #[error("{message}")]
    NotAnObject {
        /// What is missing.
        message: String,
    },
    /// Another failure that the API server reports.
    #[error("the API server cannot {verb} {what}: {message} (status {status})")]
    Server {
        /// What was asked.
        verb: &'static str,
        /// Of what.
        what: String,
        /// HTTP status.
        status: u16,
        /// Its words.
        message: String,
    },
    /// The operating system gave no means to connect.
    #[error("cannot start the connection to the cluster")]
    Runtime(#[source] io::Error),
}

/// What the user may not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// `list`, `get`, `patch`, ..
    pub verb: &'static str,
    /// `authorizationpolicies.security.istio.io`
    pub resource: String,
    /// The namespace; `None` in all of them, or of a kind without.
    pub namespace: Option<String>,
    /// The object, when it was about one.
    pub name: Option<String>,
    /// As whom the API server sees the user, when it says so.
    pub user: Option<String>,
    /// The reason, when it is not a missing permission but another rule of the cluster.
    pub rule: Option<String>,
}

/// One field that somebody else manages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConflict {
    /// Who.
    pub manager: String,
    /// The field, as `.spec.rules`.
    pub field: String,
}

/// One thing that is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The field, as `spec.rules[0].from`; empty when it is about all of it.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

/// Why a certificate of an API server is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateProblem {
    /// No trusted authority issued it.
    UnknownIssuer,
    /// It is no longer valid.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is for other names.
    WrongName,
    /// It is revoked.
    Revoked,
    /// Something else, in the words of the TLS library.
    Other(String),
}

impl Error {
    /// Whether the question was wrong, not the world: exit code 2 instead of 3.
    #[must_use]
    pub fn is_question(&self) -> bool {
        match self {
            Self::NoKubeconfig { .. }
            | Self::Kubeconfig { .. }
            | Self::NoContext { .. }
            | Self::UnknownContext { .. }
            | Self::UnknownCluster { .. }
            | Self::NotFound { .. }
            | Self::NoNamespace { .. }
            | Self::AlreadyExists { .. }
            | Self::Invalid { .. }
            | Self::Refusal { .. }
            | Self::TooLarge { .. }
            | Self::NotServed { .. }
            | Self::NotAnObject { .. } => true,
            Self::Credentials { .. }
            | Self::UnknownHost { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Lost { .. }
            | Self::Certificate { .. }
            | Self::Tls { .. }
            | Self::NotAnApiServer { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden(_)
            | Self::Gone { .. }
            | Self::Conflict { .. }
            | Self::Changed { .. }
            | Self::WebhookFailed { .. }
            | Self::Terminating { .. }
            | Self::Quota { .. }
            | Self::Busy { .. }
            | Self::Server { .. }
            | Self::Runtime(_) => false,
        }
    }

    /// Whether the answer may be another one when the same is asked again a little later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Busy { .. }
                | Self::Timeout { .. }
                | Self::Lost { .. }
                | Self::Refused { .. }
                | Self::Unreachable { .. }
                | Self::WebhookFailed { .. }
        )
    }

    /// Whether nothing else can be asked either: the server cannot be reached, or does not know the user.
    #[must_use]
    pub fn is_about_everything(&self) -> bool {
        matches!(
            self,
            Self::Credentials { .. }
                | Self::UnknownHost { .. }
                | Self::Refused { .. }
                | Self::Unreachable { .. }
                | Self::Timeout { .. }
                | Self::Lost { .. }
                | Self::Certificate { .. }
                | Self::Tls { .. }
                | Self::NotAnApiServer { .. }
                | Self::Unauthorized { .. }
                | Self::Busy { .. }
                | Self::Runtime(_)
        )
    }

    /// What to do.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoKubeconfig { .. } => "name one with `--kubeconfig FILE`, or set `KUBECONFIG`".to_owned(),
            Self::Kubeconfig { .. } => "correct the file; `kubectl config view` shows what kubectl reads of it".to_owned(),
            Self::NoContext { known } => format!("name one with `--context`{}", known_text(known)),
            Self::UnknownContext { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            Self::UnknownContext { nearest: None, known, .. } if known.is_empty() => {
                "it has none: name another file with `--kubeconfig FILE`".to_owned()
            }
            Self::UnknownContext { nearest: None, known, .. } => format!("take one it has{}", known_text(known)),
            Self::UnknownCluster { .. } => "correct the context, or take another one with `--context`".to_owned(),
            Self::Credentials { .. } => {
                "log in again the way the cluster's operator says, or take another `--context`".to_owned()
            }
            Self::UnknownHost { .. } => "check `server` and `proxy-url` in the kubeconfig, and the network".to_owned(),
            Self::Refused { .. } | Self::Unreachable { .. } => {
                "check that the cluster runs and that `server` in the kubeconfig is its address".to_owned()
            }
            Self::Timeout { .. } => "give it longer with `--request-timeout`, or look at the API server's load".to_owned(),
            Self::Lost { .. } => "look whether the API server restarted, or a proxy before it ended the connection".to_owned(),
            Self::Certificate { problem: CertificateProblem::WrongName, .. } => {
                "check `server` and `tls-server-name` in the kubeconfig".to_owned()
            }
            Self::Certificate { .. } => {
                "check `certificate-authority-data` in the kubeconfig; it has to be of this cluster".to_owned()
            }
            Self::Tls { .. } => "check that `server` in the kubeconfig speaks HTTPS, and the client certificate".to_owned(),
            Self::NotAnApiServer { .. } => {
                "check `server` in the kubeconfig; a proxy or a login page may answer there".to_owned()
            }
            Self::Unauthorized { .. } => "log in again: they may have expired; or take another `--context`".to_owned(),
            Self::Forbidden(forbidden) => return forbidden.help(),
            Self::Gone { .. } => "ask again".to_owned(),
            Self::Conflict { .. } => {
                "take these fields over with `--force-conflicts`, or leave them out of the manifest".to_owned()
            }
            Self::Changed { .. } => "look at what is there now, and ask again".to_owned(),
            Self::AlreadyExists { .. } => "apply it instead, or choose another name".to_owned(),
            Self::NotFound { .. } => "check kind, namespace and name".to_owned(),
            Self::NoNamespace { .. } => "create it first, or correct `namespace`".to_owned(),
            Self::Invalid { .. } => "correct the manifest".to_owned(),
            Self::Refusal { .. } => "correct the manifest, or ask who runs that webhook or policy".to_owned(),
            Self::WebhookFailed { .. } => {
                "see whether the service behind the webhook runs (for istiod: `kubectl -n istio-system get pods`)".to_owned()
            }
            Self::Terminating { .. } => "wait until it is gone and create it anew, or take another namespace".to_owned(),
            Self::Quota { .. } => "remove something in the namespace, or have the quota raised".to_owned(),
            Self::TooLarge { .. } => "split it into several objects".to_owned(),
            Self::NotServed { .. } => {
                "install its definition (for Istio: `istioctl install`, or the chart `base`), or correct `apiVersion`".to_owned()
            }
            Self::Busy { .. } => "try again in a while".to_owned(),
            Self::NotAnObject { .. } => "give `apiVersion`, `kind` and `metadata.name`".to_owned(),
            Self::Server { .. } | Self::Runtime(_) => return None,
        })
    }
}

impl Forbidden {
    fn help(&self) -> Option<String> {
        if self.rule.is_some() {
            return None;
        }
        let place = self.namespace.as_ref().map_or_else(|| " -A".to_owned(), |namespace| format!(" -n {namespace}"));
        Some(format!(
            "ask for that permission; `kubectl auth can-i {} {}{place}` shows whether you have it",
            self.verb, self.resource
        ))
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.user {
            Some(user) => write!(f, "`{user}`")?,
            None => write!(f, "you")?,
        }
        write!(f, " may not {} `{}", self.verb, self.resource)?;
        if let Some(name) = &self.name {
            write!(f, "/{name}")?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, "` in namespace `{namespace}`")?,
            None => write!(f, "` at the scope of the cluster")?,
        }
        match &self.rule {
            Some(rule) => write!(f, ": {rule}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for CertificateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer => write!(f, "no authority in the kubeconfig issued it"),
            Self::Expired => write!(f, "it has expired"),
            Self::NotYetValid => write!(f, "it is not valid yet"),
            Self::WrongName => write!(f, "it is for another name"),
            Self::Revoked => write!(f, "it is revoked"),
            Self::Other(message) => write!(f, "{message}"),
        }
    }
}

fn no_kubeconfig(tried: &[PathBuf]) -> String {
    if tried.is_empty() {
        "neither `KUBECONFIG` nor a home directory is set".to_owned()
    } else {
        let paths: Vec<String> = tried.iter().map(|path| format!("`{}`", path.display())).collect();
        format!("{} not found", paths.join(", "))
    }
}

fn of_path(path: Option<&PathBuf>) -> String {
    path.map_or_else(String::new, |path| format!(" `{}`", path.display()))
}

fn known_text(known: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<String> = known.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match known.len().saturating_sub(SHOWN) {
        _ if shown.is_empty() => String::new(),
        0 => format!(": {}", shown.join(", ")),
        more => format!(": {} and {more} more", shown.join(", ")),
    }
}

fn conflicts_text(conflicts: &[FieldConflict]) -> String {
    let text: Vec<String> = conflicts.iter().map(|conflict| format!("`{}` by `{}`", conflict.field, conflict.manager)).collect();
    text.join(", ")
}

fn causes_text(causes: &[Cause]) -> String {
    let text = |cause: &Cause| match cause.field.as_str() {
        "" => cause.message.clone(),
        field => format!("`{field}`: {}", cause.message),
    };
    causes.iter().map(text).collect::<Vec<_>>().join("; ")
}

/// Whole seconds where they say it all.
pub(super) fn duration(duration: Duration) -> String {
    if duration.subsec_millis() == 0 { format!("{} s", duration.as_secs()) } else { format!("{} ms", duration.as_millis()) }
}
