//! Whole listeners against shapes written by hand from what istiod sends.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use super::Declaration;
use super::DeclaredPort;
use super::Jwt;
use super::Translation;
use super::bootstrap;
use super::jwt;
use super::listener;
use super::listeners;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::kinds::ClaimToHeader;
use crate::manifest::kinds::ExtensionProvider;
use crate::manifest::kinds::ExtensionProviderKind;
use crate::manifest::kinds::GrpcExtAuthz;
use crate::manifest::kinds::HeaderLocation;
use crate::manifest::kinds::HttpExtAuthz;
use crate::manifest::kinds::JwtRule;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::PathNormalization;
use crate::mesh::Mesh;
use crate::mesh::Protocol;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::policy::Attribute;
use crate::policy::CustomEngine;
use crate::policy::CustomOutcome;
use crate::policy::Engine;
use crate::policy::EngineRule;
use crate::policy::Engines;
use crate::policy::Entry;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::Value as PolicyValue;

const STRICT: MutualTlsMode = MutualTlsMode::Strict;
const PERMISSIVE: MutualTlsMode = MutualTlsMode::Permissive;
const DISABLE: MutualTlsMode = MutualTlsMode::Disable;

fn written(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Span::default())
}

fn workload() -> Workload {
    Workload {
        namespace: "shop".to_owned(),
        name: "web".to_owned(),
        kind: "Deployment".to_owned(),
        labels: [].into(),
        annotations: [].into(),
        annotation_places: [].into(),
        label_places: [].into(),
        service_account: "web".to_owned(),
        proxy: Proxy::Sidecar,
        proxy_reason: String::new(),
        proxyless: false,
        container_ports: Vec::new(),
        ip: None,
        probes: Vec::new(),
        excluded_inbound_ports: [].into(),
        included_inbound_ports: None,
        interception_none: false,
        span: Span::default(),
    }
}

fn port(number: u16, protocol: Protocol, mode: MutualTlsMode) -> DeclaredPort {
    DeclaredPort { number, protocol, mode, declared_by: Declaration::Service(80) }
}

/// One mesh to make listeners from.
struct Case {
    mesh: Mesh,
    workload: Workload,
    ports: Vec<DeclaredPort>,
    passthrough: MutualTlsMode,
    undeclared: Vec<(u16, MutualTlsMode)>,
    http: Engines,
    tcp: Engines,
    rules: Vec<(JwtRule, Option<String>)>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            mesh: Mesh::default(),
            workload: workload(),
            ports: Vec::new(),
            passthrough: PERMISSIVE,
            undeclared: Vec::new(),
            http: Engines::default(),
            tcp: Engines::default(),
            rules: Vec::new(),
        }
    }
}

