//! The messages of `security.istio.io`.

use crate::admission::Cause;
use crate::admission::istiod::schema::SELECTOR;
use crate::admission::istiod::schema::Schema;
use crate::admission::istiod::schema::Type;
use crate::admission::istiod::schema::field;
use crate::admission::istiod::schema::texts;
use crate::admission::istiod::schema::word;

/// `AuthorizationPolicy`.
pub(in crate::admission::istiod) const AUTHORIZATION_POLICY: Schema = Schema {
    fields: &[
        word("selector", Type::Message(&SELECTOR)),
        word("targetRef", Type::Message(&TARGET)),
        word("targetRefs", Type::Messages(&TARGET)),
        word("rules", Type::Messages(&RULE)),
        word("action", Type::Word(&[("ALLOW", 0), ("DENY", 1), ("AUDIT", 2), ("CUSTOM", 3)])),
        word("provider", Type::Message(&Schema { fields: &[word("name", Type::Text)] })),
    ],
};

const RULE: Schema = Schema {
    fields: &[
        word("from", Type::Messages(&Schema { fields: &[word("source", Type::Message(&SOURCE))] })),
        word("to", Type::Messages(&Schema { fields: &[word("operation", Type::Message(&OPERATION))] })),
        word("when", Type::Messages(&CONDITION)),
    ],
};

const SOURCE: Schema = Schema {
    fields: &[
        word("principals", Type::Texts),
        texts("notPrincipals", "not_principals"),
        texts("requestPrincipals", "request_principals"),
        texts("notRequestPrincipals", "not_request_principals"),
        word("namespaces", Type::Texts),
        texts("notNamespaces", "not_namespaces"),
        texts("serviceAccounts", "service_accounts"),
        texts("notServiceAccounts", "not_service_accounts"),
        texts("ipBlocks", "ip_blocks"),
        texts("notIpBlocks", "not_ip_blocks"),
        texts("remoteIpBlocks", "remote_ip_blocks"),
        texts("notRemoteIpBlocks", "not_remote_ip_blocks"),
        texts("trustDomains", "trust_domains"),
        texts("notTrustDomains", "not_trust_domains"),
    ],
};

const OPERATION: Schema = Schema {
    fields: &[
        word("hosts", Type::Texts),
        texts("notHosts", "not_hosts"),
        word("ports", Type::Texts),
        texts("notPorts", "not_ports"),
        word("methods", Type::Texts),
        texts("notMethods", "not_methods"),
        word("paths", Type::Texts),
        texts("notPaths", "not_paths"),
    ],
};

const CONDITION: Schema =
    Schema { fields: &[word("key", Type::Text), word("values", Type::Texts), texts("notValues", "not_values")] };

const TARGET: Schema = Schema {
    fields: &[word("group", Type::Text), word("kind", Type::Text), word("name", Type::Text), word("namespace", Type::Text)],
};

/// `RequestAuthentication`.
pub(in crate::admission::istiod) const REQUEST_AUTHENTICATION: Schema = Schema {
    fields: &[
        word("selector", Type::Message(&SELECTOR)),
        word("targetRef", Type::Message(&TARGET)),
        word("targetRefs", Type::Messages(&TARGET)),
        field("jwtRules", "jwt_rules", Type::Messages(&JWT_RULE)),
    ],
};

const JWT_RULE: Schema = Schema {
    fields: &[
        word("issuer", Type::Text),
        word("audiences", Type::Texts),
        field("jwksUri", "jwks_uri", Type::Text),
        word("jwks", Type::Text),
        field(
            "fromHeaders",
            "from_headers",
            Type::Messages(&Schema { fields: &[word("name", Type::Text), word("prefix", Type::Text)] }),
        ),
        texts("fromParams", "from_params"),
        field("outputPayloadToHeader", "output_payload_to_header", Type::Text),
        texts("fromCookies", "from_cookies"),
        field("forwardOriginalToken", "forward_original_token", Type::Bool),
        field(
            "outputClaimToHeaders",
            "output_claim_to_headers",
            Type::Messages(&Schema { fields: &[word("header", Type::Text), word("claim", Type::Text)] }),
        ),
        word("timeout", Type::Duration(Cause::TimeoutInvalid)),
        texts("spaceDelimitedClaims", "space_delimited_claims"),
    ],
};

/// `PeerAuthentication`.
pub(in crate::admission::istiod) const PEER_AUTHENTICATION: Schema = Schema {
    fields: &[
        word("selector", Type::Message(&SELECTOR)),
        word("mtls", Type::Message(&MUTUAL_TLS)),
        field("portLevelMtls", "port_level_mtls", Type::Ports(&MUTUAL_TLS)),
    ],
};

const MUTUAL_TLS: Schema =
    Schema { fields: &[word("mode", Type::Word(&[("UNSET", 0), ("DISABLE", 1), ("PERMISSIVE", 2), ("STRICT", 3)]))] };
