use super::at;
use super::pairs;
use super::read_all;
use super::read_one;
use super::summaries;
use super::values;
use crate::diag::SourceId;
use crate::manifest::Body;
use crate::manifest::kinds::ExtensionProviderKind;
use crate::manifest::kinds::MeshConfig;
use crate::manifest::kinds::PathNormalization;
use crate::manifest::read_mesh_config;

fn config_of(text: &str) -> MeshConfig {
    let Body::MeshConfig(config) = read_one(text) else { panic!("expected a mesh configuration in\n{text}") };
    *config
}

const EVERYTHING: &str = "\
trustDomain: td.example
trustDomainAliases: [old.example]
rootNamespace: root
enableAutoMtls: false
pathNormalization:
  normalization: DECODE_AND_MERGE_SLASHES
defaultConfig:
  gatewayTopology:
    numTrustedProxies: 2
  proxyMetadata: {A: b}
defaultDestinationRuleExportTo: ['.']
defaultServiceExportTo: ['*']
caCertificates:
- pem: x
  trustDomains: [a.example]
- spiffeBundleUrl: z
  trustDomains: [b.example]
meshMTLS:
  minProtocolVersion: TLSV1_3
  cipherSuites: [C]
discoverySelectors:
- matchLabels: {env: prod}
extensionProviders:
- name: http
  envoyExtAuthzHttp:
    service: a.b
    port: \"9000\"
    timeout: 1s
    pathPrefix: /p
    failOpen: true
    statusOnError: \"500\"
    includeHeadersInCheck: [old]
    includeAdditionalHeadersInCheck: {x: v}
    includeRequestBodyInCheck: {maxRequestBytes: 8, allowPartialMessage: true}
    headersToUpstreamOnAllow: [u]
    headersToDownstreamOnDeny: [d]
    headersToDownstreamOnAllow: [e]
- name: grpc
  envoyExtAuthzGrpc: {service: c.d, port: 9001}
- name: tracer
  zipkin: {service: z, port: 1}
";

fn check_everything(config: &MeshConfig) {
    assert_eq!(config.trust_domain.as_ref().unwrap().value, "td.example");
    assert_eq!(values(&config.trust_domain_aliases), ["old.example"]);
    assert_eq!(config.root_namespace.as_ref().unwrap().value, "root");
    assert!(!config.enable_auto_mtls.unwrap().value);
    assert_eq!(config.path_normalization.unwrap().value, PathNormalization::DecodeAndMergeSlashes);
    assert_eq!(config.num_trusted_proxies.unwrap().value, 2);
    assert_eq!(values(&config.default_destination_rule_export_to), ["."]);
    assert_eq!(values(&config.default_service_export_to), ["*"]);
    assert_eq!(values(&config.ca_trust_domains), ["a.example", "b.example"]);
    assert_eq!(config.mesh_mtls_min_protocol_version.as_ref().unwrap().value, "TLSV1_3");
    assert_eq!(values(&config.mesh_mtls_cipher_suites), ["C"]);
    assert_eq!(pairs(&config.discovery_selectors[0]), [("env", "prod")]);
    assert!(config.is_written);
    let [http, grpc, tracer] = config.extension_providers.as_slice() else { panic!("{:?}", config.extension_providers) };
    let ExtensionProviderKind::HttpExtAuthz(provider) = &http.kind else { panic!("{http:?}") };
    assert_eq!((http.name.as_str(), provider.service.as_str(), provider.port.value), ("http", "a.b", 9000));
    assert!(provider.fail_open && !provider.clear_route_cache);
    assert_eq!(values(&provider.include_request_headers_in_check), ["old"]);
    assert_eq!(pairs(&provider.include_additional_headers_in_check), [("x", "v")]);
    assert_eq!(provider.include_request_body_in_check, Some((8, true, false)));
    let ExtensionProviderKind::GrpcExtAuthz(provider) = &grpc.kind else { panic!("{grpc:?}") };
    assert_eq!((provider.service.as_str(), provider.port.value), ("c.d", 9001));
    assert_eq!(tracer.kind, ExtensionProviderKind::Other("zipkin".to_owned()));
}

fn indented(spaces: usize) -> String {
    let indent = " ".repeat(spaces);
    EVERYTHING.lines().flat_map(|line| [indent.as_str(), line, "\n"]).collect()
}

#[test]
fn a_bare_file() {
    let (config, findings) = read_mesh_config(SourceId::default(), EVERYTHING);
    assert!(findings.is_empty(), "{findings:?}");
    let config = config.unwrap();
    check_everything(&config);
    assert_eq!(at(config.root_namespace.as_ref().unwrap()), (3, 16));
}