impl Case {
    fn write(&self, with: impl Fn(&Translation<'_>) -> Value) -> Value {
        with(&Translation {
            mesh: &self.mesh,
            workload: &self.workload,
            ports: self.ports.clone(),
            passthrough: self.passthrough,
            undeclared: self.undeclared.clone(),
            http: &self.http,
            tcp: &self.tcp,
            jwt: self.rules.iter().map(|(rule, keys)| Jwt { rule, keys: keys.clone() }).collect(),
        })
    }

    fn listener(&self) -> Value {
        self.write(listener)
    }
}

/// `name port transport [protocols] tls|- filters` of every chain.
fn chains(listener: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    listener["filterChains"]
        .as_array()
        .unwrap()
        .iter()
        .map(|chain| {
            let condition = &chain["filterChainMatch"];
            let protocols: Vec<String> = condition["applicationProtocols"].as_array().into_iter().flatten().map(text).collect();
            let filters: Vec<String> = chain["filters"]
                .as_array()
                .unwrap()
                .iter()
                .map(|filter| text(&filter["name"]).rsplit('.').next().unwrap().to_owned())
                .collect();
            format!(
                "{} {} {} [{}] {} {}",
                text(&chain["name"]),
                condition["destinationPort"].as_u64().unwrap_or_default(),
                text(&condition["transportProtocol"]),
                protocols.join(","),
                if chain["transportSocket"].is_null() { "-" } else { "tls" },
                filters.join(","),
            )
        })
        .collect()
}

#[test]
fn chains_follow_protocol_and_mode_in_istiods_order() {
    const MESH: &str = "istio,istio-peer-exchange,istio-http/1.0,istio-http/1.1,istio-h2";
    const MESH_HTTP: &str = "istio-http/1.0,istio-http/1.1,istio-h2";
    let case = Case {
        ports: vec![
            port(9999, Protocol::Unset, DISABLE),
            port(8080, Protocol::Http, PERMISSIVE),
            port(8081, Protocol::Grpc, STRICT),
            port(8082, Protocol::Http2, DISABLE),
            port(9090, Protocol::Tcp, PERMISSIVE),
            port(9091, Protocol::Https, STRICT),
            port(9092, Protocol::Mongo, DISABLE),
            port(9100, Protocol::Unset, STRICT),
        ],
        undeclared: vec![(7001, DISABLE), (7000, STRICT)],
        ..Case::default()
    };
    let expected = [
        "virtualInbound-blackhole 15006 - [] - tcp_proxy".to_owned(),
        format!("virtualInbound-catchall-http 0 tls [{MESH_HTTP}] tls http_connection_manager"),
        "virtualInbound-catchall-http 0 raw_buffer [http/1.1,h2c] - http_connection_manager".to_owned(),
        "virtualInbound 0 tls [istio-peer-exchange,istio] tls tcp_proxy".to_owned(),
        "virtualInbound 0 raw_buffer [] - tcp_proxy".to_owned(),
        "virtualInbound 0 tls [] - tcp_proxy".to_owned(),
        format!("virtualInbound-catchall-http 7000 tls [{MESH_HTTP}] tls http_connection_manager"),
        "virtualInbound 7000 tls [] tls tcp_proxy".to_owned(),
        "virtualInbound-catchall-http 7001 raw_buffer [http/1.1,h2c] - http_connection_manager".to_owned(),
        "virtualInbound 7001 raw_buffer [] - tcp_proxy".to_owned(),
        format!("0.0.0.0_8080 8080 tls [{MESH}] tls http_connection_manager"),
        "0.0.0.0_8080 8080 raw_buffer [] - http_connection_manager".to_owned(),
        "0.0.0.0_8081 8081 tls [] tls http_connection_manager".to_owned(),
        "0.0.0.0_8082 8082 raw_buffer [] - http_connection_manager".to_owned(),
        format!("0.0.0.0_9090 9090 tls [{MESH}] tls tcp_proxy"),
        "0.0.0.0_9090 9090 tls [] - tcp_proxy".to_owned(),
        "0.0.0.0_9090 9090 raw_buffer [] - tcp_proxy".to_owned(),
        "0.0.0.0_9091 9091 tls [] tls tcp_proxy".to_owned(),
        "0.0.0.0_9092 9092 raw_buffer [] - mongo_proxy,tcp_proxy".to_owned(),
        format!("0.0.0.0_9100 9100 tls [{MESH_HTTP}] tls http_connection_manager"),
        "0.0.0.0_9100 9100 tls [] tls tcp_proxy".to_owned(),
        "0.0.0.0_9999 9999 raw_buffer [http/1.1,h2c] - http_connection_manager".to_owned(),
        "0.0.0.0_9999 9999 raw_buffer [] - tcp_proxy".to_owned(),
    ];
    assert_eq!(chains(&case.listener()), expected);
}

#[test]
fn inspectors_are_off_where_no_chain_needs_them() {
    let range = |start: u16| json!({"destinationPortRange": {"start": start, "end": start + 1}});
    let or = |ports: &[u16]| json!({"orMatch": {"rules": ports.iter().map(|port| range(*port)).collect::<Vec<_>>()}});
    let every_port = json!({"destinationPortRange": {"end": 1}});
    let ports = || {
        vec![port(8080, Protocol::Http, PERMISSIVE), port(9090, Protocol::Http, DISABLE), port(9191, Protocol::Unset, PERMISSIVE)]
    };
    let cases = [
        ("permissive", PERMISSIVE, ports(), Some(or(&[9090, 15006])), Some(Some(or(&[8080, 9090, 15006])))),
        (
            "strict",
            STRICT,
            ports(),
            Some(or(&[9090, 15006])),
            Some(Some(json!({"orMatch": {"rules": [
                every_port, range(8080), range(9090), range(15006),
            ]}}))),
        ),
        ("disable", DISABLE, ports(), Some(json!({"notMatch": or(&[8080, 9191])})), Some(Some(or(&[8080, 9090, 15006])))),
        ("strict alone", STRICT, Vec::new(), Some(range(15006)), None),
    ];
    for (name, passthrough, ports, tls, http) in cases {
        let listener = Case { ports, passthrough, ..Case::default() }.listener();
        let filters = listener["listenerFilters"].as_array().unwrap();
        assert_eq!(filters[0]["name"], "envoy.filters.listener.original_dst", "{name}");
        assert_eq!(filters[1]["filterDisabled"], tls.unwrap_or_default(), "{name}: tls");
        assert_eq!(
            filters.get(2).map(|filter| filter["filterDisabled"].clone()),
            http.map(Option::unwrap_or_default),
            "{name}: http"
        );
    }
    let plain = Case { passthrough: DISABLE, ports: vec![port(8080, Protocol::Http, DISABLE)], ..Case::default() }.listener();
    let names: Vec<&Value> = plain["listenerFilters"].as_array().unwrap().iter().map(|filter| &filter["name"]).collect();
    assert_eq!(names, ["envoy.filters.listener.original_dst", "envoy.filters.listener.http_inspector"]);
}

#[test]
fn a_tls_context_accepts_the_trust_domains_once_each() {
    let mut case = Case { passthrough: STRICT, ..Case::default() };
    case.mesh.settings.trust_domain_aliases = vec!["old".to_owned(), "cluster.local".to_owned()];
    case.mesh.settings.ca_trust_domains = vec!["old".to_owned(), "other".to_owned()];
    case.mesh.settings.mesh_mtls_min_tls_1_3 = true;
    case.mesh.settings.mesh_mtls_cipher_suites = vec!["AES128-GCM-SHA256".to_owned()];
    let listener = case.listener();
    let secret = |name: &str| {
        json!({"name": name, "sdsConfig": {
            "apiConfigSource": {
                "apiType": "GRPC",
                "transportApiVersion": "V3",
                "grpcServices": [{"envoyGrpc": {"clusterName": "sds-grpc"}}],
                "setNodeOnFirstMessageOnly": true,
            },
            "initialFetchTimeout": "0s",
            "resourceApiVersion": "V3",
        }})
    };
    let socket = |alpn: Value| {
        json!({"name": "envoy.transport_sockets.tls", "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "commonTlsContext": {
                "tlsParams": {
                    "tlsMinimumProtocolVersion": "TLSv1_3",
                    "tlsMaximumProtocolVersion": "TLSv1_3",
                    "cipherSuites": ["AES128-GCM-SHA256"],
                },
                "tlsCertificateSdsSecretConfigs": [secret("default")],
                "combinedValidationContext": {
                    "defaultValidationContext": {"matchSubjectAltNames": [
                        {"prefix": "spiffe://cluster.local/"},
                        {"prefix": "spiffe://old/"},
                        {"prefix": "spiffe://other/"},
                    ]},
                    "validationContextSdsSecretConfig": secret("ROOTCA"),
                },
                "alpnProtocols": alpn,
            },
            "requireClientCertificate": true,
        }})
    };
    assert_eq!(listener["filterChains"][1]["transportSocket"], socket(json!(["h2", "http/1.1"])));
    assert_eq!(listener["filterChains"][2]["transportSocket"], socket(json!(["istio-peer-exchange", "h2", "http/1.1"])));

    case.mesh.settings.features.insert("PILOT_SKIP_VALIDATE_TRUST_DOMAIN".to_owned(), "true".to_owned());
    let context = &case.listener()["filterChains"][1]["transportSocket"]["typedConfig"]["commonTlsContext"];
    assert_eq!(context["combinedValidationContext"]["defaultValidationContext"], json!({}));
}

