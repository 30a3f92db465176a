//! What the API server says no to, and what that becomes.

use meshsec::cluster::Apply;
use meshsec::cluster::Cluster;
use meshsec::cluster::ConnectOptions;
use meshsec::cluster::Error;
use meshsec::cluster::ObjectKey;
use meshsec::cluster::Preconditions;
use serde_json::Value;
use serde_json::json;

use crate::harness::Server;

fn connect(server: &Server) -> Cluster {
    let options = ConnectOptions { kubeconfig: Some(server.kubeconfig().to_owned()), ..ConnectOptions::default() };
    Cluster::connect(&options).unwrap()
}

fn how() -> Apply {
    Apply { dry_run: false, force: false, field_manager: "meshsec".to_owned() }
}

fn policy(namespace: &str, name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": {"name": name, "namespace": namespace}, "spec": spec})
}

#[test]
fn an_object_is_applied_changed_and_removed_and_others_are_respected() {
    let Some(server) = Server::start("an_object_is_applied_changed_and_removed_and_others_are_respected") else { return };
    let (cluster, namespace) = (connect(server), server.namespace());
    let deny = policy(&namespace, "a", &json!({"action": "DENY", "rules": [{}]}));
    let key = ObjectKey::of(&deny).unwrap();

    let tried = cluster.apply(&deny, &Apply { dry_run: true, ..how() }).unwrap();
    assert!(tried.is_created && cluster.get(&key).unwrap().is_none(), "a dry run keeps nothing");
    let made = cluster.apply(&deny, &how()).unwrap();
    assert!(made.is_created && made.object.value.pointer("/metadata/managedFields").is_none());
    let again = cluster.apply(&deny, &how()).unwrap();
    assert!(!again.is_created && again.object.resource_version == made.object.resource_version, "nothing changed");

    let allow = policy(&namespace, "a", &json!({"action": "ALLOW", "rules": [{}]}));
    let other = Apply { field_manager: "somebody".to_owned(), ..how() };
    let Err(Error::Conflict { object, conflicts }) = cluster.apply(&allow, &other) else { panic!("no conflict") };
    assert_eq!(object, key);
    let conflicts: Vec<_> = conflicts.iter().map(|conflict| (conflict.manager.as_str(), conflict.field.as_str())).collect();
    assert_eq!(conflicts, [("meshsec", ".spec.action")]);
    let taken = cluster.apply(&allow, &Apply { force: true, ..other }).unwrap();
    assert_eq!(taken.object.value["spec"]["action"], "ALLOW");

    let mut stale = made.object.value.clone();
    stale["spec"]["action"] = "AUDIT".into();
    assert!(matches!(cluster.replace(&stale, &how()), Err(Error::Changed { .. })));
    stale["metadata"]["resourceVersion"] = taken.object.resource_version.clone().into();
    let replaced = cluster.replace(&stale, &how()).unwrap();
    assert!(matches!(cluster.create(&deny, &how()), Err(Error::AlreadyExists { .. })));

    let of_another = Preconditions { uid: Some("00000000-0000-0000-0000-000000000000".to_owned()), resource_version: None };
    assert!(matches!(cluster.delete(&key, &of_another, false), Err(Error::Changed { .. })));
    let of_before = Preconditions { uid: None, resource_version: Some(taken.object.resource_version) };
    assert!(matches!(cluster.delete(&key, &of_before, false), Err(Error::Changed { .. })));
    let right = Preconditions { uid: Some(replaced.object.uid), resource_version: Some(replaced.object.resource_version) };
    cluster.delete(&key, &right, true).unwrap();
    assert!(cluster.get(&key).unwrap().is_some(), "a dry run removes nothing");
    cluster.delete(&key, &right, false).unwrap();
    assert!(cluster.get(&key).unwrap().is_none());
    assert!(matches!(cluster.delete(&key, &Preconditions::default(), false), Err(Error::NotFound { .. })));
}

