use crate::admission::Cause;
use crate::admission::api_server::definition::grammar;
use crate::admission::api_server::definition::shared::SELECTOR;
use crate::admission::api_server::refusals::Refusals;
use crate::admission::api_server::schema::Grammar;
use crate::admission::api_server::schema::Map;
use crate::admission::api_server::schema::Object;
use crate::admission::api_server::schema::Schema;
use crate::admission::api_server::schema::object;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

pub(super) static SPEC: Schema = Schema::Object(Object {
    fields: &[("mtls", MTLS), ("portLevelMtls", PORTS), ("selector", SELECTOR)],
    rules: &[ports_need_a_selector],
    ..Object::EMPTY
});

const MTLS: Schema = object(&[("mode", Schema::Word(&["UNSET", "DISABLE", "PERMISSIVE", "STRICT"]))]);

const PORTS: Schema = Schema::Map(Map {
    values: &MTLS,
    at_least: 1,
    at_most: usize::MAX,
    too_few: Cause::PortModesEmpty,
    keys: &[
        Grammar {
            allows: grammar::is_whole_number,
            cause: Cause::PortModeKeyNotNumber,
            problem: "is no port number",
            help: "write the number of the workload's port",
        },
        Grammar {
            allows: grammar::is_port,
            cause: Cause::PortModeRange,
            problem: "is out of range for a port",
            help: "write a port from 1 to 65535",
        },
    ],
});

/// Modes of single ports are for a policy that selects workloads by label.
fn ports_need_a_selector(spec: &Node, refusals: &mut Refusals<'_>) {
    let Some(ports) = spec.get("portLevelMtls") else { return };
    let labels = spec.get("selector").and_then(|selector| selector.get("matchLabels"));
    let has_labels = labels.is_some_and(
        |labels| matches!(&labels.value, Value::Mapping(entries) if entries.iter().any(|(_, value)| !value.is_null())),
    );
    if !has_labels {
        refusals.at(|path| path.field("portLevelMtls")).add(
            Cause::PortModesWithoutSelector,
            ports.span,
            "`portLevelMtls` needs a selector with labels".to_owned(),
            "select the workloads whose ports are meant, or remove `portLevelMtls`".to_owned(),
        );
    }
}
