//! What of an object is kept.

use serde_json::Map;
use serde_json::Value;

use crate::snapshot::ObjectName;
use crate::snapshot::mask;
use crate::snapshot::workload;

/// An object as it goes into a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduced {
    /// What it is called.
    pub name: ObjectName,
    /// What is kept of it, keys in order.
    pub value: Value,
    /// How many secrets were taken out of it.
    pub masked: usize,
}

/// How an object of a kind is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    /// All of it but `status`.
    Whole,
    /// All of it, without the secrets that people write into such objects.
    Masked,
    /// Only its metadata.
    Metadata,
    Service,
    Pod,
    /// A pod template in `spec.template`.
    Template,
    CronJob,
    /// The mesh configuration; no other `ConfigMap`.
    MeshConfig,
    /// The mesh configuration in the input of an installer.
    Operator,
    /// Key sets without private keys.
    Keys,
    /// Which services are called; not by which certificate they are known.
    Webhooks,
}

/// Annotations count when their name belongs to one of these.
const ANNOTATION_OWNERS: &[&str] = &["istio.io", "meshsec.dev", "prometheus.io", "gateway.networking.k8s.io"];

/// What is kept of an object, or `None` when nothing of its kind is: Secrets, other `ConfigMaps`, and kinds that say nothing about a mesh.
///
/// An object without a namespace gets `default_namespace`, when it lives in one.
#[must_use]
pub fn reduce(object: &Value, default_namespace: &str) -> Option<Reduced> {
    let fields = object.as_object()?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let (api_version, kind) = (text("apiVersion")?, text("kind")?);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let keeping = keeping(group, kind)?;
    if keeping == Keeping::MeshConfig && !is_mesh_config(fields) {
        return None;
    }
    let mut kept = Map::new();
    kept.insert("apiVersion".to_owned(), api_version.into());
    kept.insert("kind".to_owned(), kind.into());
    let namespace = (!is_in_no_namespace(group, kind)).then_some(default_namespace);
    let no_metadata = Value::Object(Map::new());
    let metadata = metadata(fields.get("metadata").unwrap_or(&no_metadata), namespace);
    let name = ObjectName::of(group, kind, &metadata);
    kept.insert("metadata".to_owned(), metadata);
    kept.extend(body(keeping, fields));
    let mut value = Value::Object(kept);
    let masked = masked(keeping, &mut value);
    value.sort_all_objects();
    Some(Reduced { name, value, masked })
}

fn keeping(group: &str, kind: &str) -> Option<Keeping> {
    Some(match (group, kind) {
        ("", "Namespace" | "ServiceAccount") => Keeping::Metadata,
        ("", "Service") => Keeping::Service,
        ("", "Pod") => Keeping::Pod,
        ("", "ConfigMap") => Keeping::MeshConfig,
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") | ("batch", "Job") => Keeping::Template,
        ("batch", "CronJob") => Keeping::CronJob,
        ("security.istio.io", "RequestAuthentication") => Keeping::Keys,
        ("networking.istio.io", "EnvoyFilter" | "VirtualService" | "ProxyConfig") => Keeping::Masked,
        ("security.istio.io" | "networking.istio.io" | "gateway.networking.k8s.io", _)
        | ("networking.k8s.io", "NetworkPolicy" | "Ingress") => Keeping::Whole,
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration") => Keeping::Webhooks,
        ("install.istio.io", "IstioOperator") | ("sailoperator.io", "Istio") => Keeping::Operator,
        _ => return None,
    })
}

fn is_in_no_namespace(group: &str, kind: &str) -> bool {
    matches!(
        (group, kind),
        ("", "Namespace")
            | ("gateway.networking.k8s.io", "GatewayClass")
            | ("sailoperator.io", "Istio")
            | ("admissionregistration.k8s.io", _)
    )
}

/// istiod's own: called `istio` or `istio-<revision>`, with a key `mesh`.
fn is_mesh_config(fields: &Map<String, Value>) -> bool {
    let name = fields.get("metadata").and_then(|metadata| metadata.get("name")?.as_str()).unwrap_or_default();
    let has_mesh = fields.get("data").is_some_and(|data| data.get("mesh").is_some());
    (name == "istio" || name.starts_with("istio-")) && has_mesh
}