#[test]
fn a_compliance_policy_has_the_last_word_about_tls() {
    let fips = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"];
    let strong = ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"];
    let weak = ["AES256-GCM-SHA384", "AES128-GCM-SHA256"];
    let parameters = |minimum: &str, maximum: &str, suites: &[&str]| json!({"tlsMinimumProtocolVersion": minimum, "tlsMaximumProtocolVersion": maximum, "cipherSuites": suites});
    let all = [strong, fips, weak].concat();
    let mut with_policy = parameters("TLSv1_2", "TLSv1_3", &all);
    with_policy["compliancePolicies"] = json!(["FIPS_202205"]);
    let mut quantum = parameters("TLSv1_3", "TLSv1_3", &[fips, strong].concat());
    quantum["ecdhCurves"] = json!(["X25519MLKEM768"]);
    let cases = [
        ("", parameters("TLSv1_2", "TLSv1_3", &all)),
        ("fips-140-2", parameters("TLSv1_2", "TLSv1_2", &[strong, fips].concat())),
        ("fips-140-3", with_policy),
        ("pqc", quantum),
        ("unheard-of", parameters("TLSv1_2", "TLSv1_3", &all)),
    ];
    for (policy, expected) in cases {
        let mut case = Case { passthrough: STRICT, ..Case::default() };
        case.mesh.settings.features.insert("COMPLIANCE_POLICY".to_owned(), policy.to_owned());
        let listener = case.listener();
        let context = &listener["filterChains"][1]["transportSocket"]["typedConfig"]["commonTlsContext"];
        assert_eq!(context["tlsParams"], expected, "{policy}");
    }
}

