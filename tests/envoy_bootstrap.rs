//! The static bootstrap is loaded by a real Envoy: `ENVOY_BIN` names its executable, without it these tests say that they were skipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use meshsec::diag::Span;
use meshsec::diag::Spanned;
use meshsec::envoy;
use meshsec::envoy::Declaration;
use meshsec::envoy::DeclaredPort;
use meshsec::envoy::Jwt;
use meshsec::envoy::Translation;
use meshsec::manifest::kinds::ExtensionProvider;
use meshsec::manifest::kinds::ExtensionProviderKind;
use meshsec::manifest::kinds::GrpcExtAuthz;
use meshsec::manifest::kinds::HttpExtAuthz;
use meshsec::manifest::kinds::JwtRule;
use meshsec::manifest::kinds::MutualTlsMode;
use meshsec::manifest::kinds::PathNormalization;
use meshsec::mesh::Mesh;
use meshsec::mesh::Protocol;
use meshsec::mesh::Proxy;
use meshsec::mesh::Workload;
use meshsec::policy::Attribute;
use meshsec::policy::CustomEngine;
use meshsec::policy::CustomOutcome;
use meshsec::policy::Engine;
use meshsec::policy::EngineRule;
use meshsec::policy::Engines;
use meshsec::policy::Entry;
use meshsec::policy::Pattern;
use meshsec::policy::Test;
use meshsec::policy::TextPattern;
use meshsec::policy::Value;

const MODES: [MutualTlsMode; 3] = [MutualTlsMode::Strict, MutualTlsMode::Permissive, MutualTlsMode::Disable];
const PROTOCOLS: [Protocol; 5] = [Protocol::Http, Protocol::GrpcWeb, Protocol::Mongo, Protocol::Tcp, Protocol::Unset];

fn written(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Span::default())
}

fn workload() -> Workload {
    Workload {
        namespace: "shop".to_owned(),
        name: "web".to_owned(),
        kind: "Deployment".to_owned(),
        service_account: "web".to_owned(),
        proxy: Proxy::Sidecar,
        ..Workload::default()
    }
}

fn mesh(path_normalization: PathNormalization) -> Mesh {
    let mut mesh = Mesh::default();
    mesh.settings.path_normalization = path_normalization;
    mesh.settings.trust_domain_aliases = vec!["old.example".to_owned()];
    let http = HttpExtAuthz {
        service: written("check.shop.svc.cluster.local"),
        port: Spanned::new(8000, Span::default()),
        path_prefix: Some(written("/check")),
        status_on_error: Some(written("503")),
        include_request_headers_in_check: vec![written("x-team"), written("x-*"), written("*-id")],
        include_additional_headers_in_check: [("x-from".to_owned(), written("mesh"))].into(),
        include_request_body_in_check: Some((1024, true, false)),
        headers_to_upstream_on_allow: vec![written("authorization")],
        ..HttpExtAuthz::default()
    };
    let grpc = GrpcExtAuthz {
        service: written("check.shop.svc.cluster.local"),
        port: Spanned::new(9000, Span::default()),
        timeout: Some(written("0.5s")),
        fail_open: true,
        ..GrpcExtAuthz::default()
    };
    let provider = |name: &str, kind| ExtensionProvider { name: written(name), kind, place: Spanned::default() };
    mesh.settings.extension_providers = vec![
        provider("grpc", ExtensionProviderKind::GrpcExtAuthz(Box::new(grpc))),
        provider("http", ExtensionProviderKind::HttpExtAuthz(Box::new(http))),
    ];
    mesh
}

fn value(pattern: Pattern) -> Value {
    Value { pattern, written: Spanned::default() }
}

fn test(attribute: Attribute, patterns: Vec<Pattern>) -> Test {
    let values: Vec<Value> = patterns.into_iter().map(value).collect();
    Test { attribute, field: String::new(), values: values.clone(), not_values: values, place: Spanned::default() }
}

