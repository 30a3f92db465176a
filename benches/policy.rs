//! Decisions per second of the compiled policies on one core.
//!
//! `cargo bench --bench policy`: every line names a shape, the decisions per second, and for the long lists the ratio to a short one.
#![allow(clippy::indexing_slicing, clippy::type_complexity, reason = "sizes are fixed above; a benchmark may stop by failing")]

use std::hint::black_box;
use std::net::IpAddr;
use std::time::Duration;
use std::time::Instant;

use meshsec::diag::Span;
use meshsec::diag::Spanned;
use meshsec::policy::Attribute;
use meshsec::policy::CompiledEngine;
use meshsec::policy::Engine;
use meshsec::policy::EngineRule;
use meshsec::policy::Entry;
use meshsec::policy::Facts;
use meshsec::policy::Headers;
use meshsec::policy::HttpFacts;
use meshsec::policy::Known;
use meshsec::policy::Outcome;
use meshsec::policy::Pattern;
use meshsec::policy::Scratch;
use meshsec::policy::Test;
use meshsec::policy::TextPattern;
use meshsec::policy::Value;
use serde_json::json;

fn value(written: impl Into<String>, pattern: Pattern) -> Value {
    Value { pattern, written: Spanned::new(written.into(), Span::default()) }
}

fn text(written: &str) -> Value {
    value(written, Pattern::Text(TextPattern::parse(written)))
}

fn namespace(written: &str) -> Value {
    value(written, Pattern::NamespaceGlob(written.to_owned()))
}

fn block(address: [u8; 4], length: u8) -> Value {
    let address = IpAddr::from(address);
    value(format!("{address}/{length}"), Pattern::Cidr(address, length))
}

fn test(attribute: Attribute, field: &str, values: Vec<Value>, not_values: Vec<Value>) -> Test {
    Test { attribute, field: field.to_owned(), values, not_values, place: Spanned::default() }
}

fn engine(rules: Vec<(Vec<Entry>, Vec<Entry>)>) -> Engine {
    let named = rules.into_iter().enumerate().map(|(number, (from, to))| EngineRule {
        name: format!("ns[shop]-policy[p{:03}]-rule[{}]", number / 2, number % 2),
        policy: number / 2,
        rule: number % 2,
        from,
        to,
        place: Spanned::default(),
    });
    Engine { rules: named.collect() }
}

/// Rules that mix attributes, about as people write them: callers by account or namespace, hosts, methods, paths, headers, blocks.
fn mixed_rules(policies: usize, start: usize) -> Engine {
    let mut rules = Vec::new();
    for policy in start..start + policies {
        let octet = u8::try_from(policy % 200).unwrap_or(0);
        for rule in 0..=policy % 3 {
            let from = match (policy + rule) % 4 {
                0 => vec![test(
                    Attribute::Principal,
                    "principals",
                    vec![text(&format!("cluster.local/ns/team-{policy}/sa/client")), text(&format!("*/sa/robot-{rule}"))],
                    vec![],
                )],
                1 => vec![test(
                    Attribute::Namespace,
                    "namespaces",
                    vec![namespace(&format!("team-{policy}")), namespace(&format!("ops-{rule}-*"))],
                    vec![],
                )],
                2 => vec![test(
                    Attribute::SourceIp,
                    "ipBlocks",
                    vec![block([10, octet, 0, 0], 16)],
                    vec![block([10, octet, 9, 0], 24)],
                )],
                _ => vec![test(
                    Attribute::Header(format!("x-team-{}", policy % 5)),
                    "request.headers",
                    vec![text(&format!("team-{policy}"))],
                    vec![],
                )],
            };
            let mut to = vec![test(
                Attribute::Method,
                "methods",
                vec![text(["GET", "POST", "PUT", "DELETE"][(policy + rule) % 4]), text("HEAD")],
                vec![],
            )];
            match policy % 3 {
                0 => to.push(test(
                    Attribute::Path,
                    "paths",
                    vec![
                        text(&format!("/api/v1/service-{policy}/*")),
                        text(&format!("/health/{policy}")),
                        text(&format!("*.team{policy}")),
                    ],
                    vec![text(&format!("/api/v1/service-{policy}/admin*"))],
                )),
                1 => to.push(test(
                    Attribute::Host,
                    "hosts",
                    vec![text(&format!("service-{policy}.shop.example")), text(&format!("*.team-{policy}.example"))],
                    vec![],
                )),
                _ => to.push(test(Attribute::DestinationPort, "ports", vec![value("8080", Pattern::Port(8080))], vec![])),
            }
            // A second source or operation now and then.
            let mut sources = vec![Entry { tests: from }];
            if policy % 5 == 0 {
                let tests = vec![test(Attribute::Namespace, "namespaces", vec![namespace("istio-system")], vec![])];
                sources.push(Entry { tests });
            }
            rules.push((sources, vec![Entry { tests: to }]));
        }
    }
    engine(rules)
}

struct Request {
    peer: Vec<String>,
    source: IpAddr,
    method: &'static str,
    authority: String,
    path: String,
    headers: Headers,
    claims: serde_json::Value,
}

impl Request {
    fn facts(&self) -> Facts<'_> {
        Facts {
            peer: &self.peer,
            source_ip: Known::Yes(self.source),
            remote_ip: Known::Yes(self.source),
            destination_ip: Known::Yes(IpAddr::from([10, 0, 1, 1])),
            destination_port: 8080,
            sni: Known::Yes("outbound_.80_._.web.shop.svc.cluster.local"),
            http: Some(HttpFacts {
                method: self.method,
                authority: &self.authority,
                path: Some(&self.path),
                scheme: "http",
                headers: &self.headers,
                claims: Some(&self.claims),
                withheld: None,
            }),
        }
    }
}

