mod destination_rules;
mod gateways;
mod tables;
mod traps;
mod vectors;

use std::fmt::Write as _;

use super::*;
use crate::diag::Finding;
use crate::diag::SourceMap;
use crate::manifest;
use crate::mesh::BuildOptions;
use crate::mesh::build;

/// Namespaces `foo` and `bar` with injection, `plain` without; `foo/web` behind the service `web`, and a client in each namespace.
pub(super) const BASE: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: foo, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: bar, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: plain}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
";

/// A Deployment whose pods carry `app: NAME` and the given further parts of `metadata` (`labels` aside).
pub(super) fn deployment(namespace: &str, name: &str, labels: &str, annotations: &str) -> String {
    format!(
        "
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}{labels}}}, annotations: {{{annotations}}}}}
    spec: {{serviceAccountName: {name}, containers: [{{name: main, image: x}}]}}
"
    )
}

pub(super) fn service(namespace: &str, name: &str, app: &str, port: &str, more: &str) -> String {
    format!(
        "
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{selector: {{{app}}}, ports: [{{{port}}}]{more}}}
"
    )
}

pub(super) fn clients() -> String {
    deployment("bar", "cli", "", "") + &deployment("foo", "near", "", "") + &deployment("plain", "raw", "", "")
}

pub(super) const HTTP_PORT: &str = "name: http, port: 80, targetPort: 8080";

/// The usual stage: `foo/web` behind `web:80`, HTTP.
pub(super) fn stage() -> String {
    BASE.to_owned() + &deployment("foo", "web", "", "") + &service("foo", "web", "app: web", HTTP_PORT, "") + &clients()
}

/// Policies of mutual TLS in short: words of `mesh:MODE`, `ns:MODE`, `wl:MODE`, then `pPORT:MODE` for the one before. `-` means none.
pub(super) fn peer_authentications(short: &str) -> String {
    let mut yaml = String::new();
    for (serial, word) in short.split_whitespace().filter(|word| *word != "-").enumerate() {
        let mut pieces = word.split(',');
        let (level, mode) = pieces.next().and_then(|part| part.split_once(':')).unwrap();
        let (namespace, selector) = match level {
            "mesh" => ("istio-system", ""),
            "ns" => ("foo", ""),
            "wl" => ("foo", "selector: {matchLabels: {app: web}}, "),
            "rootwl" => ("istio-system", "selector: {matchLabels: {app: web}}, "),
            other => panic!("level {other}"),
        };
        let ports: Vec<String> = pieces
            .map(|part| {
                let (port, mode) = part.strip_prefix('p').and_then(|part| part.split_once(':')).unwrap();
                format!("{port}: {{mode: {mode}}}")
            })
            .collect();
        let ports = if ports.is_empty() { String::new() } else { format!(", portLevelMtls: {{{}}}", ports.join(", ")) };
        write!(
            yaml,
            "
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {{name: pa-{serial}, namespace: {namespace}, creationTimestamp: \"2026-01-01T00:00:{serial:02}Z\"}}
spec: {{{selector}mtls: {{mode: {mode}}}{ports}}}
"
        )
        .unwrap();
    }
    yaml
}

pub(super) fn rule(namespace: &str, name: &str, spec: &str) -> String {
    let second = name.bytes().fold(0_u32, |sum, byte| (sum + u32::from(byte)) % 60);
    aged_rule(namespace, name, &format!("2026-01-01T00:00:{second:02}Z"), spec)
}

pub(super) fn aged_rule(namespace: &str, name: &str, created: &str, spec: &str) -> String {
    format!(
        "
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: {name}, namespace: {namespace}, creationTimestamp: \"{created}\"}}
spec: {{{spec}}}
"
    )
}

pub(super) fn mesh_config(text: &str) -> String {
    format!(
        "
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: istio, namespace: istio-system}}
data: {{mesh: \"{text}\"}}
"
    )
}

pub(super) fn build_with(yaml: &str, features: &[(&str, &str)]) -> (Mesh, Vec<Finding>) {
    let mut sources = SourceMap::default();
    let id = sources.add("test.yaml", yaml);
    let manifests = manifest::read(&sources, &[id]);
    let errors: Vec<_> = manifests.findings.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{yaml}");
    let features = features.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    build(&manifests, &BuildOptions { features, ..BuildOptions::default() })
}

pub(super) fn built(yaml: &str) -> Mesh {
    build_with(yaml, &[]).0
}

pub(super) fn workload(mesh: &Mesh, name: &str) -> WorkloadId {
    let found = mesh.workloads.iter().position(|workload| workload.display_name() == name);
    WorkloadId(found.unwrap_or_else(|| panic!("no workload {name}")))
}

/// `NAMESPACE/NAME` of a workload, `outside`, `kubelet`, `spiffe://..` behind a sidecar, or `held:spiffe://..` in a plain client's hands.
pub(super) fn caller(mesh: &Mesh, text: &str) -> Caller {
    match text {
        "outside" => Caller::outside(),
        "kubelet" => Caller::kubelet(),
        _ => match text.strip_prefix("held:") {
            Some(identity) => Caller::principal(identity, false),
            None if text.contains("://") => Caller::principal(text, true),
            None => Caller::workload(mesh, workload(mesh, text)).unwrap(),
        },
    }
}

/// A question in words: `from CALLER to SERVICE:PORT@WORKLOAD` or `to NAMESPACE/NAME:PORT`, then any of `tcp`, `app-tls`, `subset=NAME`,
/// `tls=WORD`, `sni=NAME`.
pub(super) fn ask(mesh: &Mesh, text: &str) -> Connection {
    let mut words = text.split_whitespace();
    let caller = caller(mesh, words.next().unwrap());
    let (to, port) = words.next().and_then(|to| to.rsplit_once(':')).unwrap();
    let (port, at) = port.split_once('@').map_or((port, None), |(port, at)| (port, Some(at)));
    let port: u16 = port.parse().unwrap();
    let mut destination = if to.contains('/') {
        Destination { workload: workload(mesh, to), port, service: None, subset: None, app_tls: false }
    } else {
        let (index, service) = mesh.services.iter().enumerate().find(|(_, service)| service.hostname.starts_with(to)).unwrap();
        let wanted = at.map(|at| workload(mesh, at));
        let endpoint = service.endpoints.iter().find(|endpoint| wanted.is_none_or(|at| endpoint.workload == Some(at))).unwrap();
        Destination {
            workload: endpoint.workload.unwrap(),
            port: endpoint.ports[&port],
            service: Some((index, port)),
            subset: None,
            app_tls: false,
        }
    };
    let (mut protocol, mut tls, mut sni) = (ApplicationProtocol::Http, ClientTlsOverride::Auto, None);
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("tcp", _) => protocol = ApplicationProtocol::Tcp,
            ("app-tls", _) => destination.app_tls = true,
            ("subset", name) => destination.subset = Some(name.to_owned()),
            ("sni", name) => sni = Some(name),
            ("tls", word) => {
                tls = match word {
                    "disable" => ClientTlsOverride::Disable,
                    "simple" => ClientTlsOverride::Simple,
                    "mutual" => ClientTlsOverride::Mutual,
                    "istio-mutual" => ClientTlsOverride::IstioMutual,
                    other => panic!("{other}"),
                }
            }
            other => panic!("{other:?}"),
        }
    }
    connect(mesh, &Question { caller: &caller, destination: &destination, protocol, tls, sni, host: None })
}

