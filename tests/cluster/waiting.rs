//! `policy apply --wait`: how far it can be seen that a change is in force.
//!
//! The test writes what istiod would: the status of an object, and the answer of `/debug/syncz` that the API server passes on.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::apply::Folder;
use crate::apply::policy;
use crate::harness::Fault;
use crate::harness::Proxy;
use crate::harness::Server;

/// Writes the status of a policy as istiod does: it has read this generation.
fn report(server: &Server, namespace: &str, generation: u64) {
    let status = json!({"status": {"observedGeneration": generation.to_string()}}).to_string();
    let arguments = ["patch", "authorizationpolicy", "p", "-n", namespace, "--subresource=status", "--type=merge", "-p", &status];
    server.kubectl(&arguments).ok();
}

/// An answer of `/debug/syncz` about one proxy, whose listeners are or are not those that were sent last.
fn syncz(is_acknowledged: bool) -> Value {
    let acknowledged = if is_acknowledged { "n2" } else { "n1" };
    json!([{
        "cluster_id": "Kubernetes", "proxy": "api-1.shop", "proxy_type": "sidecar", "istio_version": "1.30.0",
        "cluster_sent": "n1", "cluster_acked": "n1", "listener_sent": "n2", "listener_acked": acknowledged,
        "route_sent": "n1", "route_acked": "n1", "endpoint_sent": "n1", "endpoint_acked": "n1",
    }])
}

#[test]
fn waiting_ends_when_istiod_has_read_the_change() {
    let Some(server) = Server::start("waiting_ends_when_istiod_has_read_the_change") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    folder.write("p.yaml", &policy("p", "DENY", "/one"));
    folder.apply(server, &namespace, &["--yes"]).ok();
    report(server, &namespace, 1);
    folder.write("p.yaml", &policy("p", "DENY", "/two"));
    let ran = folder.apply(server, &namespace, &["--yes", "--wait", "--timeout", "2s"]).ended_with(3);
    let lacking = format!("istiod has not read AuthorizationPolicy {namespace}/p");
    assert!(ran.stderr.contains(&lacking) && ran.stderr.contains("--timeout"), "{ran:?}");

    folder.write("p.yaml", &policy("p", "DENY", "/three"));
    let ran = std::thread::scope(|scope| {
        let applied = scope.spawn(|| folder.apply(server, &namespace, &["--yes", "--wait", "--timeout", "60s"]));
        let generation = || {
            server.kubectl(&["get", "authorizationpolicy", "p", "-n", &namespace, "-o", "jsonpath={.metadata.generation}"]).ok()
        };
        while generation() != "3" {
            assert!(!applied.is_finished(), "it ended before istiod had read the change: {:?}", applied.join());
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(500));
        assert!(!applied.is_finished(), "it ended before istiod had read the change: {:?}", applied.join());
        report(server, &namespace, 3);
        applied.join().unwrap()
    });
    assert!(ran.stderr.contains("istiod has read every change, by its status; whether proxies have it was not seen"), "{ran:?}");
    ran.ok();
}

#[test]
fn waiting_ends_when_proxies_have_acknowledged_what_was_sent() {
    let Some(server) = Server::start("waiting_ends_when_proxies_have_acknowledged_what_was_sent") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    for (name, acknowledged_at, code, told) in [
        ("always.yaml", 0, 0, "every proxy has acknowledged what istiod sent"),
        ("late.yaml", 4, 0, "every proxy has acknowledged what istiod sent"),
        ("never.yaml", usize::MAX, 3, "proxies have not acknowledged what istiod sent"),
    ] {
        folder.write(name, &policy(name, "DENY", "/one"));
        let looks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&looks);
        let proxy = Proxy::start(server, move |request| {
            if !request.path.ends_with("/services/istiod:15014/proxy/debug/syncz") {
                return Fault::Nothing;
            }
            let look = counted.fetch_add(1, Ordering::SeqCst);
            Fault::status("200 OK", "", &syncz(look >= acknowledged_at).to_string())
        });
        let limit = if code == 0 { "60s" } else { "3s" };
        let ran = folder.apply(proxy.caller(), &namespace, &["--yes", "--wait", "--timeout", limit]).ended_with(code);
        assert!(ran.stderr.contains(told), "{name}: {ran:?}");
        assert!(looks.load(Ordering::SeqCst) > acknowledged_at.min(4), "{name}: it looked {looks:?} times");
    }
}
