//! Facts that own what they lend, and the verdict the engines amount to.

use std::net::IpAddr;

use serde_json::Value;

use crate::policy::CompiledEngine;
use crate::policy::CustomOutcome;
use crate::policy::Engine;
use crate::policy::Engines;
use crate::policy::Facts;
use crate::policy::Headers;
use crate::policy::HttpFacts;
use crate::policy::Known;
use crate::policy::Outcome;
use crate::policy::Scratch;

/// A request with everything it lends to [`Facts`].
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) peer: Vec<String>,
    pub(super) source_ip: Known<IpAddr>,
    pub(super) remote_ip: Known<IpAddr>,
    pub(super) destination_ip: Known<IpAddr>,
    pub(super) destination_port: u16,
    pub(super) sni: Result<String, &'static str>,
    pub(super) is_http: bool,
    pub(super) method: String,
    pub(super) authority: String,
    pub(super) path: Option<String>,
    pub(super) headers: Headers,
    pub(super) claims: Option<Value>,
}

impl Request {
    /// The request that case tables start from.
    pub(super) fn plain() -> Self {
        let source = Known::Yes("10.0.0.9".parse().unwrap());
        Self {
            peer: vec!["spiffe://cluster.local/ns/bar/sa/cli".to_owned()],
            source_ip: source,
            remote_ip: source,
            destination_ip: Known::Yes("10.0.1.1".parse().unwrap()),
            destination_port: 8080,
            sni: Ok(String::new()),
            is_http: true,
            method: "GET".to_owned(),
            authority: "web.foo.svc.cluster.local".to_owned(),
            path: Some("/".to_owned()),
            headers: Headers::default(),
            claims: None,
        }
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            peer: &self.peer,
            source_ip: self.source_ip,
            remote_ip: self.remote_ip,
            destination_ip: self.destination_ip,
            destination_port: self.destination_port,
            sni: match &self.sni {
                Ok(name) => Known::Yes(name),
                Err(fact) => Known::No(fact),
            },
            http: self.is_http.then(|| HttpFacts {
                method: &self.method,
                authority: &self.authority,
                path: self.path.as_deref(),
                scheme: "http",
                headers: &self.headers,
                claims: self.claims.as_ref(),
                withheld: None,
            }),
        }
    }
}

pub(super) fn evaluate(engine: &Engine, request: &Request) -> Outcome {
    CompiledEngine::new(engine).evaluate(&request.facts(), &mut Scratch::default())
}

/// The word for what happens to a request, in the order of the data plane.
pub(super) fn verdict(engines: &Engines, request: &Request) -> &'static str {
    let is_match = |engine: &Engine| matches!(evaluate(engine, request), Outcome::Match { .. });
    let is_open = |engine: &Engine| matches!(evaluate(engine, request), Outcome::Unknown { .. });
    let mut asked = false;
    let mut open = false;
    for custom in &engines.custom {
        let is_denial = matches!(custom.outcome, CustomOutcome::Deny(_));
        if is_match(&custom.dry_run) || (is_denial && is_match(&custom.engine)) {
            return "denied";
        }
        open |= is_open(&custom.dry_run) || is_open(&custom.engine);
        asked |= !is_denial && is_match(&custom.engine);
    }
    if let Some(deny) = &engines.deny {
        if is_match(deny) {
            return "denied";
        }
        open |= is_open(deny);
    }
    if let Some(allow) = &engines.allow {
        match evaluate(allow, request) {
            Outcome::NoMatch => return "denied",
            Outcome::Unknown { .. } => open = true,
            Outcome::Match { .. } => {}
        }
    }
    match (open, asked) {
        (true, _) => "undetermined",
        (false, true) => "custom-dependent",
        (false, false) => "allowed",
    }
}
