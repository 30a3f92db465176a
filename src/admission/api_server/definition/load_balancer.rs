use crate::admission::Cause;
use crate::admission::api_server::definition::traffic_policy::duration;
use crate::admission::api_server::schema::AtMostOne;
use crate::admission::api_server::schema::Object;
use crate::admission::api_server::schema::Required;
use crate::admission::api_server::schema::Schema;
use crate::admission::api_server::schema::TEXT;
use crate::admission::api_server::schema::TEXTS;
use crate::admission::api_server::schema::Text;
use crate::admission::api_server::schema::integer;
use crate::admission::api_server::schema::list;
use crate::admission::api_server::schema::map;
use crate::admission::api_server::schema::number;
use crate::admission::api_server::schema::object;
use crate::admission::api_server::schema::uint32;

/// `loadBalancer`.
pub(super) const LOAD_BALANCER: Schema = Schema::Object(Object {
    fields: &[
        ("consistentHash", CONSISTENT_HASH),
        ("localityLbSetting", LOCALITY),
        ("simple", Schema::Word(&["UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"])),
        ("warmup", WARMUP),
        ("warmupDurationSecs", DURATION),
        ("zoneAwareLbSetting", ZONES),
    ],
    at_most_one: &[AtMostOne {
        of: &["simple", "consistentHash"],
        cause: Cause::LoadBalancerInvalid,
        help: "keep one of them: a load balancer follows one algorithm",
    }],
    ..Object::EMPTY
});

const CONSISTENT_HASH: Schema = Schema::Object(Object {
    fields: &[
        ("httpCookie", COOKIE),
        ("httpHeaderName", TEXT),
        ("httpQueryParameterName", TEXT),
        ("maglev", object(&[("tableSize", integer(0, i64::MAX, Cause::LoadBalancerInvalid))])),
        ("minimumRingSize", integer(0, i64::MAX, Cause::LoadBalancerInvalid)),
        ("ringHash", object(&[("minimumRingSize", integer(0, i64::MAX, Cause::LoadBalancerInvalid))])),
        ("useSourceIp", Schema::Boolean),
    ],
    at_most_one: &[
        AtMostOne {
            of: &["httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"],
            cause: Cause::LoadBalancerInvalid,
            help: "keep one of them: the hash is taken of one thing",
        },
        AtMostOne {
            of: &["ringHash", "maglev"],
            cause: Cause::LoadBalancerInvalid,
            help: "keep one of them: there is one table of hosts",
        },
    ],
    ..Object::EMPTY
});

const COOKIE: Schema = Schema::Object(Object {
    fields: &[("attributes", list(&COOKIE_ATTRIBUTE)), ("name", TEXT), ("path", TEXT), ("ttl", TEXT)],
    required: &[Required { field: "name", cause: Cause::LoadBalancerInvalid }],
    ..Object::EMPTY
});

const COOKIE_ATTRIBUTE: Schema = Schema::Object(Object {
    fields: &[("name", TEXT), ("value", TEXT)],
    required: &[Required { field: "name", cause: Cause::LoadBalancerInvalid }],
    ..Object::EMPTY
});

const LOCALITY: Schema = object(&[
    ("distribute", list(&object(&[("from", TEXT), ("to", map(&uint32(Cause::LoadBalancerInvalid)))]))),
    ("enabled", Schema::Nullable(&Schema::Boolean)),
    ("failover", list(&FAILOVER)),
    ("failoverPriority", TEXTS),
]);

const ZONES: Schema = object(&[
    ("enabled", Schema::Nullable(&Schema::Boolean)),
    ("failover", list(&FAILOVER)),
    ("failoverPriority", TEXTS),
    ("minClusterSize", Schema::Nullable(&integer(1, 4_294_967_295, Cause::LoadBalancerInvalid))),
]);

const DURATION: Schema = Schema::Text(Text { grammar: &[duration(Cause::LoadBalancerInvalid)], ..Text::ANY });

const FAILOVER: Schema = object(&[("from", TEXT), ("to", TEXT)]);

const WARMUP: Schema = Schema::Object(Object {
    fields: &[
        ("aggression", Schema::Nullable(&number(0.0, f64::INFINITY, Cause::LoadBalancerInvalid))),
        ("duration", DURATION),
        ("minimumPercent", Schema::Nullable(&number(0.0, 100.0, Cause::LoadBalancerInvalid))),
    ],
    required: &[Required { field: "duration", cause: Cause::LoadBalancerInvalid }],
    ..Object::EMPTY
});
