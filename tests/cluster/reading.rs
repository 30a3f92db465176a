//! The live mesh as a source: what is read, what is not, and what is said about it.

use std::path::Path;
use std::thread;
use std::time::Duration;

use meshsec::cluster::Apply;
use meshsec::cluster::Cluster;
use meshsec::cluster::ConnectOptions;
use meshsec::cluster::Freshness;
use meshsec::cluster::Selection;
use serde_json::Value;
use serde_json::json;

use crate::harness::Fault;
use crate::harness::Proxy;
use crate::harness::Ran;
use crate::harness::Server;

/// Two workloads with proxies; only `web` may call `cart`, and only on `/items`.
const SHOP: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: cart, image: cart, ports: [{containerPort: 8080}], readinessProbe: {httpGet: {port: 8080}}}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: web}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
    to: [{operation: {paths: [/items]}}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: 'trustDomain: cluster.local'}
";

fn shop(server: &Server) {
    server.kubectl_with(&["apply", "--server-side", "-f", "-"], SHOP).ok();
}

const ASK: &[&str] = &["simulate", "request", "--cluster", "--from", "shop/web", "--to", "cart.shop:80", "-o", "json"];

fn ask<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [ASK, more].concat()
}

/// What was answered, whatever the exit code says of it.
fn answer(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn connect(kubeconfig: &Path) -> Cluster {
    Cluster::connect(&ConnectOptions { kubeconfig: Some(kubeconfig.to_owned()), ..ConnectOptions::default() }).unwrap()
}

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn answers_from_the_cluster_are_those_from_the_files_it_was_made_of() {
    let Some(server) = Server::own("answers_from_the_cluster_are_those_from_the_files_it_was_made_of") else { return };
    shop(&server);
    let file = written(&server.folder(), "shop.yaml", SHOP);
    let cases: [(&[&str], &str, i32); 4] = [
        (&["--path", "/items"], "allowed", 0),
        (&["--path", "/other"], "denied", 1),
        (&["--path", "/items", "--tls", "disable"], "mtls-required", 1),
        (&["--path", "/items", "-n", "elsewhere"], "allowed", 0),
    ];
    for (flags, verdict, code) in cases {
        let live = server.meshsec(&ask(flags));
        assert!(live.code == Some(code) && live.stderr.is_empty(), "{flags:?}: {live:?}");
        let mut live = answer(&live);
        let from_files =
            [&["simulate", "request", "-f", &file, "--from", "shop/web", "--to", "cart.shop:80", "-o", "json"], flags].concat();
        let mut filed: Value = serde_json::from_str(&server.meshsec(&from_files).stdout).unwrap();
        assert_eq!(live["verdict"], verdict, "{flags:?}");
        for answer in [&mut live, &mut filed] {
            drop_places(answer);
        }
        assert_eq!(live, filed, "{flags:?}");
    }
    let denied =
        server.meshsec(&["simulate", "request", "--cluster", "--from", "shop/web", "--to", "cart.shop:80"]).ended_with(1);
    assert!(denied.stdout.contains("cluster:") && denied.stdout.contains("/AuthorizationPolicy/shop/cart"), "{denied:?}");
    let effective = server.meshsec(&["policy", "effective", "--cluster", "-n", "shop", "--workload", "cart"]).ok();
    assert!(effective.contains("shop/cart") && effective.contains("STRICT"), "{effective}");
}

fn drop_places(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in ["file", "line", "column"] {
                members.remove(name);
            }
            members.values_mut().for_each(drop_places);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_places),
        // A condition is told with its place behind it.
        Value::String(text) if text.ends_with(')') => {
            *text = text.rsplit_once(" (").map_or_else(|| text.clone(), |(told, _)| told.to_owned());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn files_go_over_the_objects_of_the_same_name() {
    let Some(server) = Server::own("files_go_over_the_objects_of_the_same_name") else { return };
    shop(&server);
    let policy = |name: &str, action: &str| {
        let spec = json!({"action": action, "rules": [{}], "selector": {"matchLabels": {"app": "cart"}}});
        json!({"apiVersion": "security.istio.io/v1beta1", "kind": "AuthorizationPolicy", "metadata": {"name": name}, "spec": spec}).to_string()
    };
    let cases = [
        ("cart", "shop", "DENY", "denied"),
        ("other", "shop", "DENY", "denied"),
        ("cart", "istio-test", "DENY", "allowed"),
        ("cart", "shop", "ALLOW", "allowed"),
    ];
    for (name, namespace, action, verdict) in cases {
        let ran = server.meshsec_with(&ask(&["--path", "/items", "-f", "-", "-n", namespace]), &policy(name, action));
        assert_eq!(answer(&ran)["verdict"], verdict, "{name} in {namespace}: {action}");
    }
    let check = ["policy", "check", "--cluster", "-n", "shop", "-o", "text", "-"];
    let ran = server.meshsec_with(&check, &policy("cart", "DENY"));
    assert!(ran.stdout.contains("in 1 file and ") && ran.stdout.contains(" live objects"), "{ran:?}");
    assert!(!ran.stdout.contains("written twice"), "{ran:?}");
}

#[test]
fn a_check_of_the_cluster_points_into_live_objects() {
    let Some(server) = Server::own("a_check_of_the_cluster_points_into_live_objects") else { return };
    shop(&server);
    let wrong = json!({"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": {"name": "wrong", "namespace": "shop"},
        "spec": {"rules": [{"from": [{"source": {"principals": ["spiffe://cluster.local/ns/shop/sa/web"]}}]}]}});
    server.kubectl_with(&["apply", "-f", "-"], &wrong.to_string()).ok();
    let ran = server.meshsec(&["policy", "check", "--cluster", "--fail-on", "warning"]).ended_with(1);
    assert!(ran.stdout.contains("MS104") && ran.stdout.contains("/AuthorizationPolicy/shop/wrong:"), "{ran:?}");
    assert!(ran.stdout.contains("spiffe://cluster.local/ns/shop/sa/web"), "{ran:?}");
    assert!(!ran.stdout.contains("last-applied"), "{ran:?}");
    let errors = server.meshsec(&["policy", "check", "--cluster", "-o", "json"]).stdout;
    let errors: Value = serde_json::from_str(&errors).unwrap();
    let unread: Vec<&Value> =
        errors["findings"].as_array().unwrap().iter().filter(|finding| finding["code"].as_str().unwrap() < "MS010").collect();
    assert!(unread.is_empty(), "what the API server took is understood: {unread:?}");
}

#[test]
fn five_thousand_objects_are_read_page_by_page() {
    const COUNT: usize = 5_000;
    let Some(server) = Server::own("five_thousand_objects_are_read_page_by_page") else { return };
    server.kubectl(&["create", "namespace", "many"]).ok();
    thread::scope(|scope| {
        for part in 0..4 {
            let kubeconfig = server.kubeconfig();
            scope.spawn(move || {
                let cluster = connect(kubeconfig);
                let how = Apply { dry_run: false, force: false, field_manager: "test".to_owned() };
                for index in (0..COUNT).filter(|index| index % 4 == part) {
                    let object = json!({"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
                        "metadata": {"name": format!("policy-{index:05}"), "namespace": "many"}, "spec": {}});
                    cluster.create(&object, &how).unwrap();
                }
            });
        }
    });
    let proxy = Proxy::start(&server, |_| Fault::Nothing);
    let cluster = connect(proxy.caller().kubeconfig());
    let mut told = 0;
    let selection =
        Selection { freshness: Freshness::Latest, ..Selection::of_kinds(&[("security.istio.io", "AuthorizationPolicy")]) };
    let reading = cluster.read(&selection, &mut |count| told = count).unwrap();
    assert!(reading.unread.is_empty(), "{:?}", reading.unread);
    let names: Vec<&str> = reading.objects.iter().map(|object| object.key.name.as_str()).collect();
    let expected: Vec<String> = (0..COUNT).map(|index| format!("policy-{index:05}")).collect();
    assert_eq!(names, expected);
    assert_eq!(told, COUNT);
    let pages = proxy.seen().iter().filter(|request| request.path.contains("/authorizationpolicies")).count();
    assert_eq!(pages, COUNT / 500);

    // A page that is no longer kept: the list begins anew.
    let gone = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410, "message": "too old"});
    let proxy = Proxy::start(&server, move |request| {
        let is_third = request.number == 4;
        if is_third { Fault::status("410 Gone", "Content-Type: application/json\r\n", &gone.to_string()) } else { Fault::Nothing }
    });
    let reading = connect(proxy.caller().kubeconfig()).read(&selection, &mut |_| ()).unwrap();
    assert_eq!((reading.objects.len(), reading.unread.len()), (COUNT, 0));

    let listed = server.meshsec(&["policy", "get", "-n", "many", "-o", "name"]).ok();
    assert_eq!(listed.lines().count(), COUNT);
    assert_eq!(listed, server.kubectl(&["get", "authorizationpolicies", "-n", "many", "-o", "name"]).ok());
}

