use std::time::Duration;

use meshsec::cluster::CertificateProblem;
use meshsec::cluster::Cluster;
use meshsec::cluster::Error;
use serde_json::json;

use super::connect;
use super::connect_within;
use super::how;
use super::key;
use super::policy;
use crate::harness::Fault;
use crate::harness::Proxy;
use crate::harness::Server;

/// What becomes of a question about one object.
#[allow(clippy::result_large_err, reason = "it is passed on as it is")]
fn asked(cluster: &Cluster) -> Result<(), Error> {
    cluster.get(&key(&policy("default", "nothing", &json!({})))).map(drop)
}

#[test]
fn each_way_not_to_reach_a_server_has_its_own_words() {
    let Some(server) = Server::start("each_way_not_to_reach_a_server_has_its_own_words") else { return };
    let stranger = asked(&connect(&server.stranger())).unwrap_err();
    assert!(matches!(stranger, Error::Unauthorized { .. }), "{stranger:?}");
    let distrustful = asked(&connect(&server.distrustful())).unwrap_err();
    assert!(matches!(distrustful, Error::Certificate { problem: CertificateProblem::UnknownIssuer, .. }), "{distrustful:?}");
    let nowhere = asked(&connect(&server.at("https://127.0.0.1:1"))).unwrap_err();
    assert!(matches!(nowhere, Error::Refused { .. }), "{nowhere:?}");

    let cases = [
        ("garbage", Fault::Answer("moo\r\n".into())),
        ("a page for people", Fault::Answer("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n<html/>".into())),
        ("half of an answer", Fault::Cut(200)),
        ("no answer", Fault::Lost),
        ("late", Fault::Late(Duration::from_secs(5))),
        ("busy", Fault::status("429 Too Many Requests", "Retry-After: 0\r\n", "{}")),
        ("starting", Fault::status("503 Service Unavailable", "Retry-After: 0\r\n", "{}")),
    ];
    for (name, fault) in cases {
        let proxy = Proxy::start(server, move |_| fault.clone());
        let error = asked(&connect_within(proxy.caller(), Duration::from_secs(1))).unwrap_err();
        let is_right = match name {
            "garbage" => matches!(error, Error::NotAnApiServer { .. } | Error::Lost { .. } | Error::Unreachable { .. }),
            "a page for people" => matches!(error, Error::NotAnApiServer { status: 200, .. }),
            "late" => matches!(error, Error::Timeout { .. }),
            "busy" => matches!(error, Error::Busy { status: 429, .. }),
            "starting" => matches!(error, Error::Busy { status: 503, .. }),
            _ => matches!(error, Error::Lost { .. }),
        };
        assert!(is_right && !error.is_question() && error.help().is_some(), "{name}: {error:?}");
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_not_sent_twice() {
    let Some(server) = Server::start("a_write_whose_answer_is_lost_is_not_sent_twice") else { return };
    let namespace = server.namespace();
    let manifest = policy(&namespace, "once", &json!({}));
    let proxy = Proxy::start(server, |request| if request.method == "PATCH" { Fault::Cut(0) } else { Fault::Nothing });
    let error = connect(proxy.caller()).apply(&manifest, &how()).unwrap_err();
    assert!(matches!(error, Error::Lost { .. }), "{error:?}");
    assert_eq!(proxy.seen().iter().filter(|request| request.method == "PATCH").count(), 1);
    assert!(connect(server).get(&key(&manifest)).unwrap().is_some(), "the server has done it");
}

#[test]
fn a_server_that_refuses_an_object_says_why() {
    let Some(server) = Server::start("a_server_that_refuses_an_object_says_why") else { return };
    let (cluster, namespace) = (connect(server), server.namespace());
    let nowhere = cluster.apply(&policy("no-such-namespace", "a", &json!({})), &how()).unwrap_err();
    assert!(matches!(&nowhere, Error::NoNamespace { namespace } if namespace == "no-such-namespace"), "{nowhere:?}");

    let unknown =
        json!({"apiVersion": "security.istio.io/v1", "kind": "Policy", "metadata": {"name": "a", "namespace": namespace}});
    let unknown = cluster.apply(&unknown, &how()).unwrap_err();
    assert!(matches!(&unknown, Error::NotServed { kind, .. } if kind == "Policy"), "{unknown:?}");

    let mut large = policy(&namespace, "large", &json!({}));
    large["metadata"]["annotations"] = json!({"a": "x".repeat(4 << 20)});
    let large = cluster.create(&large, &how()).unwrap_err();
    assert!(matches!(large, Error::TooLarge { .. } | Error::Invalid { .. }), "{:.300}", format!("{large:?}"));

    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", "namespace": namespace},
        "spec": {"hard": {"count/authorizationpolicies.security.istio.io": "0"}},
    });
    cluster.create(&quota, &how()).unwrap();
    server.kubectl(&["patch", "resourcequota", "few", "-n", &namespace, "--subresource=status", "--type=merge", "-p", "{\"status\": {\"hard\": {\"count/authorizationpolicies.security.istio.io\": \"0\"}, \"used\": {\"count/authorizationpolicies.security.istio.io\": \"0\"}}}"]).ok();
    let full = cluster.apply(&policy(&namespace, "one", &json!({})), &how()).unwrap_err();
    assert!(matches!(&full, Error::Quota { message, .. } if message.contains("few")), "{full:?}");

    let leaving = server.namespace();
    server.kubectl(&["delete", "namespace", &leaving, "--wait=false"]).ok();
    let leaving_error = cluster.apply(&policy(&leaving, "a", &json!({})), &how()).unwrap_err();
    assert!(matches!(&leaving_error, Error::Terminating { namespace } if *namespace == leaving), "{leaving_error:?}");

    let reader = server.user(&namespace, &[("get", "authorizationpolicies.security.istio.io")]);
    let forbidden = connect(&reader).apply(&policy(&namespace, "a", &json!({})), &how()).unwrap_err();
    let Error::Forbidden(forbidden) = &forbidden else { panic!("{forbidden:?}") };
    assert_eq!((forbidden.verb, &*forbidden.resource), ("patch", "authorizationpolicies.security.istio.io"));
}

#[test]
fn a_server_that_stops_is_missed_and_found_again() {
    const TEST: &str = "a_server_that_stops_is_missed_and_found_again";
    let Some(mut server) = Server::own(TEST) else { return };
    let cluster = connect_within(&server, Duration::from_secs(2));
    asked(&cluster).unwrap();
    server.pause();
    let paused = asked(&cluster).unwrap_err();
    server.resume();
    assert!(matches!(paused, Error::Timeout { .. }), "{paused:?}");
    server.kill();
    let killed = asked(&cluster).unwrap_err();
    assert!(matches!(killed, Error::Refused { .. } | Error::Lost { .. }), "{killed:?}");
    server.restart();
    asked(&connect(&server)).unwrap();
    asked(&cluster).unwrap();

    let Some(namespace) = server.namespace_with_webhook(TEST) else { return };
    server.webhook(TEST).unwrap().stop();
    let cluster = connect(&server);
    let unasked = cluster.apply(&policy(&namespace, "a", &json!({})), &how()).unwrap_err();
    assert!(matches!(&unasked, Error::WebhookFailed { webhook, .. } if webhook == "validation.istio.io"), "{unasked:?}");
    assert!(!unasked.is_question());
}
