//! The harness itself: what the other tests rest on is really there.

use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use crate::harness::Fault;
use crate::harness::Proxy;
use crate::harness::Server;

fn policy(name: &str, spec: Value) -> String {
    json!({"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": {"name": name}, "spec": spec})
        .to_string()
}

#[test]
fn istios_kinds_are_served_and_their_schema_refuses() {
    let Some(server) = Server::start("istios_kinds_are_served_and_their_schema_refuses") else { return };
    let namespace = server.namespace();
    let kinds = server.kubectl(&["api-resources", "--api-group=security.istio.io", "-o", "name"]).ok();
    let mut kinds: Vec<_> = kinds.lines().collect();
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            "authorizationpolicies.security.istio.io",
            "peerauthentications.security.istio.io",
            "requestauthentications.security.istio.io"
        ]
    );

    let cases = [
        (json!({"action": "DENY", "rules": [{}]}), None),
        (json!({"action": "PERHAPS"}), Some("spec.action: Unsupported value: \"PERHAPS\"")),
        (json!({"actions": "DENY"}), Some("unknown field \"spec.actions\"")),
        (
            json!({"selector": {"matchLabels": {"app": "cart"}}, "targetRef": {"kind": "Service", "name": "cart"}}),
            Some("only one of targetRefs or selector"),
        ),
    ];
    for (index, (spec, refusal)) in cases.into_iter().enumerate() {
        let ran = server.kubectl_with(&["create", "-n", &namespace, "-f", "-"], &policy(&format!("case-{index}"), spec.clone()));
        match refusal {
            None => drop(ran.ok()),
            Some(text) => assert!(ran.code == Some(1) && ran.stderr.contains(text), "{spec}: {ran:?}"),
        }
    }
}

#[test]
fn istiods_webhook_refuses_what_the_schema_takes_where_it_is_asked() {
    const TEST: &str = "istiods_webhook_refuses_what_the_schema_takes_where_it_is_asked";
    let Some(server) = Server::start(TEST) else { return };
    let Some(asked) = server.namespace_with_webhook(TEST) else { return };
    let unasked = server.namespace();
    let cases = [
        (json!({"action": "DENY", "rules": [{}]}), None),
        (json!({"action": "DENY"}), Some("DENY action without `rules` is meaningless")),
        (json!({"rules": [{"when": [{"key": "request.nothing", "values": ["a"]}]}]}), Some("unknown attribute")),
    ];
    for (index, (spec, refusal)) in cases.into_iter().enumerate() {
        let text = policy(&format!("case-{index}"), spec.clone());
        server.kubectl_with(&["create", "-n", &unasked, "-f", "-"], &text).ok();
        let ran = server.kubectl_with(&["create", "-n", &asked, "-f", "-"], &text);
        match refusal {
            None => drop(ran.ok()),
            Some(text) => {
                let refused = ran.stderr.contains("admission webhook \"validation.istio.io\" denied the request")
                    && ran.stderr.contains(text);
                assert!(ran.code == Some(1) && refused, "{spec}: {ran:?}");
            }
        }
    }
}

#[test]
fn a_webhook_that_is_gone_refuses_everything() {
    const TEST: &str = "a_webhook_that_is_gone_refuses_everything";
    let Some(server) = Server::own(TEST) else { return };
    let Some(namespace) = server.namespace_with_webhook(TEST) else { return };
    let text = policy("deny-all", json!({"action": "DENY", "rules": [{}]}));
    server.kubectl_with(&["create", "--dry-run=server", "-n", &namespace, "-f", "-"], &text).ok();
    server.webhook(TEST).unwrap().stop();
    let ran = server.kubectl_with(&["create", "-n", &namespace, "-f", "-"], &text).ended_with(1);
    assert!(ran.stderr.contains("failed calling webhook \"validation.istio.io\""), "{ran:?}");
}

#[test]
fn a_killed_server_comes_back_with_its_data_and_without_its_history() {
    let Some(mut server) = Server::own("a_killed_server_comes_back_with_its_data_and_without_its_history") else { return };
    let namespace = server.namespace();
    server.kubectl_with(&["create", "-n", &namespace, "-f", "-"], &policy("kept", json!({}))).ok();
    let uid =
        ["get", "authorizationpolicy", "kept", "-n", &namespace, "-o", "jsonpath={.metadata.uid} {.metadata.resourceVersion}"];
    let before = server.kubectl(&uid).ok();

    server.kill();
    let ran = server.kubectl(&["get", "namespaces", "--request-timeout=5s"]).ended_with(1);
    assert!(ran.stderr.contains("refused"), "{ran:?}");

    server.restart();
    assert_eq!(server.kubectl(&uid).ok(), before);
    let watch = server.kubectl(&["get", "--raw", "/api/v1/namespaces?watch=1&resourceVersion=1&timeoutSeconds=5"]);
    let event: Value = serde_json::from_str(watch.stdout.lines().next().unwrap()).unwrap();
    assert_eq!((&event["type"], &event["object"]["code"]), (&json!("ERROR"), &json!(410)), "{event}");
}

