//! `meshsec simulate request`.

use crate::meshes::READERS;
use crate::meshes::SHOP;
use crate::meshes::STRICT;
use crate::run::Folder;

fn shop() -> Folder {
    Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", READERS), ("strict.yaml", STRICT)])
}

#[test]
fn the_deciding_rule_is_named_with_its_place() {
    let ran = shop().run(&[
        "simulate",
        "request",
        "-f",
        "mesh.yaml",
        "-f",
        "allow.yaml",
        "--from",
        "shop/web",
        "--to",
        "api.shop",
        "-o",
        "json",
    ]);
    let decision = ran.json();
    assert_eq!((ran.code, &decision["verdict"]), (0, &"allowed".into()));
    let by = &decision["decidedBy"];
    assert_eq!(
        (by["kind"].as_str(), by["name"].as_str(), by["rule"].as_u64()),
        (Some("AuthorizationPolicy"), Some("api-readers"), Some(0))
    );
    assert_eq!((by["file"].as_str(), by["line"].as_u64(), by["column"].as_u64()), (Some("allow.yaml"), Some(7), Some(5)));
    assert!(decision.get("trace").is_none());
}

#[test]
fn a_denial_names_the_nearest_miss() {
    let arguments =
        ["simulate", "request", "-f", "mesh.yaml", "-f", "allow.yaml", "--from", "shop/web", "--to", "api.shop:80", "-X", "POST"];
    let ran = shop().run(&arguments);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("denied: 403 RBAC: access denied\n"), "{}", ran.out);
    assert!(ran.out.contains("methods: POST is not GET"), "{}", ran.out);
    assert!(ran.out.contains("allow.yaml:8:"), "{}", ran.out);
}

#[test]
fn plaintext_meets_strict() {
    let ran = shop().run(&[
        "simulate",
        "request",
        "-f",
        "mesh.yaml",
        "-f",
        "strict.yaml",
        "--from",
        "shop/web",
        "--tls",
        "disable",
        "--to",
        "api.shop:80",
        "-o",
        "json",
    ]);
    let decision = ran.json();
    assert_eq!((ran.code, &decision["verdict"], &decision["httpStatus"]), (1, &"mtls-required".into(), &serde_json::Value::Null));
    assert_eq!(decision["decidedBy"]["kind"], "PeerAuthentication");
    let outside = shop().run(&["simulate", "request", "-f", "mesh.yaml", "-f", "strict.yaml", "--to", "api.shop:80"]);
    assert!(outside.out.contains("curl exit 56"), "{}", outside.out);
}

#[test]
fn explain_says_why_a_policy_was_not_looked_at() {
    let folder = shop();
    folder.write("other.yaml", READERS.replace("namespace: shop", "namespace: other").as_bytes());
    folder.write("cart.yaml", READERS.replace("app: api", "app: cart").replace("api-readers", "cart-readers").as_bytes());
    let arguments = [
        "simulate",
        "request",
        "-f",
        "mesh.yaml",
        "-f",
        "other.yaml",
        "-f",
        "cart.yaml",
        "-f",
        "strict.yaml",
        "--from",
        "shop/web",
        "--to",
        "api.shop:80",
        "--explain",
        "-o",
        "json",
    ];
    let decision = folder.run(&arguments).json();
    let trace = decision["trace"].as_array().unwrap();
    let why = |name: &str| {
        let entry =
            trace.iter().find(|entry| entry["policy"]["name"] == name).unwrap_or_else(|| panic!("no {name} in {trace:?}"));
        (entry["applies"].as_bool().unwrap(), entry["why"].as_str().unwrap().to_owned())
    };
    assert!(!why("api-readers").0 && why("api-readers").1.contains("other"), "{:?}", why("api-readers"));
    assert!(!why("cart-readers").0 && why("cart-readers").1.contains("app=cart"), "{:?}", why("cart-readers"));
    assert!(why("default").0, "{:?}", why("default"));
}

#[test]
fn the_scenario_can_come_from_a_file_and_flags_go_over_it() {
    let folder = shop();
    folder.write("scenario.yaml", b"from: shop/web\nto: api.shop:80\nmethod: POST\nheaders: {a: b, many: [c, d]}\n");
    let base = ["simulate", "request", "-f", "mesh.yaml", "-f", "allow.yaml", "--request", "scenario.yaml"];
    assert_eq!(folder.run(&base).code, 1);
    assert_eq!(folder.run(&[&base[..], &["-X", "GET"]].concat()).code, 0);
}

#[test]
fn manifests_can_come_from_standard_input() {
    let ran = shop().run_with(&["simulate", "request", "-f", "-", "--from", "shop/web", "--to", "api.shop:80"], SHOP);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_missing_fact_is_never_permission() {
    let folder = shop();
    let by_address = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: by-address, namespace: shop}\n\
                      spec: {rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}\n";
    folder.write("address.yaml", by_address.as_bytes());
    let base = [
        "simulate",
        "request",
        "-f",
        "mesh.yaml",
        "-f",
        "address.yaml",
        "--from",
        "shop/web",
        "--to",
        "api.shop:80",
        "-o",
        "json",
    ];
    let open = folder.run(&base);
    assert_eq!((open.code, &open.json()["verdict"]), (4, &"undetermined".into()));
    assert_eq!(folder.run(&[&base[..], &["--from-ip", "10.1.1.1"]].concat()).code, 0);
    assert_eq!(folder.run(&[&base[..], &["--from-ip", "192.0.2.1"]].concat()).code, 1);
}

