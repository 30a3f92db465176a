use std::sync::Arc;

use crate::diag::Finding;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Body;
use crate::manifest::Document;
use crate::manifest::Header;
use crate::manifest::catalog::JOB_FIELDS;
use crate::manifest::catalog::Kind;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Dialect;
use crate::manifest::decode::Fields;
use crate::manifest::header;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::Gateway;
use crate::manifest::kinds::KubernetesGateway;
use crate::manifest::kinds::PeerAuthentication;
use crate::manifest::kinds::PodTemplate;
use crate::manifest::kinds::RequestAuthentication;
use crate::manifest::kinds::Service;
use crate::manifest::kinds::ServiceEntry;
use crate::manifest::kinds::Sidecar;
use crate::manifest::kinds::WorkloadEntry;
use crate::manifest::kinds::WorkloadGroup;
use crate::manifest::mesh_source;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// An object that is only counted, by what can be seen of its name.
pub(super) fn other(node: &Node, mut header: Header) -> Document {
    let text = |name: &str| {
        let value = node.get("metadata").and_then(|metadata| metadata.get(name))?;
        value.as_str().map(|text| Spanned::new(text.to_owned(), value.span))
    };
    header.name = text("name").or_else(|| text("generateName")).unwrap_or_default();
    header.namespace = text("namespace");
    Document { header: Arc::new(header), body: Body::Other, span: first_key(node) }
}

/// An object of a kind that is interpreted, with what was found on the way. With an error among that it cannot be used.
///
/// `text` is the source it stands in.
pub(super) fn decode(node: &Node, mut header: Header, kind: Kind, text: &str) -> (Document, Vec<Finding>) {
    if kind == Kind::ConfigMap && !mesh_source::is_mesh_config_map(node) {
        return (other(node, header), Vec::new());
    }
    let mut decoder = Decoder::new(Dialect::ApiServer);
    let span = first_key(node);
    let what = header.kind.value.clone();
    let Some(mut fields) = decoder.fields(node, &what) else {
        return (Document { header: Arc::new(header), body: Body::Other, span }, decoder.into_findings());
    };
    fields.ignore(&["apiVersion", "kind"]);
    header::metadata(&mut header, &mut fields, &mut decoder);
    let mesh = match kind {
        Kind::ConfigMap => Some(mesh_source::config_map(node, text)),
        Kind::IstioOperator | Kind::Istio => Some(mesh_source::operator(node)),
        Kind::Namespace
        | Kind::ServiceAccount
        | Kind::Service
        | Kind::Pod
        | Kind::Template(_)
        | Kind::CronJob
        | Kind::ServiceEntry
        | Kind::WorkloadEntry
        | Kind::WorkloadGroup
        | Kind::Sidecar
        | Kind::Gateway
        | Kind::KubernetesGateway
        | Kind::PeerAuthentication
        | Kind::RequestAuthentication
        | Kind::AuthorizationPolicy
        | Kind::DestinationRule => None,
    };
    let body = match mesh {
        None => body(kind, &mut fields, &header, &mut decoder),
        Some((config, findings)) => {
            fields.ignore(if kind == Kind::ConfigMap { &["binaryData", "data", "immutable"] } else { &["spec", "status"] });
            for finding in findings {
                decoder.report(finding);
            }
            Body::MeshConfig(Box::new(config))
        }
    };
    fields.finish(&mut decoder);
    (Document { header: Arc::new(header), body, span }, decoder.into_findings())
}

