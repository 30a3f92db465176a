//! Random manifests: one small mesh in `foo` with policies of every kind, as YAML text.

use serde_json::Value;
use serde_json::json;

use crate::choices::Choices;
use crate::words;

/// A mesh configuration, a workload and AuthorizationPolicies.
pub fn policies(choices: &mut Choices<'_>) -> String {
    let mut documents = vec![mesh_config(choices), deployment("foo", "web", None)];
    let count = 1 + choices.below(4);
    documents.extend((0..count).map(|number| authorization_policy(choices, number)));
    text(&documents)
}

/// The same with callers, services, gateways, PeerAuthentications, DestinationRules and RequestAuthentications.
pub fn whole(choices: &mut Choices<'_>) -> String {
    let mut documents = vec![mesh_config(choices)];
    for namespace in ["foo", "a"] {
        let injection = choices.pick(&["enabled", "disabled"]);
        documents.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"istio-injection": injection}}}));
    }
    let inject = [None, None, Some("true"), Some("false")];
    documents.push(deployment("foo", "web", choices.pick(&inject)));
    documents.push(deployment("a", "b", choices.pick(&inject)));
    if choices.once_in(3) {
        // A second workload behind the same service.
        let mut second = deployment("foo", "web-v2", choices.pick(&inject));
        second["spec"]["template"]["metadata"]["labels"]["app"] = "web".into();
        documents.push(second);
    }
    documents.push(service(choices, "foo", "web"));
    documents.push(service(choices, "a", "b"));
    for number in 0..choices.below(4) {
        documents.push(authorization_policy(choices, number));
    }
    for number in 0..choices.below(3) {
        documents.push(peer_authentication(choices, number));
    }
    for number in 0..choices.below(3) {
        documents.push(destination_rule(choices, number));
    }
    for number in 0..choices.below(3) {
        documents.push(request_authentication(choices, number));
    }
    if choices.once_in(3) {
        documents.push(service_entry(choices));
    }
    if choices.once_in(4) {
        documents.push(gateway(choices));
    }
    if choices.once_in(4) {
        documents.push(sidecar(choices));
    }
    text(&documents)
}

/// JSON is YAML; every document stands on its own line.
fn text(documents: &[Value]) -> String {
    documents.iter().map(|document| format!("---\n{document}\n")).collect()
}

fn mesh_config(choices: &mut Choices<'_>) -> Value {
    let domains: [&[&str]; 5] =
        [&["cluster.local"], &["td1"], &["td1", "td2"], &["a-td", "td2", "*-td"], &["td1", "cluster.local"]];
    let domains = choices.pick(&domains);
    let normalization = choices.pick(&["BASE", "NONE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"]);
    let grpc = json!({"service": "web.foo.svc.cluster.local", "port": choices.pick(&["80", "9000"])});
    let mesh = json!({
        "trustDomain": domains[0],
        "trustDomainAliases": domains[1..],
        "pathNormalization": {"normalization": normalization},
        "enableAutoMtls": !choices.once_in(6),
        "defaultConfig": {"gatewayTopology": {"numTrustedProxies": choices.below(3)}},
        "extensionProviders": [
            {"name": "grpc", "envoyExtAuthzGrpc": grpc},
            {"name": "http", "envoyExtAuthzHttp": {"service": "foo/web.foo.svc.cluster.local", "port": 80, "pathPrefix": "/check"}},
            {"name": "gone", "envoyExtAuthzGrpc": {"service": "nowhere.example", "port": 80}},
            {"name": "log", "envoyFileAccessLog": {}},
        ],
    });
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"}, "data": {"mesh": mesh.to_string()}})
}

fn deployment(namespace: &str, name: &str, inject: Option<&str>) -> Value {
    let mut labels = json!({"app": name, "version": "v1"});
    if let Some(inject) = inject {
        labels["sidecar.istio.io/inject"] = inject.into();
    }
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"serviceAccountName": name, "containers": [{"name": "c", "ports": [{"containerPort": 8080}, {"name": "db", "containerPort": 5432}]}]},
            },
        },
    })
}