#[test]
fn users_may_do_what_their_role_says_and_nothing_else() {
    let Some(server) = Server::start("users_may_do_what_their_role_says_and_nothing_else") else { return };
    let (namespace, other) = (server.namespace(), server.namespace());
    let reader = server.user(&namespace, &[("get,list", "authorizationpolicies.security.istio.io"), ("create", "configmaps")]);
    let cases: [(&[&str], Option<&str>); 5] = [
        (&["get", "authorizationpolicies", "-n", &namespace], None),
        (&["create", "configmap", "a", "-n", &namespace], None),
        (
            &["get", "authorizationpolicies", "-n", &other],
            Some("cannot list resource \"authorizationpolicies\" in API group \"security.istio.io\""),
        ),
        (&["get", "authorizationpolicies", "-A"], Some("at the cluster scope")),
        (&["delete", "configmap", "a", "-n", &namespace], Some("cannot delete resource \"configmaps\"")),
    ];
    for (arguments, refusal) in cases {
        let ran = reader.kubectl(arguments);
        match refusal {
            None => drop(ran.ok()),
            Some(text) => assert!(ran.code == Some(1) && ran.stderr.contains(text), "{arguments:?}: {ran:?}"),
        }
    }
    let stranger = server.stranger().kubectl(&["get", "namespaces"]).ended_with(1);
    assert!(stranger.stderr.contains("Unauthorized") || stranger.stderr.contains("must be logged in"), "{stranger:?}");
    let distrustful = server.distrustful().kubectl(&["get", "namespaces"]).ended_with(1);
    assert!(distrustful.stderr.contains("certificate signed by unknown authority"), "{distrustful:?}");
}

#[test]
fn a_proxy_does_to_requests_what_it_is_told() {
    let Some(server) = Server::start("a_proxy_does_to_requests_what_it_is_told") else { return };
    let namespace = server.namespace();
    let path = format!("/api/v1/namespaces/{namespace}");
    let cases = [
        (Fault::Nothing, None),
        (Fault::Late(Duration::from_millis(700)), None),
        (Fault::Lost, Some("EOF")),
        (Fault::Cut(300), Some("unexpected EOF")),
        (Fault::Answer("moo\r\n".into()), Some("malformed HTTP")),
        (Fault::status("429 Too Many Requests", "", "{}"), Some("too many requests")),
        (Fault::status("200 OK", "", "{\"kind\": "), None),
    ];
    for (fault, complaint) in cases {
        let planned = fault.clone();
        let proxy = Proxy::start(server, move |_| planned.clone());
        let started = Instant::now();
        let ran = proxy.caller().kubectl(&["get", "--raw", &path]);
        let seen = proxy.seen();
        assert!(seen.iter().all(|request| request.method == "GET" && request.path == path), "{fault:?}: {seen:?}");
        assert!(!seen.is_empty(), "{fault:?}");
        match (&fault, complaint) {
            (_, Some(text)) => {
                assert!(ran.code == Some(1) && ran.stderr.to_lowercase().contains(&text.to_lowercase()), "{fault:?}: {ran:?}");
            }
            (Fault::Answer(_), None) => assert_eq!(ran.ok(), "{\"kind\": "),
            (Fault::Late(time), None) => {
                assert!(ran.json()["metadata"]["name"] == *namespace && started.elapsed() >= *time);
            }
            (_, None) => assert_eq!(ran.json()["metadata"]["name"], *namespace, "{fault:?}"),
        }
    }

    // The third request is lost, whichever it is.
    let proxy = Proxy::start(server, |request| if request.number == 2 { Fault::Lost } else { Fault::Nothing });
    let codes = [0; 4].map(|_| proxy.caller().kubectl(&["get", "--raw", &path]).code);
    assert!(proxy.seen().len() >= codes.len(), "{codes:?}");

    // The server has done what the client was never told.
    let proxy = Proxy::start(server, |request| if request.method == "POST" { Fault::Cut(0) } else { Fault::Nothing });
    proxy.caller().kubectl(&["create", "configmap", "lost", "-n", &namespace]).ended_with(1);
    server.kubectl(&["get", "configmap", "lost", "-n", &namespace]).ok();
}

#[test]
fn a_paused_server_takes_connections_and_does_not_answer() {
    let Some(server) = Server::own("a_paused_server_takes_connections_and_does_not_answer") else { return };
    server.pause();
    let ran = server.kubectl(&["get", "--raw", "/readyz", "--request-timeout=1s"]).ended_with(1);
    assert!(ran.stderr.to_lowercase().contains("timeout") || ran.stderr.contains("deadline"), "{ran:?}");
    server.resume();
    assert_eq!(server.kubectl(&["get", "--raw", "/readyz"]).ok(), "ok");
}

#[test]
fn the_program_under_test_gets_the_kubeconfig_and_no_other_settings() {
    let Some(server) = Server::start("the_program_under_test_gets_the_kubeconfig_and_no_other_settings") else { return };
    assert!(server.meshsec(&["--version"]).ok().starts_with("meshsec "));
    let command = server.meshsec_command();
    let set: Vec<_> = command.get_envs().filter(|(name, _)| name.to_string_lossy().starts_with("MESHSEC_")).collect();
    assert!(set.iter().all(|(_, value)| value.is_none()), "{set:?}");
    assert!(server.kubeconfig().is_file());
    let folder = server.folder();
    let checked = server.meshsec_with(&["policy", "check", "-f", "-"], &policy("allow-nothing", json!({})));
    assert!(checked.code.is_some() && folder.is_dir(), "{checked:?}");
}
