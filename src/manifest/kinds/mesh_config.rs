use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::codes;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
use crate::manifest::kinds::Place;

/// The mesh configuration, as far as it decides about security. A field that was not written is `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MeshConfig {
    /// `trustDomain`.
    pub trust_domain: Option<Spanned<String>>,
    /// `trustDomainAliases`.
    pub trust_domain_aliases: Vec<Spanned<String>>,
    /// `rootNamespace`.
    pub root_namespace: Option<Spanned<String>>,
    /// `enableAutoMtls`; on when absent.
    pub enable_auto_mtls: Option<Spanned<bool>>,
    /// `pathNormalization.normalization`.
    pub path_normalization: Option<Spanned<PathNormalization>>,
    /// `extensionProviders`.
    pub extension_providers: Vec<ExtensionProvider>,
    /// `defaultConfig.gatewayTopology.numTrustedProxies`.
    pub num_trusted_proxies: Option<Spanned<u32>>,
    /// `defaultDestinationRuleExportTo`.
    pub default_destination_rule_export_to: Vec<Spanned<String>>,
    /// `defaultServiceExportTo`.
    pub default_service_export_to: Vec<Spanned<String>>,
    /// `caCertificates[].trustDomains`, joined.
    pub ca_trust_domains: Vec<Spanned<String>>,
    /// `meshMTLS.minProtocolVersion`, as written.
    pub mesh_mtls_min_protocol_version: Option<Spanned<String>>,
    /// `meshMTLS.cipherSuites`.
    pub mesh_mtls_cipher_suites: Vec<Spanned<String>>,
    /// `discoverySelectors[].matchLabels`; empty means every namespace.
    pub discovery_selectors: Vec<Labels>,
    /// `outboundTrafficPolicy.mode`, as written.
    pub outbound_mode: Option<Spanned<String>>,
    /// Feature flags given beside the configuration: `values.pilot.env` of an `IstioOperator` or Istio object.
    pub features: Vec<(String, Spanned<String>)>,
    /// Whether any mesh configuration was written, and not only feature flags.
    pub is_written: bool,
    /// Where it stands.
    pub place: Place,
}

/// `pathNormalization.normalization`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PathNormalization {
    /// `DEFAULT`, `BASE` or absent: dot segments, backslashes, unreserved escapes.
    #[default]
    Base,
    /// `NONE`.
    None,
    /// `MERGE_SLASHES`.
    MergeSlashes,
    /// `DECODE_AND_MERGE_SLASHES`.
    DecodeAndMergeSlashes,
}

/// One entry of `extensionProviders`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionProvider {
    /// `name`.
    pub name: Spanned<String>,
    /// What it provides.
    pub kind: ExtensionProviderKind,
    /// Where the entry stands.
    pub place: Place,
}

/// What an extension provider is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtensionProviderKind {
    /// `envoyExtAuthzHttp`.
    HttpExtAuthz(Box<HttpExtAuthz>),
    /// `envoyExtAuthzGrpc`.
    GrpcExtAuthz(Box<GrpcExtAuthz>),
    /// Any other kind, by its key: no authorization provider.
    Other(String),
}

/// `envoyExtAuthzHttp`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpExtAuthz {
    /// `service`.
    pub service: Spanned<String>,
    /// `port`.
    pub port: Spanned<u32>,
    /// `timeout`, as written.
    pub timeout: Option<Spanned<String>>,
    /// `pathPrefix`.
    pub path_prefix: Option<Spanned<String>>,
    /// `failOpen`.
    pub fail_open: bool,
    /// `clearRouteCache`.
    pub clear_route_cache: bool,
    /// `statusOnError`, as written.
    pub status_on_error: Option<Spanned<String>>,
    /// `includeRequestHeadersInCheck`, or the older `includeHeadersInCheck`.
    pub include_request_headers_in_check: Vec<Spanned<String>>,
    /// `includeAdditionalHeadersInCheck`.
    pub include_additional_headers_in_check: Labels,
    /// `includeRequestBodyInCheck`: maximal bytes, partial messages, pack as bytes.
    pub include_request_body_in_check: Option<(u32, bool, bool)>,
    /// `headersToUpstreamOnAllow`.
    pub headers_to_upstream_on_allow: Vec<Spanned<String>>,
    /// `headersToDownstreamOnDeny`.
    pub headers_to_downstream_on_deny: Vec<Spanned<String>>,
    /// `headersToDownstreamOnAllow`.
    pub headers_to_downstream_on_allow: Vec<Spanned<String>>,
}