fn failure(failure: &ConnectionFailure) -> String {
    let kind = match failure.kind {
        FailureKind::PlaintextRefused => "F1",
        FailureKind::UnexpectedTls => "F2",
        FailureKind::TlsToPlaintext => "F3",
        FailureKind::ServerNameMismatch => "F4",
        FailureKind::ServerUntrusted => "F5",
        FailureKind::ClientCertificateMissing => "F6",
        FailureKind::ClientCertificateRejected => "F7",
        FailureKind::ClientCertificateDefective => "defective-certificate",
        FailureKind::AmbientPlaintextRefused => "F8",
        FailureKind::PlaintextToTls => "app-expects-tls",
        FailureKind::NotListening => "not-listening",
        FailureKind::UnknownSubset => "unknown-subset",
    };
    let mut text = kind.to_owned();
    if failure.verdict == ConnectionVerdict::MtlsRequired {
        text += " mtls-required";
    }
    if let Some(status) = failure.http_status {
        write!(text, " {status}").unwrap();
    }
    if let Some(code) = failure.curl_exit_code {
        write!(text, " curl{code}").unwrap();
    }
    text
}

/// What the client sends and what comes of it: `istio-mutual: http P`, `plaintext: F1 mtls-required curl56`. `P` says that the server knows
/// the caller's identity.
pub(super) fn summary(connection: &Connection) -> String {
    let outcome = match &connection.outcome {
        Outcome::Undetermined { .. } => "undetermined".to_owned(),
        Outcome::Failed(failed) => failure(failed),
        Outcome::Connected { then } => {
            let mut text = match connection.chain {
                Some(Chain::Http) => "http",
                Some(Chain::Tcp) => "tcp",
                Some(Chain::Passthrough) => "passthrough",
                Some(Chain::NoProxy) => "no-proxy",
                None => "no chain",
            }
            .to_owned();
            if !connection.peer.is_empty() {
                text += " P";
            }
            if let Some(then) = then {
                text += " then ";
                text += &failure(then);
            }
            text
        }
    };
    format!("{}: {outcome}", connection.client_tls.as_str())
}

/// Asks every case of a table and reports all that differ.
pub(super) fn check<'c>(cases: impl IntoIterator<Item = (&'c str, String, &'c str, &'c str)>) {
    let mut wrong = String::new();
    for (name, yaml, question, expected) in cases {
        let connection = ask(&built(&yaml), question);
        let got = summary(&connection);
        if got != expected {
            writeln!(wrong, "{name} ({question}): want `{expected}`, got `{got}`").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