#[test]
fn what_may_not_be_read_makes_answers_undetermined_and_is_named() {
    const ALL: &str = "services,serviceaccounts,pods,configmaps,deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps,jobs.batch,\
                       cronjobs.batch,networkpolicies.networking.k8s.io,requestauthentications.security.istio.io,\
                       peerauthentications.security.istio.io,destinationrules.networking.istio.io,serviceentries.networking.istio.io,\
                       workloadentries.networking.istio.io,workloadgroups.networking.istio.io,sidecars.networking.istio.io,\
                       gateways.networking.istio.io,virtualservices.networking.istio.io,envoyfilters.networking.istio.io,namespaces";
    let Some(server) = Server::own("what_may_not_be_read_makes_answers_undetermined_and_is_named") else { return };
    shop(&server);
    let grant = |user: &str, namespace: &str, resources: &str| {
        let name = format!("{user}-{}", resources.len());
        server.kubectl(&["create", "role", &name, "-n", namespace, "--verb=get,list", &format!("--resource={resources}")]).ok();
        server
            .kubectl(&["create", "rolebinding", &name, "-n", namespace, &format!("--role={name}"), &format!("--user={user}")])
            .ok();
    };
    for namespace in ["shop", "istio-system"] {
        grant("some", namespace, ALL);
        grant("most", namespace, ALL);
        grant("most", namespace, "authorizationpolicies.security.istio.io");
    }
    grant("less", "shop", "authorizationpolicies.security.istio.io");

    let as_user = |user: &'static str| server.meshsec(&ask(&["--path", "/items", "-n", "shop", "--as", user]));
    let all = as_user("most");
    assert_eq!((all.code, answer(&all)["verdict"].as_str()), (Some(0), Some("allowed")), "both namespaces that matter are read");

    let some = as_user("some").ended_with(4);
    assert!(
        some.stderr.contains(
            "AuthorizationPolicy objects could not be read: `some` may not list `authorizationpolicies.security.istio.io`"
        ),
        "{some:?}"
    );
    let answer = answer(&some);
    assert_eq!((&answer["verdict"], &answer["reason"]), (&json!("undetermined"), &json!("unread")));
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("AuthorizationPolicy objects") && message.contains("`some` may not list"), "{message}");
    assert_eq!(answer["branches"][0]["decision"]["verdict"].as_str(), Some("allowed"), "{answer}");

    server.meshsec(&["policy", "effective", "--cluster", "-n", "shop", "--workload", "cart", "--as", "some"]).ended_with(4);
    server.meshsec(&["policy", "effective", "--cluster", "-n", "shop", "--workload", "cart", "--as", "most"]).ended_with(0);

    let less = server.meshsec(&["policy", "get", "-n", "shop", "--as", "less"]).ended_with(3);
    assert!(less.stdout.contains("AuthorizationPolicy/cart") && less.stderr.contains("`less` may not list"), "{less:?}");
    let none = server.meshsec(&["policy", "get", "-A", "--as", "nobody"]).ended_with(3);
    assert!(none.stderr.contains("kubectl auth can-i list"), "{none:?}");
    assert_eq!(some.stderr.lines().count(), 4, "kinds missing in the same places share a line: {some:?}");
    let check = server.meshsec(&["policy", "check", "--cluster", "-n", "shop", "--as", "some", "--require-facts"]).ended_with(4);
    assert!(check.stderr.contains("AuthorizationPolicy objects"), "{check:?}");
}

