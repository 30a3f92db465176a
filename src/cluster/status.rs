//! An answer that says no, read into an [`Error`].
//!
//! The API server answers with a `Status`: code, reason, details with causes, and a text. Decisions rest on code, reason and causes.
//! Only where the server says it nowhere else is its text looked at: which webhook, which quota, which user, whose field.

use serde::Deserialize;

use crate::cluster::Error;
use crate::cluster::ObjectKey;
use crate::cluster::error::Cause;
use crate::cluster::error::FieldConflict;
use crate::cluster::error::Forbidden;

/// What was asked, for the words of an error.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// `get`, `list`, `create`, `patch`, `update`, `delete`.
    pub(super) verb: &'static str,
    /// `authorizationpolicies.security.istio.io`
    pub(super) resource: String,
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) namespace: Option<String>,
    /// The object, when it is about one.
    pub(super) name: Option<String>,
    /// Bytes that are sent.
    pub(super) size: usize,
}

impl Ask {
    pub(super) fn key(&self) -> ObjectKey {
        ObjectKey {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone().unwrap_or_default(),
        }
    }

    /// Answers about these may quote what must not be shown.
    fn is_secret(&self) -> bool {
        self.kind == "Secret"
    }

    /// What it is about, in words.
    fn what(&self) -> String {
        match (&self.name, &self.namespace) {
            (Some(_), _) => self.key().to_string(),
            (None, Some(namespace)) => format!("{} in namespace `{namespace}`", self.resource),
            (None, None) => self.resource.clone(),
        }
    }
}

/// Who was asked.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) address: String,
    pub(super) context: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    kind: String,
    message: String,
    reason: String,
    details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    name: Option<String>,
    kind: Option<String>,
    causes: Option<Vec<StatusCause>>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
struct StatusCause {
    reason: String,
    message: String,
    field: String,
}

/// The error that an answer with this HTTP status and body is.
pub(super) fn error(status: u16, body: &[u8], ask: &Ask, server: &Server) -> Error {
    let read = serde_json::from_slice::<Status>(body).ok().filter(|read| read.kind == "Status");
    match status {
        401 => return Error::Unauthorized { server: server.address.clone(), context: server.context.clone() },
        413 => return Error::TooLarge { object: ask.key(), size: ask.size },
        _ => {}
    }
    let Some(read) = read else { return without_status(status, body, ask, server) };
    let details = read.details.unwrap_or_default();
    let refused = Refused {
        message: read.message,
        causes: details.causes.unwrap_or_default(),
        of: details.kind.unwrap_or_default(),
        name: details.name.unwrap_or_default(),
        ask,
    };
    if let Some(error) = refused.by_webhook().or_else(|| refused.by_policy()).or_else(|| refused.by_schema()) {
        return error;
    }
    match (status, read.reason.as_str()) {
        (403, _) => refused.forbidden(),
        (404, _) => refused.not_found(),
        (409, "AlreadyExists") => Error::AlreadyExists { object: ask.key() },
        (409, _) => refused.conflict(),
        (410, _) | (400, "Expired") => Error::Gone { resource: ask.resource.clone() },
        (400 | 422, _) if ask.size > 0 => refused.invalid(),
        (429 | 503 | 504, _) => Error::Busy { server: server.address.clone(), status },
        (500, _) if refused.is_too_large() => Error::TooLarge { object: ask.key(), size: ask.size },
        _ => refused.other(status),
    }
}

/// Not every layer before the API server speaks its language.
fn without_status(status: u16, body: &[u8], ask: &Ask, server: &Server) -> Error {
    match status {
        // What the API server itself says of a path that it does not know.
        404 if body.trim_ascii() == b"404 page not found" => {
            Error::NotServed { api_version: ask.api_version.clone(), kind: ask.kind.clone() }
        }
        429 | 502 | 503 | 504 => Error::Busy { server: server.address.clone(), status },
        _ => Error::NotAnApiServer { server: server.address.clone(), status },
    }
}

struct Refused<'a> {
    message: String,
    causes: Vec<StatusCause>,
    /// The resource the answer is about.
    of: String,
    /// Its name.
    name: String,
    ask: &'a Ask,
}