/// `envoyExtAuthzGrpc`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrpcExtAuthz {
    /// `service`.
    pub service: Spanned<String>,
    /// `port`.
    pub port: Spanned<u32>,
    /// `timeout`, as written.
    pub timeout: Option<Spanned<String>>,
    /// `failOpen`.
    pub fail_open: bool,
    /// `clearRouteCache`.
    pub clear_route_cache: bool,
    /// `statusOnError`, as written.
    pub status_on_error: Option<Spanned<String>>,
    /// `includeRequestBodyInCheck`: maximal bytes, partial messages, pack as bytes.
    pub include_request_body_in_check: Option<(u32, bool, bool)>,
}

/// `DEFAULT` is what istiod makes of it.
const NORMALIZATIONS: &[(&str, PathNormalization)] = &[
    ("DEFAULT", PathNormalization::Base),
    ("NONE", PathNormalization::None),
    ("BASE", PathNormalization::Base),
    ("MERGE_SLASHES", PathNormalization::MergeSlashes),
    ("DECODE_AND_MERGE_SLASHES", PathNormalization::DecodeAndMergeSlashes),
];

const TLS_VERSIONS: &[(&str, ())] = &[("TLS_AUTO", ()), ("TLSV1_2", ()), ("TLSV1_3", ())];

impl MeshConfig {
    /// Reads the fields of `meshConfig`.
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(IGNORED_FIELDS);
        let mut config = Self {
            trust_domain: fields.string(decoder, "trustDomain"),
            trust_domain_aliases: fields.strings(decoder, "trustDomainAliases"),
            root_namespace: fields.string(decoder, "rootNamespace"),
            enable_auto_mtls: fields.boolean(decoder, "enableAutoMtls"),
            extension_providers: fields.each(decoder, "extensionProviders", ExtensionProvider::decode),
            default_destination_rule_export_to: fields.strings(decoder, "defaultDestinationRuleExportTo"),
            default_service_export_to: fields.strings(decoder, "defaultServiceExportTo"),
            discovery_selectors: fields.each(decoder, "discoverySelectors", discovery_selector),
            is_written: true,
            place: fields.place(),
            ..Self::default()
        };
        if let Some(mut normalization) = fields.fields(decoder, "pathNormalization") {
            config.path_normalization = normalization.word(decoder, "normalization", NORMALIZATIONS);
            normalization.finish(decoder);
        }
        if let Some(mut outbound) = fields.fields(decoder, "outboundTrafficPolicy") {
            outbound.ignore(&["egressProxy"]);
            config.outbound_mode = outbound.string(decoder, "mode");
            outbound.finish(decoder);
        }
        if let Some(proxy) = fields.fields(decoder, "defaultConfig") {
            config.num_trusted_proxies = trusted_proxies(proxy, decoder);
        }
        let trust_domains = fields.each(decoder, "caCertificates", |mut certificate, decoder| {
            certificate.ignore(&["pem", "spiffeBundleUrl", "certSigners"]);
            let trust_domains = certificate.strings(decoder, "trustDomains");
            certificate.finish(decoder);
            trust_domains
        });
        config.ca_trust_domains = trust_domains.into_iter().flatten().collect();
        if let Some(mut mesh_mtls) = fields.fields(decoder, "meshMTLS") {
            mesh_mtls.ignore(&["ecdhCurves"]);
            config.mesh_mtls_min_protocol_version = mesh_mtls.take(decoder, "minProtocolVersion").and_then(|version| {
                decoder.word(version, "minProtocolVersion", TLS_VERSIONS)?;
                decoder.string(version, "minProtocolVersion")
            });
            config.mesh_mtls_cipher_suites = mesh_mtls.strings(decoder, "cipherSuites");
            mesh_mtls.finish(decoder);
        }
        fields.finish(decoder);
        config
    }
}

