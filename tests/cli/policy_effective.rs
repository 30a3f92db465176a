//! `meshsec policy effective`.

use serde_json::Value;
use serde_json::json;

use crate::meshes::READERS;
use crate::meshes::SHOP;
use crate::run::Folder;

const POLICIES: &str = "\
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: mesh, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: api, namespace: shop, creationTimestamp: '2024-01-01T00:00:00Z'}
spec:
  selector: {matchLabels: {app: api}}
  mtls: {mode: PERMISSIVE}
  portLevelMtls:
    5432: {mode: DISABLE}
    9999: {mode: STRICT}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: api-too, namespace: shop, creationTimestamp: '2025-01-01T00:00:00Z'}
spec:
  selector: {matchLabels: {app: api}}
  mtls: {mode: STRICT}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: rooted, namespace: istio-system}
spec:
  selector: {matchLabels: {app: api}}
  mtls: {mode: DISABLE}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: shop}
spec:
  jwtRules:
  - {issuer: 'https://idp.example', jwksUri: 'https://idp.example/keys', audiences: [shop], fromHeaders: [{name: x-token}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: deny-dev, namespace: istio-system}
spec:
  action: DENY
  rules: [{from: [{source: {namespaces: [dev]}}]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: elsewhere, namespace: other}
spec: {rules: [{}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: shop}
spec:
  host: api
  trafficPolicy:
    tls: {mode: ISTIO_MUTUAL}
    portLevelSettings: [{port: {number: 5432}, tls: {mode: DISABLE}}]
";

fn folder() -> Folder {
    Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", READERS), ("more.yaml", POLICIES)])
}

fn effective(folder: &Folder, workload: &str) -> Value {
    let ran = folder.run(&["policy", "effective", "-f", ".", "--workload", workload, "-o", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.json()
}

#[test]
fn each_port_has_the_merged_mode_and_the_object_it_comes_from() {
    let json = effective(&folder(), "shop/api");
    let ports: Vec<Value> = json["mutualTls"]["ports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|port| json!([port["port"], port["protocol"], port["mode"], port["from"]["name"], port["from"]["level"]]))
        .collect();
    assert_eq!(
        ports,
        [
            json!([5432, "tcp", "DISABLE", "api", "port"]),
            json!([8080, "http", "PERMISSIVE", "api", "workload"]),
            json!([9999, "undeclared", "STRICT", "api", "port"]),
        ]
    );
    let other = &json["mutualTls"]["otherPorts"];
    assert_eq!(json!([other["mode"], other["from"]["line"]]), json!(["PERMISSIVE", 11]));
    let web = effective(&folder(), "shop/web");
    assert_eq!(web["mutualTls"]["otherPorts"]["from"]["level"], "mesh");
}

#[test]
fn what_applies_stands_in_order_of_evaluation_and_what_does_not_has_a_reason() {
    let json = effective(&folder(), "shop/api");
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|entry| entry["from"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&json["mutualTls"]["joined"]), ["mesh", "api"]);
    assert_eq!(names(&json["authorization"]["policies"]), ["deny-dev", "api-readers"]);
    assert_eq!(json["authorization"]["otherwise"], "deny");
    let readers = &json["authorization"]["policies"][1];
    assert_eq!((&readers["httpRules"], &readers["tcpRules"]), (&json!(1), &json!(0)));
    let ignored: Vec<String> = json["ignored"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| format!("{}: {}", entry["object"]["name"].as_str().unwrap(), entry["why"].as_str().unwrap()))
        .collect();
    for wanted in [
        "api-too: PeerAuthentication shop/api is older, and only one per level counts",
        "rooted: a selector (app=api) has no effect in the root namespace",
        "elsewhere: other namespace `other`",
    ] {
        assert!(ignored.iter().any(|entry| entry == wanted), "{wanted} is missing in {ignored:?}");
    }
}

#[test]
fn tokens_and_callers_are_told() {
    let json = effective(&folder(), "shop/api");
    assert_eq!(json["tokens"][0]["issuer"], "https://idp.example");
    assert_eq!(json["tokens"][0]["token"], "in header `x-token`");
    let ports = &json["destinationRules"][0]["ports"];
    assert_eq!(*ports, json!([{"port": 80, "tls": "ISTIO_MUTUAL"}, {"port": 5432, "tls": "DISABLE"}]));
    let web = effective(&folder(), "shop/web");
    assert_eq!(web["destinationRules"], json!([]));
}

#[test]
fn the_text_names_each_object_with_its_place() {
    let ran = folder().run(&["policy", "effective", "-f", ".", "--workload", "shop/api"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for wanted in [
        "shop/api (Deployment) ./mesh.yaml:",
        "runs as cluster.local/ns/shop/sa/api",
        "port 5432   TCP        DISABLE    PeerAuthentication shop/api (port), ./more.yaml:",
        "issuer `https://idp.example`: RequestAuthentication shop/tokens rule 0",
        "1 DENY   AuthorizationPolicy istio-system/deny-dev (root namespace; 1 rule)",
        "2 ALLOW  AuthorizationPolicy shop/api-readers (selector app=api; 1 rule on HTTP, 0 on TCP)",
        "otherwise refused: an ALLOW policy applies",
        "AuthorizationPolicy other/elsewhere: other namespace `other`",
    ] {
        assert!(ran.out.contains(wanted), "{wanted} is missing in {}", ran.out);
    }
}

#[test]
fn the_modes_are_those_that_simulate_goes_by() {
    let folder = folder();
    let base = ["simulate", "request", "-f", ".", "--to", "shop/api:9999", "--protocol", "tcp", "-o", "json"];
    let decision = folder.run(&base).json();
    assert_eq!(decision["verdict"], "mtls-required", "{decision}");
    assert_eq!(decision["connection"]["serverMode"], "STRICT");
}

#[test]
fn an_unknown_workload_is_refused_with_the_nearest() {
    let ran = folder().run(&["policy", "effective", "-f", ".", "--workload", "shop/apo"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("shop/api"), "{}", ran.err);
}