impl Refused<'_> {
    /// Words of the server, unless they may hold what must not be shown.
    fn words(&self, words: &str) -> String {
        if self.ask.is_secret() { "it says why, in words that may quote the data".to_owned() } else { one_line(words) }
    }

    fn by_webhook(&self) -> Option<Error> {
        if let Some(rest) = self.message.strip_prefix("admission webhook ") {
            let (by, rest) = quoted(rest)?;
            let message = rest.strip_prefix(" denied the request: ").or_else(|| rest.strip_prefix(" denied the request"))?;
            let message = if message.is_empty() { "without a reason" } else { message };
            return Some(Error::Refusal { by: by.to_owned(), object: self.ask.key(), message: self.words(message) });
        }
        let (_, rest) = self.message.split_once("failed calling webhook ")?;
        let (webhook, rest) = quoted(rest)?;
        let message = rest.trim_start_matches(": ").trim_start_matches("failed to call webhook: ");
        Some(Error::WebhookFailed { webhook: webhook.to_owned(), object: self.ask.key(), message: self.words(message) })
    }

    fn by_policy(&self) -> Option<Error> {
        let (_, rest) = self.message.split_once("ValidatingAdmissionPolicy '")?;
        let (by, rest) = rest.split_once('\'')?;
        let (_, message) = rest.split_once(" denied request: ")?;
        Some(Error::Refusal { by: by.to_owned(), object: self.ask.key(), message: self.words(message) })
    }

    /// A server-side apply with a field that the schema does not have; the server calls that an internal error.
    fn by_schema(&self) -> Option<Error> {
        let (_, told) = self.message.split_once("failed to create typed patch object (")?.1.split_once("): ")?;
        let of_line = |line: &str| {
            let (field, message) = line.trim().strip_prefix('.')?.split_once(": ")?;
            Some(Cause { field: field.to_owned(), message: self.words(message) })
        };
        let mut causes: Vec<Cause> = told.lines().filter_map(of_line).collect();
        if causes.is_empty() {
            causes.push(Cause { field: String::new(), message: self.words(told) });
        }
        Some(Error::Invalid { object: self.ask.key(), causes })
    }

    fn forbidden(&self) -> Error {
        let terminating = self.causes.iter().any(|cause| cause.reason == "NamespaceTerminating");
        if let (true, Some(namespace)) = (terminating, &self.ask.namespace) {
            return Error::Terminating { namespace: namespace.clone() };
        }
        if let Some((_, quota)) = self.message.split_once("exceeded quota: ") {
            return Error::Quota { object: self.ask.key(), message: self.words(quota) };
        }
        let user = self.message.split_once("User \"").and_then(|(_, rest)| rest.split_once('"')).map(|(user, _)| user.to_owned());
        // An authorizer says `User "x" cannot list resource ..`; every other refusal is a rule of its own.
        let is_permission = self.message.contains(" cannot ");
        let rule = (!is_permission).then(|| {
            let words = self.message.split_once(" is forbidden: ").map_or(self.message.as_str(), |(_, words)| words);
            self.words(words)
        });
        Error::Forbidden(Box::new(Forbidden {
            verb: self.ask.verb,
            resource: self.ask.resource.clone(),
            namespace: self.ask.namespace.clone(),
            name: self.ask.name.clone(),
            user: user.filter(|_| is_permission),
            rule,
        }))
    }

    fn not_found(&self) -> Error {
        let ask = self.ask;
        match &ask.namespace {
            Some(namespace) if self.of == "namespaces" && self.name == *namespace && ask.kind != "Namespace" => {
                Error::NoNamespace { namespace: namespace.clone() }
            }
            _ if ask.name.is_none() || self.name.is_empty() => {
                Error::NotServed { api_version: ask.api_version.clone(), kind: ask.kind.clone() }
            }
            _ => Error::NotFound { object: ask.key() },
        }
    }

    fn conflict(&self) -> Error {
        let of_manager = |cause: &StatusCause| FieldConflict {
            manager: cause
                .message
                .split_once("conflict with ")
                .and_then(|(_, rest)| quoted(rest))
                .map_or_else(|| one_line(&cause.message), |(manager, _)| manager.to_owned()),
            field: cause.field.clone(),
        };
        let conflicts: Vec<FieldConflict> =
            self.causes.iter().filter(|cause| cause.reason == "FieldManagerConflict").map(of_manager).collect();
        if conflicts.is_empty() {
            Error::Changed { object: self.ask.key() }
        } else {
            Error::Conflict { object: self.ask.key(), conflicts }
        }
    }

    fn invalid(&self) -> Error {
        let mut causes: Vec<Cause> = self
            .causes
            .iter()
            .map(|cause| Cause {
                field: cause.field.trim_matches(|c| c == '<' || c == '>').to_owned(),
                message: self.words(&cause.message),
            })
            .collect();
        for cause in &mut causes {
            // The causes that follow from a first one tell nothing of their own.
            if cause.field == "nil" {
                cause.field.clear();
            }
        }
        if causes.is_empty() {
            causes.push(Cause { field: String::new(), message: self.words(&self.message) });
        }
        Error::Invalid { object: self.ask.key(), causes }
    }

    /// etcd has a limit of its own, and its refusal comes as an internal error.
    fn is_too_large(&self) -> bool {
        self.message.contains("etcdserver: request is too large")
            || self.message.contains("trying to send message larger than max")
    }

    fn other(&self, status: u16) -> Error {
        Error::Server { verb: self.ask.verb, what: self.ask.what(), status, message: self.words(&self.message) }
    }
}

/// The text in the quotes that `text` begins with, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('"')?.split_once('"')
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
