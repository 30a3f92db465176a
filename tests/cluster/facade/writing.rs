use meshsec::cluster::Apply;
use meshsec::cluster::Error;
use meshsec::cluster::Preconditions;
use serde_json::Value;
use serde_json::json;

use super::connect;
use super::how;
use super::key;
use super::policy;
use crate::harness::Server;

/// As kubectl applies on the server's side.
const SERVER_SIDE: [&str; 4] = ["apply", "--server-side", "-f", "-"];

fn spec_of(server: &Server, namespace: &str, name: &str) -> Value {
    server.kubectl(&["get", "authorizationpolicy", name, "-n", namespace, "-o", "json"]).json()["spec"].clone()
}

#[test]
fn kubectl_and_we_apply_the_same_without_a_conflict() {
    let Some(server) = Server::start("kubectl_and_we_apply_the_same_without_a_conflict") else { return };
    let (cluster, namespace) = (connect(server), server.namespace());
    let manifest =
        policy(&namespace, "shared", &json!({"action": "DENY", "rules": [{"to": [{"operation": {"ports": ["80"]}}]}]}));

    assert!(cluster.apply(&manifest, &how()).unwrap().is_created);
    assert_eq!(spec_of(server, &namespace, "shared"), manifest["spec"]);
    let before = cluster.get(&key(&manifest)).unwrap().unwrap().resource_version;
    let again = cluster.apply(&manifest, &how()).unwrap();
    assert!(!again.is_created && again.object.resource_version == before, "nothing changed: {again:?}");
    server.kubectl_with(&SERVER_SIDE, &manifest.to_string()).ok();
    assert!(!cluster.apply(&manifest, &how()).unwrap().is_created);
    let managers = server
        .kubectl(&[
            "get",
            "authorizationpolicy",
            "shared",
            "-n",
            &namespace,
            "--show-managed-fields",
            "-o",
            "jsonpath={.metadata.managedFields[*].manager}",
        ])
        .ok();
    assert_eq!(managers, "kubectl meshsec");
}

#[test]
fn a_conflict_names_the_other_manager_and_its_fields_on_both_sides() {
    let Some(server) = Server::start("a_conflict_names_the_other_manager_and_its_fields_on_both_sides") else { return };
    let (cluster, namespace) = (connect(server), server.namespace());
    let denies = |name: &str| policy(&namespace, name, &json!({"action": "DENY", "rules": [{}]}));
    let allows = |name: &str| policy(&namespace, name, &json!({"action": "ALLOW", "rules": [{}]}));

    // Theirs first, by each of kubectl's ways to apply.
    let ways: [(&str, &[&str], &str); 3] = [
        ("server-side", &SERVER_SIDE, "kubectl"),
        ("client-side", &["apply", "-f", "-"], "kubectl-client-side-apply"),
        ("created", &["create", "-f", "-"], "kubectl-create"),
    ];
    for (name, way, manager) in ways {
        server.kubectl_with(way, &denies(name).to_string()).ok();
        let refused = cluster.apply(&allows(name), &how()).unwrap_err();
        let Error::Conflict { object, conflicts } = &refused else { panic!("{name}: {refused:?}") };
        assert_eq!(object, &key(&allows(name)), "{name}");
        let found: Vec<_> = conflicts.iter().map(|conflict| (conflict.manager.as_str(), conflict.field.as_str())).collect();
        assert_eq!(found, [(manager, ".spec.action")], "{name}: {refused}");
        assert_eq!(spec_of(server, &namespace, name), denies(name)["spec"], "{name}");

        // By force it is ours, and theirs is refused.
        cluster.apply(&allows(name), &Apply { force: true, ..how() }).unwrap();
        assert_eq!(spec_of(server, &namespace, name), allows(name)["spec"], "{name}");
        let theirs = server.kubectl_with(&SERVER_SIDE, &denies(name).to_string()).ended_with(1);
        assert!(
            theirs.stderr.contains("conflict with \"meshsec\"") && theirs.stderr.contains(".spec.action"),
            "{name}: {theirs:?}"
        );
    }
}

#[test]
fn fields_of_others_stay_and_ours_go_when_the_manifest_drops_them() {
    let Some(server) = Server::start("fields_of_others_stay_and_ours_go_when_the_manifest_drops_them") else { return };
    let (cluster, namespace) = (connect(server), server.namespace());
    let selected = json!({"selector": {"matchLabels": {"app": "cart"}}, "action": "DENY", "rules": [{}]});
    cluster.apply(&policy(&namespace, "mixed", &selected), &how()).unwrap();
    server.kubectl(&["label", "authorizationpolicy", "mixed", "-n", &namespace, "team=blue"]).ok();

    let applied = cluster.apply(&policy(&namespace, "mixed", &json!({"action": "DENY", "rules": [{}]})), &how()).unwrap();
    assert_eq!(applied.object.value["metadata"]["labels"], json!({"team": "blue"}));
    assert_eq!(spec_of(server, &namespace, "mixed"), json!({"action": "DENY", "rules": [{}]}));
}