#[test]
fn every_refusal_of_the_real_server_is_recognised() {
    type Expected = fn(&Error) -> bool;
    let Some(server) = Server::start("every_refusal_of_the_real_server_is_recognised") else { return };
    let (cluster, namespace) = (connect(server), server.namespace());
    let terminating = server.namespace();
    // No controller runs that would bring it to an end.
    server.kubectl(&["delete", "namespace", &terminating, "--wait=false"]).ok();
    let config_map = |namespace: &str, size: usize| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": namespace}, "data": {"a": "x".repeat(size)}});
    let cases: Vec<(&str, Value, Expected)> = vec![
        (
            "a schema",
            policy(&namespace, "a", &json!({"action": "PERHAPS"})),
            |error| matches!(error, Error::Invalid { causes, .. } if causes.iter().any(|cause| cause.field == "spec.action")),
        ),
        (
            "a field that is not there",
            policy(&namespace, "a", &json!({"rulez": []})),
            |error| matches!(error, Error::Invalid { causes, .. } if causes.iter().any(|cause| cause.field == "spec.rulez")),
        ),
        ("a name", policy(&namespace, "No_Name", &json!({})), |error| matches!(error, Error::Invalid { .. })),
        (
            "a namespace that is not there",
            policy("nowhere", "a", &json!({})),
            |error| matches!(error, Error::NoNamespace { namespace } if namespace == "nowhere"),
        ),
        ("a namespace that is going", policy(&terminating, "a", &json!({})), |error| matches!(error, Error::Terminating { .. })),
        (
            "a kind of a group it has",
            json!({"apiVersion": "security.istio.io/v1", "kind": "Nothing", "metadata": {"name": "a"}}),
            |error| matches!(error, Error::NotServed { .. }),
        ),
        (
            "a version it has not",
            json!({"apiVersion": "security.istio.io/v9", "kind": "AuthorizationPolicy", "metadata": {"name": "a"}}),
            |error| matches!(error, Error::NotServed { .. }),
        ),
        (
            "a group it has not",
            json!({"apiVersion": "nothing.example/v1", "kind": "Nothing", "metadata": {"name": "a"}}),
            |error| matches!(error, Error::NotServed { .. }),
        ),
        ("an object beyond etcd", config_map(&namespace, 1_500_000), |error| {
            matches!(error, Error::TooLarge { .. } | Error::Invalid { .. })
        }),
        ("an object beyond a request", config_map(&namespace, 4_000_000), |error| matches!(error, Error::TooLarge { .. })),
        ("no object", json!({"kind": "ConfigMap"}), |error| matches!(error, Error::NotAnObject { .. })),
    ];
    let mut wrong = Vec::new();
    for (name, manifest, is_expected) in cases {
        match cluster.apply(&manifest, &how()) {
            Ok(_) => wrong.push(format!("{name}: it is taken")),
            Err(error) if !is_expected(&error) => wrong.push(format!("{name}: {error:?}")),
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // The data of a Secret is not in what is said about it.
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": namespace}, "data": {"key": "no base64: hunter2"}});
    let error = cluster.apply(&secret, &how()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}

#[test]
fn istiods_webhook_speaks_through_the_server() {
    const TEST: &str = "istiods_webhook_speaks_through_the_server";
    let Some(server) = Server::own(TEST) else { return };
    let Some(namespace) = server.namespace_with_webhook(TEST) else { return };
    let cluster = connect(&server);
    let refused = cluster.apply(&policy(&namespace, "a", &json!({"action": "DENY"})), &how()).unwrap_err();
    assert!(matches!(&refused, Error::Refusal { by, .. } if by == "validation.istio.io"), "{refused:?}");
    assert!(refused.to_string().contains("DENY action without `rules` is meaningless") && refused.is_question(), "{refused}");
    let odd = json!({"rules": [{"from": [{"source": {"principals": ["*"]}}], "to": [{"operation": {"ports": ["80"]}}]}], "action": "DENY"});
    cluster.apply(&policy(&namespace, "odd", &odd), &how()).unwrap();
    server.webhook(TEST).unwrap().stop();
    let failed = cluster.apply(&policy(&namespace, "b", &json!({"action": "DENY", "rules": [{}]})), &how()).unwrap_err();
    assert!(matches!(&failed, Error::WebhookFailed { webhook, .. } if webhook == "validation.istio.io"), "{failed:?}");
    assert!(!failed.is_question() && failed.is_passing());
}
