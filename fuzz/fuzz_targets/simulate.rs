//! A mesh and scenarios from bytes: every answer is given without a panic, is drawn in every form, and is the same when asked again.
#![no_main]

use std::sync::Arc;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use meshsec::diag::SourceMap;
use meshsec::manifest;
use meshsec::mesh::BuildOptions;
use meshsec::mesh::build;
use meshsec::render;
use meshsec::simulate::Detail;
use meshsec::simulate::Files;
use meshsec::simulate::KeySets;
use meshsec::simulate::Setting;
use meshsec::simulate::Simulator;
use meshsec::simulate::scenario::MintedToken;
use meshsec::simulate::scenario::Scenario;
use meshsec_fuzz::choices::Choices;
use meshsec_fuzz::mesh;
use meshsec_fuzz::words;

/// Stands between the mesh and the scenarios of an input that is all text.
const SEPARATOR: &[u8] = b"\n=====\n";

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices::new(data);
    // Text starts with a printable byte.
    let (mesh_text, scenarios) = if data.first().is_some_and(|byte| *byte >= b'\t' && *byte < 0x80) {
        let at = data.windows(SEPARATOR.len()).position(|window| window == SEPARATOR);
        let Some((mesh, scenarios)) = at.and_then(|at| Some((data.get(..at)?, data.get(at + SEPARATOR.len()..)?))) else {
            return;
        };
        let (Ok(mesh), Ok(scenarios)) = (manifest::text_of(mesh), manifest::text_of(scenarios)) else { return };
        (mesh.to_owned(), scenarios.lines().take(4).map(str::to_owned).collect())
    } else {
        choices.byte();
        (mesh::whole(&mut choices), vec![scenario(&mut choices), scenario(&mut choices), scenario(&mut choices)])
    };
    answer(&mesh_text, &scenarios);
});

fn answer(mesh_text: &str, scenarios: &[String]) {
    let mut sources = SourceMap::default();
    let id = sources.add("fuzz.yaml", mesh_text);
    let manifests = manifest::read(&sources, &[id]);
    let (mesh, _) = build(&manifests, &BuildOptions::default());
    let setting = |detail| Setting {
        mesh: &mesh,
        default_namespace: None,
        now: Timestamp::from_second(1_700_000_000).expect("a time"),
        keys: KeySets::default(),
        certificate_defect: None,
        detail,
    };
    let mut traced = Simulator::new(setting(Detail::Trace));
    let mut brief = Simulator::new(setting(Detail::Verdict));
    let mut lines = render::DecisionLines::new(&sources);
    let mut asked = Vec::new();
    for text in scenarios {
        let Ok(scenario) = Scenario::from_json(text) else { continue };
        let answer = traced.answer(&scenario, &mut NoFiles);
        let short = brief.answer(&scenario, &mut NoFiles);
        match (&answer, &short) {
            (Ok(answer), Ok(short)) => {
                assert_eq!(
                    (answer.verdict, &answer.reason),
                    (short.verdict, &short.reason),
                    "the trace changed the answer to {text}"
                );
                let style = render::Style::plain();
                let mut out = Vec::new();
                render::decision_json(&mut out, answer, &sources, false).expect("memory takes all");
                serde_json::from_slice::<serde_json::Value>(&out).expect("an answer is JSON");
                render::decision_text(&mut out, answer, &sources, style).expect("memory takes all");
                let (mut line, mut quick) = (Vec::new(), Vec::new());
                render::decision_json(&mut line, short, &sources, false).expect("memory takes all");
                lines.write(&mut quick, short);
                assert_eq!(
                    String::from_utf8_lossy(&quick),
                    String::from_utf8_lossy(&line),
                    "a batch writes another line for {text}"
                );
                render::decision_line(&mut out, 1, short).expect("memory takes all");
            }
            (Err(error), Err(_)) => assert!(!error.to_string().is_empty()),
            _ => panic!("the trace decides whether there is an answer to {text}"),
        }
        asked.push((scenario, drawn(&answer, &sources)));
    }
    // In another order, by a simulator that remembers other things.
    for (scenario, before) in asked.iter().rev() {
        for simulator in [&mut traced, &mut Simulator::new(setting(Detail::Trace))] {
            let again = drawn(&simulator.answer(scenario, &mut NoFiles), &sources);
            assert_eq!(&again, before, "asked again: {scenario:?}");
        }
    }
}

fn drawn<E: std::fmt::Display>(answer: &Result<meshsec::simulate::Decision, E>, sources: &SourceMap) -> String {
    match answer {
        Ok(decision) => {
            let mut out = Vec::new();
            render::decision_json(&mut out, decision, sources, true).expect("memory takes all");
            String::from_utf8(out).expect("JSON is text")
        }
        Err(error) => error.to_string(),
    }
}