fn service(choices: &mut Choices<'_>, namespace: &str, name: &str) -> Value {
    let mut http = json!({"name": choices.pick(&["http", "http2-x", "grpc", "tcp", "https", "mongo", "x", "tls"]), "port": 80, "targetPort": 8080});
    if choices.once_in(4) {
        http["appProtocol"] = choices.pick(&["http", "tcp", "kubernetes.io/h2c", "grpc", "mysql"]).into();
    }
    let mut service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"app": name}, "ports": [http, {"name": "tcp-db", "port": 5432, "targetPort": "db"}]},
    });
    if choices.once_in(4) {
        service["spec"]["clusterIP"] = choices.pick(&["None", "10.1.0.1"]).into();
    }
    service
}

fn meta(choices: &mut Choices<'_>, name: &str) -> Value {
    json!({"name": name, "namespace": choices.pick(&["foo", "foo", "foo", "istio-system", "a"])})
}

/// A `selector`, a `targetRef` or nothing.
fn attach(choices: &mut Choices<'_>, spec: &mut Value) {
    match choices.below(10) {
        0..6 => {}
        6 | 7 => spec["selector"] = json!({"matchLabels": {"app": "web"}}),
        8 => spec["selector"] = json!({"matchLabels": {"app": choices.pick(&["b", "web", "*", ""])}}),
        _ => {
            let (kind, group) = choices.pick(&[("Service", ""), ("Gateway", "gateway.networking.k8s.io")]);
            spec["targetRefs"] = json!([{"kind": kind, "group": group, "name": "web"}]);
        }
    }
}