fn body(kind: Kind, fields: &mut Fields<'_>, header: &Header, decoder: &mut Decoder) -> Body {
    let place = fields.place();
    match kind {
        Kind::Namespace => {
            fields.ignore(&["spec", "status"]);
            Body::Namespace
        }
        Kind::ServiceAccount => {
            fields.ignore(&["automountServiceAccountToken", "imagePullSecrets", "secrets"]);
            Body::ServiceAccount
        }
        Kind::Service => Body::Service(required(fields, decoder, Service::decode)),
        Kind::Pod => Body::Workload(pod(fields, header, decoder)),
        Kind::Template(ignored) => workload(required(fields, decoder, |spec, decoder| template(spec, ignored, decoder))),
        Kind::CronJob => workload(required(fields, decoder, cron_job)),
        Kind::ServiceEntry => Body::ServiceEntry(required(fields, decoder, ServiceEntry::decode)),
        Kind::WorkloadEntry => Body::WorkloadEntry(optional(fields, decoder, WorkloadEntry::decode)),
        Kind::WorkloadGroup => Body::WorkloadGroup(required(fields, decoder, WorkloadGroup::decode)),
        Kind::Sidecar => Body::Sidecar(optional(fields, decoder, Sidecar::decode).into()),
        Kind::Gateway => Body::Gateway(optional(fields, decoder, Gateway::decode).into()),
        Kind::KubernetesGateway => Body::KubernetesGateway(required(fields, decoder, KubernetesGateway::decode).into()),
        Kind::PeerAuthentication => Body::PeerAuthentication(optional(fields, decoder, PeerAuthentication::decode).into()),
        Kind::RequestAuthentication => {
            Body::RequestAuthentication(optional(fields, decoder, RequestAuthentication::decode).into())
        }
        Kind::DestinationRule => Body::DestinationRule(required(fields, decoder, DestinationRule::decode).into()),
        Kind::AuthorizationPolicy => {
            let mut policy = optional(fields, decoder, AuthorizationPolicy::decode);
            if policy.action.span.line == 0 {
                policy.action.span = place.span;
            }
            Body::AuthorizationPolicy(policy.into())
        }
        Kind::ConfigMap | Kind::IstioOperator | Kind::Istio => Body::Other,
    }
}

/// What `spec` says, for kinds that mean something without one.
fn optional<T: Default>(fields: &mut Fields<'_>, decoder: &mut Decoder, decode: impl FnOnce(Fields<'_>, &mut Decoder) -> T) -> T {
    fields.ignore(&["status"]);
    fields.fields(decoder, "spec").map(|spec| decode(spec, decoder)).unwrap_or_default()
}

/// What `spec` says, for kinds that need one.
fn required<T: Default>(fields: &mut Fields<'_>, decoder: &mut Decoder, decode: impl FnOnce(Fields<'_>, &mut Decoder) -> T) -> T {
    fields.ignore(&["status"]);
    fields.required_fields(decoder, "spec").map(|spec| decode(spec, decoder)).unwrap_or_default()
}

fn pod(fields: &mut Fields<'_>, header: &Header, decoder: &mut Decoder) -> PodTemplate {
    let mut pod = required(fields, decoder, PodTemplate::decode_spec);
    pod.labels = header.labels.clone();
    pod.annotations = header.annotations.clone();
    // What the cluster says of the pod is not the user's to write, so only its type matters.
    pod.pod_ip = fields.take(decoder, "status").and_then(|status| {
        let ip = status.get("podIP")?;
        decoder.string(ip, "podIP")
    });
    pod
}

fn template(mut spec: Fields<'_>, ignored: &[&'static str], decoder: &mut Decoder) -> PodTemplate {
    spec.ignore(ignored);
    let template = spec.required_fields(decoder, "template");
    let template = template.map(|template| PodTemplate::decode_template(template, decoder)).unwrap_or_default();
    spec.finish(decoder);
    template
}

fn cron_job(mut spec: Fields<'_>, decoder: &mut Decoder) -> PodTemplate {
    spec.ignore(&[
        "concurrencyPolicy",
        "failedJobsHistoryLimit",
        "schedule",
        "startingDeadlineSeconds",
        "successfulJobsHistoryLimit",
        "suspend",
        "timeZone",
    ]);
    let pod = spec.required_fields(decoder, "jobTemplate").map(|mut job| {
        job.ignore(&["metadata"]);
        let job_spec = job.required_fields(decoder, "spec");
        let pod = job_spec.map(|job_spec| template(job_spec, JOB_FIELDS, decoder)).unwrap_or_default();
        job.finish(decoder);
        pod
    });
    spec.finish(decoder);
    pod.unwrap_or_default()
}

/// A pod template, or istiod's.
fn workload(template: PodTemplate) -> Body {
    if template.labels.get("app").is_some_and(|app| app.value == "istiod") {
        return Body::Istiod(template);
    }
    Body::Workload(template)
}

/// The place of the first key.
fn first_key(node: &Node) -> Span {
    match &node.value {
        Value::Mapping(entries) => entries.first().map_or(node.span, |(key, _)| key.span),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) => node.span,
    }
}
