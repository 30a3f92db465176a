use crate::diag::Spanned;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::ServerTls;

/// `Sidecar` of networking.istio.io, as far as it decides what is declared and what is seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sidecar {
    /// `workloadSelector`.
    pub workload_selector: Option<Selector>,
    /// `ingress`.
    pub ingress: Vec<IngressListener>,
    /// `egress`.
    pub egress: Vec<EgressListener>,
    /// `outboundTrafficPolicy.mode`, as written; empty when the policy names none.
    pub outbound_mode: Option<Spanned<String>>,
}

/// One entry of `ingress`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IngressListener {
    /// `port.number`.
    pub port: Spanned<u16>,
    /// `port.name`.
    pub name: Option<Spanned<String>>,
    /// `port.protocol`, as written.
    pub protocol: Option<Spanned<String>>,
    /// `defaultEndpoint`.
    pub default_endpoint: Option<Spanned<String>>,
    /// `tls`.
    pub tls: Option<ServerTls>,
    /// Where the entry stands.
    pub place: Place,
}

/// One entry of `egress`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EgressListener {
    /// `hosts`: `namespace/host`.
    pub hosts: Vec<Spanned<String>>,
    /// `port.number`.
    pub port: Option<Spanned<u16>>,
}

const CAPTURE_MODES: &[(&str, ())] = &[("DEFAULT", ()), ("IPTABLES", ()), ("NONE", ())];

impl Sidecar {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["inboundConnectionPool"]);
        let selector = fields.fields(decoder, "workloadSelector");
        let outbound_mode = fields.fields(decoder, "outboundTrafficPolicy").map(|mut outbound| {
            outbound.ignore(&["egressProxy"]);
            let mode = outbound.string(decoder, "mode");
            let place = outbound.place();
            outbound.finish(decoder);
            mode.unwrap_or(Spanned::new(String::new(), place.span))
        });
        let sidecar = Self {
            workload_selector: selector.map(|selector| Selector::decode_workload(selector, decoder)),
            ingress: fields.each(decoder, "ingress", IngressListener::decode),
            egress: fields.each(decoder, "egress", EgressListener::decode),
            outbound_mode,
        };
        fields.finish(decoder);
        sidecar
    }
}

impl IngressListener {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["bind", "connectionPool"]);
        fields.word(decoder, "captureMode", CAPTURE_MODES);
        let mut listener = Self { place: fields.place(), ..Self::default() };
        if let Some(mut port) = fields.required_fields(decoder, "port") {
            port.ignore(&["targetPort"]);
            listener.port = port.port(decoder, "number").unwrap_or(Spanned::new(0, port.place().span));
            listener.name = port.string(decoder, "name");
            listener.protocol = port.string(decoder, "protocol");
            port.finish(decoder);
        }
        listener.default_endpoint = fields.string(decoder, "defaultEndpoint");
        listener.tls = fields.fields(decoder, "tls").map(|tls| ServerTls::decode(tls, decoder));
        fields.finish(decoder);
        listener
    }
}

impl EgressListener {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["bind"]);
        fields.word(decoder, "captureMode", CAPTURE_MODES);
        let hosts = fields.require(decoder, "hosts").map(|hosts| decoder.strings(hosts, "hosts"));
        let port = fields.fields(decoder, "port").and_then(|mut port| {
            port.ignore(&["name", "protocol", "targetPort"]);
            let number = port.port(decoder, "number");
            port.finish(decoder);
            number
        });
        fields.finish(decoder);
        Self { hosts: hosts.unwrap_or_default(), port }
    }
}