fn authorization_policy(choices: &mut Choices<'_>, number: usize) -> Value {
    let mut spec = json!({});
    attach(choices, &mut spec);
    let action = choices.pick(&["ALLOW", "ALLOW", "DENY", "DENY", "AUDIT", "CUSTOM"]);
    spec["action"] = action.into();
    if action == "CUSTOM" {
        spec["provider"] = json!({"name": choices.pick(&["grpc", "grpc", "http", "gone", "log", "unknown"])});
    }
    let rules = match choices.below(32) {
        0 => 0,
        1 => 60 + choices.below(80),
        _ => 1 + choices.below(3),
    };
    spec["rules"] = (0..rules).map(|_| rule(choices)).collect();
    let mut metadata = meta(choices, &format!("p{number}"));
    if choices.once_in(6) {
        metadata["annotations"] = json!({"istio.io/dry-run": choices.pick(&["true", "false", "T", "maybe"])});
    }
    json!({"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata, "spec": spec})
}

fn rule(choices: &mut Choices<'_>) -> Value {
    if choices.is_empty() {
        return json!({});
    }
    let mut rule = json!({});
    let mut entries = |choices: &mut Choices<'_>, field: &str, make: fn(&mut Choices<'_>) -> Value| {
        let length = if choices.once_in(6) { 2 + choices.below(3) } else { choices.below(2) };
        if length > 0 {
            rule[field] = (0..length).map(|_| make(choices)).collect();
        }
    };
    entries(choices, "from", |choices| json!({"source": source(choices)}));
    entries(choices, "to", |choices| json!({"operation": operation(choices)}));
    entries(choices, "when", condition);
    rule
}

fn source(choices: &mut Choices<'_>) -> Value {
    let mut source = json!({});
    for _ in 0..choices.below(3) {
        let (field, negative, words) = choices.pick(&[
            ("principals", "notPrincipals", words::PRINCIPALS),
            ("namespaces", "notNamespaces", words::NAMESPACES),
            ("serviceAccounts", "notServiceAccounts", words::ACCOUNTS),
            ("trustDomains", "notTrustDomains", words::DOMAINS),
            ("ipBlocks", "notIpBlocks", words::BLOCKS),
            ("remoteIpBlocks", "notRemoteIpBlocks", words::BLOCKS),
            ("requestPrincipals", "notRequestPrincipals", words::REQUEST_PRINCIPALS),
        ]);
        pair(choices, &mut source, field, negative, words);
    }
    source
}

fn operation(choices: &mut Choices<'_>) -> Value {
    let mut operation = json!({});
    for _ in 0..choices.below(3) {
        let (field, negative, words) = choices.pick(&[
            ("hosts", "notHosts", words::HOSTS),
            ("methods", "notMethods", words::METHODS),
            ("paths", "notPaths", words::PATHS),
            ("ports", "notPorts", words::PORTS),
        ]);
        pair(choices, &mut operation, field, negative, words);
    }
    operation
}

fn condition(choices: &mut Choices<'_>) -> Value {
    // The last two keys lose rules or conditions; less often.
    let limit = if choices.once_in(4) { words::KEYS.len() } else { words::KEYS.len() - 2 };
    let (key, words) = words::KEYS[choices.below(limit)];
    let key = if choices.once_in(16) { format!("{key}{}", choices.free_text()) } else { key.to_owned() };
    let mut condition = json!({"key": key});
    pair(choices, &mut condition, "values", "notValues", words);
    condition
}

fn pair(choices: &mut Choices<'_>, into: &mut Value, field: &str, negative: &str, words: &[&str]) {
    let how = choices.below(4);
    if how < 3 {
        into[field] = list(choices, words);
    }
    if how >= 2 {
        into[negative] = list(choices, words);
    }
}

fn list(choices: &mut Choices<'_>, words: &[&str]) -> Value {
    let length = if choices.once_in(3) { choices.below(5) } else { choices.below(2) + 1 };
    (0..length).map(|_| Value::from(choices.word(words))).collect()
}

fn peer_authentication(choices: &mut Choices<'_>, number: usize) -> Value {
    let modes = ["STRICT", "PERMISSIVE", "DISABLE", "UNSET"];
    let mut spec = json!({"mtls": {"mode": choices.pick(&modes)}});
    if choices.once_in(2) {
        spec["selector"] = json!({"matchLabels": {"app": "web"}});
        spec["portLevelMtls"] = json!({"8080": {"mode": choices.pick(&modes)}, "5432": {"mode": choices.pick(&modes)}});
    }
    json!({"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": meta(choices, &format!("m{number}")), "spec": spec})
}

fn destination_rule(choices: &mut Choices<'_>, number: usize) -> Value {
    let tls = |choices: &mut Choices<'_>| {
        let mode = choices.pick(&["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"]);
        json!({"tls": {"mode": mode, "sni": choices.pick(&["", "x"]), "clientCertificate": "c", "privateKey": "k"}})
    };
    let mut policy = if choices.once_in(4) { json!({}) } else { tls(choices) };
    if choices.once_in(3) {
        let mut port = tls(choices);
        port["port"] = json!({"number": choices.pick(&[80, 5432])});
        policy["portLevelSettings"] = json!([port]);
    }
    let host = choices.pick(&["web.foo.svc.cluster.local", "web", "*.foo.svc.cluster.local", "*.local", "*", "outside.example"]);
    let mut spec = json!({"host": host, "trafficPolicy": policy});
    if choices.once_in(3) {
        spec["subsets"] = json!([{"name": "v1", "labels": {"version": "v1"}, "trafficPolicy": tls(choices)}]);
    }
    if choices.once_in(4) {
        spec["exportTo"] = json!([choices.pick(&[".", "*", "foo", "~"])]);
    }
    if choices.once_in(4) {
        spec["workloadSelector"] = json!({"matchLabels": {"app": choices.pick(&["b", "web"])}});
    }
    json!({"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": meta(choices, &format!("d{number}")), "spec": spec})
}

