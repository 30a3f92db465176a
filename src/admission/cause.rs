/// Declares the causes and lists them.
macro_rules! causes {
    ($($(#[$meta:meta])* $name:ident,)*) => {
        /// What kind of mistake makes a gate refuse an object, or istiod warn about it. One lint rule stands for each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause {
            $($(#[$meta])* $name,)*
        }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

causes! {
    /// MS001: no YAML that can be written as JSON.
    YamlSyntax,
    /// MS003: a field the kind does not have.
    UnknownField,
    /// MS004: a key beside `apiVersion`, `kind`, `metadata`, `spec` and `status`.
    UnknownTopLevelKey,
    /// MS005: a field in another spelling: `ip_blocks`, `Action`.
    FieldAliasOrCase,
    /// MS006: a value of another type than the field takes.
    WrongScalarType,
    /// MS007: a word the field does not take.
    EnumValue,
    /// MS008: nothing where an item of a list should be.
    NullListItem,
    /// MS010: an annotation that only the control plane may set.
    InternalAnnotation,
    /// MS011: `istio.io/dry-run` on a kind that has no dry run.
    DryRunOnOtherKind,
    /// MS012: more than one of `selector`, `targetRef` and `targetRefs`.
    SelectorAndTarget,
    /// MS013: an empty label key in a selector.
    SelectorEmptyKey,
    /// MS014: a `*` in a selector.
    SelectorWildcard,
    /// MS015: a selector without labels.
    SelectorWithoutLabels,
    /// MS016: a label value that no workload can have.
    LabelValueTooLong,
    /// MS017: a target without a name.
    TargetNameEmpty,
    /// MS018: a target with a namespace.
    TargetNamespaceSet,
    /// MS019: a target of a kind that no policy can attach to.
    TargetKindNotAllowed,
    /// MS020: more items, or longer ones, than a list may hold.
    ListTooLong,
    /// MS021: an API version that nothing serves.
    UnsupportedApiVersion,
    /// MS027: metadata that no object can have.
    MetadataInvalid,
    /// MS028: a number that its field cannot take.
    NumberOutOfRange,
    /// MS029: an empty text where there must be one.
    EmptyText,
    /// MS101: a DENY policy without rules.
    DenyWithoutRules,
    /// MS102: a CUSTOM policy without rules.
    CustomWithoutRules,
    /// MS103: a CUSTOM policy that names no provider.
    CustomWithoutProvider,
    /// MS105: a provider in a policy that is not CUSTOM.
    ProviderWithoutCustom,
    /// MS106: a source attribute that CUSTOM does not take.
    CustomUnsupportedSource,
    /// MS107: a condition that CUSTOM does not take.
    CustomUnsupportedCondition,
    /// MS108: a dry-run value that is no boolean word.
    DryRunValueInvalid,
    /// MS109: a dry run of a CUSTOM or AUDIT policy.
    DryRunActionUnsupported,
    /// MS110: a `from` entry that says nothing about the source.
    SourceMissingOrEmpty,
    /// MS111: a `to` entry that says nothing about the operation.
    OperationMissingOrEmpty,
    /// MS112: an empty text in a list of values.
    EmptyStringValue,
    /// MS113: service accounts beside principals or namespaces in one source.
    ServiceAccountsMixed,
    /// MS114: a service account that is neither `name` nor `namespace/name`.
    ServiceAccountMalformed,
    /// MS115: a trust domain with a slash or a `*` inside.
    TrustDomainMalformed,
    /// MS116: neither an IP address nor a CIDR range.
    IpOrCidrInvalid,
    /// MS117: not a port number.
    PortInvalid,
    /// MS118: a path template that no proxy can load.
    PathTemplateInvalid,
    /// MS119: a condition without a key.
    ConditionKeyEmpty,
    /// MS120: a condition without values.
    ConditionWithoutValues,
    /// MS121: a condition on an attribute that does not exist.
    ConditionKeyUnknown,
    /// MS122: a condition on an attribute of the first RBAC API.
    ConditionKeyRemoved,
    /// MS123: a condition key that lacks its `[name]`.
    ConditionKeyBracket,
    /// MS124: a condition value that its attribute cannot have.
    ConditionValueInvalid,
    /// MS125: a DENY rule that denies all TCP traffic because its attributes exist in HTTP only.
    DenyHttpOnlyRule,
    /// MS201: port modes in a policy that selects no workload by label.
    PortModesWithoutSelector,
    /// MS202: an empty mapping of port modes.
    PortModesEmpty,
    /// MS203: a port mode for a number that is no port.
    PortModeRange,
    /// MS204: a port mode for something that is no number.
    PortModeKeyNotNumber,
    /// MS232: `targetRef` or `targetRefs` in a `PeerAuthentication`.
    TargetOnPeerAuthentication,
    /// MS301: a JWT rule with neither an issuer nor a `jwksUri`.
    NoIssuerAndNoUri,
    /// MS302: a `jwksUri` that is neither `http` nor `https`.
    JwksUriScheme,
    /// MS303: a `jwksUri` that is no URL.
    JwksUriMalformed,
    /// MS304: keys from more than one place.
    JwksAndUri,
    /// MS305: an inline key set that cannot be read.
    JwksInvalid,
    /// MS306: a private key in an inline key set.
    JwksPrivateKey,
    /// MS307: an empty audience.
    AudienceEmpty,
    /// MS308: a token location in a header without a name.
    HeaderLocationNameEmpty,
    /// MS309: an empty name of a query parameter or cookie.
    LocationEmpty,
    /// MS310: a claim that cannot be copied to the header named.
    OutputClaimInvalid,
    /// MS311: a timeout that is no duration of whole milliseconds.
    TimeoutInvalid,
    /// MS322: `presence` of a rule, which no control plane enforces.
    PresenceNotEnforced,
    /// MS352: a symmetric key in an inline key set.
    JwksSymmetric,
    /// MS401: a credential name beside certificate files.
    ClientCredentialConflict,
    /// MS402: mutual TLS without a certificate or key of the client.
    ClientMutualIncomplete,
    /// MS403: server verification both skipped and configured.
    SkipVerifyConflict,
    /// MS404: a `configmap://` reference that is malformed or leaves the namespace.
    ConfigmapCredential,
    /// MS405: a traffic policy that sets nothing, or two settings that exclude each other.
    TrafficPolicyEmpty,
    /// MS406: a host that is no DNS name.
    DestinationHostInvalid,
    /// MS407: a subset with a bad name or bad labels.
    SubsetInvalid,
    /// MS408: an `exportTo` entry that is no namespace, or entries that contradict each other.
    ExportInvalid,
    /// MS420: connection pool settings that are out of range or exclude each other.
    ConnectionPoolInvalid,
    /// MS421: outlier detection settings that are out of range or exclude each other.
    OutlierDetectionInvalid,
    /// MS422: load balancer settings that are out of range or exclude each other.
    LoadBalancerInvalid,
    /// MS423: a tunnel to no reachable target, or by an unknown protocol.
    TunnelInvalid,
    /// MS424: a version of the proxy protocol that does not exist.
    ProxyProtocolInvalid,
    /// MS425: `consecutiveErrors`, which is deprecated.
    ConsecutiveErrorsDeprecated,
    /// MS426: `minimumRingSize` of a consistent hash, which is deprecated.
    MinimumRingSizeDeprecated,
    /// MS427: failover between localities without outlier detection.
    FailoverWithoutOutlierDetection,
}
