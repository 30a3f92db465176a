//! Small meshes with the change that is expected between them.

use meshsec::analysis;
use meshsec::analysis::Diff;
use meshsec::simulate::scenario::Scenario;

use crate::NoFiles;
use crate::mesh_of;
use crate::now;
use crate::simulator;

/// Two workloads with sidecars and one without; an HTTP and a TCP port.
const SHOP: &str = "\
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  selector: {app: api}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-db, port: 5432}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api, sidecar.istio.io/inject: 'true'}}
    spec: {serviceAccountName: api, containers: [{name: c, image: x}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, sidecar.istio.io/inject: 'true'}}
    spec: {serviceAccountName: web, containers: [{name: c, image: x}]}
";

fn policy(name: &str, body: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{selector: {{matchLabels: {{app: api}}}}, {body}}}\n"
    )
}

fn allow(rules: &str) -> String {
    policy("api", &format!("action: ALLOW, rules: [{rules}]"))
}

fn deny(rules: &str) -> String {
    policy("no", &format!("action: DENY, rules: [{rules}]"))
}

fn mode(mode: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: default, namespace: shop}}\nspec: {{mtls: {{mode: {mode}}}}}\n"
    )
}

fn destination_rule(mode: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: api, namespace: shop}}\nspec: {{host: api.shop.svc.cluster.local, trafficPolicy: {{tls: {{mode: {mode}}}}}}}\n"
    )
}

const ISSUER: &str = "https://idp.example";

fn tokens(more: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{name: jwt, namespace: shop}}\nspec: {{selector: {{matchLabels: {{app: api}}}}, jwtRules: [{{issuer: '{ISSUER}', jwksUri: '{ISSUER}/keys'{more}}}]}}\n"
    )
}

const WEB: &str = "from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]";

/// Every change in one line.
fn lines(diff: &Diff) -> Vec<String> {
    let line = |change: &analysis::Change| {
        let ports: Vec<String> = change.ports.iter().map(ToString::to_string).collect();
        let by = change.responsible().map_or_else(String::new, |(side, by)| {
            let rule = by.rule.map_or_else(String::new, |rule| format!(" rule {rule}"));
            format!(" ({}: {}{rule})", side.as_str(), by.name)
        });
        format!(
            "{} {} -> {}: {} from {} to {}{by}",
            change.direction().as_str(),
            change.before.verdict,
            change.after.verdict,
            change.requests.text,
            change.callers,
            ports.join(", ")
        )
    };
    diff.changes.iter().map(line).collect()
}

/// Both meshes give a witness the verdicts that are told.
fn confirm(name: &str, before: &str, after: &str, diff: &Diff) {
    let meshes = [mesh_of(before), mesh_of(after)];
    for change in diff.changes.iter().filter(|change| change.witness.assumes.is_none()) {
        let text = change.witness.scenario.to_string();
        let scenario = Scenario::from_json(&text).unwrap();
        for (mesh, answer) in meshes.iter().zip([&change.before, &change.after]) {
            let decision = simulator(mesh).answer(&scenario, &mut NoFiles).unwrap();
            assert_eq!(decision.verdict, answer.verdict, "{name}: {text}");
        }
    }
}