fn request_authentication(choices: &mut Choices<'_>, number: usize) -> Value {
    let mut spec = json!({});
    attach(choices, &mut spec);
    let rule = |choices: &mut Choices<'_>| {
        let mut rule = json!({"issuer": choices.pick(&["i", "https://i", "a", "https://login.photo.example"])});
        match choices.below(4) {
            0 => rule["jwks"] = r#"{"keys":[{"kty":"oct","k":"YSBzZWNyZXQga25vd24gdG8gYm90aCBzaWRlcw"}]}"#.into(),
            1 => rule["jwksUri"] = "https://keys.example/jwks".into(),
            2 => rule["jwks"] = choices.word(&["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"RSA"}]}"#]).into(),
            _ => {}
        }
        if choices.once_in(3) {
            rule["fromHeaders"] =
                json!([{"name": choices.pick(&["x-token", "authorization"]), "prefix": choices.pick(&["", "Tok "])}]);
        }
        if choices.once_in(3) {
            rule["fromParams"] = json!(["access_token"]);
        }
        if choices.once_in(3) {
            rule["audiences"] = json!([choices.pick(&["x", "payroll"])]);
        }
        if choices.once_in(3) {
            rule["outputPayloadToHeader"] = choices.pick(&["x-a", "x-payload"]).into();
            rule["forwardOriginalToken"] = true.into();
        }
        if choices.once_in(3) {
            rule["outputClaimToHeaders"] = json!([{"header": "x-a", "claim": choices.pick(&["sub", "n.g"])}]);
        }
        rule
    };
    spec["jwtRules"] = (0..choices.below(3)).map(|_| rule(choices)).collect();
    json!({"apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication", "metadata": meta(choices, &format!("j{number}")), "spec": spec})
}

fn service_entry(choices: &mut Choices<'_>) -> Value {
    let mut spec = json!({
        "hosts": ["outside.example"],
        "ports": [{"number": choices.pick(&[80, 443]), "name": "p", "protocol": choices.pick(&["HTTP", "TLS", "TCP", "HTTPS", "GRPC"])}],
        "location": choices.pick(&["MESH_EXTERNAL", "MESH_INTERNAL"]),
        "resolution": choices.pick(&["DNS", "STATIC", "NONE"]),
    });
    match choices.below(3) {
        0 => spec["workloadSelector"] = json!({"labels": {"app": "web"}}),
        1 => {
            spec["endpoints"] =
                json!([{"address": choices.pick(&["10.9.0.1", "host.example"]), "serviceAccount": "x", "labels": {"app": "e"}}])
        }
        _ => spec["subjectAltNames"] = json!(["spiffe://td1/ns/a/sa/b"]),
    }
    json!({"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": meta(choices, "outside"), "spec": spec})
}

fn gateway(choices: &mut Choices<'_>) -> Value {
    json!({
        "apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": meta(choices, "gate"),
        "spec": {"selector": {"app": "web"}, "servers": [{
            "port": {"number": choices.pick(&[80, 8080, 443]), "name": "s", "protocol": choices.pick(&["HTTP", "HTTPS", "TLS", "TCP"])},
            "hosts": [choices.pick(&["*", "a.example"])],
            "tls": {"mode": choices.pick(&["SIMPLE", "MUTUAL", "PASSTHROUGH", "ISTIO_MUTUAL"]), "credentialName": "c"},
        }]},
    })
}

fn sidecar(choices: &mut Choices<'_>) -> Value {
    json!({
        "apiVersion": "networking.istio.io/v1", "kind": "Sidecar", "metadata": meta(choices, "side"),
        "spec": {
            "egress": [{"hosts": [choices.pick(&["*/*", "./*", "foo/*", "~/*", "a/b.a.svc.cluster.local"])]}],
            "ingress": [{
                "port": {"number": choices.pick(&[8080, 9080]), "name": "i", "protocol": choices.pick(&["HTTP", "TCP"])},
                "defaultEndpoint": choices.pick(&["127.0.0.1:8080", "0.0.0.0:5432", "unix:///s"]),
            }],
        },
    })
}
