//! Where a mesh configuration can be written: a `ConfigMap` of istiod, an `IstioOperator` or Istio object, a file of its own.

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Body;
use crate::manifest::codes;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Dialect;
use crate::manifest::kinds::MeshConfig;
use crate::manifest::read;
use crate::manifest::yaml;
use crate::manifest::yaml::Chunk;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// Whether a `ConfigMap` holds a mesh configuration: it is called `istio` or `istio-<revision>` and has a key `mesh`.
pub(super) fn is_mesh_config_map(node: &Node) -> bool {
    let name = node.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_str).unwrap_or_default();
    let is_named = name == "istio" || name.starts_with("istio-");
    is_named && node.get("data").is_some_and(|data| data.get("mesh").is_some())
}

/// Reads `data.mesh`.
pub(super) fn config_map(node: &Node, text: &str) -> (MeshConfig, Vec<Finding>) {
    let mut decoder = Decoder::new(Dialect::ProtoJson);
    let mesh = node.get("data").and_then(|data| data.get("mesh"));
    let Some((mesh, written)) = mesh.and_then(|mesh| Some((mesh, decoder.string(mesh, "mesh")?))) else {
        return (MeshConfig::default(), decoder.into_findings());
    };
    let parsed = embedded(mesh, text).unwrap_or_else(|| {
        let mut parsed: Vec<_> = yaml::documents(mesh.span.source, &written.value).collect();
        for document in &mut parsed {
            document.findings.iter_mut().for_each(|finding| move_finding(finding, mesh.span));
            document.root.iter_mut().for_each(|root| move_node(root, mesh.span));
        }
        parsed
    });
    let mut findings = Vec::new();
    let mut config = MeshConfig { place: mesh.span.into(), is_written: true, ..MeshConfig::default() };
    for document in parsed {
        findings.extend(document.findings);
        if let Some(fields) = document.root.as_ref().and_then(|root| decoder.fields(root, "meshConfig")) {
            config = MeshConfig::decode(fields, &mut decoder);
        }
    }
    findings.extend(decoder.into_findings());
    (config, findings)
}

/// Reads the lines of a block scalar where they stand, so that every value keeps its own place. `None` when the value is
/// written in another way: then these lines do not mean what the string means.
fn embedded(mesh: &Node, text: &str) -> Option<Vec<yaml::Parsed>> {
    let first = usize::try_from(mesh.span.offset).ok()?;
    let end = first + usize::try_from(mesh.span.length).ok()?;
    let offset = text.get(..first)?.rfind('\n')? + 1;
    let lines = Chunk { text: text.get(offset..end)?, offset, line: usize::try_from(mesh.span.line).ok()?.checked_sub(1)? };
    let parsed = yaml::parse_chunk(mesh.span.source, lines);
    let (expected, _) = yaml::parse(mesh.span.source, mesh.as_str()?);
    let found: Vec<&Node> = parsed.iter().filter_map(|document| document.root.as_ref()).collect();
    (found == expected.iter().collect::<Vec<_>>()).then_some(parsed)
}

/// Reads an `IstioOperator` or Istio object.
///
/// `spec.meshConfig` goes over `spec.values.meshConfig`. The root namespace falls back to `values.global.istioNamespace` and
/// then to `spec.namespace`. Feature flags come from `values.env`, `values.pilot.env` and `components.pilot.k8s.env`.
pub(super) fn operator(node: &Node) -> (MeshConfig, Vec<Finding>) {
    let mut decoder = Decoder::new(Dialect::ProtoJson);
    let Some(spec) = node.get("spec") else { return (MeshConfig::default(), Vec::new()) };
    if let Some(mut fields) = decoder.fields(spec, "spec") {
        fields.ignore(OPERATOR_FIELDS);
        fields.finish(&mut decoder);
    }
    let values = spec.get("values");
    let below = values.and_then(|values| values.get("meshConfig"));
    let above = spec.get("meshConfig");
    let written = match (below, above) {
        (Some(below), Some(above)) => Some(overlay(below, above)),
        (below, above) => above.or(below).cloned(),
    };
    let mut config = match written.as_ref().and_then(|written| decoder.fields(written, "meshConfig")) {
        Some(fields) => MeshConfig::decode(fields, &mut decoder),
        None => MeshConfig { place: spec.span.into(), ..MeshConfig::default() },
    };
    let global = values.and_then(|values| values.get("global")).and_then(|global| global.get("istioNamespace"));
    if let (None, Some(namespace)) = (&config.root_namespace, global.or_else(|| spec.get("namespace"))) {
        config.root_namespace = decoder.string(namespace, "istioNamespace").filter(|namespace| !namespace.value.is_empty());
        config.is_written |= config.root_namespace.is_some();
    }
    let pilot = values.and_then(|values| values.get("pilot"));
    for environment in
        [values.and_then(|values| values.get("env")), pilot.and_then(|pilot| pilot.get("env"))].into_iter().flatten()
    {
        features_of_mapping(environment, &mut config, &mut decoder);
    }
    let component = spec.get("components").and_then(|components| components.get("pilot"));
    if let Some(environment) = component.and_then(|pilot| pilot.get("k8s")).and_then(|k8s| k8s.get("env")) {
        features_of_list(environment, &mut config, &mut decoder);
    }
    (config, decoder.into_findings())
}

