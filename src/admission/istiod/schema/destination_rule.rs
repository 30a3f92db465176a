//! The messages of a `DestinationRule`.

use crate::admission::Cause;
use crate::admission::istiod::schema::Field;
use crate::admission::istiod::schema::SELECTOR;
use crate::admission::istiod::schema::Schema;
use crate::admission::istiod::schema::Type;
use crate::admission::istiod::schema::field;
use crate::admission::istiod::schema::texts;
use crate::admission::istiod::schema::word;

/// `DestinationRule`.
pub(in crate::admission::istiod) const DESTINATION_RULE: Schema = Schema {
    fields: &[
        word("host", Type::Text),
        field("trafficPolicy", "traffic_policy", Type::Message(&TRAFFIC_POLICY)),
        word("subsets", Type::Messages(&SUBSET)),
        texts("exportTo", "export_to"),
        field("workloadSelector", "workload_selector", Type::Message(&SELECTOR)),
    ],
};

const SUBSET: Schema = Schema {
    fields: &[
        word("name", Type::Text),
        word("labels", Type::Labels),
        field("trafficPolicy", "traffic_policy", Type::Message(&TRAFFIC_POLICY)),
    ],
};

const TRAFFIC_POLICY: Schema = Schema {
    fields: &[
        field("loadBalancer", "load_balancer", Type::Message(&LOAD_BALANCER)),
        field("connectionPool", "connection_pool", Type::Message(&CONNECTION_POOL)),
        field("outlierDetection", "outlier_detection", Type::Message(&OUTLIER_DETECTION)),
        word("tls", Type::Message(&CLIENT_TLS)),
        field("portLevelSettings", "port_level_settings", Type::Messages(&PORT_TRAFFIC_POLICY)),
        word("tunnel", Type::Message(&TUNNEL)),
        field(
            "proxyProtocol",
            "proxy_protocol",
            Type::Message(&Schema { fields: &[word("version", Type::Word(&[("V1", 0), ("V2", 1)]))] }),
        ),
        field("retryBudget", "retry_budget", Type::Message(&RETRY_BUDGET)),
    ],
};

const PORT_TRAFFIC_POLICY: Schema = Schema {
    fields: &[
        word("port", Type::Message(&Schema { fields: &[word("number", Type::Uint32)] })),
        field("loadBalancer", "load_balancer", Type::Message(&LOAD_BALANCER)),
        field("connectionPool", "connection_pool", Type::Message(&CONNECTION_POOL)),
        field("outlierDetection", "outlier_detection", Type::Message(&OUTLIER_DETECTION)),
        word("tls", Type::Message(&CLIENT_TLS)),
    ],
};

const TUNNEL: Schema = Schema {
    fields: &[
        word("protocol", Type::Text),
        field("targetHost", "target_host", Type::Text),
        field("targetPort", "target_port", Type::Uint32),
    ],
};

const RETRY_BUDGET: Schema = Schema {
    fields: &[
        word("percent", Type::Double),
        field("minRetryConcurrency", "min_retry_concurrency", Type::Uint32),
        field("budgetInterval", "budget_interval", Type::Duration(Cause::TrafficPolicyEmpty)),
    ],
};

const CLIENT_TLS: Schema = Schema {
    fields: &[
        word("mode", Type::Word(&[("DISABLE", 0), ("SIMPLE", 1), ("MUTUAL", 2), ("ISTIO_MUTUAL", 3)])),
        field("clientCertificate", "client_certificate", Type::Text),
        field("privateKey", "private_key", Type::Text),
        field("caCertificates", "ca_certificates", Type::Text),
        field("credentialName", "credential_name", Type::Text),
        texts("subjectAltNames", "subject_alt_names"),
        word("sni", Type::Text),
        field("insecureSkipVerify", "insecure_skip_verify", Type::Bool),
        field("caCrl", "ca_crl", Type::Text),
    ],
};

const CONNECTION_POOL: Schema = Schema {
    fields: &[
        word(
            "tcp",
            Type::Message(&Schema {
                fields: &[
                    field("maxConnections", "max_connections", Type::Int32),
                    pool_time("connectTimeout", "connect_timeout"),
                    field(
                        "tcpKeepalive",
                        "tcp_keepalive",
                        Type::Message(&Schema {
                            fields: &[word("probes", Type::Uint32), pool_time("time", "time"), pool_time("interval", "interval")],
                        }),
                    ),
                    pool_time("maxConnectionDuration", "max_connection_duration"),
                    pool_time("idleTimeout", "idle_timeout"),
                ],
            }),
        ),
        word(
            "http",
            Type::Message(&Schema {
                fields: &[
                    field("http1MaxPendingRequests", "http1_max_pending_requests", Type::Int32),
                    field("http2MaxRequests", "http2_max_requests", Type::Int32),
                    field("maxRequestsPerConnection", "max_requests_per_connection", Type::Int32),
                    field("maxRetries", "max_retries", Type::Int32),
                    pool_time("idleTimeout", "idle_timeout"),
                    field(
                        "h2UpgradePolicy",
                        "h2_upgrade_policy",
                        Type::Word(&[("DEFAULT", 0), ("DO_NOT_UPGRADE", 1), ("UPGRADE", 2)]),
                    ),
                    field("useClientProtocol", "use_client_protocol", Type::Bool),
                    field("maxConcurrentStreams", "max_concurrent_streams", Type::Int32),
                    field(
                        "http2KeepAlive",
                        "http2_keep_alive",
                        Type::Message(&Schema { fields: &[pool_time("interval", "interval"), pool_time("timeout", "timeout")] }),
                    ),
                ],
            }),
        ),
    ],
};