#[test]
fn kinds_that_the_cluster_does_not_have_are_named_and_taken_as_none() {
    let Some(server) = Server::own("kinds_that_the_cluster_does_not_have_are_named_and_taken_as_none") else { return };
    shop(&server);
    server
        .kubectl(&["delete", "crd", "authorizationpolicies.security.istio.io", "sidecars.networking.istio.io", "--timeout=30s"])
        .ok();
    let ran = server.meshsec(&ask(&["--path", "/other"]));
    assert_eq!((ran.code, answer(&ran)["verdict"].as_str()), (Some(0), Some("allowed")));
    let ran = server.meshsec(&ask(&["--path", "/other"]));
    assert!(ran.stderr.contains("has no kind AuthorizationPolicy"), "{ran:?}");
    let listed = server.meshsec(&["policy", "get", "-A"]).ok();
    assert!(listed.contains("PeerAuthentication/default") && !listed.contains("AuthorizationPolicy"), "{listed}");
}

#[test]
fn what_keeps_a_user_out_is_said_in_words() {
    let Some(mut server) = Server::own("what_keeps_a_user_out_is_said_in_words") else { return };
    let command = ["policy", "get", "-A"];
    let context = server.kubectl(&["config", "current-context"]).ok();
    let context = context.trim();
    let slip = format!("{context}x");
    let slipped = server.meshsec(&["policy", "get", "-A", "--context", &slip]).ended_with(2);
    assert!(
        slipped.stderr.contains(&format!("no context `{slip}`"))
            && slipped.stderr.contains(&format!("did you mean `{context}`?")),
        "{slipped:?}"
    );
    let stranger = server.stranger().meshsec(&command).ended_with(3);
    assert!(stranger.stderr.contains("does not accept the credentials"), "{stranger:?}");
    let distrustful = server.distrustful().meshsec(&command).ended_with(3);
    assert!(distrustful.stderr.contains("is not trusted: no authority in the kubeconfig issued it"), "{distrustful:?}");
    let flag = server.meshsec(&["policy", "check", "--context", context, "-f", "-"]).ended_with(2);
    assert!(flag.stderr.contains("add `--cluster`"), "{flag:?}");
    server.pause();
    let silent = server.meshsec(&["policy", "get", "-A", "--request-timeout", "1s"]).ended_with(3);
    assert!(silent.stderr.contains("within 1 s"), "{silent:?}");
    server.resume();
    server.kill();
    let gone = server.meshsec(&command).ended_with(3);
    assert!(gone.stderr.contains("refuses connections"), "{gone:?}");
    server.restart();
    server.meshsec(&command).ok();
}