/// Requests of which some meet some rule.
fn requests() -> Vec<Request> {
    (0..251_u32)
        .map(|number| {
            let octets = number.to_be_bytes();
            let mut headers = Headers::default();
            for name in
                ["user-agent", "accept", "accept-encoding", "x-request-id", "x-forwarded-proto", "traceparent", "content-type"]
            {
                headers.append(name, format!("some value of {name}"));
            }
            headers.append(&format!("x-team-{}", number % 7), format!("team-{number}"));
            Request {
                peer: vec![format!("spiffe://cluster.local/ns/team-{number}/sa/client")],
                source: IpAddr::from([10, octets[3] % 220, octets[3] % 13, 7]),
                method: ["GET", "POST", "PUT", "DELETE", "PATCH"][number as usize % 5],
                authority: format!("service-{number}.shop.example"),
                path: format!("/api/v1/service-{number}/items/17?page=2"),
                headers,
                claims: json!({"iss": "https://issuer.example", "sub": "someone", "groups": ["a", "b"]}),
            }
        })
        .collect()
}

/// Calls per second, the best of many short stretches: what else the machine does disturbs only some of them.
fn rate(requests: &[Request], mut call: impl FnMut(&Facts<'_>)) -> f64 {
    let mut best = 0.0_f64;
    for _ in 0..100 {
        let start = Instant::now();
        let mut calls = 0_u32;
        while start.elapsed() < Duration::from_millis(5) {
            for request in requests {
                call(&request.facts());
                calls += 1;
            }
        }
        best = best.max(f64::from(calls) / start.elapsed().as_secs_f64());
    }
    best
}

fn list(attribute: Attribute, field: &str, values: Vec<Value>, is_source: bool) -> Engine {
    let entry = Entry { tests: vec![test(attribute, field, values, vec![])] };
    let (from, to) = if is_source { (entry, Entry::default()) } else { (Entry::default(), entry) };
    engine(vec![(vec![from], vec![to])])
}

fn paths(count: usize) -> Engine {
    let written = |number: usize| match number % 3 {
        0 => format!("/api/v1/service-{number}/items/17"),
        1 => format!("/api/v1/service-{number}/*"),
        _ => format!("*/service-{number}/items/17"),
    };
    list(Attribute::Path, "paths", (0..count).map(|number| text(&written(number))).collect(), false)
}

fn blocks(count: usize) -> Engine {
    let block_of = |number: usize| {
        let octets = u32::try_from(number).unwrap_or(0).to_be_bytes();
        block([10, octets[3], octets[2], 0], [16, 24, 28, 32][number % 4])
    };
    list(Attribute::SourceIp, "ipBlocks", (0..count).map(block_of).collect(), true)
}

fn principals(count: usize) -> Engine {
    let written = |number: usize| match number % 3 {
        0 => format!("cluster.local/ns/team-{number}/sa/client"),
        1 => format!("cluster.local/ns/team-{number}/*"),
        _ => format!("*/team-{number}/sa/client"),
    };
    list(Attribute::Principal, "principals", (0..count).map(|number| text(&written(number))).collect(), true)
}

#[expect(clippy::print_stdout, reason = "the numbers are what a benchmark is for")]
fn main() {
    let requests = requests();
    let mut scratch = Scratch::default();
    let deny = CompiledEngine::new(&mixed_rules(50, 0));
    let allow = CompiledEngine::new(&mixed_rules(50, 50));
    let rules = deny.rule_count() + allow.rule_count();

    let mut counts = [0_u32; 2];
    for request in &requests {
        let facts = request.facts();
        counts[0] += u32::from(matches!(deny.evaluate(&facts, &mut scratch), Outcome::Match { .. }));
        counts[1] += u32::from(matches!(allow.evaluate(&facts, &mut scratch), Outcome::Match { .. }));
    }
    println!("100 policies, {rules} rules, {} requests: {} meet DENY, {} meet ALLOW", requests.len(), counts[0], counts[1]);

    let both = rate(&requests, |facts| {
        black_box(deny.evaluate(facts, &mut scratch));
        black_box(allow.evaluate(facts, &mut scratch));
    });
    println!("100 policies, DENY and ALLOW            {both:>12.0} decisions/s");
    let all = CompiledEngine::new(&mixed_rules(100, 0));
    let one = rate(&requests, |facts| {
        black_box(all.evaluate(facts, &mut scratch));
    });
    println!("100 policies, one engine                {one:>12.0} decisions/s");
    let miss = rate(&requests, |facts| {
        black_box(all.nearest_miss(facts, &mut scratch));
    });
    println!("100 policies, nearest miss              {miss:>12.0} explanations/s");

    let shapes: [(&str, fn(usize) -> Engine); 3] = [("paths", paths), ("IP blocks", blocks), ("principals", principals)];
    for (name, make) in shapes {
        let mut rates = [0.0; 2];
        for (rate_of, count) in rates.iter_mut().zip([10, 1000]) {
            let compiled = CompiledEngine::new(&make(count));
            *rate_of = rate(&requests, |facts| {
                black_box(compiled.evaluate(facts, &mut scratch));
            });
            println!("1 policy x {count:>4} {name:<24} {rate_of:>12.0} decisions/s");
        }
        println!("           1000 : 10 {name:<24} {:>8.2} times the cost", rates[0] / rates[1]);
    }
}