#[test]
fn without_redirection_every_port_is_a_listener() {
    let mut case = Case {
        ports: vec![
            DeclaredPort {
                number: 8080,
                protocol: Protocol::Unset,
                mode: PERMISSIVE,
                declared_by: Declaration::Sidecar { namespace: "shop".to_owned(), name: "web".to_owned() },
            },
            port(9090, Protocol::Tcp, DISABLE),
        ],
        ..Case::default()
    };
    assert_eq!(case.write(|input| listeners(input).into()), json!([case.listener()]));
    case.workload.interception_none = true;
    case.workload.ip = Some([10, 0, 0, 9].into());
    let written = case.write(|input| listeners(input).into());
    let names: Vec<&Value> = written.as_array().unwrap().iter().map(|listener| &listener["name"]).collect();
    assert_eq!(names, ["10.0.0.9_8080", "0.0.0.0_9090"]);
    assert_eq!(written[0]["address"], json!({"socketAddress": {"address": "10.0.0.9", "portValue": 8080}}));
    assert_eq!(chains(&written[0]).len(), 5);
    let object = json!({"filterMetadata": {"istio": {"config": "/apis/networking.istio.io/v1/namespaces/shop/sidecar/web"}}});
    assert_eq!(written[0]["filterChains"][4]["metadata"], object);
    let filters: Vec<&Value> = written[0]["listenerFilters"].as_array().unwrap().iter().map(|filter| &filter["name"]).collect();
    assert_eq!(filters, ["envoy.filters.listener.tls_inspector", "envoy.filters.listener.http_inspector"]);
    assert_eq!(written[1]["listenerFilters"], Value::Null);
}