#[test]
fn an_external_provider_leaves_the_answer_open_until_its_answer_is_given() {
    let folder = shop();
    let custom = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: ask, namespace: shop}\n\
                  spec: {action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {paths: [/admin*]}}]}]}\n---\n\
                  apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\n\
                  data:\n  mesh: |\n    extensionProviders:\n    - name: opa\n      envoyExtAuthzGrpc: {service: api.shop.svc.cluster.local, port: 80}\n";
    folder.write("custom.yaml", custom.as_bytes());
    let base = [
        "simulate",
        "request",
        "-f",
        "mesh.yaml",
        "-f",
        "custom.yaml",
        "--from",
        "shop/web",
        "--to",
        "api.shop:80",
        "-o",
        "json",
    ];
    let run = |more: &[&str]| folder.run(&[&base[..], more].concat());
    assert_eq!(run(&["--path", "/"]).code, 0);
    let open = run(&["--path", "/admin"]);
    assert_eq!(open.code, 4);
    let verdicts: Vec<String> =
        open.json()["branches"].as_array().unwrap().iter().map(|branch| branch["decision"]["verdict"].to_string()).collect();
    assert_eq!(verdicts, ["\"allowed\"", "\"denied\""]);
    assert_eq!(run(&["--path", "/admin", "--ext-authz", "allow"]).code, 0);
    assert_eq!(run(&["--path", "/admin", "--ext-authz", "deny"]).code, 1);
    assert_eq!(run(&["--path", "/admin", "--ext-authz", "error"]).code, 1);
}

#[test]
fn workloads_behind_one_service_that_differ_are_answered_one_by_one() {
    let folder = shop();
    let second = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api-old, namespace: shop}\nspec:\n  selector: {matchLabels: {app: api}}\n  template:\n    \
                  metadata: {labels: {app: api, version: old}}\n    spec: {containers: [{name: c, image: x}]}\n";
    folder.write("second.yaml", second.as_bytes());
    let ran = folder.run(&[
        "simulate",
        "request",
        "-f",
        "mesh.yaml",
        "-f",
        "second.yaml",
        "-f",
        "strict.yaml",
        "--to",
        "api.shop:80",
        "-o",
        "json",
    ]);
    let decision = ran.json();
    assert_eq!((ran.code, &decision["verdict"]), (4, &"undetermined".into()));
    assert_eq!(decision["branches"].as_array().unwrap().len(), 2);
    assert!(decision["message"].as_str().unwrap().contains("shop/api-old"), "{decision}");
}

#[test]
fn an_undetermined_answer_shows_both_branches() {
    let folder = shop();
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIiwic3ViIjoiYiJ9.c2ln";
    let jwt = "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: tokens, namespace: shop}\n\
               spec: {jwtRules: [{issuer: a, jwksUri: 'https://a.example/keys'}]}\n";
    folder.write("jwt.yaml", jwt.as_bytes());
    let base = [
        "simulate",
        "request",
        "-f",
        "mesh.yaml",
        "-f",
        "jwt.yaml",
        "--from",
        "shop/web",
        "--to",
        "api.shop:80",
        "--token",
        token,
    ];
    let ran = folder.run(&[&base[..], &["-o", "json"]].concat());
    let decision = ran.json();
    assert_eq!((ran.code, &decision["verdict"]), (4, &"undetermined".into()));
    assert!(decision["message"].as_str().unwrap().contains("--jwks https://a.example/keys=FILE"), "{decision}");
    let verdicts: Vec<&str> =
        decision["branches"].as_array().unwrap().iter().map(|branch| branch["decision"]["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["allowed", "unauthenticated"]);
    let unreachable = folder.run(&[&base[..], &["--jwks", "https://a.example/keys=unreachable"]].concat());
    assert!(unreachable.out.starts_with("unauthenticated: 401 Jwt verification fails"), "{unreachable:?}");
}

#[test]
fn a_configuration_the_proxy_refuses_is_an_error_with_its_place() {
    let folder = shop();
    folder.write("template.yaml", READERS.replace("methods: [GET]", "paths: ['a/{*}']").as_bytes());
    let ran = folder.run(&[
        "simulate",
        "request",
        "-f",
        "mesh.yaml",
        "-f",
        "template.yaml",
        "--from",
        "shop/web",
        "--to",
        "api.shop:80",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("template.yaml:8:") && ran.err.contains("AuthorizationPolicy shop/api-readers"), "{}", ran.err);
}

#[test]
fn a_kustomization_is_built() {
    use std::io::Write;
    let is_there = |program: &str| std::process::Command::new(program).arg("--help").output().is_ok();
    if !is_there("kubectl") && !is_there("kustomize") {
        std::io::stderr().write_all(b"SKIPPED a_kustomization_is_built: neither kubectl nor kustomize is there\n").unwrap();
        return;
    }
    let folder = shop();
    folder.write("kustomization.yaml", b"resources: [mesh.yaml]\nnamePrefix: new-\n");
    let ran = folder.run(&["simulate", "request", "-k", ".", "--from", "shop/new-web", "--to", "new-api.shop:80"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}