fn discovery_selector(mut fields: Fields<'_>, decoder: &mut Decoder) -> Labels {
    let labels = fields.labels(decoder, "matchLabels");
    if let Some(expressions) = fields.take(decoder, "matchExpressions") {
        let headline = "`matchExpressions` of a discovery selector is not looked at";
        decoder.report(
            Finding::new(codes::BAD_VALUE, Severity::Warning, headline, expressions.span)
                .with_note("namespaces it leaves out are treated as part of the mesh"),
        );
    }
    fields.finish(decoder);
    labels
}

/// `defaultConfig.gatewayTopology.numTrustedProxies`.
fn trusted_proxies(mut proxy: Fields<'_>, decoder: &mut Decoder) -> Option<Spanned<u32>> {
    proxy.ignore(PROXY_FIELDS);
    let topology = proxy.fields(decoder, "gatewayTopology").and_then(|mut topology| {
        topology.ignore(&["forwardClientCertDetails", "proxyProtocol"]);
        let trusted = topology.unsigned(decoder, "numTrustedProxies");
        topology.finish(decoder);
        trusted
    });
    proxy.finish(decoder);
    topology
}

impl ExtensionProvider {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let place = fields.place();
        let name = fields.required_string(decoder, "name");
        let mut kind = ExtensionProviderKind::Other(String::new());
        for other in OTHER_PROVIDERS {
            if fields.take(decoder, other).is_some() {
                kind = ExtensionProviderKind::Other((*other).to_owned());
            }
        }
        if let Some(http) = fields.fields(decoder, "envoyExtAuthzHttp") {
            kind = ExtensionProviderKind::HttpExtAuthz(Box::new(HttpExtAuthz::decode(http, decoder)));
        }
        if let Some(grpc) = fields.fields(decoder, "envoyExtAuthzGrpc") {
            kind = ExtensionProviderKind::GrpcExtAuthz(Box::new(GrpcExtAuthz::decode(grpc, decoder)));
        }
        fields.finish(decoder);
        Self { name, kind, place }
    }
}

impl HttpExtAuthz {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let place = fields.place();
        let older_headers = fields.strings(decoder, "includeHeadersInCheck");
        let headers = fields.strings(decoder, "includeRequestHeadersInCheck");
        let provider = Self {
            service: fields.required_string(decoder, "service"),
            port: fields.unsigned(decoder, "port").unwrap_or(Spanned::new(0, place.span)),
            timeout: fields.string(decoder, "timeout"),
            path_prefix: fields.string(decoder, "pathPrefix"),
            fail_open: fields.flag(decoder, "failOpen"),
            clear_route_cache: fields.flag(decoder, "clearRouteCache"),
            status_on_error: fields.string(decoder, "statusOnError"),
            include_request_headers_in_check: if headers.is_empty() { older_headers } else { headers },
            include_additional_headers_in_check: fields.labels(decoder, "includeAdditionalHeadersInCheck"),
            include_request_body_in_check: request_body(&mut fields, decoder),
            headers_to_upstream_on_allow: fields.strings(decoder, "headersToUpstreamOnAllow"),
            headers_to_downstream_on_deny: fields.strings(decoder, "headersToDownstreamOnDeny"),
            headers_to_downstream_on_allow: fields.strings(decoder, "headersToDownstreamOnAllow"),
        };
        fields.finish(decoder);
        provider
    }
}