#[test]
fn the_proxy_fetches_keys_when_told_to() {
    let rule = |uri: &str| JwtRule { jwks_uri: Some(written(uri)), ..JwtRule::default() };
    let remote =
        |uri: &str, cluster: &str| json!({"httpUri": {"uri": uri, "cluster": cluster, "timeout": "5s"}, "cacheDuration": "300s"});
    let inline = json!({"inlineString": crate::jose::UNREACHABLE_KEYS});
    let cases = [
        ("false", "http://a.example/keys", None),
        ("hybrid", "http://a.example/keys", None),
        ("envoy", "http://a.example/keys", Some("outbound|80||a.example")),
        ("envoy", "https://user@a.example?x=y", Some("outbound|443||a.example")),
        ("envoy", "HTTPS://[::1]:8443/keys", Some("outbound|8443||::1")),
        ("envoy", "http://[::1]/keys", Some("outbound|80||::1")),
        ("envoy", "ftp://a.example/keys", Some("outbound|0||")),
        ("envoy", "http://a.example:port/keys", Some("outbound|0||")),
    ];
    for (mode, uri, cluster) in cases {
        let mut mesh = Mesh::default();
        mesh.settings.features.insert("PILOT_JWT_ENABLE_REMOTE_JWKS".to_owned(), mode.to_owned());
        let filter = jwt::filter(&mesh, &[Jwt { rule: &rule(uri), keys: None }]).unwrap();
        let provider = &filter["typedConfig"]["providers"]["origins-0"];
        let found = [&provider["localJwks"], &provider["remoteJwks"]];
        let fetched = cluster.map(|cluster| remote(uri, cluster));
        let expected = fetched.map_or([inline.clone(), Value::Null], |remote| [Value::Null, remote]);
        assert_eq!(found, expected.each_ref(), "{mode} {uri}");
    }
}

#[test]
fn paths_are_normalized_as_the_mesh_says() {
    let cases = [
        (PathNormalization::None, json!([false, null, "KEEP_UNCHANGED"])),
        (PathNormalization::Base, json!([true, null, "KEEP_UNCHANGED"])),
        (PathNormalization::MergeSlashes, json!([true, true, "KEEP_UNCHANGED"])),
        (PathNormalization::DecodeAndMergeSlashes, json!([true, true, "UNESCAPE_AND_FORWARD"])),
    ];
    for (normalization, expected) in cases {
        let mut case = Case::default();
        case.mesh.settings.path_normalization = normalization;
        let listener = case.listener();
        let manager = &listener["filterChains"][1]["filters"][0]["typedConfig"];
        let found = json!([manager["normalizePath"], manager["mergeSlashes"], manager["pathWithEscapedSlashesAction"]]);
        assert_eq!(found, expected, "{normalization:?}");
    }
}

#[test]
fn http_filters_stand_in_the_order_they_decide() {
    let case = Case {
        ports: vec![port(8080, Protocol::GrpcWeb, STRICT)],
        http: Engines { deny: Some(Engine::default()), allow: Some(Engine::default()), ..custom(&CustomOutcome::Ask) },
        rules: vec![(JwtRule::default(), None)],
        mesh: mesh_with_providers(),
        ..Case::default()
    };
    let listener = case.listener();
    let manager = &listener["filterChains"].as_array().unwrap().last().unwrap()["filters"][0]["typedConfig"];
    let names: Vec<&str> =
        manager["httpFilters"].as_array().unwrap().iter().map(|filter| filter["name"].as_str().unwrap()).collect();
    let expected = ["rbac", "ext_authz", "rbac", "ext_authz", "jwt_authn", "rbac", "rbac", "grpc_web", "router"]
        .map(|name| format!("envoy.filters.http.{name}"));
    assert_eq!(names, expected);
    assert_eq!(manager["http2ProtocolOptions"], json!({}));
}

