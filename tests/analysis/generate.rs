//! Random meshes, edits of them, and requests, with few distinct words so that they meet.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use meshsec::jose::Algorithm;
use meshsec::jose::ExactJson;
use meshsec::jose::SigningKey;
use meshsec::jose::TokenDraft;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Numbers that follow from a seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

const PRINCIPALS: &[&str] = &[
    "*",
    "cluster.local/ns/a/sa/web",
    "cluster.local/ns/b/sa/web",
    "cluster.local/ns/a/sa/api",
    "cluster.local/ns/a/*",
    "*/sa/web",
    "cluster.local/ns/a/sa/w*",
    "*b",
    "cluster.local/*",
    "other/ns/a/sa/web",
];
const NAMESPACES: &[&str] = &["a", "b", "*", "a*", "*a", "c"];
const ACCOUNTS: &[&str] = &["web", "a/web", "b/web", "api"];
const BLOCKS: &[&str] = &["10.0.0.0/8", "10.0.0.9", "10.0.0.8/29", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.168.0.0/16"];
const HOSTS: &[&str] = &["*", "api.a.svc.cluster.local", "*.example", "shop.example", "Shop.Example", "shop.*"];
const METHODS: &[&str] = &["*", "GET", "POST", "P*", "*T", "DELETE"];
const PATHS: &[&str] =
    &["/", "/a", "/a*", "/a/b", "*/b", "*", "/a/{*}", "/a/{**}", "/{*}/c", "/a/{**}/c", "/ab*", "/a/b*", "*.jpg", "/A"];
const PORTS: &[&str] = &["8080", "5432", "9090"];
const TEXTS: &[&str] = &["*", "x", "xy", "x*", "*y", "y"];
const REQUEST_PRINCIPALS: &[&str] =
    &["*", "https://i.example/s", "https://i.example/*", "https://j.example/*", "*/s", "https://j.example/t"];

fn list(dice: &mut Dice, words: &[&str]) -> Value {
    let length = if dice.once_in(3) { 1 + dice.below(4) } else { 1 + dice.below(2) };
    (0..length).map(|_| Value::from(dice.pick(words))).collect()
}

fn pair(dice: &mut Dice, into: &mut Value, field: &str, negative: &str, words: &[&str]) {
    let how = dice.below(4);
    if how < 3 {
        into[field] = list(dice, words);
    }
    if how >= 2 {
        into[negative] = list(dice, words);
    }
}

fn source(dice: &mut Dice) -> Value {
    let mut source = json!({});
    for _ in 0..=dice.below(2) {
        let (field, negative, words) = dice.pick(&[
            ("principals", "notPrincipals", PRINCIPALS),
            ("principals", "notPrincipals", PRINCIPALS),
            ("namespaces", "notNamespaces", NAMESPACES),
            ("ipBlocks", "notIpBlocks", BLOCKS),
            ("remoteIpBlocks", "notRemoteIpBlocks", BLOCKS),
            ("requestPrincipals", "notRequestPrincipals", REQUEST_PRINCIPALS),
        ]);
        pair(dice, &mut source, field, negative, words);
    }
    if dice.once_in(6) {
        source = json!({"serviceAccounts": list(dice, ACCOUNTS)});
    }
    source
}

fn operation(dice: &mut Dice) -> Value {
    let mut operation = json!({});
    for _ in 0..=dice.below(2) {
        let (field, negative, words) = dice.pick(&[
            ("hosts", "notHosts", HOSTS),
            ("methods", "notMethods", METHODS),
            ("paths", "notPaths", PATHS),
            ("paths", "notPaths", PATHS),
            ("ports", "notPorts", PORTS),
        ]);
        pair(dice, &mut operation, field, negative, words);
    }
    operation
}

fn condition(dice: &mut Dice) -> Value {
    let keys: [(&str, &[&str]); 10] = [
        ("request.headers[x-a]", TEXTS),
        ("request.headers[x-a]", TEXTS),
        ("request.headers[user-agent]", TEXTS),
        ("request.auth.claims[g]", TEXTS),
        ("request.auth.claims[n][g]", TEXTS),
        ("request.auth.audiences", &["one", "two", "o*"]),
        ("request.auth.presenter", TEXTS),
        ("source.namespace", NAMESPACES),
        ("connection.sni", &["x", "*", "y*"]),
        ("destination.ip", BLOCKS),
    ];
    let (key, words) = keys[dice.below(keys.len())];
    let mut condition = json!({"key": key});
    pair(dice, &mut condition, "values", "notValues", words);
    condition
}

fn rule(dice: &mut Dice) -> Value {
    let mut rule = json!({});
    if !dice.once_in(3) {
        rule["from"] = (0..=dice.below(2)).map(|_| json!({"source": source(dice)})).collect();
    }
    if !dice.once_in(3) {
        rule["to"] = (0..=dice.below(2)).map(|_| json!({"operation": operation(dice)})).collect();
    }
    if dice.once_in(3) {
        rule["when"] = (0..=dice.below(2)).map(|_| condition(dice)).collect();
    }
    rule
}

fn policy(dice: &mut Dice, number: usize) -> Value {
    let action = dice.pick(&["ALLOW", "ALLOW", "DENY", "DENY", "CUSTOM", "AUDIT"]);
    let mut spec = json!({"action": action, "rules": (0..=dice.below(3)).map(|_| rule(dice)).collect::<Vec<_>>()});
    if action == "CUSTOM" {
        spec["provider"] = json!({"name": "authz"});
    }
    if dice.once_in(2) {
        spec["selector"] = json!({"matchLabels": {"app": dice.pick(&["api", "web"])}});
    }
    let namespace = dice.pick(&["a", "a", "b", "istio-system"]);
    json!({
        "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
        "metadata": {"name": format!("p{number}"), "namespace": namespace}, "spec": spec
    })
}

fn peer_authentication(dice: &mut Dice, number: usize) -> Value {
    let mut spec = json!({"mtls": {"mode": dice.pick(&["STRICT", "PERMISSIVE", "DISABLE"])}});
    if dice.once_in(3) {
        spec["selector"] = json!({"matchLabels": {"app": "api"}});
        spec["portLevelMtls"] =
            json!({dice.pick(&["8080", "9090", "5432"]): {"mode": dice.pick(&["STRICT", "PERMISSIVE", "DISABLE"])}});
    }
    json!({
        "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
        "metadata": {"name": format!("m{number}"), "namespace": dice.pick(&["a", "b", "istio-system"])}, "spec": spec
    })
}

fn destination_rule(dice: &mut Dice, number: usize) -> Value {
    let mode = dice.pick(&["DISABLE", "ISTIO_MUTUAL", "SIMPLE"]);
    json!({
        "apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
        "metadata": {"name": format!("d{number}"), "namespace": dice.pick(&["a", "b", "istio-system"])},
        "spec": {"host": dice.pick(&["api.a.svc.cluster.local", "*.svc.cluster.local"]), "trafficPolicy": {"tls": {"mode": mode}}}
    })
}

fn request_authentication(dice: &mut Dice, number: usize) -> Value {
    let rules = (0..=dice.below(2)).map(|_| {
        let issuer = dice.pick(&["https://i.example", "https://j.example"]);
        let mut rule = json!({"issuer": issuer, "jwksUri": format!("{issuer}/keys")});
        if dice.once_in(3) {
            rule["audiences"] = list(dice, &["one", "two"]);
        }
        if dice.once_in(6) {
            rule["fromHeaders"] = json!([{"name": "x-token"}]);
        }
        rule
    });
    let rules: Vec<Value> = rules.collect();
    json!({
        "apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication",
        "metadata": {"name": format!("r{number}"), "namespace": dice.pick(&["a", "b", "istio-system"])}, "spec": {"jwtRules": rules}
    })
}

fn workload(namespace: &str, name: &str, injected: bool) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name, "sidecar.istio.io/inject": injected.to_string()}},
            "spec": {"serviceAccountName": name, "containers": [{"name": "c", "image": "x"}]}
        }}
    })
}