#[test]
fn a_server_that_breaks_off_is_no_answer() {
    let Some(server) = Server::start("a_server_that_breaks_off_is_no_answer") else { return };
    let cases = [
        ("a lost connection", Fault::Lost, "ended before its answer did"),
        ("half a page", Fault::Cut(400), "ended before its answer did"),
        (
            "a login page",
            Fault::status("200 OK", "Content-Type: text/html\r\n", "<html>log in</html>"),
            "is not from a Kubernetes API server",
        ),
        ("a gateway without a server", Fault::status("502 Bad Gateway", "", "bad gateway"), "is too busy (status 502)"),
    ];
    for (name, fault, message) in cases {
        let proxy =
            Proxy::start(
                server,
                move |request| if request.path.contains("peerauthentications") { fault.clone() } else { Fault::Nothing },
            );
        let ran = proxy.caller().meshsec(&["policy", "get", "-A"]).ended_with(3);
        assert!(ran.stderr.contains(message) && ran.stdout.is_empty(), "{name}: {ran:?}");
    }
    let proxy = Proxy::start(server, |_| Fault::Late(Duration::from_secs(4)));
    let ran = proxy.caller().meshsec(&["policy", "get", "-A", "--request-timeout", "1s"]).ended_with(3);
    assert!(ran.stderr.contains("no answer from"), "{ran:?}");
}

#[test]
fn policies_are_listed_as_kubectl_users_expect() {
    let Some(server) = Server::own("policies_are_listed_as_kubectl_users_expect") else { return };
    shop(&server);
    let table = server.meshsec(&["policy", "get", "-n", "shop"]).ok();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["NAMESPACE", "KIND/NAME", "ACTION/MODE", "SELECTS", "RULES", "AGE"]);
    assert_eq!(rows[1][..5], ["shop", "AuthorizationPolicy/cart", "ALLOW", "app=cart", "1"]);
    assert_eq!(rows[2][..5], ["shop", "PeerAuthentication/default", "STRICT", "<all>", "-"]);
    let empty = server.meshsec(&["policy", "get"]).ok();
    assert!(empty.is_empty(), "{empty}");
    let yaml = server.meshsec(&["policy", "get", "-A", "-o", "yaml"]).ok();
    assert_eq!(server.kubectl_with(&["apply", "--dry-run=server", "-f", "-"], &yaml).ok().lines().count(), 2);
    let json: Value = serde_json::from_str(&server.meshsec(&["policy", "get", "-A", "-o", "json"]).ok()).unwrap();
    assert_eq!((&json["kind"], json["items"].as_array().unwrap().len()), (&json!("List"), 2));
    assert!(json["items"][0]["metadata"].get("managedFields").is_none());
    let names = server.meshsec(&["policy", "get", "-A", "-o", "name"]).ok();
    assert_eq!(names, "authorizationpolicy.security.istio.io/cart\npeerauthentication.security.istio.io/default\n");
    let file = written(&server.folder(), "shop.yaml", SHOP);
    let of_files = server.meshsec(&["policy", "get", "-f", &file, "-o", "name"]).ok();
    assert_eq!(of_files, names);
}
