//! `snapshot save`: what is asked of the file is answered as of the cluster, and nothing secret is in it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::harness::Server;

/// What must not be in any output: it stands in objects of the cluster.
const SECRETS: [&str; 4] = ["s3cret-of-a-secret", "s3cret-of-an-environment", "s3cret-of-a-tracer", "czNjcmV0LW9mLWEtc2VjcmV0"];

/// A mesh with everything that could get into the way, in a namespace of its own.
fn mesh(namespace: &str) -> String {
    let metadata = |name: &str| json!({"name": name, "namespace": namespace});
    let workload = |name: &str| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(name), "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name, "sidecar.istio.io/inject": "true"}}, "spec": {"serviceAccountName": name, "containers": [{
                "name": "app", "image": "app:1", "ports": [{"containerPort": 8080}], "env": [{"name": "PASSWORD", "value": "s3cret-of-an-environment"}],
            }]}},
        }})
    };
    let objects = [
        workload("cart"),
        workload("web"),
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata("cart")}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata("cart"), "spec": {"selector": {"app": "cart"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata("s"), "stringData": {"password": "s3cret-of-a-secret"}}),
        json!({"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata("allow-web"), "spec": {
            "selector": {"matchLabels": {"app": "cart"}}, "action": "ALLOW",
            "rules": [{"from": [{"source": {"principals": [format!("cluster.local/ns/{namespace}/sa/web")]}}], "to": [{"operation": {"methods": ["GET"]}}]}],
        }}),
        json!({"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": metadata("default"), "spec": {"mtls": {"mode": "STRICT"}}}),
    ];
    json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()
}

fn flows(namespace: &str) -> String {
    let flow = |from: Option<&str>, method: &str| {
        let mut flow = json!({"to": format!("cart.{namespace}:80"), "method": method, "path": "/"});
        if let Some(from) = from {
            flow["from"] = format!("{namespace}/{from}").into();
        }
        format!("{flow}\n")
    };
    [flow(Some("web"), "GET"), flow(Some("web"), "POST"), flow(Some("cart"), "GET"), flow(None, "GET")].concat()
}

/// The answers without the places of what decided, which differ between a file and a cluster.
fn verdicts(lines: &str) -> Vec<Value> {
    let answer = |line: &str| {
        let decision: Value = serde_json::from_str(line).unwrap();
        json!([decision["verdict"], decision["httpStatus"], decision["reason"], decision["message"]])
    };
    lines.lines().map(answer).collect()
}

fn show(server: &Server, path: &Path) -> Value {
    server.meshsec(&["snapshot", "show", path.to_str().unwrap(), "-o", "json"]).json()
}

