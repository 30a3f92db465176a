use crate::admission::Cause;
use crate::admission::api_server::definition::shared::SELECTOR;
use crate::admission::api_server::definition::traffic_policy::TRAFFIC_POLICY;
use crate::admission::api_server::schema::Object;
use crate::admission::api_server::schema::Required;
use crate::admission::api_server::schema::Schema;
use crate::admission::api_server::schema::TEXT;
use crate::admission::api_server::schema::TEXTS;
use crate::admission::api_server::schema::list;
use crate::admission::api_server::schema::map;

pub(super) static SPEC: Schema = Schema::Object(Object {
    fields: &[
        ("exportTo", TEXTS),
        ("host", TEXT),
        ("subsets", list(&SUBSET)),
        ("trafficPolicy", TRAFFIC_POLICY),
        ("workloadSelector", SELECTOR),
    ],
    required: &[Required { field: "host", cause: Cause::DestinationHostInvalid }],
    ..Object::EMPTY
});

const SUBSET: Schema = Schema::Object(Object {
    fields: &[("labels", map(&TEXT)), ("name", TEXT), ("trafficPolicy", TRAFFIC_POLICY)],
    required: &[Required { field: "name", cause: Cause::SubsetInvalid }],
    ..Object::EMPTY
});