fn text(written: &str) -> Pattern {
    Pattern::Text(TextPattern::parse(written))
}

fn texts() -> Vec<Pattern> {
    ["*", "a", "*b", "c*", "d.*[e"].map(text).to_vec()
}

/// Every attribute with every kind of value.
fn engine(name: &str, http: bool) -> Engine {
    let address = |text: &str, length| Pattern::Cidr(text.parse().unwrap(), length);
    let account = Pattern::ServiceAccount { namespace: "a.b".to_owned(), name: "c".to_owned() };
    let globs = |make: fn(String) -> Pattern| ["*", "a", "*b.c", "d*e"].map(|glob| make(glob.to_owned())).to_vec();
    let in_metadata = |in_list| Pattern::Metadata(TextPattern::Exact("v".to_owned()), in_list);
    let mut from = vec![
        test(Attribute::Principal, texts()),
        test(Attribute::Namespace, globs(Pattern::NamespaceGlob)),
        test(Attribute::ServiceAccount, vec![account]),
        test(Attribute::TrustDomain, globs(Pattern::TrustDomainGlob)),
        test(Attribute::SourceIp, vec![address("10.0.0.5", 24), address("2001:db8::1", 128)]),
        test(Attribute::RemoteIp, vec![address("0.0.0.0", 0)]),
    ];
    let mut to = vec![
        test(Attribute::DestinationIp, vec![address("10.0.0.1", 32)]),
        test(Attribute::DestinationPort, vec![Pattern::Port(0), Pattern::Port(65535)]),
        test(Attribute::Sni, texts()),
        test(Attribute::Metadata("envoy.filters.a.b".to_owned(), "k".to_owned()), vec![in_metadata(true), in_metadata(false)]),
    ];
    if http {
        let principal = |issuer, subject| Pattern::RequestPrincipal {
            issuer: TextPattern::parse(issuer),
            subject: TextPattern::parse(subject),
        };
        from.push(test(Attribute::RequestPrincipal, vec![principal("*", "*"), principal("i", "s*")]));
        from.push(test(Attribute::Audiences, texts()));
        from.push(test(Attribute::Presenter, vec![text("p")]));
        from.push(test(Attribute::Claim(vec!["a".to_owned(), "b".to_owned()]), texts()));
        from.push(test(Attribute::Header("x-a".to_owned()), texts()));
        to.push(test(Attribute::Host, texts()));
        to.push(test(Attribute::Method, texts()));
        let template = Pattern::Template("/a/{*}/b/{**}".to_owned());
        to.push(test(Attribute::Path, texts().into_iter().chain([template]).collect()));
    }
    let rule = |rule: usize, from, to| EngineRule {
        name: format!("{name}-rule[{rule}]"),
        policy: 0,
        rule,
        from,
        to,
        place: Spanned::default(),
    };
    let entry = |tests| vec![Entry { tests }, Entry::default()];
    Engine { rules: vec![rule(0, entry(from), entry(to)), rule(1, Vec::new(), Vec::new())] }
}

fn engines(http: bool) -> Engines {
    let custom = |provider: &str, outcome| CustomEngine {
        provider: provider.to_owned(),
        outcome,
        engine: engine(&format!("istio-ext-authz-{provider}"), http),
        dry_run: engine(&format!("istio-ext-authz-{provider}"), http),
    };
    let mut engines = Engines {
        custom: vec![
            custom("grpc", CustomOutcome::Ask),
            custom("missing", CustomOutcome::Deny("provider `missing` is not defined".to_owned())),
        ],
        audit: Some(engine("audit", http)),
        deny: Some(engine("deny", http)),
        allow: Some(engine("allow", http)),
        dry_run_deny: Some(engine("dry-run", http)),
        dry_run_allow: Some(Engine::default()),
        ..Engines::default()
    };
    if http {
        engines.custom.insert(1, custom("http", CustomOutcome::Ask));
    }
    engines
}