#[test]
fn a_dry_run_is_refused_like_the_real_thing_and_keeps_nothing() {
    const TEST: &str = "a_dry_run_is_refused_like_the_real_thing_and_keeps_nothing";
    let Some(server) = Server::start(TEST) else { return };
    let Some(namespace) = server.namespace_with_webhook(TEST) else { return };
    let cluster = connect(server);
    for dry_run in [true, false] {
        let how = Apply { dry_run, ..how() };
        let refusal = |name: &str, spec: Value| {
            let manifest = policy(&namespace, name, &spec);
            let error = cluster.apply(&manifest, &how).unwrap_err();
            assert!(cluster.get(&key(&manifest)).unwrap().is_none(), "{name}");
            error
        };
        let error = refusal("schema", json!({"action": "PERHAPS"}));
        let Error::Invalid { causes, .. } = &error else { panic!("{error:?}") };
        assert!(causes.iter().any(|cause| cause.field == "spec.action"), "{error:?}");

        let error =
            refusal("rule", json!({"selector": {"matchLabels": {"a": "b"}}, "targetRef": {"kind": "Service", "name": "c"}}));
        let Error::Invalid { causes, .. } = &error else { panic!("{error:?}") };
        assert!(causes.iter().any(|cause| cause.message.contains("only one of targetRefs or selector")), "{error:?}");

        let misfits = [
            (json!({"actoin": "DENY"}), "spec.actoin"),
            (json!({"rules": [{"form": []}]}), "spec.rules[0].form"),
            (json!({"rules": "all"}), "spec.rules"),
        ];
        for (spec, expected) in misfits {
            let error = refusal("misfit", spec.clone());
            let Error::Invalid { causes, .. } = &error else { panic!("{spec}: {error:?}") };
            assert!(causes.iter().any(|cause| cause.field == expected), "{spec}: {error:?}");
        }

        let error = refusal("webhook", json!({"action": "DENY"}));
        let Error::Refusal { by, message, .. } = &error else { panic!("{error:?}") };
        assert!(by == "validation.istio.io" && message.contains("DENY action without `rules`"), "{error:?}");
        assert!(error.is_question() && error.help().is_some(), "{error:?}");
    }
    let right = policy(&namespace, "right", &json!({"action": "DENY", "rules": [{}]}));
    let would = cluster.apply(&right, &Apply { dry_run: true, ..how() }).unwrap();
    assert!(would.is_created && would.object.value["spec"] == right["spec"]);
    assert!(cluster.get(&key(&right)).unwrap().is_none());
}

#[test]
fn what_changed_since_it_was_read_is_neither_replaced_nor_deleted() {
    let Some(server) = Server::start("what_changed_since_it_was_read_is_neither_replaced_nor_deleted") else { return };
    let (cluster, namespace) = (connect(server), server.namespace());
    let manifest = policy(&namespace, "moved", &json!({"action": "DENY", "rules": [{}]}));
    let read = cluster.create(&manifest, &how()).unwrap().object;
    assert!(matches!(cluster.create(&manifest, &how()), Err(Error::AlreadyExists { .. })));
    server.kubectl(&["annotate", "authorizationpolicy", "moved", "-n", &namespace, "note=changed"]).ok();

    let of_that_state = Preconditions { uid: Some(read.uid.clone()), resource_version: Some(read.resource_version.clone()) };
    let refusals = [
        cluster.replace(&read.value, &how()).map(drop).unwrap_err(),
        cluster.delete(&read.key, &of_that_state, false).unwrap_err(),
        cluster.delete(&read.key, &Preconditions { uid: Some("another".to_owned()), resource_version: None }, false).unwrap_err(),
    ];
    for refusal in refusals {
        assert!(matches!(refusal, Error::Changed { .. }), "{refusal:?}");
    }
    let of_this_one = Preconditions { uid: Some(read.uid), resource_version: None };
    cluster.delete(&read.key, &of_this_one, true).unwrap();
    assert!(cluster.get(&read.key).unwrap().is_some());
    cluster.delete(&read.key, &of_this_one, false).unwrap();
    assert!(cluster.get(&read.key).unwrap().is_none());
    assert!(matches!(cluster.delete(&read.key, &of_this_one, false), Err(Error::NotFound { .. })));
}