/// `{NAME: value}`; the chart writes any plain value out as text.
fn features_of_mapping(environment: &Node, config: &mut MeshConfig, decoder: &mut Decoder) {
    let Some(fields) = decoder.fields(environment, "env") else { return };
    for (name, node) in fields.entries() {
        let text = match &node.value {
            Value::String(text) => text.clone(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.text.clone(),
            Value::Null => String::new(),
            Value::Sequence(_) | Value::Mapping(_) => {
                decoder.wrong_type(node, &name.value, "a string");
                continue;
            }
        };
        config.features.push((name.value.clone(), Spanned::new(text, node.span)));
    }
}

/// `[{name, value}]`
fn features_of_list(environment: &Node, config: &mut MeshConfig, decoder: &mut Decoder) {
    for item in decoder.list(environment, "env") {
        let Some(mut fields) = decoder.fields(item, "env") else { continue };
        fields.ignore(&["valueFrom"]);
        let name = fields.required_string(decoder, "name").value;
        if let Some(value) = fields.string(decoder, "value") {
            config.features.push((name, value));
        }
        fields.finish(decoder);
    }
}

/// `above` over `below`: mappings are joined key by key, anything else is replaced.
fn overlay(below: &Node, above: &Node) -> Node {
    let (Value::Mapping(lower), Value::Mapping(upper)) = (&below.value, &above.value) else { return above.clone() };
    let mut joined = lower.clone();
    for (key, value) in upper {
        match joined.iter_mut().find(|(name, _)| name.value == key.value) {
            Some((name, slot)) => {
                *name = key.clone();
                *slot = overlay(slot, value);
            }
            None => joined.push((key.clone(), value.clone())),
        }
    }
    Node { value: Value::Mapping(joined), span: above.span }
}

/// The fields of `spec` of both operator kinds.
const OPERATOR_FIELDS: &[&str] = &[
    "compatibilityVersion",
    "components",
    "hub",
    "installPackagePath",
    "meshConfig",
    "namespace",
    "profile",
    "revision",
    "tag",
    "unvalidatedValues",
    "updateStrategy",
    "values",
    "version",
];

/// Reads a file that holds a mesh configuration and nothing else, or one of the objects that carry one.
///
/// `None` when it could not be read; the findings say why.
#[must_use]
pub fn read_mesh_config(source: SourceId, text: &str) -> (Option<MeshConfig>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut configs = Vec::new();
    for parsed in yaml::documents(source, text) {
        findings.extend(parsed.findings);
        let Some(root) = parsed.root else { continue };
        if root.get("apiVersion").is_some() && root.get("kind").is_some() {
            let object = read::read_text(source, text);
            findings.clear();
            findings.extend(object.findings);
            configs = object
                .documents
                .into_iter()
                .filter_map(|document| if let Body::MeshConfig(config) = document.body { Some(*config) } else { None })
                .collect();
            break;
        }
        let mut decoder = Decoder::new(Dialect::ProtoJson);
        if let Some(fields) = decoder.fields(&root, "meshConfig") {
            configs.push(MeshConfig::decode(fields, &mut decoder));
        }
        findings.extend(decoder.into_findings());
    }
    let start = Span { source, line: 1, column: 1, offset: 0, length: 0 };
    match configs.as_slice() {
        [_] => {}
        [] if findings.iter().any(Finding::is_error) => {}
        [] => {
            findings.push(
                Finding::new(codes::MISSING_FIELD, Severity::Error, "no mesh configuration in this file", start)
                    .with_help("write the fields of `meshConfig`, such as `trustDomain`"),
            );
        }
        [_, second, ..] => findings.push(
            Finding::new(
                codes::DUPLICATE_OBJECT,
                Severity::Error,
                "more than one mesh configuration in this file",
                second.place.span,
            )
            .with_help("keep one of them"),
        ),
    }
    if findings.iter().any(Finding::is_error) {
        return (None, findings);
    }
    (configs.pop(), findings)
}

/// Points a finding about an embedded text at the place of the text.
fn move_finding(finding: &mut Finding, place: Span) {
    for label in finding.primary.iter_mut().chain(&mut finding.secondary) {
        label.span.0 = place;
    }
}

/// Points all values of an embedded text at the place of the text.
fn move_node(node: &mut Node, place: Span) {
    node.span = place;
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| move_node(item, place)),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                key.span = place;
                move_node(value, place);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