impl GrpcExtAuthz {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let place = fields.place();
        let provider = Self {
            service: fields.required_string(decoder, "service"),
            port: fields.unsigned(decoder, "port").unwrap_or(Spanned::new(0, place.span)),
            timeout: fields.string(decoder, "timeout"),
            fail_open: fields.flag(decoder, "failOpen"),
            clear_route_cache: fields.flag(decoder, "clearRouteCache"),
            status_on_error: fields.string(decoder, "statusOnError"),
            include_request_body_in_check: request_body(&mut fields, decoder),
        };
        fields.finish(decoder);
        provider
    }
}

fn request_body(fields: &mut Fields<'_>, decoder: &mut Decoder) -> Option<(u32, bool, bool)> {
    let mut body = fields.fields(decoder, "includeRequestBodyInCheck")?;
    let maximal = body.unsigned(decoder, "maxRequestBytes").unwrap_or_default().value;
    let partial = body.flag(decoder, "allowPartialMessage");
    let as_bytes = body.flag(decoder, "packAsBytes");
    body.finish(decoder);
    Some((maximal, partial, as_bytes))
}

/// The fields of `MeshConfig` that are not looked at.
const IGNORED_FIELDS: &[&str] = &[
    "accessLogEncoding",
    "accessLogFile",
    "accessLogFormat",
    "ca",
    "certificates",
    "configSources",
    "connectTimeout",
    "defaultHttpRetryPolicy",
    "defaultProviders",
    "defaultTrafficPolicy",
    "defaultVirtualServiceExportTo",
    "disableEnvoyListenerLog",
    "dnsRefreshRate",
    "enableEnvoyAccessLogService",
    "enablePrometheusMerge",
    "enableTracing",
    "h2UpgradePolicy",
    "hboneIdleTimeout",
    "inboundClusterStatName",
    "inboundTrafficPolicy",
    "ingressClass",
    "ingressControllerMode",
    "ingressSelector",
    "ingressService",
    "localityLbSetting",
    "outboundClusterStatName",
    "protocolDetectionTimeout",
    "proxyHttpPort",
    "proxyInboundListenPort",
    "proxyListenPort",
    "serviceEntryVisibility",
    "serviceScopeConfigs",
    "serviceSettings",
    "tcpKeepalive",
    "tlsDefaults",
    "verifyCertificateAtClient",
    "zoneAwareLbSetting",
];

/// The fields of `ProxyConfig` that are not looked at.
const PROXY_FIELDS: &[&str] = &[
    "availabilityZone",
    "binaryPath",
    "caCertificatesPem",
    "concurrency",
    "configPath",
    "connectionSettings",
    "controlPlaneAuthPolicy",
    "customConfigFile",
    "discoveryAddress",
    "discoveryRefreshDelay",
    "drainDuration",
    "envoyAccessLogService",
    "envoyMetricsService",
    "envoyMetricsServiceAddress",
    "extraStatTags",
    "fileFlushInterval",
    "fileFlushMinSizeKb",
    "holdApplicationUntilProxyStarts",
    "image",
    "interceptionMode",
    "meshId",
    "privateKeyProvider",
    "proxyAdminPort",
    "proxyBootstrapTemplatePath",
    "proxyHeaders",
    "proxyMetadata",
    "proxyStatsMatcher",
    "readinessProbe",
    "runtimeValues",
    "sds",
    "serviceCluster",
    "statNameLength",
    "statsCompression",
    "statsdUdpAddress",
    "statusPort",
    "terminationDrainDuration",
    "tracing",
    "tracingServiceName",
    "zipkinAddress",
];

/// Extension providers that authorize nothing.
const OTHER_PROVIDERS: &[&str] = &[
    "datadog",
    "envoyFileAccessLog",
    "envoyHttpAls",
    "envoyOtelAls",
    "envoyTcpAls",
    "lightstep",
    "opencensus",
    "opentelemetry",
    "prometheus",
    "sds",
    "skywalking",
    "stackdriver",
    "zipkin",
];
