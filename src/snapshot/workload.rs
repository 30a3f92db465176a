//! What of a pod an answer can depend on: who it runs as, what it listens on, what injection does with it. Environment, arguments and volumes
//! are where applications keep their passwords; of those only istiod's own switches count.

use serde_json::Map;
use serde_json::Value;

use crate::snapshot::reduce;

/// The fields of a container that are looked at.
const CONTAINER_FIELDS: &[&str] = &["image", "name", "restartPolicy", "securityContext"];
/// The fields of a container's port.
const PORT_FIELDS: &[&str] = &["containerPort", "name", "protocol"];
/// Probes, and how they connect.
const PROBES: &[&str] = &["livenessProbe", "readinessProbe", "startupProbe"];
const HANDLERS: &[&str] = &["grpc", "httpGet", "tcpSocket"];
/// What a probe's handler says of where it connects to.
const HANDLER_FIELDS: &[&str] = &["host", "path", "port", "scheme"];

/// A pod: its spec, and the address that the cluster gave it.
pub(super) fn pod(object: &Map<String, Value>) -> Map<String, Value> {
    let is_istiod = is_istiod(object.get("metadata"));
    let mut kept = Map::new();
    if let Some(spec) = object.get("spec") {
        kept.insert("spec".to_owned(), pod_spec(spec, is_istiod));
    }
    if let Some(address) = object.get("status").and_then(|status| status.get("podIP")) {
        kept.insert("status".to_owned(), Value::Object(Map::from_iter([("podIP".to_owned(), address.clone())])));
    }
    kept
}

/// `spec` of a Deployment and its like: the template and nothing else.
pub(super) fn template_holder(spec: &Value) -> Value {
    with("template", spec, template)
}

/// `spec` of a `CronJob`.
pub(super) fn cron_job(spec: &Value) -> Value {
    with("jobTemplate", spec, |job| with("spec", job, template_holder))
}

fn with(name: &str, holder: &Value, reduce: impl FnOnce(&Value) -> Value) -> Value {
    let Some(fields) = holder.as_object() else { return holder.clone() };
    let inner = fields.get(name).map(|inner| (name.to_owned(), reduce(inner)));
    Value::Object(inner.into_iter().collect())
}

fn template(template: &Value) -> Value {
    let Some(fields) = template.as_object() else { return template.clone() };
    let is_istiod = is_istiod(fields.get("metadata"));
    let mut kept = Map::new();
    if let Some(metadata) = fields.get("metadata") {
        kept.insert("metadata".to_owned(), reduce::metadata(metadata, None));
    }
    if let Some(spec) = fields.get("spec") {
        kept.insert("spec".to_owned(), pod_spec(spec, is_istiod));
    }
    Value::Object(kept)
}

fn is_istiod(metadata: Option<&Value>) -> bool {
    metadata.and_then(|metadata| metadata.get("labels")?.get("app")?.as_str()) == Some("istiod")
}

fn pod_spec(spec: &Value, is_istiod: bool) -> Value {
    let Some(fields) = spec.as_object() else { return spec.clone() };
    let mut kept = reduce::pick(fields, &["hostNetwork", "securityContext", "serviceAccountName"]);
    // The API server writes the account under its old name too.
    if !kept.contains_key("serviceAccountName")
        && let Some(older) = fields.get("serviceAccount")
    {
        kept.insert("serviceAccount".to_owned(), older.clone());
    }
    for name in ["containers", "initContainers"] {
        if let Some(containers) = fields.get(name) {
            kept.insert(name.to_owned(), each(containers, |container| self::container(container, is_istiod)));
        }
    }
    Value::Object(kept)
}

fn container(fields: &Map<String, Value>, is_istiod: bool) -> Map<String, Value> {
    let mut kept = reduce::pick(fields, CONTAINER_FIELDS);
    if let Some(ports) = fields.get("ports") {
        kept.insert("ports".to_owned(), each(ports, |port| reduce::pick(port, PORT_FIELDS)));
    }
    for name in PROBES {
        if let Some(probe) = fields.get(*name).and_then(Value::as_object) {
            let handlers = HANDLERS.iter().filter_map(|handler| Some((*handler, probe.get(*handler)?.as_object()?)));
            let handlers: Map<String, Value> = handlers
                .map(|(handler, fields)| (handler.to_owned(), Value::Object(reduce::pick(fields, HANDLER_FIELDS))))
                .collect();
            if !handlers.is_empty() {
                kept.insert((*name).to_owned(), Value::Object(handlers));
            }
        }
    }
    if let Some(variables) = fields.get("env").filter(|_| is_istiod) {
        let literal = |variable: &&Value| variable.get("valueFrom").is_none();
        let variables = variables.as_array().into_iter().flatten().filter(literal).cloned();
        kept.insert("env".to_owned(), variables.collect());
    }
    kept
}

/// A list with each of its objects changed; what is no list, or no object, stays what it is.
fn each(list: &Value, change: impl Fn(&Map<String, Value>) -> Map<String, Value>) -> Value {
    let Some(items) = list.as_array() else { return list.clone() };
    items.iter().map(|item| item.as_object().map_or_else(|| item.clone(), |fields| Value::Object(change(fields)))).collect()
}
