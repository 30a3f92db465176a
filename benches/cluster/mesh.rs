//! A mesh as a large company has it: workloads with everything that the API server keeps for them, and policies as a folder of manifests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use meshsec::cluster;
use meshsec::cluster::Apply;
use meshsec::cluster::Cluster;
use meshsec::cluster::ConnectOptions;
use meshsec::snapshot;
use serde_json::Value;
use serde_json::json;

const NAMESPACES: usize = 50;

/// Policies of one file.
const IN_A_FILE: usize = 10;

/// Of so many policies one differs from edition to edition.
const CHANGED: usize = 10;

/// Threads that fill the server.
const WRITERS: usize = 8;

/// The kinds of the policies.
const KINDS: &[&str] = &["AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication", "DestinationRule"];

/// How much of it there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Deployments, each with a service, an account, a ReplicaSet and a pod.
    pub(crate) workloads: usize,
    /// Policies of all kinds.
    pub(crate) policies: usize,
}

/// A connection to the server.
pub(crate) fn connect(kubeconfig: &Path) -> Cluster {
    let options = ConnectOptions { kubeconfig: Some(kubeconfig.to_owned()), ..ConnectOptions::default() };
    Cluster::connect(&options).expect("the server is there")
}

/// Makes everything, the policies in their first edition and as kubectl would have applied them.
pub(crate) fn fill(kubeconfig: &Path, size: Size) {
    let how = Apply { dry_run: false, force: false, field_manager: "kubectl".to_owned() };
    let cluster = connect(kubeconfig);
    for name in (0..NAMESPACES).map(namespace).chain(["istio-system".to_owned()]) {
        let labels = json!({ "istio-injection": if name == "istio-system" { "disabled" } else { "enabled" } });
        let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } });
        cluster.create(&object, &how).expect("a namespace is made");
    }
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                let cluster = connect(kubeconfig);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= size.workloads.max(size.policies) {
                        return;
                    }
                    if index < size.workloads {
                        for object in workload(index) {
                            cluster.create(&object, &how).expect("an object is made");
                        }
                    }
                    if index < size.policies {
                        cluster.apply(&policy(index, 0, size), &how).expect("a policy is applied");
                    }
                }
            });
        }
    });
}

/// Writes the policies of an edition as manifests.
pub(crate) fn write(folder: &Path, edition: usize, size: Size) {
    for file in 0..size.policies.div_ceil(IN_A_FILE) {
        let policies = (file * IN_A_FILE..size.policies).take(IN_A_FILE).map(|index| policy(index, edition, size));
        let text: String = policies.map(|policy| format!("---\n{}", snapshot::yaml(&policy))).collect();
        fs::write(folder.join(format!("policies-{file:05}.yaml")), text).expect("a file can be written");
    }
}

/// How many policies an edition changes.
pub(crate) fn changed(size: Size) -> usize {
    size.policies.div_ceil(CHANGED)
}

/// The state of each policy on the server: another one after each write.
pub(crate) fn states(cluster: &Cluster) -> BTreeMap<cluster::ObjectKey, String> {
    let mut states = BTreeMap::new();
    for kind in KINDS {
        let group = if *kind == "DestinationRule" { "networking.istio.io/v1" } else { "security.istio.io/v1" };
        let objects = cluster.list(group, kind, None, None).expect("policies can be listed");
        states.extend(objects.into_iter().map(|object| (object.key, object.resource_version)));
    }
    states
}

fn namespace(index: usize) -> String {
    format!("team-{:02}", index % NAMESPACES)
}

fn name(index: usize) -> String {
    format!("service-{index:05}")
}

fn workload(index: usize) -> [Value; 5] {
    let (namespace, name) = (namespace(index), name(index));
    let labels = json!({ "app": name, "version": "v1" });
    let template = json!({ "metadata": { "labels": labels }, "spec": pod(&name) });
    let selector = json!({ "matchLabels": { "app": name } });
    let owner = |kind: &str, name: &str| {
        let uid = "00000000-0000-0000-0000-000000000000";
        json!([{ "apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": true }])
    };
    let set = format!("{name}-7c9fd");
    [
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": name, "namespace": namespace } }),
        // The server of the tests has few addresses to give.
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": namespace, "labels": labels },
            "spec": {
                "clusterIP": "None", "selector": { "app": name },
                "ports": [{ "name": "http", "port": 80, "targetPort": 8080 }, { "name": "tcp-db", "port": 5432, "targetPort": 5432 }],
            },
        }),
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "namespace": namespace, "labels": labels },
            "spec": { "replicas": 1, "selector": selector, "template": template },
        }),
        json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": { "name": set, "namespace": namespace, "labels": labels, "ownerReferences": owner("Deployment", &name) },
            "spec": { "replicas": 1, "selector": selector, "template": template },
        }),
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": format!("{set}-x2v4p"), "namespace": namespace, "labels": labels, "ownerReferences": owner("ReplicaSet", &set),
            },
            "spec": injected(pod(&name)),
        }),
    ]
}

