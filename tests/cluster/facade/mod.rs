//! The library's view of a cluster against what kubectl sees.

mod failures;
mod reading;
mod writing;

use std::time::Duration;

use meshsec::cluster::Apply;
use meshsec::cluster::Cluster;
use meshsec::cluster::ConnectOptions;
use meshsec::cluster::ObjectKey;
use serde_json::Value;
use serde_json::json;

use crate::harness::Caller;

/// The cluster as a caller sees it, who waits ten seconds for an answer.
fn connect(caller: &Caller) -> Cluster {
    connect_within(caller, Duration::from_secs(10))
}

fn connect_within(caller: &Caller, timeout: Duration) -> Cluster {
    let options = ConnectOptions {
        kubeconfig: Some(caller.kubeconfig().to_owned()),
        request_timeout: Some(timeout),
        ..ConnectOptions::default()
    };
    Cluster::connect(&options).unwrap()
}

fn how() -> Apply {
    Apply { dry_run: false, force: false, field_manager: "meshsec".to_owned() }
}

fn policy(namespace: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    })
}

fn key(manifest: &Value) -> ObjectKey {
    ObjectKey::of(manifest).unwrap()
}