/// One scenario as a line of JSON.
fn scenario(choices: &mut Choices<'_>) -> String {
    let from = match choices.below(8) {
        0 => "null".to_owned(),
        1 | 2 => r#""a/b""#.to_owned(),
        3 => r#""foo/web""#.to_owned(),
        4 => format!(r#"{{"principal":{},"ip":"10.0.0.9"}}"#, quoted(&choices.word(words::PEERS))),
        5 => format!(r#"{{"serviceAccount":"a/b","namespace":"a","sidecar":{}}}"#, choices.once_in(2)),
        6 => r#"{"workload":"a/b","ip":"2001:db8::1","kubelet":true}"#.to_owned(),
        _ => quoted(&choices.word(&["b", "a/", "/b", "web.foo"])),
    };
    let to = match choices.below(8) {
        0..3 => r#""web.foo:80""#.to_owned(),
        3 => r#""foo/web:8080""#.to_owned(),
        4 => r#""web.foo:5432""#.to_owned(),
        5 => r#""outside.example:80""#.to_owned(),
        6 => {
            format!(r#"{{"service":"web.foo","port":80,"subset":{},"app":{{"tls":true}}}}"#, quoted(&choices.word(&["v1", "v2"])))
        }
        _ => quoted(&choices.word(&["web.foo", "foo/web", "web", "b.a.svc.cluster.local:80", "foo/web:9", "foo/web:5432"])),
    };
    let mut text = format!(r#"{{"from":{from},"to":{to}"#);
    let mut member = |name: &str, value: String| text.push_str(&format!(r#","{name}":{value}"#));
    if choices.once_in(3) {
        member("protocol", quoted(choices.pick(&["http", "http2", "grpc", "tcp"])));
    }
    if choices.once_in(3) {
        member("method", quoted(&choices.word(&["GET", "POST", "CONNECT", "OPTIONS", "get"])));
    }
    if !choices.once_in(3) {
        member("path", quoted(&choices.word(words::SENT_PATHS)));
    }
    if choices.once_in(3) {
        member("host", quoted(&choices.word(words::HOSTS)));
    }
    if choices.once_in(2) {
        let name = choices.word(&[
            "x-a",
            "X-B",
            "authorization",
            "x-forwarded-for",
            "x-forwarded-client-cert",
            "x-envoy-external-address",
            "host",
        ]);
        let value = choices.word(&["x", "xy", "10.0.0.9", "1.2.3.4, 10.0.0.8", "Bearer a.b.c", ""]);
        member("headers", format!("{{{}:{},\"accept\":[\"x\",\"y\"]}}", quoted(&name), quoted(&value)));
    }
    if choices.once_in(3) {
        member("token", quoted(&choices.word(&[TOKEN, TOKEN, "a.b.c", "", "@file"])));
    }
    if choices.once_in(4) {
        member("remoteIp", quoted(&choices.word(words::ADDRESSES)));
    }
    if choices.once_in(2) {
        let mode = choices.pick(&["auto", "disable", "simple", "mutual", "istio-mutual"]);
        let sni = if choices.once_in(2) { format!(r#","sni":{}"#, quoted(&choices.word(words::TEXTS))) } else { String::new() };
        member("tls", format!(r#"{{"mode":"{mode}"{sni}}}"#));
    }
    if choices.once_in(4) {
        member(
            "at",
            quoted(&choices.word(&[
                "2023-05-01T00:00:00Z",
                "1970-01-01T00:00:00Z",
                "9999-12-30T00:00:00Z",
                "-000001-01-01T00:00:00Z",
            ])),
        );
    }
    if choices.once_in(3) {
        let answers = [r#""allow""#, r#""deny""#, r#""error""#, r#"{"grpc":"allow"}"#, r#"{"http":"deny","grpc":"error"}"#];
        member("extAuthz", choices.pick(&answers).to_owned());
    }
    if choices.once_in(4) {
        let sets = [r#"{"i":"unreachable"}"#, r#"{"https://keys.example/jwks":{"keys":[]}}"#, r#"{"i":"file"}"#];
        member("jwks", choices.pick(&sets).to_owned());
    }
    text.push('}');
    text
}

/// `{"alg":"HS256"}.{"iss":"i","sub":"s","n":{"g":"x"}}` with a signature that is none.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJpIiwic3ViIjoicyIsIm4iOnsiZyI6IngifX0.AAAA";

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, path: &str) -> Result<Arc<str>, String> {
        if path == "file" { Ok(Arc::from(TOKEN)) } else { Err("is not there".to_owned()) }
    }

    fn mint(&mut self, token: &MintedToken) -> Result<String, String> {
        if token.claims.is_empty() { Err("says nothing".to_owned()) } else { Ok(TOKEN.to_owned()) }
    }
}