#[test]
fn rules_of_tokens_become_providers_by_number() {
    let mesh = Mesh::default();
    let first = JwtRule { issuer: written("a"), ..JwtRule::default() };
    let second = JwtRule {
        issuer: written("b"),
        audiences: vec![written("x")],
        from_headers: vec![HeaderLocation { name: written("x-token"), prefix: "Token ".to_owned() }],
        from_params: vec![written("q")],
        from_cookies: vec![written("c")],
        output_payload_to_header: Some(written("x-payload")),
        forward_original_token: true,
        output_claim_to_headers: vec![ClaimToHeader { header: written("x-h"), claim: written("a.b") }],
        space_delimited_claims: vec![written("zz"), written("scope"), written("aa")],
        ..JwtRule::default()
    };
    let one = Jwt { rule: &first, keys: None };
    let two = Jwt { rule: &second, keys: Some("{\"keys\":[]}".to_owned()) };
    let first_provider = json!({
        "issuer": "a",
        "localJwks": {"inlineString": crate::jose::UNREACHABLE_KEYS},
        "payloadInMetadata": "payload",
        "normalizePayloadInMetadata": {"spaceDelimitedClaims": ["permission", "scope"]},
    });
    let second_provider = json!({
        "issuer": "b",
        "audiences": ["x"],
        "localJwks": {"inlineString": "{\"keys\":[]}"},
        "forward": true,
        "fromHeaders": [{"name": "x-token", "valuePrefix": "Token "}],
        "fromParams": ["q"],
        "fromCookies": ["c"],
        "forwardPayloadHeader": "x-payload",
        "payloadInMetadata": "payload",
        "normalizePayloadInMetadata": {"spaceDelimitedClaims": ["aa", "permission", "scope", "zz"]},
        "claimToHeaders": [{"headerName": "x-h", "claimName": "a.b"}],
    });
    let or_missing = |name: &str| json!({"requiresAny": {"requirements": [{"providerName": name}, {"allowMissing": {}}]}});
    let filter = |providers: Value, requires: Value| {
        json!({"name": "envoy.filters.http.jwt_authn", "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
            "providers": providers,
            "rules": [{"match": {"prefix": "/"}, "requires": requires}],
            "bypassCorsPreflight": true,
        }})
    };
    assert_eq!(jwt::filter(&mesh, &[]), None);
    assert_eq!(
        jwt::filter(&mesh, std::slice::from_ref(&one)),
        Some(filter(json!({"origins-0": first_provider}), or_missing("origins-0")))
    );
    let both = json!({"requiresAny": {"requirements": [
        {"providerName": "origins-0"},
        {"providerName": "origins-1"},
        {"requiresAll": {"requirements": [or_missing("origins-0"), or_missing("origins-1")]}},
    ]}});
    let providers = json!({"origins-0": first_provider, "origins-1": second_provider});
    assert_eq!(jwt::filter(&mesh, &[one, two]), Some(filter(providers, both)));
}

fn mesh_with_providers() -> Mesh {
    let mut mesh = Mesh::default();
    let http = HttpExtAuthz {
        service: written("shop/check.example"),
        port: Spanned::new(8000, Span::default()),
        timeout: Some(written("10s")),
        path_prefix: Some(written("/check")),
        fail_open: true,
        status_on_error: Some(written("503")),
        include_request_headers_in_check: vec![written("x-a"), written("x-*"), written("*-id")],
        include_additional_headers_in_check: [("x-2".to_owned(), written("b")), ("x-1".to_owned(), written("a"))].into(),
        include_request_body_in_check: Some((2048, true, false)),
        headers_to_upstream_on_allow: vec![written("Authorization")],
        ..HttpExtAuthz::default()
    };
    let grpc =
        GrpcExtAuthz { service: written("check.example"), port: Spanned::new(9000, Span::default()), ..GrpcExtAuthz::default() };
    let provider = |name: &str, kind| ExtensionProvider { name: written(name), kind, place: Spanned::default() };
    mesh.settings.extension_providers = vec![
        provider("a-http", ExtensionProviderKind::HttpExtAuthz(Box::new(http))),
        provider("b-grpc", ExtensionProviderKind::GrpcExtAuthz(Box::new(grpc))),
    ];
    mesh
}

fn custom(outcome: &CustomOutcome) -> Engines {
    let engine = |provider: &str| CustomEngine {
        provider: provider.to_owned(),
        outcome: outcome.clone(),
        engine: Engine::default(),
        dry_run: Engine::default(),
    };
    Engines { custom: vec![engine("a-http"), engine("b-grpc")], ..Engines::default() }
}

