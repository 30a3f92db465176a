//! `meshsec simulate`: put requests to the mesh.

mod audited;
mod batch;
pub(in crate::cli) mod files;
mod keys;
#[cfg(feature = "proxy")]
mod proxy;
mod request;
mod svid;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::diag::SourceMap;
use crate::simulate::QuestionError;
use crate::simulate::Verdict;

/// Ask what would become of a request
#[derive(Debug, Subcommand)]
pub(super) enum SimulateCommand {
    Request(Box<request::RequestArgs>),
    Batch(Box<batch::BatchArgs>),
    #[cfg(feature = "proxy")]
    Proxy(Box<proxy::ProxyArgs>),
}

impl SimulateCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Request(arguments) => arguments.run(env),
            Self::Batch(arguments) => arguments.run(env),
            #[cfg(feature = "proxy")]
            Self::Proxy(arguments) => arguments.run(env),
        }
    }
}

/// The exit code of one verdict.
fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Allowed => Outcome::Yes,
        Verdict::Undetermined => Outcome::Undetermined,
        Verdict::Denied | Verdict::Unauthenticated | Verdict::MtlsRequired | Verdict::ConnectionFailed | Verdict::BadRequest => {
            Outcome::No
        }
    }
}

/// Where an `expect` does not hold, in words.
pub(in crate::cli) fn broken_expectation(
    expect: &crate::simulate::scenario::Expect<'_>,
    decision: &crate::simulate::Decision,
) -> Option<String> {
    let mut broken = Vec::new();
    if let Some(verdict) = expect.verdict.as_ref().filter(|verdict| verdict.as_str() != decision.verdict.as_str()) {
        broken.push(format!("expected {}, got {}", verdict.as_str(), decision.verdict));
    }
    if expect.http_status.is_some() && expect.http_status != decision.http_status {
        broken.push(format!(
            "expected status {:?}, got {:?}",
            expect.http_status.unwrap_or_default(),
            decision.http_status.unwrap_or_default()
        ));
    }
    let by = decision.decided_by.as_ref();
    if let Some(policy) = &expect.policy {
        let got = by.map(|by| format!("{}/{}", by.namespace, by.name)).unwrap_or_default();
        if got != policy.as_str() {
            broken.push(format!("expected policy {}, got {}", policy.as_str(), if got.is_empty() { "none" } else { &got }));
        }
    }
    if let Some(rule) = expect.rule.filter(|rule| by.and_then(|by| by.rule) != Some(*rule)) {
        broken.push(format!(
            "expected rule {rule}, got {}",
            by.and_then(|by| by.rule).map_or("none".to_owned(), |rule| rule.to_string())
        ));
    }
    if let Some(reason) = expect
        .reason
        .as_ref()
        .filter(|reason| !decision.reason.contains(reason.as_str()) && !decision.message.contains(reason.as_str()))
    {
        broken.push(format!("expected a reason with `{}`, got `{}`", reason.as_str(), decision.reason));
    }
    (!broken.is_empty()).then(|| broken.join("; "))
}

/// A wrong question, its field named as the flag it came from.
pub(super) fn question(error: &QuestionError, by_flag: bool, sources: &SourceMap) -> Error {
    let mut message = sentence(error, sources);
    if by_flag {
        let field = error.field();
        if let Some(rest) = message.strip_prefix(&format!("`{field}`")) {
            message = format!("`--{}`{rest}", flag_name(field));
        }
    }
    Error::Question { message, help: error.help() }
}

/// What is wrong, with its place in the manifests when it stands there.
fn sentence(error: &QuestionError, sources: &SourceMap) -> String {
    match error.place() {
        Some(place) => format!("{}: {error}", sources.position(place)),
        None => error.to_string(),
    }
}

/// `remoteIp` is `--remote-ip`, `from.principal` is `--from`.
fn flag_name(field: &str) -> String {
    if field == "headers" {
        return "header".to_owned();
    }
    let mut flag = String::new();
    for c in field.split('.').next().unwrap_or(field).chars() {
        if c.is_ascii_uppercase() {
            flag.push('-');
        }
        flag.push(c.to_ascii_lowercase());
    }
    flag
}