fn base() -> Vec<Value> {
    let config = "extensionProviders:\n- name: authz\n  envoyExtAuthzGrpc: {service: authz.a.svc.cluster.local, port: 9000}\n";
    let service = |namespace: &str, name: &str, ports: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": {"selector": {"app": name}, "ports": ports}});
    vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"}, "data": {"mesh": config}}),
        service("a", "authz", json!([{"name": "grpc", "port": 9000}])),
        service(
            "a",
            "api",
            json!([{"name": "http", "port": 80, "targetPort": 8080}, {"name": "tcp-db", "port": 5432}, {"name": "any", "port": 9090}]),
        ),
        service("b", "web", json!([{"name": "http", "port": 8080}])),
        workload("a", "authz", true),
        workload("a", "api", true),
        workload("a", "web", true),
        workload("b", "web", true),
        workload("b", "old", false),
    ]
}

/// A mesh as documents.
pub(crate) fn mesh(dice: &mut Dice) -> Vec<Value> {
    let mut documents = base();
    for number in 0..=dice.below(5) {
        let made = another(dice, number);
        documents.push(made);
    }
    documents
}

fn another(dice: &mut Dice, number: usize) -> Value {
    match dice.below(8) {
        0 => peer_authentication(dice, number),
        1 => destination_rule(dice, number),
        2 => request_authentication(dice, number),
        _ => policy(dice, number),
    }
}