#[test]
fn each_edit_changes_what_it_says() {
    let cases: &[(&str, String, String, &[&str])] = &[
        ("nothing differs", allow(&format!("{{{WEB}}}")), allow(&format!("{{{WEB}}}")), &[]),
        (
            "a policy is renamed and its rules change places",
            allow(&format!(
                "{{{WEB}, to: [{{operation: {{methods: [GET]}}}}]}}, {{{WEB}, to: [{{operation: {{methods: [PUT]}}}}]}}"
            )),
            policy("other", &format!("rules: [{{{WEB}, to: [{{operation: {{methods: [PUT, GET]}}}}]}}]")),
            &[],
        ),
        (
            "a method is added",
            allow(&format!("{{{WEB}, to: [{{operation: {{methods: [GET]}}}}]}}")),
            allow(&format!("{{{WEB}, to: [{{operation: {{methods: [GET, POST]}}}}]}}")),
            &[
                "opened denied -> allowed: POST requests from shop/web to shop/api:8080, shop/api (undeclared ports) (after: api rule 0)",
            ],
        ),
        (
            "a path of an allowed method is refused",
            allow("{to: [{operation: {methods: [GET]}}]}"),
            allow("{to: [{operation: {methods: [GET]}}]}")
                + &deny("{to: [{operation: {paths: ['/admin*'], notPaths: [/admin/ping]}}]}"),
            &[
                "closed allowed -> denied: GET /admin* but not /admin/ping from anyone in plaintext to shop/api:8080, shop/api (undeclared ports) (after: no rule 0)",
                "closed allowed -> denied: GET /admin* but not /admin/ping from any identity of the mesh to shop/api:8080, shop/api (undeclared ports) (after: no rule 0)",
            ],
        ),
        (
            "the last ALLOW policy goes",
            allow(&format!("{{{WEB}}}")),
            String::new(),
            &[
                "opened denied -> allowed: every request from anyone in plaintext to shop/api:8080, shop/api (undeclared ports) (before: api)",
                "opened denied -> allowed: every connection from anyone in plaintext to shop/api:5432, shop/api (undeclared ports) (before: api)",
                "opened denied -> allowed: every connection from any identity but shop/web to shop/api:5432, shop/api (undeclared ports) (before: api)",
                "opened denied -> allowed: every request from any identity but shop/web to shop/api:8080, shop/api (undeclared ports) (before: api)",
            ],
        ),
        (
            "plaintext is no longer taken",
            mode("PERMISSIVE"),
            mode("STRICT"),
            &[
                "closed allowed -> mtls-required: every request from anyone in plaintext to shop/api:8080, shop/api (undeclared ports), shop/web (undeclared ports) (after: default)",
                "closed allowed -> mtls-required: every connection from anyone in plaintext to shop/api:5432, shop/api (undeclared ports), shop/web (undeclared ports) (after: default)",
            ],
        ),
        (
            "a DestinationRule turns mutual TLS off where it is demanded",
            mode("STRICT"),
            mode("STRICT") + &destination_rule("DISABLE"),
            &[
                "closed allowed -> mtls-required: every connection from shop/api and shop/web to shop/api:5432 (after: default)",
                "closed allowed -> mtls-required: every request from shop/api and shop/web to shop/api:8080 (after: default)",
            ],
        ),
        (
            "a token of the issuer becomes necessary",
            tokens("") + &allow("{to: [{operation: {methods: [GET]}}]}"),
            tokens("") + &allow("{from: [{source: {requestPrincipals: ['*']}}], to: [{operation: {methods: [GET]}}]}"),
            &[],
        ),
        ("an audience is demanded", tokens(""), tokens(", audiences: [api]"), &[]),
        (
            "a claim is added",
            tokens("") + &allow("{when: [{key: 'request.auth.claims[groups]', values: [admin]}]}"),
            tokens("") + &allow("{when: [{key: 'request.auth.claims[groups]', values: [admin, ops]}]}"),
            &[],
        ),
        (
            "an address block grows",
            allow("{from: [{source: {ipBlocks: [10.0.0.0/24]}}]}"),
            allow("{from: [{source: {ipBlocks: [10.0.0.0/16]}}]}"),
            &[],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, before, after, expected) in cases {
        let (before, after) = (format!("{SHOP}{before}"), format!("{SHOP}{after}"));
        let diff = analysis::diff(&mesh_of(&before), &mesh_of(&after), now());
        confirm(name, &before, &after, &diff);
        let found = lines(&diff);
        if found != *expected || !diff.inexact.is_empty() {
            wrong.push(format!("{name}:\n  {}\n  {:?}", found.join("\n  "), diff.inexact));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
