use std::collections::BTreeSet;

use meshsec::cluster::Error;
use meshsec::cluster::Freshness;
use meshsec::cluster::ObjectKey;
use meshsec::cluster::Selection;
use serde_json::Value;
use serde_json::json;

use super::connect;
use super::how;
use super::policy;
use crate::harness::Fault;
use crate::harness::Proxy;
use crate::harness::Server;

fn of(kinds: &[(&str, &str)], namespace: &str) -> Selection {
    Selection {
        namespaces: Some(BTreeSet::from([namespace.to_owned()])),
        freshness: Freshness::Latest,
        ..Selection::of_kinds(kinds)
    }
}

/// Without what is left out of every object that is read.
fn plain(mut object: Value) -> Value {
    object.as_object_mut().unwrap().remove("status");
    object["metadata"].as_object_mut().unwrap().remove("managedFields");
    object
}

#[test]
fn we_read_what_kubectl_reads() {
    let Some(server) = Server::start("we_read_what_kubectl_reads") else { return };
    let (cluster, namespace) = (connect(server), server.namespace());
    for name in ["b", "a", "c"] {
        cluster.apply(&policy(&namespace, name, &json!({"action": "DENY", "rules": [{}]})), &how()).unwrap();
    }
    server.kubectl(&["create", "serviceaccount", "cart", "-n", &namespace]).ok();
    server.kubectl(&["create", "service", "clusterip", "cart", "--tcp=80:8080", "-n", &namespace]).ok();
    server.kubectl(&["create", "deployment", "cart", "--image=cart", "-n", &namespace]).ok();
    server.kubectl(&["create", "secret", "generic", "cart", "--from-literal=password=hidden", "-n", &namespace]).ok();

    let reading = cluster
        .read(
            &Selection {
                namespaces: Some(BTreeSet::from([namespace.clone()])),
                freshness: Freshness::Latest,
                ..Selection::mesh()
            },
            &mut |_| {},
        )
        .unwrap();
    let unserved: Vec<_> = reading.unread.iter().filter(|unread| !unread.is_absent()).collect();
    assert!(unserved.is_empty(), "{unserved:?}");
    let own: Vec<_> = reading.objects.iter().filter(|object| object.key.namespace.as_deref() == Some(&namespace)).collect();
    let names: Vec<_> = own.iter().map(|object| format!("{} {}", object.key.kind, object.key.name)).collect();
    assert_eq!(
        names,
        [
            "Service cart",
            "ServiceAccount cart",
            "Deployment cart",
            "AuthorizationPolicy a",
            "AuthorizationPolicy b",
            "AuthorizationPolicy c"
        ]
    );
    for object in own {
        let shown = server.kubectl(&["get", &object.key.kind, &object.key.name, "-n", &namespace, "-o", "json"]).json();
        assert_eq!(object.value, plain(shown), "{}", object.key);
    }
}

#[test]
fn a_reader_with_too_few_rights_is_told_what_is_missing() {
    let Some(server) = Server::start("a_reader_with_too_few_rights_is_told_what_is_missing") else { return };
    let namespace = server.namespace();
    connect(server).apply(&policy(&namespace, "seen", &json!({})), &how()).unwrap();
    let reader = server.user(&namespace, &[("get,list", "authorizationpolicies.security.istio.io")]);
    let kinds = [("security.istio.io", "AuthorizationPolicy"), ("security.istio.io", "PeerAuthentication")];
    let reading = connect(&reader).read(&of(&kinds, &namespace), &mut |_| {}).unwrap();
    let names: Vec<_> = reading.objects.iter().map(|object| object.key.name.as_str()).collect();
    assert_eq!(names, ["seen"]);
    assert_eq!(reading.unread.len(), 1, "{:?}", reading.unread);
    let unread = &reading.unread[0];
    assert_eq!((unread.kind, unread.namespace.as_deref()), ("PeerAuthentication", Some(&*namespace)));
    let Error::Forbidden(forbidden) = &unread.why else { panic!("{unread:?}") };
    assert_eq!((forbidden.verb, &*forbidden.resource), ("list", "peerauthentications.security.istio.io"));
}

#[test]
fn pages_are_read_to_the_end_and_anew_when_the_server_dropped_them() {
    const COUNT: usize = 1100;
    let Some(server) = Server::start("pages_are_read_to_the_end_and_anew_when_the_server_dropped_them") else { return };
    let (cluster, namespace) = (connect(server), server.namespace());
    for number in 0..COUNT {
        let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": format!("a-{number}"), "namespace": namespace}});
        cluster.create(&account, &how()).unwrap();
    }
    let gone = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "message": "too old", "code": 410}).to_string();
    let is_list = |path: &str| path.contains("/serviceaccounts?");
    let lists = |proxy: &Proxy| proxy.seen().iter().filter(|request| is_list(&request.path)).count();
    let of_accounts = of(&[("", "ServiceAccount")], &namespace);
    // What happens to the second page, the first time it is asked for.
    let cases =
        [("nothing", None, 3), ("gone", Some(Fault::status("410 Gone", "", &gone)), 5), ("lost", Some(Fault::Cut(1000)), 4)];
    for (name, fault, requests) in cases {
        let pending = std::sync::Mutex::new(fault);
        let proxy = Proxy::start(server, move |request| {
            if request.path.contains("continue=") {
                pending.lock().unwrap().take().unwrap_or(Fault::Nothing)
            } else {
                Fault::Nothing
            }
        });
        let reading = connect(proxy.caller()).read(&of_accounts, &mut |_| {}).unwrap();
        assert!(reading.unread.is_empty(), "{name}: {:?}", reading.unread);
        let keys: BTreeSet<ObjectKey> = reading.objects.iter().map(|object| object.key.clone()).collect();
        assert_eq!((reading.objects.len(), keys.len()), (COUNT, COUNT), "{name}");
        assert_eq!(lists(&proxy), requests, "{name}: {:?}", proxy.seen());
    }
}