#[test]
fn a_provider_is_asked_with_all_its_settings() {
    let case = Case {
        http: custom(&CustomOutcome::Ask),
        tcp: custom(&CustomOutcome::Ask),
        mesh: mesh_with_providers(),
        ports: vec![port(9090, Protocol::Tcp, STRICT)],
        ..Case::default()
    };
    let listener = case.listener();
    let enabled = |filter: &str, provider: &str| {
        json!({
            "filter": filter,
            "path": [{"key": "istio_ext_authz_shadow_effective_policy_id"}],
            "value": {"stringMatch": {"prefix": format!("istio-ext-authz-{provider}")}},
        })
    };
    let filters = &listener["filterChains"][1]["filters"][0]["typedConfig"]["httpFilters"];
    let http = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
        "httpService": {
            "serverUri": {"uri": "http://check.example", "cluster": "outbound|8000||check.example", "timeout": "10s"},
            "pathPrefix": "/check",
            "authorizationRequest": {"headersToAdd": [{"key": "x-1", "value": "a"}, {"key": "x-2", "value": "b"}]},
            "authorizationResponse": {
                "allowedUpstreamHeaders": {"patterns": [{"exact": "Authorization", "ignoreCase": true}]},
            },
        },
        "transportApiVersion": "V3",
        "failureModeAllow": true,
        "withRequestBody": {"maxRequestBytes": 2048, "allowPartialMessage": true},
        "statusOnError": {"code": "ServiceUnavailable"},
        "filterEnabledMetadata": enabled("envoy.filters.http.rbac", "a-http"),
        "allowedHeaders": {"patterns": [
            {"exact": "x-a", "ignoreCase": true},
            {"prefix": "x-", "ignoreCase": true},
            {"suffix": "-id", "ignoreCase": true},
        ]},
    });
    let grpc_service =
        json!({"envoyGrpc": {"clusterName": "outbound|9000||check.example", "authority": "check.example"}, "timeout": "600s"});
    let grpc = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
        "grpcService": grpc_service,
        "transportApiVersion": "V3",
        "filterEnabledMetadata": enabled("envoy.filters.http.rbac", "b-grpc"),
    });
    assert_eq!(filters[1]["typedConfig"], http);
    assert_eq!(filters[3]["typedConfig"], grpc);

    let on_connections = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.network.ext_authz.v3.ExtAuthz",
        "statPrefix": "tcp.",
        "grpcService": grpc_service,
        "transportApiVersion": "V3",
        "filterEnabledMetadata": enabled("envoy.filters.network.rbac", "b-grpc"),
    });
    let filters = listener["filterChains"].as_array().unwrap().last().unwrap()["filters"].as_array().unwrap();
    let names: Vec<&Value> = filters.iter().map(|filter| &filter["name"]).collect();
    assert_eq!(names, ["envoy.filters.network.rbac", "envoy.filters.network.ext_authz", "envoy.filters.network.tcp_proxy"]);
    assert_eq!(filters[1]["typedConfig"], on_connections, "a provider that speaks HTTP is not asked about connections");
}

#[test]
fn a_broken_provider_denies_and_is_not_asked() {
    let case = Case { http: custom(&CustomOutcome::Deny("broken".to_owned())), ..Case::default() };
    let listener = case.listener();
    let filters = listener["filterChains"][1]["filters"][0]["typedConfig"]["httpFilters"].as_array().unwrap();
    let names: Vec<&Value> = filters.iter().map(|filter| &filter["name"]).collect();
    assert_eq!(names, ["envoy.filters.http.rbac", "envoy.filters.http.rbac", "envoy.filters.http.router"]);
    assert_eq!(filters[0]["typedConfig"]["rules"], json!({"action": "DENY"}));
}

/// Denies callers of one address.
fn deny_caller() -> Engine {
    let address = PolicyValue { pattern: Pattern::Cidr([10, 0, 0, 5].into(), 32), written: written("10.0.0.5") };
    let test = Test {
        attribute: Attribute::SourceIp,
        field: "ipBlocks".to_owned(),
        values: vec![address],
        not_values: Vec::new(),
        place: Spanned::default(),
    };
    let rule = EngineRule {
        name: "ns[shop]-policy[deny]-rule[0]".to_owned(),
        policy: 0,
        rule: 0,
        from: vec![Entry { tests: vec![test] }],
        to: vec![Entry::default()],
        place: Spanned::default(),
    };
    Engine { rules: vec![rule] }
}

