use crate::diag::Spanned;
use crate::manifest::Labels;
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
    /// Feature flags given beside the configuration: `values.pilot.env` of an IstioOperator or Istio object.
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
