//! A mesh with one workload and rules at random, as manifests.

use crate::traffic::Random;

/// Manifests, and the ports of `shop/web`.
pub(crate) struct Manifests {
    pub(crate) text: String,
    pub(crate) ports: Vec<u16>,
}

const KEY: &str = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ";
pub(crate) const ISSUER: &str = "https://idp.example";

/// The secret behind the key set of [`ISSUER`].
pub(crate) fn secret() -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(KEY).unwrap()
}

/// The workload and its Service; each port with its name, which says how it is read.
pub(crate) fn workload(ports: &[(&str, u16)]) -> String {
    let mut text = "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: server
      containers: [{name: web, image: web}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports:
"
    .to_owned();
    for (index, (name, port)) in ports.iter().enumerate() {
        text.push_str(&format!("  - {{name: {name}, port: {}, targetPort: {port}}}\n", 80 + index));
    }
    text
}

/// A PeerAuthentication for the namespace.
pub(crate) fn mode(mode: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: default, namespace: shop}}\nspec: {{mtls: {{mode: {mode}}}}}\n"
    )
}

/// An AuthorizationPolicy for the workload; `rules` are the lines below `rules:`.
pub(crate) fn policy(name: &str, action: &str, rules: &[String]) -> String {
    let rules: String = rules.iter().map(|rule| format!("  - {rule}\n")).collect();
    let rules = if rules.is_empty() { String::new() } else { format!("  rules:\n{rules}") };
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  action: {action}\n{rules}"
    )
}

fn rule(random: &mut Random, has_tokens: bool) -> String {
    let list = |random: &mut Random, of: &[&str]| {
        let first = (*random.pick(of)).to_owned();
        if random.chance(40) { format!("[\"{first}\", \"{}\"]", random.pick::<&str>(of)) } else { format!("[\"{first}\"]") }
    };
    let mut parts = Vec::new();
    if random.chance(60) {
        let mut source = Vec::new();
        for (name, values, percent) in [
            ("principals", &["cluster.local/ns/shop/sa/client", "*/sa/front", "cluster.local/ns/shop/*", "*"][..], 45),
            ("namespaces", &["shop", "web", "s*"], 30),
            ("notNamespaces", &["web"], 15),
            ("ipBlocks", &["10.1.0.0/16", "192.0.2.9"], 25),
            ("remoteIpBlocks", &["203.0.113.0/24", "10.0.0.0/8"], 20),
            ("requestPrincipals", &["*", "https://idp.example/alice"], if has_tokens { 40 } else { 0 }),
        ] {
            if random.chance(percent) {
                source.push(format!("{name}: {}", list(random, values)));
            }
        }
        if !source.is_empty() {
            parts.push(format!("from: [{{source: {{{}}}}}]", source.join(", ")));
        }
    }
    if random.chance(70) {
        let mut operation = Vec::new();
        for (name, values, percent) in [
            ("paths", &["/open*", "/admin", "*/x", "/", "/api/{*}/items", "/a*"][..], 60),
            ("notPaths", &["/admin*", "/open"], 20),
            ("methods", &["GET", "POST", "HEAD"], 40),
            ("hosts", &["web.shop", "*.example", "web.shop.svc.cluster.local:80"], 25),
        ] {
            if random.chance(percent) {
                operation.push(format!("{name}: {}", list(random, values)));
            }
        }
        if !operation.is_empty() {
            parts.push(format!("to: [{{operation: {{{}}}}}]", operation.join(", ")));
        }
    }
    if random.chance(30) {
        let mut conditions: Vec<(&str, &[&str])> = vec![
            ("request.headers[x-team]", &["red", "b*", "*"]),
            ("request.headers[x-forwarded-client-cert]", &["*front*"]),
            ("connection.sni", &["web.shop*", "*.local"]),
            ("destination.ip", &["10.0.0.0/8"]),
        ];
        if has_tokens {
            conditions.push(("request.auth.claims[team]", &["red", "blue"]));
            conditions.push(("request.auth.audiences", &["web"]));
        }
        let (key, values) = random.pick(&conditions).to_owned();
        let which = if random.chance(25) { "notValues" } else { "values" };
        parts.push(format!("when: [{{key: \"{key}\", {which}: {}}}]", list(random, values)));
    }
    if parts.is_empty() { "{}".to_owned() } else { format!("{{{}}}", parts.join(", ")) }
}

/// Rules at random for these ports.
pub(crate) fn random(random: &mut Random, ports: &[(&str, u16)]) -> Manifests {
    let mut text = workload(ports);
    if random.chance(75) {
        text.push_str(&mode(random.pick::<&str>(&["STRICT", "PERMISSIVE", "DISABLE"])));
    }
    let has_tokens = random.chance(50);
    if has_tokens {
        let more = if random.chance(30) { ", audiences: [web]" } else { "" };
        let forward = if random.chance(50) { ", forwardOriginalToken: true" } else { "" };
        text.push_str(&format!(
            "---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{name: tokens, namespace: shop}}\nspec:\n  jwtRules:\n  - {{issuer: \"{ISSUER}\", jwks: '{{\"keys\":[{{\"kty\":\"oct\",\"kid\":\"a\",\"alg\":\"HS256\",\"k\":\"{KEY}\"}}]}}'{more}{forward}}}\n"
        ));
    }
    for (name, action, percent, most) in [("deny", "DENY", 60, 2), ("allow", "ALLOW", 65, 4)] {
        if random.chance(percent) {
            let count = 1 + random.below(most);
            let rules: Vec<String> = (0..count).map(|_| rule(random, has_tokens)).collect();
            text.push_str(&policy(name, action, &rules));
        }
    }
    Manifests { text, ports: ports.iter().map(|(_, port)| *port).collect() }
}
