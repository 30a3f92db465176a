use crate::admission::Cause;
use crate::admission::api_server::definition::grammar;
use crate::admission::api_server::definition::load_balancer::LOAD_BALANCER;
use crate::admission::api_server::schema::Grammar;
use crate::admission::api_server::schema::List;
use crate::admission::api_server::schema::Object;
use crate::admission::api_server::schema::Required;
use crate::admission::api_server::schema::Schema;
use crate::admission::api_server::schema::TEXT;
use crate::admission::api_server::schema::TEXTS;
use crate::admission::api_server::schema::Text;
use crate::admission::api_server::schema::int32;
use crate::admission::api_server::schema::integer;
use crate::admission::api_server::schema::list;
use crate::admission::api_server::schema::number;
use crate::admission::api_server::schema::object;
use crate::admission::api_server::schema::uint32;

/// `trafficPolicy` of a rule or a subset.
pub(super) const TRAFFIC_POLICY: Schema = object(&[
    ("connectionPool", CONNECTION_POOL),
    ("loadBalancer", LOAD_BALANCER),
    ("outlierDetection", OUTLIER_DETECTION),
    ("portLevelSettings", Schema::List(List { items: &PORT_SETTINGS, at_most: 4096 })),
    ("proxyProtocol", object(&[("version", Schema::Word(&["V1", "V2"]))])),
    ("retryBudget", RETRY_BUDGET),
    ("tls", TLS),
    ("tunnel", TUNNEL),
]);

const PORT_SETTINGS: Schema = object(&[
    ("connectionPool", CONNECTION_POOL),
    ("loadBalancer", LOAD_BALANCER),
    ("outlierDetection", OUTLIER_DETECTION),
    ("port", object(&[("number", uint32(Cause::NumberOutOfRange))])),
    ("tls", TLS),
]);

const CONNECTION_POOL: Schema = object(&[("http", HTTP_POOL), ("tcp", TCP_POOL)]);

const HTTP_POOL: Schema = object(&[
    ("h2UpgradePolicy", Schema::Word(&["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"])),
    ("http1MaxPendingRequests", int32(Cause::ConnectionPoolInvalid)),
    ("http2KeepAlive", object(&[("interval", POOL_DURATION), ("timeout", POOL_DURATION)])),
    ("http2MaxRequests", int32(Cause::ConnectionPoolInvalid)),
    ("idleTimeout", POOL_DURATION),
    ("maxConcurrentStreams", int32(Cause::ConnectionPoolInvalid)),
    ("maxRequestsPerConnection", int32(Cause::ConnectionPoolInvalid)),
    ("maxRetries", int32(Cause::ConnectionPoolInvalid)),
    ("useClientProtocol", Schema::Boolean),
]);

const TCP_POOL: Schema = object(&[
    ("connectTimeout", POOL_DURATION),
    // The one duration that the API server does not look at.
    ("idleTimeout", TEXT),
    ("maxConnectionDuration", POOL_DURATION),
    ("maxConnections", int32(Cause::ConnectionPoolInvalid)),
    (
        "tcpKeepalive",
        object(&[("interval", POOL_DURATION), ("probes", uint32(Cause::ConnectionPoolInvalid)), ("time", POOL_DURATION)]),
    ),
]);

const OUTLIER_DETECTION: Schema = object(&[
    ("baseEjectionTime", OUTLIER_DURATION),
    ("consecutive5xxErrors", Schema::Nullable(&uint32(Cause::OutlierDetectionInvalid))),
    ("consecutiveErrors", int32(Cause::OutlierDetectionInvalid)),
    ("consecutiveGatewayErrors", Schema::Nullable(&uint32(Cause::OutlierDetectionInvalid))),
    ("consecutiveLocalOriginFailures", Schema::Nullable(&uint32(Cause::OutlierDetectionInvalid))),
    ("interval", OUTLIER_DURATION),
    ("maxEjectionPercent", int32(Cause::OutlierDetectionInvalid)),
    ("minHealthPercent", int32(Cause::OutlierDetectionInvalid)),
    ("outlierDetectionHttpErrorCodes", list(&integer(100, 599, Cause::OutlierDetectionInvalid))),
    ("splitExternalLocalOriginErrors", Schema::Boolean),
]);

const RETRY_BUDGET: Schema = object(&[
    ("budgetInterval", TEXT),
    ("minRetryConcurrency", uint32(Cause::NumberOutOfRange)),
    ("percent", Schema::Nullable(&number(0.0, 100.0, Cause::NumberOutOfRange))),
]);

const TLS: Schema = object(&[
    ("caCertificates", TEXT),
    ("caCrl", TEXT),
    ("clientCertificate", TEXT),
    ("credentialName", TEXT),
    ("insecureSkipVerify", Schema::Nullable(&Schema::Boolean)),
    ("mode", Schema::Word(&["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"])),
    ("privateKey", TEXT),
    ("sni", TEXT),
    ("subjectAltNames", TEXTS),
]);

const TUNNEL: Schema = Schema::Object(Object {
    fields: &[("protocol", TEXT), ("targetHost", TEXT), ("targetPort", uint32(Cause::TunnelInvalid))],
    required: &[
        Required { field: "targetHost", cause: Cause::TunnelInvalid },
        Required { field: "targetPort", cause: Cause::TunnelInvalid },
    ],
    ..Object::EMPTY
});

const POOL_DURATION: Schema = Schema::Text(Text { grammar: &[duration(Cause::ConnectionPoolInvalid)], ..Text::ANY });

const OUTLIER_DURATION: Schema = Schema::Text(Text { grammar: &[duration(Cause::OutlierDetectionInvalid)], ..Text::ANY });

/// A duration of a millisecond or more.
pub(super) const fn duration(cause: Cause) -> Grammar {
    Grammar {
        allows: grammar::is_duration,
        cause,
        problem: "is no duration of a millisecond or more",
        help: "write a number with a unit, for example `30s`",
    }
}