#[test]
fn a_snapshot_answers_as_the_cluster_does_and_keeps_no_secret() {
    let Some(server) = Server::own("a_snapshot_answers_as_the_cluster_does_and_keeps_no_secret") else { return };
    let namespace = server.namespace();
    server.kubectl_with(&["apply", "-f", "-"], &mesh(&namespace)).ok();
    server.kubectl(&["create", "namespace", "istio-system"]).ok();
    let mesh_config = "trustDomain: cluster.local\ndefaultConfig:\n  tracing: {lightstep: {accessToken: s3cret-of-a-tracer}}\n";
    server.kubectl(&["create", "configmap", "istio", "-n", "istio-system", &format!("--from-literal=mesh={mesh_config}")]).ok();
    let folder = server.folder();
    let [plain, packed] = ["mesh.yaml", "mesh.yaml.gz"].map(|name| folder.join(name));
    let mut printed = Vec::new();
    for path in [&plain, &packed] {
        let ran = server.meshsec(&["snapshot", "save", "-o", path.to_str().unwrap()]).ended_with(0);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("saved "), "{ran:?}");
        printed.push(ran.stderr);
    }
    let text = fs::read_to_string(&plain).unwrap();
    for secret in SECRETS {
        assert!(!text.contains(secret) && !printed.concat().contains(secret), "{secret} is in\n{text}");
    }
    assert!(!text.contains("managedFields") && !text.contains("resourceVersion:") && !text.contains("last-applied"), "{text}");
    assert!(fs::metadata(&packed).unwrap().len() * 2 < fs::metadata(&plain).unwrap().len());

    let ask = |arguments: &[&str]| {
        let ran = server.meshsec_with(&[&["simulate", "batch", "-o", "jsonl"], arguments, &["-"]].concat(), &flows(&namespace));
        verdicts(&ran.ended_with(0).stdout)
    };
    let live = ask(&["--cluster"]);
    let words: Vec<&str> = live.iter().map(|answer| answer[0].as_str().unwrap()).collect();
    assert_eq!(words, ["allowed", "denied", "denied", "mtls-required"]);
    for path in [&plain, &packed] {
        assert_eq!(ask(&["-f", path.to_str().unwrap()]), live, "{}", path.display());
    }

    let shown = show(&server, &plain);
    assert_eq!(shown["sources"][0]["cluster"]["context"], "test", "{shown}");
    assert!(shown["sources"][0]["cluster"]["version"].as_str().unwrap().starts_with('v'), "{shown}");
    assert_eq!((shown["takenOut"].as_u64(), shown["unread"].as_array()), (Some(1), None), "{shown}");
    assert!(shown["resourceVersions"]["AuthorizationPolicy.security.istio.io"].as_str().is_some(), "{shown}");
    let policies = json!({"kind": "AuthorizationPolicy", "namespace": namespace, "objects": 1});
    assert!(shown["counts"].as_array().unwrap().contains(&policies), "{shown}");

    // Without a change in the mesh nothing of its objects changes in the file.
    let again = folder.join("again.yaml");
    server.meshsec(&["snapshot", "save", "-q", "-o", again.to_str().unwrap()]).ok();
    let objects = |path: &Path| fs::read_to_string(path).unwrap().split_once("\n---\n").unwrap().1.to_owned();
    assert_eq!(objects(&plain), objects(&again));
}

#[test]
fn what_could_not_be_read_stays_unknown_after_saving() {
    let Some(server) = Server::start("what_could_not_be_read_stays_unknown_after_saving") else { return };
    let namespace = server.namespace();
    server.kubectl_with(&["apply", "-f", "-"], &mesh(&namespace)).ok();
    let resources = "services,serviceaccounts,pods,deployments.apps,authorizationpolicies.security.istio.io,configmaps";
    let user = server.user(&namespace, &[("get,list", resources)]);
    let path = server.folder().join("part.yaml");
    let path = path.to_str().unwrap();
    let ran = user.meshsec(&["snapshot", "save", "-n", &namespace, "-o", path]).ended_with(0);
    assert!(
        ran.stderr.contains("PeerAuthentication objects of namespace") && ran.stderr.contains("could not be read"),
        "{ran:?}"
    );
    let shown = server.meshsec(&["snapshot", "show", path]).ok();
    assert!(shown.contains("unread") && shown.contains("PeerAuthentication"), "{shown}");
    let ran = server.meshsec(&[
        "simulate",
        "request",
        "-f",
        path,
        "--from",
        &format!("{namespace}/web"),
        "--to",
        &format!("cart.{namespace}:80"),
    ]);
    assert!(ran.code == Some(4) && ran.stdout.contains("undetermined"), "{ran:?}");
    assert!(ran.stderr.contains("could not be read when the snapshot was saved"), "{ran:?}");
}

#[test]
fn a_cluster_that_cannot_be_reached_leaves_the_file_as_it_was() {
    let Some(server) = Server::start("a_cluster_that_cannot_be_reached_leaves_the_file_as_it_was") else { return };
    let namespace = server.namespace();
    server.kubectl_with(&["apply", "-f", "-"], &mesh(&namespace)).ok();
    let path = server.folder().join("mesh.yaml");
    let path = path.to_str().unwrap();
    server.meshsec(&["snapshot", "save", "-q", "-o", path]).ok();
    let before = fs::read_to_string(path).unwrap();
    server.stranger().meshsec(&["snapshot", "save", "-o", path]).ended_with(3);
    server.meshsec(&["snapshot", "save", "--context", "absent", "-o", path]).ended_with(2);
    assert_eq!(fs::read_to_string(path).unwrap(), before);
}
