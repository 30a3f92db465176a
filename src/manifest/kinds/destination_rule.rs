use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Selector;

/// `DestinationRule` of networking.istio.io, v1, v1beta1 and v1alpha3.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DestinationRule {
    /// `host`.
    pub host: Spanned<String>,
    /// `trafficPolicy`.
    pub traffic_policy: Option<TrafficPolicy>,
    /// `subsets`.
    pub subsets: Vec<Subset>,
    /// `exportTo`; empty when absent.
    pub export_to: Vec<Spanned<String>>,
    /// `workloadSelector`.
    pub workload_selector: Option<Selector>,
}

/// `trafficPolicy`, as far as it decides about TLS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrafficPolicy {
    /// `tls`.
    pub tls: Option<ClientTls>,
    /// `loadBalancer.simple` is `PASSTHROUGH`.
    pub pass_through: bool,
    /// `portLevelSettings`.
    pub port_level: Vec<PortTrafficPolicy>,
    /// Where the policy stands.
    pub place: Place,
}

/// One entry of `portLevelSettings`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortTrafficPolicy {
    /// `port.number`: a Service port.
    pub port: Spanned<u32>,
    /// `tls`.
    pub tls: Option<ClientTls>,
    /// `loadBalancer.simple` is `PASSTHROUGH`.
    pub pass_through: bool,
    /// Where the entry stands.
    pub place: Place,
}

/// One entry of `subsets`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subset {
    /// `name`.
    pub name: Spanned<String>,
    /// `labels`.
    pub labels: Labels,
    /// `trafficPolicy`.
    pub traffic_policy: Option<TrafficPolicy>,
}

/// `tls` of a traffic policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientTls {
    /// `mode`; [`ClientTlsMode::Disable`] when absent, as in the API.
    pub mode: Spanned<ClientTlsMode>,
    /// `clientCertificate`.
    pub client_certificate: Option<Spanned<String>>,
    /// `privateKey`: a path.
    pub private_key: Option<Spanned<String>>,
    /// `caCertificates`.
    pub ca_certificates: Option<Spanned<String>>,
    /// `credentialName`.
    pub credential_name: Option<Spanned<String>>,
    /// `subjectAltNames`.
    pub subject_alt_names: Vec<Spanned<String>>,
    /// `sni`.
    pub sni: Option<Spanned<String>>,
    /// `insecureSkipVerify`.
    pub insecure_skip_verify: bool,
    /// Where the settings stand.
    pub place: Place,
}

/// What a client does to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ClientTlsMode {
    /// Plaintext.
    #[default]
    Disable,
    /// One-way TLS.
    Simple,
    /// Mutual TLS with given files.
    Mutual,
    /// Mutual TLS with the workload's own certificate.
    IstioMutual,
}

impl ClientTlsMode {
    /// The word as written in a rule.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "DISABLE",
            Self::Simple => "SIMPLE",
            Self::Mutual => "MUTUAL",
            Self::IstioMutual => "ISTIO_MUTUAL",
        }
    }
}

const TLS_MODES: &[(&str, ClientTlsMode)] = &[
    ("DISABLE", ClientTlsMode::Disable),
    ("SIMPLE", ClientTlsMode::Simple),
    ("MUTUAL", ClientTlsMode::Mutual),
    ("ISTIO_MUTUAL", ClientTlsMode::IstioMutual),
];

/// Whether each `loadBalancer.simple` passes connections through.
const SIMPLE_BALANCERS: &[(&str, bool)] = &[
    ("UNSPECIFIED", false),
    ("LEAST_CONN", false),
    ("RANDOM", false),
    ("PASSTHROUGH", true),
    ("ROUND_ROBIN", false),
    ("LEAST_REQUEST", false),
];

impl DestinationRule {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let rule = Self {
            host: fields.required_string(decoder, "host"),
            traffic_policy: fields.fields(decoder, "trafficPolicy").map(|policy| TrafficPolicy::decode(policy, decoder)),
            subsets: fields.each(decoder, "subsets", Subset::decode),
            export_to: fields.strings(decoder, "exportTo"),
            workload_selector: fields.fields(decoder, "workloadSelector").map(|selector| Selector::decode(selector, decoder)),
        };
        fields.finish(decoder);
        rule
    }
}

impl TrafficPolicy {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["connectionPool", "outlierDetection", "tunnel", "proxyProtocol", "retryBudget"]);
        let policy = Self {
            tls: fields.fields(decoder, "tls").map(|tls| ClientTls::decode(tls, decoder)),
            pass_through: passes_through(&mut fields, decoder),
            port_level: fields.each(decoder, "portLevelSettings", PortTrafficPolicy::decode),
            place: fields.place(),
        };
        fields.finish(decoder);
        policy
    }
}

impl PortTrafficPolicy {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["connectionPool", "outlierDetection"]);
        let place = fields.place();
        let port = fields.fields(decoder, "port").and_then(|mut port| {
            let number = port.unsigned(decoder, "number");
            port.finish(decoder);
            number
        });
        let policy = Self {
            port: port.unwrap_or(Spanned::new(0, place.span)),
            tls: fields.fields(decoder, "tls").map(|tls| ClientTls::decode(tls, decoder)),
            pass_through: passes_through(&mut fields, decoder),
            place,
        };
        fields.finish(decoder);
        policy
    }
}

fn passes_through(fields: &mut Fields<'_>, decoder: &mut Decoder) -> bool {
    let Some(mut balancer) = fields.fields(decoder, "loadBalancer") else { return false };
    balancer.ignore(&["consistentHash", "localityLbSetting", "zoneAwareLbSetting", "warmup", "warmupDurationSecs"]);
    let simple = balancer.word(decoder, "simple", SIMPLE_BALANCERS);
    balancer.finish(decoder);
    simple.is_some_and(|simple| simple.value)
}

impl Subset {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let subset = Self {
            name: fields.required_string(decoder, "name"),
            labels: fields.labels(decoder, "labels"),
            traffic_policy: fields.fields(decoder, "trafficPolicy").map(|policy| TrafficPolicy::decode(policy, decoder)),
        };
        fields.finish(decoder);
        subset
    }
}

impl ClientTls {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["caCrl"]);
        let place = fields.place();
        let tls = Self {
            mode: fields.word(decoder, "mode", TLS_MODES).unwrap_or(Spanned::new(ClientTlsMode::Disable, place.span)),
            client_certificate: fields.string(decoder, "clientCertificate"),
            private_key: fields.string(decoder, "privateKey"),
            ca_certificates: fields.string(decoder, "caCertificates"),
            credential_name: fields.string(decoder, "credentialName"),
            subject_alt_names: fields.strings(decoder, "subjectAltNames"),
            sni: fields.string(decoder, "sni"),
            insecure_skip_verify: fields.flag(decoder, "insecureSkipVerify"),
            place,
        };
        fields.finish(decoder);
        tls
    }
}
