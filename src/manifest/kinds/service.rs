use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// `Service` of the core group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// `spec.type`; `ClusterIP` when absent.
    pub service_type: String,
    /// `spec.clusterIP`; `None` (the word) means headless.
    pub cluster_ip: Option<Spanned<String>>,
    /// `spec.externalName`.
    pub external_name: Option<Spanned<String>>,
    /// `spec.selector`; empty selects nothing.
    pub selector: Labels,
    /// `spec.ports`.
    pub ports: Vec<ServicePort>,
    /// `spec.externalTrafficPolicy` is `Local`: the address of the client stays.
    pub keeps_client_address: bool,
    /// It has, or may have, addresses of both families: `spec.ipFamilyPolicy` other than `SingleStack`.
    pub is_dual_stack: bool,
}

impl Service {
    /// Whether the service has no virtual address.
    #[must_use]
    pub fn is_headless(&self) -> bool {
        self.cluster_ip.as_ref().is_some_and(|ip| ip.value == "None")
    }

    /// Whether the service is only another name for a host.
    #[must_use]
    pub fn is_external_name(&self) -> bool {
        self.service_type == "ExternalName"
    }
}

/// One entry of `spec.ports`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServicePort {
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `port`.
    pub port: Spanned<u16>,
    /// `targetPort`; the port itself when absent.
    pub target_port: Option<Spanned<TargetPort>>,
    /// `protocol`: `TCP` (also when absent), `UDP` or `SCTP`.
    pub protocol: String,
    /// `appProtocol`.
    pub app_protocol: Option<Spanned<String>>,
}

/// A port by number or by the name a container gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetPort {
    /// A number.
    Number(u16),
    /// A name.
    Name(String),
}

const TYPES: &[(&str, &str)] =
    &[("ClusterIP", "ClusterIP"), ("NodePort", "NodePort"), ("LoadBalancer", "LoadBalancer"), ("ExternalName", "ExternalName")];

/// The transport protocols of a port.
pub(super) const PROTOCOLS: &[(&str, &str)] = &[("TCP", "TCP"), ("UDP", "UDP"), ("SCTP", "SCTP")];

impl Service {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&[
            "allocateLoadBalancerNodePorts",
            "clusterIPs",
            "externalIPs",
            "healthCheckNodePort",
            "internalTrafficPolicy",
            "ipFamilies",
            "loadBalancerClass",
            "loadBalancerIP",
            "loadBalancerSourceRanges",
            "publishNotReadyAddresses",
            "sessionAffinity",
            "sessionAffinityConfig",
            "trafficDistribution",
        ]);
        let service = Self {
            service_type: fields.word(decoder, "type", TYPES).map_or("ClusterIP", |word| word.value).to_owned(),
            cluster_ip: fields.string(decoder, "clusterIP"),
            external_name: fields.string(decoder, "externalName"),
            selector: fields.labels(decoder, "selector"),
            ports: fields.each(decoder, "ports", ServicePort::decode),
            keeps_client_address: fields.take(decoder, "externalTrafficPolicy").and_then(Node::as_str) == Some("Local"),
            is_dual_stack: fields
                .take(decoder, "ipFamilyPolicy")
                .and_then(Node::as_str)
                .is_some_and(|policy| matches!(policy, "PreferDualStack" | "RequireDualStack")),
        };
        fields.finish(decoder);
        service
    }
}

impl ServicePort {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["nodePort"]);
        let port = Self {
            name: fields.string(decoder, "name"),
            port: fields.required_port(decoder, "port"),
            target_port: fields.take(decoder, "targetPort").and_then(|node| TargetPort::decode(node, decoder)),
            protocol: fields.word(decoder, "protocol", PROTOCOLS).map_or("TCP", |word| word.value).to_owned(),
            app_protocol: fields.string(decoder, "appProtocol"),
        };
        fields.finish(decoder);
        port
    }
}

impl TargetPort {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Spanned<Self>> {
        match &node.value {
            Value::String(name) => Some(Spanned::new(Self::Name(name.clone()), node.span)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Sequence(_) | Value::Mapping(_) => {
                decoder.port(node, "targetPort").map(|port| port.map(Self::Number))
            }
        }
    }
}
