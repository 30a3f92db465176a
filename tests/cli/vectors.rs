//! Cases that need the whole way from manifests to answer: path normalization, tokens beside policies, gRPC, ports, preflights.
//! Expected answers were seen in istiod and Envoy.

use std::fmt::Write;

use crate::run::Folder;

const MESH: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: foo, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: bar, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: foo}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: x}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cli, namespace: bar}
spec: {selector: {matchLabels: {app: cli}}, template: {metadata: {labels: {app: cli}}, spec: {serviceAccountName: cli, containers: [{name: c, image: x}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: foo}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: foo}
spec: {jwtRules: [{issuer: i, jwks: '{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}'}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    pathNormalization: {normalization: NORM}
    extensionProviders:
    - {name: authz-grpc, envoyExtAuthzGrpc: {service: web.foo.svc.cluster.local, port: 80}}
";

/// A policy in `foo` from the body of its spec.
fn policy(number: usize, spec: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: p{number}, namespace: foo}}\nspec: {spec}\n"
    )
}

fn mesh(normalization: &str, policies: &[&str]) -> String {
    let mut text = MESH.replace("NORM", normalization);
    for (number, spec) in policies.iter().enumerate() {
        write!(text, "{}", policy(number, spec)).unwrap();
    }
    text
}

fn ask(normalization: &str, policies: &[&str], scenario: &str) -> serde_json::Value {
    let folder = Folder::with(&[("mesh.yaml", &mesh(normalization, policies)), ("ask.yaml", scenario)]);
    let ran = folder.run(&["simulate", "request", "-f", "mesh.yaml", "--request", "ask.yaml", "-o", "json"]);
    assert!(ran.code != 2, "{ran:?}");
    ran.json()
}

/// Spec of a policy that allows one path.
fn path(value: &str) -> String {
    format!("{{rules: [{{to: [{{operation: {{paths: ['{value}']}}}}]}}]}}")
}

#[test]
fn paths_are_compared_after_normalization() {
    let mut wrong = Vec::new();
    for (name, allowed, requested, normalization, expected) in [
        ("F1", "/public*", "/public/../private", "BASE", "denied"),
        ("F2", "/public*", "/public/../public/a", "BASE", "allowed"),
        ("F3", "/public*", "/public/%2E%2E/private", "BASE", "denied"),
        ("F4", "/public*", "/public/../private", "NONE", "allowed"),
        ("F5", "/a/b", "/%61/b", "BASE", "allowed"),
        ("F6", "/a/b", "/%61/b", "NONE", "denied"),
        ("F7", "/a/b", "/a\\b", "BASE", "allowed"),
        ("F8", "/a/b", "/a//b", "DEFAULT", "denied"),
        ("F9", "/a/b", "/a//b", "MERGE_SLASHES", "allowed"),
        ("F10", "/a/b", "/a%2fb", "MERGE_SLASHES", "denied"),
        ("F11", "/a/b", "/a%2fb", "DECODE_AND_MERGE_SLASHES", "allowed"),
        ("F12", "/b", "/a%2f..%2fb", "DECODE_AND_MERGE_SLASHES", "allowed"),
        ("F13", "/b", "/a%5C..%5Cb", "DECODE_AND_MERGE_SLASHES", "allowed"),
        ("F14", "/a%252Fb", "/a%252Fb", "DECODE_AND_MERGE_SLASHES", "allowed"),
        ("F15", "/a%2Fb", "/a%2fb", "BASE", "denied"),
        ("F16", "/a%20b", "/a%20b", "BASE", "allowed"),
        ("F17", "/a b", "/a%20b", "BASE", "denied"),
        ("F18", "/a%22b", "/a\"b", "BASE", "allowed"),
        ("F19", "/a/", "/a/b/..", "BASE", "allowed"),
        ("F20", "/b", "/../../b", "BASE", "allowed"),
        ("F21", "/a/b", "/a//../b", "BASE", "allowed"),
        ("F22", "/c", "/c?x=/../d", "BASE", "allowed"),
        ("trap 72", "/public*", "/public/%2e%2e/private", "BASE", "denied"),
        ("trap 75", "/a", "/a#b", "BASE", "allowed"),
    ] {
        let scenario = format!("{{from: bar/cli, to: web.foo:80, path: '{requested}'}}");
        let verdict = ask(normalization, &[&path(allowed)], &scenario)["verdict"].clone();
        if verdict != expected {
            wrong.push(format!("{name}: {verdict}, want {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let nul = ask("BASE", &["{action: DENY, rules: [{}]}"], "{from: bar/cli, to: web.foo:80, path: '/a%00b'}");
    assert_eq!((&nul["verdict"], &nul["httpStatus"]), (&"bad-request".into(), &400.into()), "F23");
}

#[test]
fn stages_come_in_the_order_of_the_data_plane() {
    let mut wrong = Vec::new();
    let cases: &[(&str, &[&str], &str, &str, u16)] = &[
        ("G32: a bad token, no policy", &[], "token: a.b.c", "unauthenticated", 401),
        ("trap 62: a bad token beats DENY", &["{action: DENY, rules: [{}]}"], "token: a.b.c", "unauthenticated", 401),
        (
            "trap 63: a broken CUSTOM beats a bad token",
            &["{action: CUSTOM, provider: {name: missing}, rules: [{}]}"],
            "token: a.b.c",
            "denied",
            403,
        ),
        (
            "trap 84: approval does not override DENY",
            &["{action: CUSTOM, provider: {name: authz-grpc}, rules: [{}]}", "{action: DENY, rules: [{}]}"],
            "extAuthz: allow",
            "denied",
            403,
        ),
        ("trap 76: a gRPC denial is HTTP 200", &["{}"], "protocol: grpc", "denied", 200),
        ("92: a gRPC caller with a bad token", &[], "protocol: grpc, token: a.b.c", "unauthenticated", 200),
        (
            "trap 78: a preflight is not exempt from ALLOW",
            &["{rules: [{to: [{operation: {methods: [GET]}}]}]}"],
            "method: OPTIONS, headers: {origin: 'https://a', access-control-request-method: GET}",
            "denied",
            403,
        ),
        (
            "90: a preflight skips the token filter",
            &[],
            "method: OPTIONS, token: a.b.c, headers: {origin: 'https://a', access-control-request-method: GET}",
            "allowed",
            200,
        ),
        (
            "91: OPTIONS without Origin is no preflight",
            &[],
            "method: OPTIONS, token: a.b.c, headers: {access-control-request-method: GET}",
            "unauthenticated",
            401,
        ),
        ("trap 82: ports are target ports", &["{rules: [{to: [{operation: {ports: ['80']}}]}]}"], "method: GET", "denied", 403),
        (
            "95: a missing token is RBAC's 403",
            &["{rules: [{from: [{source: {requestPrincipals: ['*']}}]}]}"],
            "method: GET",
            "denied",
            403,
        ),
    ];
    for (name, policies, more, verdict, status) in cases {
        let decision = ask("BASE", policies, &format!("{{from: bar/cli, to: web.foo:80, {more}}}"));
        if decision["verdict"] != *verdict || decision["httpStatus"] != *status {
            wrong.push(format!("{name}: {} {}", decision["verdict"], decision["httpStatus"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_port_declared_https_is_tcp_and_knows_no_tokens() {
    let get_only = "{rules: [{to: [{operation: {methods: [GET]}}]}]}";
    let https = "{from: bar/cli, to: 'web.foo:443', protocol: tcp}";
    let denied = ask("BASE", &[get_only], https);
    assert_eq!((&denied["verdict"], &denied["httpStatus"]), (&"denied".into(), &serde_json::Value::Null), "trap 81");
    assert!(denied["warnings"].to_string().contains("methods"), "{denied}");
    let ignored = ask("BASE", &[], "{from: bar/cli, to: 'web.foo:443', protocol: tcp, token: a.b.c}");
    assert_eq!(
        (&ignored["verdict"], &ignored["requestAuthentication"]["status"]),
        (&"allowed".into(), &"not-required".into()),
        "98"
    );
}