#[test]
fn a_config_map_keeps_the_places_inside_its_block() {
    let header = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-canary, namespace: istio-system}\ndata:\n";
    let config = config_of(&format!("{header}  meshNetworks: 'networks: {{}}'\n  mesh: |-\n{}", indented(4)));
    check_everything(&config);
    assert_eq!(at(config.trust_domain.as_ref().unwrap()), (7, 18));
    assert_eq!(at(config.root_namespace.as_ref().unwrap()), (9, 20));

    // In a quoted string everything stands at the string.
    let config = config_of(&format!("{header}  mesh: \"rootNamespace: root\\ntrustDomain: td\\n\"\n"));
    assert_eq!((config.trust_domain.as_ref().unwrap().as_str(), at(config.trust_domain.as_ref().unwrap())), ("td", (5, 9)));

    for name in ["istio-ca-root-cert", "other"] {
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: b, mesh2: c}}\n");
        assert!(matches!(read_one(&text), Body::Other), "{name}");
    }
}

#[test]
fn operators_join_their_settings() {
    let text = "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n  meshConfig:\n    trustDomain: above\n  values:\n    \
                meshConfig: {trustDomain: below, rootNamespace: root}\n    global: {istioNamespace: system}\n    pilot:\n      env: {A: \
                true, B: \"x\", C: 5}\n  components:\n    pilot:\n      k8s:\n        env:\n        - name: D\n          value: d\n";
    let config = config_of(text);
    assert_eq!((config.trust_domain.as_ref().unwrap().as_str(), at(config.trust_domain.as_ref().unwrap())), ("above", (5, 18)));
    assert_eq!(config.root_namespace.unwrap().value, "root");
    let features: Vec<_> = config.features.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(features, [("A", "true"), ("B", "x"), ("C", "5"), ("D", "d")]);

    let sail = "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\nspec:\n  version: v1.30\n  namespace: mesh\n  \
                values: {pilot: {env: {E: e}}}\n";
    let config = config_of(sail);
    assert_eq!(config.root_namespace.as_ref().unwrap().value, "mesh");
    assert!(config.is_written);
    assert_eq!(config.features.len(), 1);

    let flags =
        "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\nspec: {values: {pilot: {env: {E: e}}}}\n";
    assert!(!config_of(flags).is_written);
}

#[test]
fn unknown_fields_are_warnings_and_wrong_types_errors() {
    let (config, findings) = read_mesh_config(
        SourceId::default(),
        "trust_domain: td\nmesh_mTLS: {min_protocol_version: TLSV1_2}\nenableAutoMTLS: true\nextensionProviders:\n- name: a\n  \
         envoyExtAuthzHTTP: {}\n",
    );
    assert_eq!(
        summaries(&findings),
        [
            "warning[MS003] 6:3 unknown field `envoyExtAuthzHTTP` in `extensionProviders`",
            "warning[MS003] 3:1 unknown field `enableAutoMTLS` in `meshConfig`",
        ]
    );
    assert_eq!(findings[1].help.as_deref(), Some("did you mean `enableAutoMtls`?"));
    let config = config.unwrap();
    assert_eq!(config.trust_domain.unwrap().value, "td");
    assert_eq!(config.mesh_mtls_min_protocol_version.unwrap().value, "TLSV1_2");

    let (config, findings) = read_mesh_config(SourceId::default(), "trustDomain: 5\nenableAutoMtls: \"true\"\n");
    assert!(config.is_none());
    assert_eq!(
        summaries(&findings),
        [
            "error[MS006] 1:14 `trustDomain` must be a string, found a number",
            "error[MS006] 2:17 `enableAutoMtls` must be `true` or `false`, found a string",
        ]
    );

    let broken = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata:\n  mesh: |\n    trustDomain: [\n";
    let manifests = read_all(&[broken]);
    assert!(manifests.documents.is_empty());
    assert_eq!(manifests.findings[0].code.0, "MS001");
}

#[test]
fn a_file_without_or_with_two_configurations_is_refused() {
    for (text, headline) in [
        ("", "no mesh configuration in this file"),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n", "no mesh configuration in this file"),
        ("trustDomain: a\n---\ntrustDomain: b\n", "more than one mesh configuration in this file"),
        ("- a\n", "`meshConfig` must be a mapping, found a list"),
    ] {
        let (config, findings) = read_mesh_config(SourceId::default(), text);
        assert!(config.is_none(), "{text}");
        assert_eq!(findings.last().unwrap().headline, headline, "{text}");
    }
    let operator = "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {meshConfig: {trustDomain: td}}\n";
    let (config, findings) = read_mesh_config(SourceId::default(), operator);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(config.unwrap().trust_domain.unwrap().value, "td");
}