#[test]
fn the_bootstrap_follows_the_proxy_header_and_holds_no_agent() {
    let mut case = Case {
        http: Engines { deny: Some(deny_caller()), ..custom(&CustomOutcome::Ask) },
        mesh: mesh_with_providers(),
        ports: vec![port(8080, Protocol::Http, STRICT)],
        ..Case::default()
    };
    case.workload.annotations.insert("sidecar.istio.io/interceptionMode".to_owned(), "TPROXY".to_owned());
    let bootstrap = case.write(|input| bootstrap(input, 10_000));
    let listener = &bootstrap["staticResources"]["listeners"][0];
    assert_eq!(listener["address"], json!({"socketAddress": {"address": "127.0.0.1", "portValue": 10_000}}));
    assert_eq!(listener["listenerFilters"][0]["name"], "envoy.filters.listener.proxy_protocol");
    assert_eq!(chains(listener), chains(&case.listener()));
    let text = bootstrap.to_string();
    assert!(text.contains("sourceIp"));
    assert!(case.listener().to_string().contains("directRemoteIp"));
    for absent in ["directRemoteIp", "sds", "Sds", "original_dst\"", "original_src", "transparent"] {
        assert!(!text.contains(absent), "{absent}");
    }
    let clusters: Vec<&Value> =
        bootstrap["staticResources"]["clusters"].as_array().unwrap().iter().map(|cluster| &cluster["name"]).collect();
    let expected = [
        "BlackHoleCluster",
        "InboundPassthroughCluster",
        "inbound|8080||",
        "outbound|8000||check.example",
        "outbound|9000||check.example",
    ];
    assert_eq!(clusters, expected);
}

fn any_mode() -> impl Strategy<Value = MutualTlsMode> {
    prop_oneof![Just(STRICT), Just(PERMISSIVE), Just(DISABLE)]
}

fn any_protocol() -> impl Strategy<Value = Protocol> {
    prop_oneof![Just(Protocol::Http), Just(Protocol::Grpc), Just(Protocol::Tcp), Just(Protocol::Https), Just(Protocol::Unset)]
}

/// Whether a predicate of listener filters holds for a port; absent, it holds for none.
fn holds(predicate: &Value, port: u64) -> bool {
    if let Some(range) = predicate.get("destinationPortRange") {
        let bound = |name: &str| range[name].as_u64().unwrap_or_default();
        bound("start") <= port && port < bound("end")
    } else if let Some(inner) = predicate.get("notMatch") {
        !holds(inner, port)
    } else {
        predicate["orMatch"]["rules"].as_array().is_some_and(|rules| rules.iter().any(|rule| holds(rule, port)))
    }
}

proptest! {
    #[test]
    fn a_port_is_inspected_when_one_of_its_chains_asks(
        ports in proptest::collection::btree_map(1_u16..15000, (any_protocol(), any_mode()), 0..6),
        undeclared in proptest::collection::btree_map(20000_u16.., any_mode(), 0..3),
        passthrough in any_mode(),
    ) {
        let ports = ports.into_iter().map(|(number, (protocol, mode))| port(number, protocol, mode)).collect();
        let listener = Case { ports, passthrough, undeclared: undeclared.into_iter().collect(), ..Case::default() }.listener();
        let inspected = |name: &str, port: u64| {
            let filters = listener["listenerFilters"].as_array().unwrap();
            let filter = filters.iter().find(|filter| filter["name"] == format!("envoy.filters.listener.{name}"));
            filter.is_some_and(|filter| !holds(&filter["filterDisabled"], port))
        };
        let conditions: Vec<&Value> =
            listener["filterChains"].as_array().unwrap().iter().map(|chain| &chain["filterChainMatch"]).collect();
        for (index, condition) in conditions.iter().enumerate() {
            prop_assert!(!conditions[..index].contains(condition), "two chains match {condition}");
            let Some(port) = condition["destinationPort"].as_u64() else { continue };
            let same: Vec<&&Value> = conditions.iter().filter(|other| other["destinationPort"] == port).collect();
            let tls = same.iter().any(|condition| condition["transportProtocol"] == "tls");
            let http = same.iter().any(|condition| condition["applicationProtocols"][0] == "http/1.1");
            prop_assert_eq!(inspected("tls_inspector", port), tls, "tls on port {}", port);
            prop_assert_eq!(inspected("http_inspector", port), http, "http on port {}", port);
        }
    }
}