fn jwt_rules() -> Vec<JwtRule> {
    let rule = |issuer: &str| JwtRule { issuer: written(issuer), from_params: vec![written("token")], ..JwtRule::default() };
    vec![rule("https://a.example"), rule("https://b.example")]
}

/// Asks Envoy whether it would start with this configuration; what it said, when it would not.
fn refusal(envoy: &str, directory: &Path, configuration: &serde_json::Value) -> Option<String> {
    let file = directory.join("envoy.json");
    fs::write(&file, configuration.to_string()).unwrap();
    let output = Command::new(envoy)
        .args(["--mode", "validate", "--log-level", "error", "-c"])
        .arg(&file)
        .current_dir(directory)
        .output()
        .unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn write_certificates(directory: &Path) {
    let certificates = directory.join("certs");
    fs::create_dir(&certificates).unwrap();
    let signed = rcgen::generate_simple_self_signed(vec!["web.shop".to_owned()]).unwrap();
    fs::write(certificates.join("cert-chain.pem"), signed.cert.pem()).unwrap();
    fs::write(certificates.join("root-cert.pem"), signed.cert.pem()).unwrap();
    fs::write(certificates.join("key.pem"), signed.signing_key.serialize_pem()).unwrap();
}

/// Says past the test runner's capture that a test did not run.
fn skipped(name: &str) {
    let line = format!("SKIPPED {name}: ENVOY_BIN does not name an Envoy\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

#[test]
fn envoy_loads_the_bootstrap_of_every_mode_and_protocol() {
    let Ok(envoy) = std::env::var("ENVOY_BIN") else {
        skipped("envoy_loads_the_bootstrap_of_every_mode_and_protocol");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    write_certificates(directory.path());
    let (workload, http, tcp, rules) = (workload(), engines(true), engines(false), jwt_rules());
    let keys = r#"{"keys":[{"kty":"oct","kid":"a","alg":"HS256","k":"c2VjcmV0"}]}"#;
    let jwt: Vec<Jwt<'_>> = rules.iter().zip([Some(keys.to_owned()), None]).map(|(rule, keys)| Jwt { rule, keys }).collect();
    let normalizations = [PathNormalization::None, PathNormalization::MergeSlashes, PathNormalization::DecodeAndMergeSlashes];
    for (passthrough, path_normalization) in MODES.into_iter().zip(normalizations) {
        let mesh = mesh(path_normalization);
        let declared = MODES.into_iter().flat_map(|mode| PROTOCOLS.map(|protocol| (mode, protocol)));
        let ports = (8080..)
            .zip(declared)
            .map(|(number, (mode, protocol))| DeclaredPort { number, protocol, mode, declared_by: Declaration::Service(80) })
            .collect();
        let undeclared = (7000..).zip(MODES).collect();
        let input = Translation {
            mesh: &mesh,
            workload: &workload,
            ports,
            passthrough,
            undeclared,
            http: &http,
            tcp: &tcp,
            jwt: jwt.clone(),
        };
        let refused = refusal(&envoy, directory.path(), &envoy::bootstrap(&input, 10080));
        assert_eq!(refused, None, "passthrough {passthrough:?}");
    }
}

#[test]
fn envoy_refuses_a_bootstrap_that_is_not_one() {
    let Ok(envoy) = std::env::var("ENVOY_BIN") else {
        skipped("envoy_refuses_a_bootstrap_that_is_not_one");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    write_certificates(directory.path());
    let (mesh, workload, engines) = (mesh(PathNormalization::Base), workload(), Engines::default());
    let ports = Vec::new();
    let (passthrough, undeclared) = (MutualTlsMode::Strict, Vec::new());
    let input = Translation {
        mesh: &mesh,
        workload: &workload,
        ports,
        passthrough,
        undeclared,
        http: &engines,
        tcp: &engines,
        jwt: Vec::new(),
    };
    let mut bootstrap = envoy::bootstrap(&input, 10080);
    assert_eq!(refusal(&envoy, directory.path(), &bootstrap), None);
    bootstrap["staticResources"]["listeners"][0]["filterChains"][1]["transportSocket"]["typedConfig"]["commonTlsContext"]["tlsCertificates"]
        [0]["privateKey"]["filename"] = "./certs/missing.pem".into();
    assert!(refusal(&envoy, directory.path(), &bootstrap).is_some());
}

/// An Envoy that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(envoy: &str, directory: &Path, configuration: &serde_json::Value, port: u16) -> Running {
    let file = directory.join("envoy.json");
    fs::write(&file, configuration.to_string()).unwrap();
    let child = Command::new(envoy)
        .args(["--log-level", "error", "--concurrency", "1", "--use-dynamic-base-id", "-c"])
        .arg(&file)
        .current_dir(directory)
        .spawn()
        .unwrap();
    let running = Running(child);
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "envoy does not listen");
        thread::sleep(Duration::from_millis(50));
    }
    running
}

/// The status line of a plaintext request from this address to this port of the workload; empty when the connection was closed.
fn ask(listener: u16, from: &str, port: u16, path: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", listener)).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let request =
        format!("PROXY TCP4 {from} 10.0.0.1 40000 {port}\r\nGET {path} HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut response = Vec::new();
    let _ = connection.read_to_end(&mut response);
    String::from_utf8_lossy(&response).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn envoy_answers_by_the_bootstrap() {
    let Ok(envoy) = std::env::var("ENVOY_BIN") else {
        skipped("envoy_answers_by_the_bootstrap");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    write_certificates(directory.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (mesh, workload) = (mesh(PathNormalization::Base), workload());
    let only = |attribute, patterns: Vec<Pattern>| {
        let values = patterns.into_iter().map(value).collect();
        let test = Test { attribute, field: String::new(), values, not_values: Vec::new(), place: Spanned::default() };
        Entry { tests: vec![test] }
    };
    let callers = only(Attribute::SourceIp, vec![Pattern::Cidr("10.1.0.0".parse().unwrap(), 16)]);
    let rule = |from, to| EngineRule {
        name: "ns[shop]-policy[web]-rule[0]".to_owned(),
        policy: 0,
        rule: 0,
        from: vec![from],
        to: vec![to],
        place: Spanned::default(),
    };
    let http = Engines {
        allow: Some(Engine { rules: vec![rule(callers.clone(), only(Attribute::Path, vec![text("/open*")]))] }),
        ..Engines::default()
    };
    let tcp = Engines { allow: Some(Engine { rules: vec![rule(callers, Entry::default())] }), ..Engines::default() };
    let port = |number, mode| DeclaredPort { number, protocol: Protocol::Http, mode, declared_by: Declaration::Service(80) };
    let input = Translation {
        mesh: &mesh,
        workload: &workload,
        ports: vec![port(unused, MutualTlsMode::Permissive), port(1, MutualTlsMode::Strict)],
        passthrough: MutualTlsMode::Permissive,
        undeclared: Vec::new(),
        http: &http,
        tcp: &tcp,
        jwt: Vec::new(),
    };
    let _envoy = start(&envoy, directory.path(), &envoy::bootstrap(&input, listener), listener);
    // Nothing serves the application's port, so what is let in ends with 503.
    let cases = [
        ("allowed", "10.1.2.3", unused, "/open", "HTTP/1.1 503 Service Unavailable"),
        ("normalized", "10.1.2.3", unused, "/a/../open#x", "HTTP/1.1 503 Service Unavailable"),
        ("other caller", "10.2.2.3", unused, "/open", "HTTP/1.1 403 Forbidden"),
        ("other path", "10.1.2.3", unused, "/closed", "HTTP/1.1 403 Forbidden"),
        ("plaintext to a strict port", "10.1.2.3", 1, "/open", ""),
        ("the proxy's own port", "10.1.2.3", 15006, "/open", ""),
    ];
    for (name, from, port, path, expected) in cases {
        assert_eq!(ask(listener, from, port, path), expected, "{name}");
    }
}