/// The same mesh after one edit, or a few.
pub(crate) fn edited(dice: &mut Dice, documents: &[Value]) -> Vec<Value> {
    let mut documents = documents.to_vec();
    let fixed = base().len();
    for _ in 0..=dice.below(2) {
        let count = documents.len() - fixed;
        match dice.below(6) {
            0 if count > 0 => drop(documents.remove(fixed + dice.below(count))),
            1 => {
                let made = another(dice, 100 + count);
                documents.push(made);
            }
            _ if count > 0 => {
                let at = fixed + dice.below(count);
                let number = at;
                let made = match documents[at]["kind"].as_str().unwrap() {
                    "PeerAuthentication" => peer_authentication(dice, number),
                    "DestinationRule" => destination_rule(dice, number),
                    "RequestAuthentication" => request_authentication(dice, number),
                    _ => {
                        edit_policy(dice, &mut documents[at]);
                        continue;
                    }
                };
                documents[at]["spec"] = made["spec"].clone();
            }
            _ => {}
        }
    }
    documents
}

fn edit_policy(dice: &mut Dice, document: &mut Value) {
    let rules = document["spec"]["rules"].as_array_mut().unwrap();
    match dice.below(5) {
        0 if rules.len() > 1 => drop(rules.remove(dice.below(rules.len()))),
        1 => {
            let made = rule(dice);
            rules.push(made);
        }
        2 => document["spec"]["selector"] = json!({"matchLabels": {"app": dice.pick(&["api", "web"])}}),
        _ => {
            let at = dice.below(rules.len());
            let made = rule(dice);
            let part = dice.pick(&["from", "to", "when"]);
            rules[at][part] = made[part].clone();
            if rules[at][part].is_null() {
                rules[at].as_object_mut().unwrap().remove(part);
            }
        }
    }
}

/// The manifests as one text.
pub(crate) fn text(documents: &[Value]) -> String {
    documents.iter().map(|document| format!("---\n{document}\n")).collect()
}

const SECRET: &[u8] = b"a secret of these tests, as long as one has to be";

/// A key set that every issuer has.
fn key_set() -> Value {
    json!({"keys": [{"kty": "oct", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode(SECRET)}]})
}

fn token(dice: &mut Dice) -> String {
    let mut claims: Vec<(&str, Value)> =
        vec![("iss", json!(dice.pick(&["https://i.example", "https://i.example", "https://j.example", "https://k.example"])))];
    if !dice.once_in(4) {
        claims.push(("sub", json!(dice.pick(&["s", "t", "st", ""]))));
    }
    if dice.once_in(2) {
        claims.push(("aud", dice.pick(&[json!("one"), json!("two"), json!(["one", "two"]), json!("onetwo"), json!([])])));
    }
    let texts = [json!("x"), json!("xy"), json!(["x", "y"]), json!("y"), json!(""), json!(7), json!("xzzy")];
    if dice.once_in(2) {
        claims.push(("g", dice.pick(&texts)));
    }
    if dice.once_in(3) {
        claims.push(("n", json!({"g": dice.pick(&texts)})));
    }
    if dice.once_in(3) {
        claims.push(("azp", dice.pick(&texts)));
    }
    let claims = claims.into_iter().map(|(name, value)| (name.to_owned(), ExactJson::from_value(&value))).collect();
    let draft = TokenDraft { algorithm: Algorithm::Hs256, key_id: None, header: Vec::new(), claims };
    draft.sign(&SigningKey::from_secret(SECRET).unwrap()).unwrap()
}