const fn pool_time(name: &'static str, alias: &'static str) -> Field {
    field(name, alias, Type::Duration(Cause::ConnectionPoolInvalid))
}

const OUTLIER_DETECTION: Schema = Schema {
    fields: &[
        field("consecutiveErrors", "consecutive_errors", Type::Int32),
        field("splitExternalLocalOriginErrors", "split_external_local_origin_errors", Type::Bool),
        field("consecutiveLocalOriginFailures", "consecutive_local_origin_failures", Type::Uint32),
        field("consecutiveGatewayErrors", "consecutive_gateway_errors", Type::Uint32),
        field("consecutive5xxErrors", "consecutive_5xx_errors", Type::Uint32),
        word("interval", Type::Duration(Cause::OutlierDetectionInvalid)),
        field("baseEjectionTime", "base_ejection_time", Type::Duration(Cause::OutlierDetectionInvalid)),
        field("maxEjectionPercent", "max_ejection_percent", Type::Int32),
        field("minHealthPercent", "min_health_percent", Type::Int32),
        field("outlierDetectionHttpErrorCodes", "outlier_detection_http_error_codes", Type::Uint32s),
    ],
};

const LOAD_BALANCER: Schema = Schema {
    fields: &[
        word(
            "simple",
            Type::Word(&[
                ("UNSPECIFIED", 0),
                ("LEAST_CONN", 1),
                ("RANDOM", 2),
                ("PASSTHROUGH", 3),
                ("ROUND_ROBIN", 4),
                ("LEAST_REQUEST", 5),
            ]),
        ),
        field("consistentHash", "consistent_hash", Type::Message(&CONSISTENT_HASH)),
        field("localityLbSetting", "locality_lb_setting", Type::Message(&LOCALITY)),
        field("zoneAwareLbSetting", "zone_aware_lb_setting", Type::Message(&ZONE_AWARE)),
        field("warmupDurationSecs", "warmup_duration_secs", Type::Duration(Cause::LoadBalancerInvalid)),
        word(
            "warmup",
            Type::Message(&Schema {
                fields: &[
                    word("duration", Type::Duration(Cause::LoadBalancerInvalid)),
                    field("minimumPercent", "minimum_percent", Type::Double),
                    word("aggression", Type::Double),
                ],
            }),
        ),
    ],
};

const CONSISTENT_HASH: Schema = Schema {
    fields: &[
        field("httpHeaderName", "http_header_name", Type::Text),
        field(
            "httpCookie",
            "http_cookie",
            Type::Message(&Schema {
                fields: &[
                    word("name", Type::Text),
                    word("path", Type::Text),
                    word("ttl", Type::Duration(Cause::LoadBalancerInvalid)),
                    word(
                        "attributes",
                        Type::Messages(&Schema { fields: &[word("name", Type::Text), word("value", Type::Text)] }),
                    ),
                ],
            }),
        ),
        field("useSourceIp", "use_source_ip", Type::Bool),
        field("httpQueryParameterName", "http_query_parameter_name", Type::Text),
        field(
            "ringHash",
            "ring_hash",
            Type::Message(&Schema { fields: &[field("minimumRingSize", "minimum_ring_size", Type::Uint64)] }),
        ),
        word("maglev", Type::Message(&Schema { fields: &[field("tableSize", "table_size", Type::Uint64)] })),
        field("minimumRingSize", "minimum_ring_size", Type::Uint64),
    ],
};

const LOCALITY: Schema = Schema {
    fields: &[
        word("distribute", Type::Messages(&Schema { fields: &[word("from", Type::Text), word("to", Type::Weights)] })),
        word("failover", Type::Messages(&FAILOVER)),
        texts("failoverPriority", "failover_priority"),
        word("enabled", Type::Bool),
    ],
};

const ZONE_AWARE: Schema = Schema {
    fields: &[
        word("enabled", Type::Bool),
        word("failover", Type::Messages(&FAILOVER)),
        texts("failoverPriority", "failover_priority"),
        field("minClusterSize", "min_cluster_size", Type::Uint32),
    ],
};

const FAILOVER: Schema = Schema { fields: &[word("from", Type::Text), word("to", Type::Text)] };
