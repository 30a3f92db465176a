//! Random facts about a request, made of the words policies are made of.

use std::net::IpAddr;

use meshsec::policy::Facts;
use meshsec::policy::Headers;
use meshsec::policy::HttpFacts;
use meshsec::policy::Known;
use serde_json::Value;
use serde_json::json;

use crate::choices::Choices;
use crate::words;

/// A request with everything it lends to [`Facts`].
#[derive(Debug, Clone)]
pub struct Request {
    peer: Vec<String>,
    source_ip: Known<IpAddr>,
    remote_ip: Known<IpAddr>,
    destination_ip: Known<IpAddr>,
    destination_port: u16,
    sni: Result<String, &'static str>,
    is_http: bool,
    method: String,
    authority: String,
    path: Option<String>,
    headers: Headers,
    claims: Option<Value>,
}

impl Request {
    pub fn of(choices: &mut Choices<'_>) -> Self {
        let mut headers = Headers::default();
        for _ in 0..choices.below(4) {
            let name = choices.pick(&["x-a", "X-B", "accept", "host", "x-a"]);
            headers.append(name, choices.word(words::TEXTS));
        }
        Self {
            peer: (0..choices.pick(&[1, 1, 1, 0, 2, 3])).map(|_| choices.word(words::PEERS)).collect(),
            source_ip: address(choices, "source address"),
            remote_ip: address(choices, "client address"),
            destination_ip: address(choices, "destination address"),
            destination_port: choices.pick(&[8080, 80, 0, 65535]),
            sni: if choices.once_in(6) { Err("server name") } else { Ok(choices.word(words::TEXTS)) },
            is_http: !choices.once_in(8),
            method: choices.word(words::METHODS),
            authority: choices.word(words::HOSTS),
            path: (!choices.once_in(12)).then(|| choices.word(words::SENT_PATHS)),
            headers,
            claims: (!choices.once_in(4)).then(|| claims(choices)),
        }
    }

    pub fn facts(&self) -> Facts<'_> {
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

fn address(choices: &mut Choices<'_>, name: &'static str) -> Known<IpAddr> {
    match choices.below(12) {
        0 | 1 => Known::No(name),
        2 => Known::Yes(IpAddr::from(std::array::from_fn::<u8, 4, _>(|_| choices.byte()))),
        3 => Known::Yes(IpAddr::from(std::array::from_fn::<u8, 16, _>(|_| choices.byte()))),
        _ => choices.pick(words::ADDRESSES).parse().map_or(Known::No(name), Known::Yes),
    }
}

fn claims(choices: &mut Choices<'_>) -> Value {
    let mut claims = json!({"g": claim(choices), "n": claim(choices), "aud": claim(choices), "azp": claim(choices)});
    if !choices.once_in(5) {
        claims["iss"] = ["i", "https://i", "", "https:/"][choices.below(4)].into();
    }
    if !choices.once_in(5) {
        claims["sub"] = if choices.once_in(6) { 1.into() } else { choices.word(&["s", "a/b", "*", "", "s\n"]).into() };
    }
    claims
}

fn claim(choices: &mut Choices<'_>) -> Value {
    match choices.below(10) {
        0..3 => choices.word(words::TEXTS).into(),
        3 => json!([choices.word(words::TEXTS), choices.word(words::TEXTS)]),
        4 => json!({"g": choices.word(words::TEXTS)}),
        5 => json!({"g": [choices.word(words::TEXTS), 1]}),
        6 => json!([["x"]]),
        7 => json!([1, choices.word(words::TEXTS), null]),
        8 => json!(true),
        _ => json!(null),
    }
}