fn pod(account: &str) -> Value {
    json!({
        "serviceAccountName": account,
        "containers": [{
            "name": "app", "image": "example.com/app:1.0",
            "ports": [{ "containerPort": 8080 }, { "containerPort": 5432 }],
            "env": [{ "name": "LEVEL", "value": "info" }, { "name": "REGION", "value": "east" }],
            "resources": { "requests": { "cpu": "100m", "memory": "128Mi" } },
            "readinessProbe": { "httpGet": { "path": "/healthz", "port": 8080 } },
        }],
    })
}

/// A pod as it comes out of istiod's webhook.
fn injected(mut pod: Value) -> Value {
    let proxy = json!({
        "name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.30.0",
        "args": ["proxy", "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local", "--proxyLogLevel=warning"],
        "ports": [{ "containerPort": 15090, "name": "http-envoy-prom" }],
        "env": [{ "name": "PILOT_CERT_PROVIDER", "value": "istiod" }, { "name": "CA_ADDR", "value": "istiod.istio-system.svc:15012" }],
        "readinessProbe": { "httpGet": { "path": "/healthz/ready", "port": 15021 } },
    });
    if let Some(containers) = pod["containers"].as_array_mut() {
        containers.push(proxy);
    }
    pod
}

/// About what people write. Of twenty, seventeen say who may call; an edition gives a tenth of them all another path.
fn policy(index: usize, edition: usize, size: Size) -> Value {
    // Tokens are verified for the workload before, whose policy wants them.
    let workload = (index - usize::from(index % 20 == 3)) % size.workloads.max(1);
    let (namespace, name) = (namespace(workload), name(workload));
    let selector = json!({ "matchLabels": { "app": name } });
    let (kind, spec) = match index % 20 {
        3 => (
            1,
            json!({
                "selector": selector,
                "jwtRules": [{
                    "issuer": "https://idp.example.com", "jwksUri": "https://idp.example.com/keys", "audiences": [name],
                    "fromHeaders": [{ "name": "Authorization", "prefix": "Bearer " }],
                }],
            }),
        ),
        7 => (2, json!({ "selector": selector, "mtls": { "mode": "STRICT" } })),
        13 => (
            3,
            json!({
                "host": format!("{name}.{namespace}.svc.cluster.local"), "trafficPolicy": { "tls": { "mode": "ISTIO_MUTUAL" } },
            }),
        ),
        _ => (0, authorization(index, workload, if index.is_multiple_of(CHANGED) { edition } else { 0 }, size)),
    };
    let group = if kind == 3 { "networking.istio.io/v1" } else { "security.istio.io/v1" };
    json!({
        "apiVersion": group, "kind": KINDS[kind],
        "metadata": { "name": format!("{name}-{}", index / size.workloads.max(1)), "namespace": namespace, "labels": { "app": name } },
        "spec": spec,
    })
}

fn authorization(index: usize, workload: usize, edition: usize, size: Size) -> Value {
    let caller = |step: usize| {
        let caller = (workload + step) % size.workloads.max(1);
        format!("cluster.local/ns/{}/sa/{}", namespace(caller), name(caller))
    };
    let mut rule = json!({
        "from": [{ "source": { "principals": [caller(NAMESPACES), caller(7)] } }],
        "to": [{
            "operation": {
                "methods": ["GET", "HEAD"], "ports": ["8080"],
                "paths": ["/v1/items", "/v1/items/*", format!("/v1/orders/{}", index % 1000), format!("/edition-{edition}/*")],
            },
        }],
    });
    if index % 20 == 2 {
        rule["from"][0]["source"]["requestPrincipals"] = json!(["https://idp.example.com/*"]);
    }
    if index.is_multiple_of(4) {
        rule["when"] = json!([{ "key": "request.headers[x-team]", "values": [namespace(workload)] }]);
    }
    json!({ "selector": { "matchLabels": { "app": name(workload) } }, "action": "ALLOW", "rules": [rule] })
}
