//! What is measured, and one row of it.

use std::fmt::Write;
use std::fs;

use crate::Bench;
use crate::generator;
use crate::generator::Counted;
use crate::policies;
use crate::policies::Tokens;
use crate::process::is_there;
use crate::sides;
use crate::sides::Application;
use crate::sides::Originator;
use crate::sides::Side;
use crate::table;
use crate::table::Figures;

/// Distinct tokens for each second of a run: more than are used.
const TOKENS_PER_SECOND: u64 = 40_000;

/// HTTP as the generator speaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

/// Bodies that go to and fro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// Answers of 1 KB.
    Small,
    /// Answers of 1 MB.
    LargeAnswer,
    /// Requests of 1 MB.
    LargeRequest,
}

/// Tokens that requests bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bring {
    Repeated,
    Distinct,
}

/// What is asked for, and under which policies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) version: Version,
    pub(crate) tls: bool,
    pub(crate) new_connections: bool,
    pub(crate) policies: u64,
    pub(crate) tokens: Option<Bring>,
    pub(crate) body: Body,
}

/// Every row of the table.
pub(crate) fn all() -> Vec<Row> {
    let mut rows = Vec::new();
    for version in [Version::Http1, Version::Http2] {
        let plain = Row { version, tls: false, new_connections: false, policies: 1, tokens: None, body: Body::Small };
        for tls in [false, true] {
            for new_connections in [false, true] {
                rows.extend([1, 100].map(|policies| Row { tls, new_connections, policies, ..plain }));
            }
        }
        if version == Version::Http1 {
            rows.extend([Bring::Repeated, Bring::Distinct].map(|bring| Row { tokens: Some(bring), ..plain }));
        }
        for tls in [false, true] {
            rows.extend([Body::LargeAnswer, Body::LargeRequest].map(|body| Row { tls, body, ..plain }));
        }
    }
    rows
}

impl Row {
    pub(crate) fn name(&self) -> String {
        let mut name = format!(
            "{} {} {}",
            if self.version == Version::Http1 { "HTTP/1.1" } else { "HTTP/2" },
            if self.tls { "mTLS" } else { "plaintext" },
            if self.new_connections { "new connections" } else { "keep-alive" }
        );
        let plural = if self.policies == 1 { "policy" } else { "policies" };
        let _ = write!(name, ", {} {plural}", self.policies);
        name.push_str(match self.tokens {
            None => "",
            Some(Bring::Repeated) => ", one token",
            Some(Bring::Distinct) => ", distinct tokens",
        });
        name.push_str(match self.body {
            Body::Small => "",
            Body::LargeAnswer => ", 1 MB answers",
            Body::LargeRequest => ", 1 MB requests",
        });
        name
    }

    /// Why it cannot be measured.
    fn obstacle(&self, bench: &Bench) -> Option<&'static str> {
        let generator = if self.version == Version::Http1 { "wrk" } else { "h2load" };
        match bench.envoy {
            None => Some("ENVOY_BIN does not name an Envoy"),
            Some(_) if !is_there("taskset") => Some("taskset is not installed"),
            Some(_) if !is_there(generator) && self.version == Version::Http1 => Some("wrk is not installed"),
            Some(_) if !is_there(generator) => Some("h2load is not installed (nghttp2-client)"),
            Some(_) => None,
        }
    }
}

/// Measures a row and prints it.
pub(crate) fn measure(bench: &Bench, row: &Row) {
    let (Some(envoy), None) = (&bench.envoy, row.obstacle(bench)) else {
        return table::skipped(&row.name(), row.obstacle(bench).unwrap_or_default());
    };
    let tokens = row.tokens.map(|_| Tokens::new());
    let application = Application::start(&bench.folder);
    let manifests = policies::manifests(application.port, row.policies, tokens.as_ref());
    sides::write(&bench.folder, &manifests);
    let sides = [Side::Envoy, Side::Proxy].map(|side| {
        let running = side.start(envoy, &bench.folder, &manifests, application.port);
        let originator = row.tls.then(|| Originator::start(envoy, &bench.folder, running.address, row.version == Version::Http2));
        (side, running, originator)
    });
    let mut figures = [Figures::default(); 2];
    for _ in 0..bench.rounds {
        if let (Some(bring), Some(tokens)) = (row.tokens, &tokens) {
            let count = if bring == Bring::Distinct { bench.seconds * TOKENS_PER_SECOND } else { 1 };
            let mut text = String::new();
            for user in 0..count {
                let _ = writeln!(text, "{}", tokens.mint(user));
            }
            fs::write(bench.folder.join("tokens"), text).expect("tokens can be written");
        }
        for ((_, running, originator), figures) in sides.iter().zip(&mut figures) {
            let address = originator.as_ref().map_or(running.address, |originator| originator.address);
            let used = running.process.processor_seconds();
            let counted = generator::run(&bench.folder, row, address, bench.seconds);
            figures.add(&counted, running.process.processor_seconds() - used);
        }
    }
    let [of_envoy, of_proxy] = figures;
    table::print(&row.name(), Side::Envoy.name(), &of_envoy, None);
    table::print("", Side::Proxy.name(), &of_proxy, Some(&of_envoy));
}

impl Figures {
    fn add(&mut self, counted: &Counted, processor_seconds: f64) {
        self.rounds += 1;
        self.requests += counted.requests;
        self.failed += counted.failed;
        self.seconds += counted.seconds;
        self.processor_seconds += processor_seconds;
        for (sum, milliseconds) in self.milliseconds.iter_mut().zip(counted.milliseconds) {
            *sum += milliseconds;
        }
    }
}
