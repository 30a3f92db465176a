use super::service::PROTOCOLS;
use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
use crate::manifest::header;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::TargetPort;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// The pod a workload object makes: `spec.template` of a Deployment and its like, the Pod itself, or the job template of a `CronJob`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PodTemplate {
    /// Labels of the pod.
    pub labels: Labels,
    /// Annotations of the pod.
    pub annotations: Labels,
    /// `serviceAccountName` (or the deprecated `serviceAccount`); `default` applies when absent.
    pub service_account: Option<Spanned<String>>,
    /// `hostNetwork`.
    pub host_network: bool,
    /// Ports of all containers.
    pub ports: Vec<ContainerPort>,
    /// Probes of all containers that connect to a port.
    pub probes: Vec<Probe>,
    /// Names of all containers and init containers; `istio-proxy` among them means a sidecar was already injected.
    pub containers: Vec<Spanned<String>>,
    /// Environment variables with literal values, of all containers.
    pub environment: Vec<EnvironmentVariable>,
    /// Image of the container `discovery`, which is istiod.
    pub discovery_image: Option<Spanned<String>>,
    /// `status.podIP` of a Pod read from a cluster.
    pub pod_ip: Option<Spanned<String>>,
    /// Where the template stands.
    pub place: Place,
}

/// One entry of a container's `ports`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerPort {
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `containerPort`.
    pub port: Spanned<u16>,
    /// `protocol`; `TCP` when absent.
    pub protocol: String,
}

/// A probe of a container that connects to a port: `httpGet`, `grpc` or `tcpSocket`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// `livenessProbe`, `readinessProbe` or `startupProbe`.
    pub name: &'static str,
    /// How it connects.
    pub handler: &'static str,
    /// The port, by number or by the name a container gives it.
    pub port: Spanned<TargetPort>,
}

/// One entry of a container's `env`, when its value is literal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvironmentVariable {
    /// `name`.
    pub name: String,
    /// `value`.
    pub value: Spanned<String>,
}

impl PodTemplate {
    /// `template` of a Deployment and its like: `metadata` and `spec`.
    pub(in crate::manifest) fn decode_template(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let (labels, annotations) = header::template_metadata(&mut fields, decoder);
        let mut template = match fields.required_fields(decoder, "spec") {
            Some(spec) => Self::decode_spec(spec, decoder),
            None => Self::default(),
        };
        template.labels = labels;
        template.annotations = annotations;
        template.place = fields.place();
        fields.finish(decoder);
        template
    }

    /// `spec` of a pod; labels and annotations stand elsewhere.
    pub(in crate::manifest) fn decode_spec(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(POD_FIELDS);
        let mut template = Self { place: fields.place(), ..Self::default() };
        let older = fields.string(decoder, "serviceAccount");
        template.service_account = fields.string(decoder, "serviceAccountName").filter(|name| !name.value.is_empty()).or(older);
        template.host_network = fields.flag(decoder, "hostNetwork");
        for name in ["containers", "initContainers"] {
            for item in fields.items(decoder, name) {
                template.decode_container(item, name == "initContainers", decoder);
            }
        }
        fields.finish(decoder);
        template
    }

    fn decode_container(&mut self, node: &Node, is_initial: bool, decoder: &mut Decoder) {
        let Some(mut fields) = decoder.fields(node, "containers") else { return };
        fields.ignore(CONTAINER_FIELDS);
        let name = fields.required_string(decoder, "name");
        if name.value == "discovery" {
            self.discovery_image = fields.string(decoder, "image");
        }
        self.containers.push(name);
        let stays = !is_initial || fields.string(decoder, "restartPolicy").is_some_and(|policy| policy.value == "Always");
        let ports = fields.each(decoder, "ports", ContainerPort::decode);
        // An init container that ends serves nobody.
        if stays {
            self.ports.extend(ports);
        }
        let variables = fields.each(decoder, "env", EnvironmentVariable::decode);
        self.environment.extend(variables.into_iter().flatten());
        for name in PROBES {
            self.probes.extend(fields.take(decoder, name).and_then(|node| Probe::read(name, node)));
        }
        fields.ignore(&["restartPolicy"]);
        fields.finish(decoder);
    }
}

impl ContainerPort {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["hostIP", "hostPort"]);
        let port = Self {
            name: fields.string(decoder, "name"),
            port: fields.required_port(decoder, "containerPort"),
            protocol: fields.word(decoder, "protocol", PROTOCOLS).map_or("TCP", |word| word.value).to_owned(),
        };
        fields.finish(decoder);
        port
    }
}

impl Probe {
    /// `None` when it runs a command, or names no port.
    fn read(name: &'static str, node: &Node) -> Option<Self> {
        let handler = HANDLERS.iter().find(|handler| node.get(handler).is_some())?;
        let port = node.get(handler)?.get("port")?;
        let value = match &port.value {
            Value::Number(number) => TargetPort::Number(number.text.parse().ok()?),
            Value::String(text) => text.parse().map_or_else(|_| TargetPort::Name(text.clone()), TargetPort::Number),
            Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => return None,
        };
        Some(Self { name, handler, port: Spanned::new(value, port.span) })
    }
}

impl EnvironmentVariable {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Option<Self> {
        let name = fields.required_string(decoder, "name").value;
        let value = fields.string(decoder, "value");
        let is_literal = fields.take(decoder, "valueFrom").is_none();
        let place = fields.place();
        fields.finish(decoder);
        is_literal.then(|| Self { name, value: value.unwrap_or(Spanned::new(String::new(), place.span)) })
    }
}

/// The fields of a pod that are not looked at.
const POD_FIELDS: &[&str] = &[
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "ephemeralContainers",
    "hostAliases",
    "hostIPC",
    "hostPID",
    "hostUsers",
    "hostname",
    "hostnameOverride",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "os",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "resourceClaims",
    "resources",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "schedulingGates",
    "schedulingGroup",
    "securityContext",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
    "workloadRef",
];

/// The probes of a container.
const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];
/// What a probe can be, when it connects to a port.
const HANDLERS: [&str; 3] = ["httpGet", "grpc", "tcpSocket"];

/// The fields of a container that are not looked at.
const CONTAINER_FIELDS: &[&str] = &[
    "args",
    "command",
    "envFrom",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "resizePolicy",
    "resources",
    "restartPolicyRules",
    "securityContext",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
];