/// A request within what is compared: every fact is given.
pub(crate) fn request(dice: &mut Dice) -> Value {
    let mut scenario = Map::new();
    let mut from =
        json!({"ip": dice.pick(&["10.0.0.9", "10.0.0.8", "10.9.9.9", "192.168.1.1", "8.8.8.8", "2001:db8::1", "::1"])});
    let is_tcp = dice.once_in(4);
    let port = dice.pick(if is_tcp { &[5432, 9090, 7171][..] } else { &[8080, 8080, 9090, 7171][..] });
    let workload = dice.pick(&["a/api", "a/api", "a/api", "b/web", "a/web"]);
    let mut to = json!({"workload": workload, "port": port});
    match dice.below(5) {
        0 => {}
        1 | 2 => {
            let principal = dice.pick(&[
                "cluster.local/ns/a/sa/web",
                "cluster.local/ns/b/sa/web",
                "cluster.local/ns/a/sa/api",
                "cluster.local/ns/b/sa/b",
                "cluster.local/ns/c/sa/x",
                "cluster.local/ns/aa/sa/web",
                "cluster.local/ns/ba/sa/wb",
            ]);
            from["principal"] = json!(principal);
            scenario.insert("tls".to_owned(), json!({"mode": "istio-mutual", "sni": dice.pick(&["", "x", "y", "yz"])}));
        }
        _ => {
            from["workload"] = json!(dice.pick(&["a/api", "a/web", "b/web", "b/old"]));
            to = match port {
                8080 if workload == "a/api" => json!({"service": "api.a.svc.cluster.local", "workload": "a/api", "port": 80}),
                5432 | 9090 => json!({"service": "api.a.svc.cluster.local", "workload": "a/api", "port": port}),
                _ => json!({"service": "web.b.svc.cluster.local", "workload": "b/web", "port": 8080}),
            };
        }
    }
    to["ip"] = json!(dice.pick(&["10.0.0.9", "10.0.0.1", "172.16.0.1", "192.168.3.4"]));
    scenario.insert("from".to_owned(), from);
    let is_web = to["service"] == json!("web.b.svc.cluster.local");
    scenario.insert("to".to_owned(), to);
    scenario.insert("protocol".to_owned(), json!(if is_tcp && !is_web { "tcp" } else { "http" }));
    scenario.insert("extAuthz".to_owned(), json!({"authz": dice.pick(&["allow", "deny"])}));
    if is_tcp && !is_web {
        return Value::Object(scenario);
    }
    let words = [
        ("method", &["GET", "POST", "PUT", "DELETE", "PATCH"][..]),
        ("path", &["/", "/a", "/a/b", "/a/b/c", "/ab", "/a/", "/b/b", "/A", "/x/c", "/a/x.jpg", "/a/c", "/ab/b?q=1"][..]),
        ("host", &["api.a.svc.cluster.local", "shop.example", "SHOP.example", "a.example", "shop.x", ""][..]),
        ("remoteIp", &["10.0.0.9", "10.0.0.8", "10.9.9.9", "192.168.1.1", "8.8.8.8", "2001:db8::1"][..]),
    ];
    for (field, values) in words {
        scenario.insert(field.to_owned(), json!(dice.pick(values)));
    }
    let mut headers = Map::new();
    let values = [json!("x"), json!("xy"), json!(["x", "y"]), json!("y"), json!(""), json!("xzzy"), json!("z")];
    if dice.once_in(2) {
        headers.insert("x-a".to_owned(), dice.pick(&values));
    }
    if dice.once_in(3) {
        headers.insert("user-agent".to_owned(), dice.pick(&values));
    }
    if dice.once_in(2) {
        let token = token(dice);
        if dice.once_in(6) {
            headers.insert("x-token".to_owned(), json!(token));
        } else {
            scenario.insert("token".to_owned(), json!(token));
        }
    }
    scenario.insert("headers".to_owned(), Value::Object(headers));
    let keys = ["https://i.example", "https://j.example", "https://k.example"].map(|issuer| (issuer.to_owned(), key_set()));
    scenario.insert("jwks".to_owned(), Value::Object(keys.into_iter().collect()));
    Value::Object(scenario)
}
