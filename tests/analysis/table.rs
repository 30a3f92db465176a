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
    policy("refuse", &format!("action: DENY, rules: [{rules}]"))
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

/// A provider that can be asked.
const PROVIDER: &str = "---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: authz
      envoyExtAuthzGrpc: {service: api.shop.svc.cluster.local, port: 5432}
";

/// `shop/api` once more, which replaces it.
const BARE_API: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api, sidecar.istio.io/inject: 'BARE'}}
    spec: {serviceAccountName: api, containers: [{name: c, image: x}]}
";

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
                "closed allowed -> denied: GET /admin* but not /admin/ping from anyone to shop/api:8080, shop/api (undeclared ports) (after: refuse rule 0)",
            ],
        ),
        (
            "the last ALLOW policy goes",
            allow(&format!("{{{WEB}}}")),
            String::new(),
            &[
                "opened denied -> allowed: every connection from anyone in plaintext to shop/api:5432, shop/api (undeclared ports) (before: api)",
                "opened denied -> allowed: every connection from any identity but shop/web to shop/api:5432, shop/api (undeclared ports) (before: api)",
                "opened denied -> allowed: every request from anyone in plaintext to shop/api:8080, shop/api (undeclared ports) (before: api)",
                "opened denied -> allowed: every request from any identity but shop/web to shop/api:8080, shop/api (undeclared ports) (before: api)",
            ],
        ),
        (
            "plaintext is no longer taken",
            mode("PERMISSIVE"),
            mode("STRICT"),
            &[
                "closed allowed -> mtls-required: every connection from anyone in plaintext to shop/api:5432, shop/api (undeclared ports), shop/web (undeclared ports) (after: default)",
                "closed allowed -> mtls-required: every request from anyone in plaintext to shop/api:8080, shop/api (undeclared ports), shop/web (undeclared ports) (after: default)",
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
            &[
                "closed allowed -> denied: GET requests with a token of `https://idp.example` without a subject from anyone to shop/api:8080, shop/api (undeclared ports) (before: api rule 0)",
                "closed allowed -> denied: GET requests without a token from anyone to shop/api:8080, shop/api (undeclared ports) (before: api rule 0)",
            ],
        ),
        (
            "an audience is demanded",
            tokens(""),
            tokens(", audiences: [api]"),
            &[
                "closed allowed -> unauthenticated: requests with a token of `https://idp.example` for another audience from anyone to shop/api:8080, shop/api (undeclared ports) (after: jwt rule 0)",
            ],
        ),
        (
            "a claim is added",
            tokens("") + &allow("{when: [{key: 'request.auth.claims[groups]', values: [admin]}]}"),
            tokens("") + &allow("{when: [{key: 'request.auth.claims[groups]', values: [admin, ops]}]}"),
            &[
                "opened denied -> allowed: requests with a token of `https://idp.example` with claim `groups` ops but not admin from anyone to shop/api:8080, shop/api (undeclared ports) (after: api rule 0)",
            ],
        ),
        (
            "an address block grows",
            allow("{from: [{source: {ipBlocks: [10.0.0.0/24]}}]}"),
            allow("{from: [{source: {ipBlocks: [10.0.0.0/16]}}]}"),
            &[
                "opened denied -> allowed: connections from address 10.0.0.0/16 but not 10.0.0.0/24 from anyone to shop/api:5432, shop/api (undeclared ports) (after: api rule 0)",
                "opened denied -> allowed: requests from address 10.0.0.0/16 but not 10.0.0.0/24 from anyone to shop/api:8080, shop/api (undeclared ports) (after: api rule 0)",
            ],
        ),
        (
            "a header value is wanted",
            allow("{when: [{key: 'request.headers[x-team]', values: [red]}]}"),
            allow("{when: [{key: 'request.headers[x-team]', values: [red, blue]}]}"),
            &[
                "opened denied -> allowed: requests with header `x-team` blue but not red from anyone to shop/api:8080, shop/api (undeclared ports) (after: api rule 0)",
            ],
        ),
        (
            "a namespace is let in but for one account",
            allow(&format!("{{{WEB}}}")),
            allow("{from: [{source: {namespaces: [shop], notPrincipals: ['*/sa/api']}}]}"),
            &[
                "opened denied -> allowed: every connection from namespace shop but not shop/web or */sa/api to shop/api:5432, shop/api (undeclared ports) (after: api rule 0)",
                "opened denied -> allowed: every request from namespace shop but not shop/web or */sa/api to shop/api:8080, shop/api (undeclared ports) (after: api rule 0)",
            ],
        ),
        (
            "an external provider is asked",
            PROVIDER.to_owned(),
            PROVIDER.to_owned()
                + &policy("ask", "action: CUSTOM, provider: {name: authz}, rules: [{to: [{operation: {paths: [/pay]}}]}]"),
            &[
                "closed allowed -> denied: connections where `authz` refuses from anyone to shop/api:5432, shop/api (undeclared ports) (after: ask rule 0)",
                "closed allowed -> denied: requests to /pay where `authz` refuses from anyone to shop/api:8080, shop/api (undeclared ports) (after: ask rule 0)",
            ],
        ),
        (
            "the sidecar goes",
            allow("{to: [{operation: {methods: [GET]}}]}"),
            allow("{to: [{operation: {methods: [GET]}}]}") + &BARE_API.replace("BARE", "false"),
            &[
                "opened denied -> allowed: every connection from shop/api and shop/web to shop/api:5432",
                "opened denied -> allowed: every connection from anyone in plaintext to shop/api:5432, shop/api (undeclared ports)",
                "opened denied -> allowed: all but GET requests from shop/api and shop/web to shop/api:8080 (before: api)",
                "opened denied -> allowed: all but GET requests from anyone in plaintext to shop/api:8080, shop/api (undeclared ports) (before: api)",
                "closed allowed -> connection-failed: GET requests from any identity of the mesh to shop/api:8080, shop/api (undeclared ports) (before: api rule 0)",
                "other denied -> connection-failed: every connection from any identity of the mesh to shop/api:5432, shop/api (undeclared ports)",
                "other denied -> connection-failed: all but GET requests from any identity of the mesh to shop/api:8080, shop/api (undeclared ports) (before: api)",
            ],
        ),
        (
            "one port is opened to plaintext",
            mode("STRICT"),
            mode("STRICT")
                + "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: port, namespace: shop}\nspec: {selector: {matchLabels: {app: api}}, portLevelMtls: {5432: {mode: PERMISSIVE}}}\n",
            &["opened mtls-required -> allowed: every connection from anyone in plaintext to shop/api:5432 (before: default)"],
        ),
        (
            "a policy names a method that HTTP/1.1 does not know",
            deny("{to: [{operation: {methods: [get]}}]}"),
            String::new(),
            &[
                "opened denied -> allowed: every connection from anyone to shop/api:5432, shop/api (undeclared ports) (before: refuse rule 0)",
                "opened denied -> allowed: get requests from anyone to shop/api:8080, shop/api (undeclared ports) (before: refuse rule 0)",
            ],
        ),
        (
            "a template covers more than another",
            allow("{to: [{operation: {paths: ['/v1/{*}/items']}}]}"),
            allow("{to: [{operation: {paths: ['/v1/{**}/items']}}]}"),
            &[
                "opened denied -> allowed: requests to /v1/{**}/items but not /v1/{*}/items from anyone to shop/api:8080, shop/api (undeclared ports) (after: api rule 0)",
            ],
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

#[test]
fn keys_that_stand_in_the_manifests_are_told_to_be_replaced() {
    let inline =
        |more: &str| tokens(&format!(", jwks: '{{\"keys\": []}}'{more}")).replace(&format!(", jwksUri: '{ISSUER}/keys'"), "");
    let rule = |methods: &str| {
        allow(&format!(
            "{{from: [{{source: {{requestPrincipals: ['{ISSUER}/alice']}}}}], to: [{{operation: {{methods: [{methods}]}}}}]}}"
        ))
    };
    let (before, after) = (format!("{SHOP}{}{}", inline(""), rule("GET")), format!("{SHOP}{}{}", inline(""), rule("GET, POST")));
    let diff = analysis::diff(&mesh_of(&before), &mesh_of(&after), now());
    assert!(diff.inexact.is_empty(), "{:?}", diff.inexact);
    assert_eq!(
        lines(&diff),
        [
            "opened denied -> allowed: POST requests with a token of `https://idp.example` with subject alice from anyone to shop/api:8080, shop/api (undeclared ports) (after: api rule 0)"
        ]
    );
    assert!(diff.changes[0].witness.assumes.as_ref().unwrap().contains("key set"), "{:?}", diff.changes[0].witness);
}

#[test]
fn what_only_one_side_has_is_told_and_not_compared() {
    let without = SHOP.split("---\n").take(2).collect::<Vec<_>>().join("---\n");
    let diff = analysis::diff(&mesh_of(&without), &mesh_of(SHOP), now());
    assert!(diff.changes.is_empty(), "{:?}", lines(&diff));
    let names: Vec<&str> = diff.workloads.iter().map(|workload| workload.name.as_str()).collect();
    assert_eq!(names, ["shop/web"]);
}

#[test]
fn what_cannot_be_told_exactly_is_said_with_its_reason() {
    let scheme = |value: &str| allow(&format!("{{when: [{{key: 'request.headers[:scheme]', values: [{value}]}}]}}"));
    let ambient = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}\n";
    let keys = |text: &str| tokens("").replace("/keys", text);
    let cases = [
        ("a rule looks at the scheme", scheme("http"), scheme("https"), "`:scheme`"),
        ("the workload is ambient", format!("{ambient}{}", allow("{}")), format!("{ambient}{}", deny("{}")), "ambient"),
        ("an issuer has other keys", keys("/one"), keys("/two"), "keys of issuer"),
    ];
    for (name, before, after, why) in cases {
        let text = |more: &str| {
            SHOP.replace(
                ", sidecar.istio.io/inject: 'true'",
                if name.contains("ambient") { "" } else { ", sidecar.istio.io/inject: 'true'" },
            ) + more
        };
        let diff = analysis::diff(&mesh_of(&text(&before)), &mesh_of(&text(&after)), now());
        assert!(
            diff.inexact.iter().any(|one| one.why.contains(why) && one.place.contains("shop/api")),
            "{name}: {:?}",
            diff.inexact
        );
    }
    // The same on both sides needs no exactness.
    let same = format!("{SHOP}{}", scheme("http"));
    assert!(analysis::diff(&mesh_of(&same), &mesh_of(&same), now()).is_empty());
}