/// Everything beside type and metadata.
fn body(keeping: Keeping, fields: &Map<String, Value>) -> Map<String, Value> {
    let of_spec = |reduce: fn(&Value) -> Value| -> Map<String, Value> {
        fields.get("spec").map(|spec| ("spec".to_owned(), reduce(spec))).into_iter().collect()
    };
    match keeping {
        Keeping::Metadata => Map::new(),
        Keeping::Service => of_spec(service),
        Keeping::Pod => workload::pod(fields),
        Keeping::Template => of_spec(workload::template_holder),
        Keeping::CronJob => of_spec(workload::cron_job),
        Keeping::MeshConfig => {
            let mesh = fields.get("data").and_then(|data| data.get("mesh")).cloned().unwrap_or_default();
            Map::from_iter([("data".to_owned(), Value::Object(Map::from_iter([("mesh".to_owned(), mesh)])))])
        }
        Keeping::Operator => of_spec(operator),
        Keeping::Whole | Keeping::Masked | Keeping::Keys | Keeping::Webhooks => {
            let is_kept = |name: &str| !matches!(name, "apiVersion" | "kind" | "metadata" | "status");
            fields.iter().filter(|(name, _)| is_kept(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
        }
    }
}

fn masked(keeping: Keeping, value: &mut Value) -> usize {
    match keeping {
        Keeping::Masked | Keeping::Operator => mask::mask(value),
        Keeping::MeshConfig => match value.pointer_mut("/data/mesh") {
            Some(Value::String(text)) => mask::mask_yaml(text),
            _ => 0,
        },
        Keeping::Keys => {
            let rules = value.pointer_mut("/spec/jwtRules").and_then(Value::as_array_mut);
            rules.into_iter().flatten().map(|rule| rule.get_mut("jwks").map_or(0, mask_key_set)).sum()
        }
        Keeping::Webhooks => {
            let webhooks = value.get_mut("webhooks").and_then(Value::as_array_mut);
            for webhook in webhooks.into_iter().flatten() {
                if let Some(client) = webhook.get_mut("clientConfig").and_then(Value::as_object_mut) {
                    client.shift_remove("caBundle");
                }
            }
            0
        }
        Keeping::Whole | Keeping::Metadata | Keeping::Service | Keeping::Pod | Keeping::Template | Keeping::CronJob => 0,
    }
}

fn mask_key_set(set: &mut Value) -> usize {
    if let Value::String(text) = set { mask::mask_keys(text) } else { 0 }
}

/// Name, labels, age, and the annotations that mean something to a mesh.
pub(super) fn metadata(metadata: &Value, default_namespace: Option<&str>) -> Value {
    let Some(fields) = metadata.as_object() else { return metadata.clone() };
    let mut kept = pick(fields, &["creationTimestamp", "generateName", "labels", "name", "namespace"]);
    if kept.get("creationTimestamp").is_some_and(Value::is_null) {
        kept.shift_remove("creationTimestamp");
    }
    let is_given = kept.get("namespace").and_then(Value::as_str).is_some_and(|namespace| !namespace.is_empty());
    if let (false, Some(namespace)) = (is_given, default_namespace) {
        kept.insert("namespace".to_owned(), namespace.into());
    }
    if let Some(annotations) = fields.get("annotations").and_then(Value::as_object) {
        let annotations: Map<String, Value> = annotations
            .iter()
            .filter(|(name, _)| is_meant_for_meshes(name))
            .map(|(name, value)| {
                let mut value = value.clone();
                if let (Value::String(text), "proxy.istio.io/config") = (&mut value, name.as_str()) {
                    mask::mask_yaml(text);
                }
                (name.clone(), value)
            })
            .collect();
        if !annotations.is_empty() {
            kept.insert("annotations".to_owned(), Value::Object(annotations));
        }
    }
    Value::Object(kept)
}

/// `sidecar.istio.io/status` is what injection left behind, some kilobytes in every pod, and nobody asks it.
fn is_meant_for_meshes(annotation: &str) -> bool {
    let owner = annotation.split_once('/').map_or("", |(owner, _)| owner);
    let is_of = |known: &str| owner == known || owner.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'));
    annotation != "sidecar.istio.io/status" && ANNOTATION_OWNERS.iter().any(|known| is_of(known))
}

fn service(spec: &Value) -> Value {
    let Some(fields) = spec.as_object() else { return spec.clone() };
    let mut kept = pick(fields, &["clusterIP", "externalName", "selector", "type"]);
    if let Some(ports) = fields.get("ports") {
        let port = |port: &Value| match port.as_object() {
            Some(port) => Value::Object(pick(port, &["appProtocol", "name", "port", "protocol", "targetPort"])),
            None => port.clone(),
        };
        let ports = ports.as_array().map_or_else(|| ports.clone(), |ports| ports.iter().map(port).collect());
        kept.insert("ports".to_owned(), ports);
    }
    Value::Object(kept)
}

/// Where the mesh configuration and istiod's switches stand in an `IstioOperator` or Istio object.
const OPERATOR_PATHS: &[&[&str]] = &[
    &["meshConfig"],
    &["namespace"],
    &["profile"],
    &["revision"],
    &["version"],
    &["components", "pilot", "k8s", "env"],
    &["values", "meshConfig"],
    &["values", "global", "istioNamespace"],
    &["values", "global", "pilotCertProvider"],
    &["values", "env"],
    &["values", "pilot", "env"],
];

fn operator(spec: &Value) -> Value {
    let mut kept = Value::Object(Map::new());
    for path in OPERATOR_PATHS {
        let found = path.iter().try_fold(spec, |value, name| value.get(*name));
        let Some(found) = found else { continue };
        let mut place = &mut kept;
        for name in *path {
            let Value::Object(fields) = place else { break };
            place = fields.entry(*name).or_insert_with(|| Value::Object(Map::new()));
        }
        *place = found.clone();
    }
    kept
}

/// Some fields of an object.
pub(super) fn pick(fields: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), fields.get(*name)?.clone()))).collect()
}
