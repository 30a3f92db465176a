//! The real `jwt_authn` filter: one Envoy with a listener for each policy, which tells what became of a request.

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

use serde_json::Value;
use serde_json::json;

/// One entry of `jwtRules`, as JSON with Istio's names.
pub(super) type Rule = Value;

/// An Envoy that ends with the test.
pub(super) struct Filter {
    child: Child,
    /// A port for each policy.
    ports: Vec<u16>,
}

impl Drop for Filter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) challenge: Option<String>,
    /// The claims that the next filter sees.
    pub(super) claims: Option<String>,
}

fn provider(rule: &Rule) -> Value {
    let list = |name: &str| rule[name].as_array().cloned().unwrap_or_default();
    let from_headers: Vec<Value> = list("fromHeaders")
        .iter()
        .map(|header| json!({"name": header["name"], "valuePrefix": header["prefix"].as_str().unwrap_or_default()}))
        .collect();
    let keys = if let Some(text) = rule["jwks"].as_str() {
        json!({"localJwks": {"inlineString": text}})
    } else {
        let uri = rule["jwksUri"].as_str().unwrap();
        json!({"remoteJwks": {"httpUri": {"uri": uri, "cluster": "issuer", "timeout": "5s"}, "cacheDuration": "300s"}})
    };
    let mut provider = json!({
        "issuer": rule["issuer"].as_str().unwrap_or_default(),
        "audiences": list("audiences"),
        "forward": rule["forwardOriginalToken"].as_bool().unwrap_or_default(),
        "fromHeaders": from_headers,
        "fromParams": list("fromParams"),
        "fromCookies": list("fromCookies"),
        "payloadInMetadata": "payload",
    });
    provider.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    provider
}

/// What istiod asks for: one of the rules, or none.
fn requirement(count: usize) -> Value {
    let named = |index: usize| json!({"providerName": format!("origins-{index}")});
    let or_missing = |index| json!({"requiresAny": {"requirements": [named(index), {"allowMissing": {}}]}});
    if count == 1 {
        return or_missing(0);
    }
    let all = json!({"requiresAll": {"requirements": (0..count).map(or_missing).collect::<Vec<_>>()}});
    json!({"requiresAny": {"requirements": (0..count).map(named).chain([all]).collect::<Vec<_>>()}})
}

fn listener(port: u16, rules: &[Rule]) -> Value {
    let mut rules = rules.to_vec();
    rules.sort_by_key(|rule| rule["issuer"].as_str().unwrap_or_default().to_owned());
    let providers: serde_json::Map<_, _> =
        rules.iter().enumerate().map(|(index, rule)| (format!("origins-{index}"), provider(rule))).collect();
    let manager = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "statPrefix": "in",
        "normalizePath": true,
        "delayedCloseTimeout": "0s",
        "routeConfig": {"virtualHosts": [{"name": "all", "domains": ["*"], "routes": [{
            "match": {"prefix": "/"},
            "directResponse": {"status": 200, "body": {"inlineString": "passed"}},
            "responseHeadersToAdd": [{
                "header": {"key": "x-claims", "value": "%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:payload)%"},
                "appendAction": "OVERWRITE_IF_EXISTS_OR_ADD"
            }]
        }]}]},
        "httpFilters": [
            {"name": "envoy.filters.http.jwt_authn", "typedConfig": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
                "providers": providers,
                "rules": [{"match": {"prefix": "/"}, "requires": requirement(rules.len())}],
                "bypassCorsPreflight": true
            }},
            {"name": "envoy.filters.http.router", "typedConfig": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
        ]
    });
    json!({
        "address": {"socketAddress": {"address": "127.0.0.1", "portValue": port}},
        "filterChains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager", "typedConfig": manager}]}]
    })
}

/// The configuration for policies; `issuer` is the port of a server of key sets.
fn configuration(ports: &[u16], policies: &[Vec<Rule>], issuer: Option<u16>) -> Value {
    let listeners: Vec<Value> = ports.iter().zip(policies).map(|(port, rules)| listener(*port, rules)).collect();
    let clusters: Vec<Value> = issuer
        .iter()
        .map(|port| {
            json!({"name": "issuer", "type": "STATIC", "connectTimeout": "5s", "loadAssignment": {"clusterName": "issuer", "endpoints": [{"lbEndpoints": [
                {"endpoint": {"address": {"socketAddress": {"address": "127.0.0.1", "portValue": port}}}}
            ]}]}})
        })
        .collect();
    json!({"staticResources": {"listeners": listeners, "clusters": clusters}})
}

/// Whether Envoy would start with a policy; what it says when not.
pub(super) fn refusal(envoy: &str, folder: &Path, rules: &[Rule]) -> Option<String> {
    let file = folder.join("refused.json");
    fs::write(&file, configuration(&[10_000], &[rules.to_vec()], None).to_string()).unwrap();
    let output = Command::new(envoy).args(["--mode", "validate", "--log-level", "error", "-c"]).arg(&file).output().unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

impl Filter {
    pub(super) fn start(envoy: &str, folder: &Path, policies: &[Vec<Rule>], issuer: Option<u16>) -> Self {
        let reserved: Vec<TcpListener> = policies.iter().map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = reserved.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
        drop(reserved);
        let file = folder.join("envoy.json");
        fs::write(&file, configuration(&ports, policies, issuer).to_string()).unwrap();
        let child = Command::new(envoy)
            .args(["--log-level", "error", "--concurrency", "1", "--use-dynamic-base-id", "-c"])
            .arg(&file)
            .spawn()
            .unwrap();
        let filter = Self { child, ports };
        let deadline = Instant::now() + Duration::from_secs(60);
        for port in &filter.ports {
            while TcpStream::connect(("127.0.0.1", *port)).is_err() {
                assert!(Instant::now() < deadline, "envoy does not listen");
                thread::sleep(Duration::from_millis(50));
            }
        }
        filter
    }

    /// Puts a request to a policy.
    pub(super) fn ask(&self, policy: usize, path: &str, headers: &[(&str, String)]) -> Answer {
        let mut connection = TcpStream::connect(("127.0.0.1", self.ports[policy])).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
        let request = format!("GET {path} HTTP/1.1\r\nhost: service.example\r\nconnection: close\r\n{lines}\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let mut response = Vec::new();
        connection.read_to_end(&mut response).unwrap();
        let response = String::from_utf8(response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {response:?}"));
        let header = |name: &str| {
            let found = head.lines().filter_map(|line| line.split_once(": ")).find(|(found, _)| found.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned())
        };
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            body: body.to_owned(),
            challenge: header("www-authenticate"),
            claims: header("x-claims").filter(|claims| claims != "-"),
        }
    }
}
