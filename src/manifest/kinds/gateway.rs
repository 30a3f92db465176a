use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
use crate::manifest::kinds::Place;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// `Gateway` of networking.istio.io.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gateway {
    /// `selector`: labels of the gateway pods.
    pub selector: Labels,
    /// `servers`.
    pub servers: Vec<Server>,
}

/// One entry of `servers`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// `port.number`: the Service port.
    pub port: Spanned<u16>,
    /// `port.name`.
    pub port_name: Option<Spanned<String>>,
    /// `port.protocol`, as written.
    pub protocol: Spanned<String>,
    /// `hosts`.
    pub hosts: Vec<Spanned<String>>,
    /// `tls`.
    pub tls: Option<ServerTls>,
    /// Where the server stands.
    pub place: Place,
}

/// `tls` of a server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerTls {
    /// `mode`, as written: `PASSTHROUGH` (the default), `SIMPLE`, `MUTUAL`, `AUTO_PASSTHROUGH`, `ISTIO_MUTUAL`, `OPTIONAL_MUTUAL`.
    pub mode: Option<Spanned<String>>,
    /// `httpsRedirect`.
    pub https_redirect: bool,
    /// `credentialName`.
    pub credential_name: Option<Spanned<String>>,
    /// `credentialNames`.
    pub credential_names: Vec<Spanned<String>>,
    /// `caCertCredentialName`.
    pub ca_cert_credential_name: Option<Spanned<String>>,
    /// `subjectAltNames`.
    pub subject_alt_names: Vec<Spanned<String>>,
}

/// `Gateway` of gateway.networking.k8s.io.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KubernetesGateway {
    /// `gatewayClassName`.
    pub class: Spanned<String>,
    /// `listeners`.
    pub listeners: Vec<KubernetesListener>,
}

/// One entry of `listeners`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KubernetesListener {
    /// `name`.
    pub name: Spanned<String>,
    /// `hostname`.
    pub hostname: Option<Spanned<String>>,
    /// `port`.
    pub port: Spanned<u16>,
    /// `protocol`, as written.
    pub protocol: Spanned<String>,
    /// `tls.mode`, as written.
    pub tls_mode: Option<Spanned<String>>,
    /// `allowedRoutes.namespaces.from`, as written.
    pub allowed_from: Option<Spanned<String>>,
    /// `allowedRoutes.namespaces.selector`: the labels of `matchLabels`; `None` with `matchExpressions`, which are not looked at.
    pub allowed_labels: Option<Labels>,
    /// `tls.certificateRefs` that name Secrets.
    pub certificate_refs: Vec<CertificateRef>,
}

/// One entry of `certificateRefs`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CertificateRef {
    /// `name` of the Secret.
    pub name: Spanned<String>,
    /// `namespace`, when written; the Gateway's otherwise.
    pub namespace: Option<Spanned<String>>,
}

/// The words of `tls.mode`.
const TLS_MODES: &[(&str, ())] = &[
    ("PASSTHROUGH", ()),
    ("SIMPLE", ()),
    ("MUTUAL", ()),
    ("AUTO_PASSTHROUGH", ()),
    ("ISTIO_MUTUAL", ()),
    ("OPTIONAL_MUTUAL", ()),
];

const TLS_VERSIONS: &[(&str, ())] = &[("TLS_AUTO", ()), ("TLSV1_0", ()), ("TLSV1_1", ()), ("TLSV1_2", ()), ("TLSV1_3", ())];

impl Gateway {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let gateway =
            Self { selector: fields.labels(decoder, "selector"), servers: fields.each(decoder, "servers", Server::decode) };
        fields.finish(decoder);
        gateway
    }
}

impl Server {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["bind", "defaultEndpoint", "name"]);
        let mut server = Self { place: fields.place(), ..Self::default() };
        if let Some(mut port) = fields.required_fields(decoder, "port") {
            port.ignore(&["targetPort"]);
            server.port = port.required_port(decoder, "number");
            server.protocol = port.required_string(decoder, "protocol");
            server.port_name = port.require(decoder, "name").and_then(|name| decoder.string(name, "name"));
            port.finish(decoder);
        }
        server.hosts = fields.require(decoder, "hosts").map(|hosts| decoder.strings(hosts, "hosts")).unwrap_or_default();
        server.tls = fields.fields(decoder, "tls").map(|tls| ServerTls::decode(tls, decoder));
        fields.finish(decoder);
        server
    }
}

impl ServerTls {
    pub(super) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&[
            "caCertificates",
            "caCrl",
            "cipherSuites",
            "insecureSkipVerify",
            "privateKey",
            "serverCertificate",
            "tlsCertificates",
            "verifyCertificateHash",
            "verifyCertificateSpki",
        ]);
        fields.word(decoder, "minProtocolVersion", TLS_VERSIONS);
        fields.word(decoder, "maxProtocolVersion", TLS_VERSIONS);
        let mode = fields.take(decoder, "mode").and_then(|mode| {
            decoder.word(mode, "mode", TLS_MODES)?;
            decoder.string(mode, "mode")
        });
        let tls = Self {
            mode,
            https_redirect: fields.flag(decoder, "httpsRedirect"),
            credential_name: fields.string(decoder, "credentialName"),
            credential_names: fields.strings(decoder, "credentialNames"),
            ca_cert_credential_name: fields.string(decoder, "caCertCredentialName"),
            subject_alt_names: fields.strings(decoder, "subjectAltNames"),
        };
        fields.finish(decoder);
        tls
    }
}

impl KubernetesGateway {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["addresses", "infrastructure", "allowedListeners", "tls", "defaultScope", "backendTLS"]);
        let class = fields.required_string(decoder, "gatewayClassName");
        let listeners = fields.each(decoder, "listeners", KubernetesListener::decode);
        fields.finish(decoder);
        Self { class, listeners }
    }
}

impl KubernetesListener {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let allowed = fields.take(decoder, "allowedRoutes").and_then(|routes| routes.get("namespaces"));
        let allowed_from = allowed.and_then(|allowed| spanned(allowed.get("from")?));
        let allowed_labels = allowed.and_then(|allowed| {
            let selector = allowed.get("selector")?;
            let labels = selector.get("matchLabels").map(|labels| decoder.labels(labels, "matchLabels")).unwrap_or_default();
            selector.get("matchExpressions").is_none().then_some(labels)
        });
        let mut certificate_refs = Vec::new();
        let tls_mode = fields.fields(decoder, "tls").and_then(|mut tls| {
            tls.ignore(&["options", "frontendValidation"]);
            if let Some(Value::Sequence(items)) = tls.take(decoder, "certificateRefs").map(|references| &references.value) {
                certificate_refs = items.iter().filter_map(CertificateRef::read).collect();
            }
            let mode = tls.take(decoder, "mode").and_then(|mode| {
                decoder.word(mode, "mode", &[("Terminate", ()), ("Passthrough", ())])?;
                decoder.string(mode, "mode")
            });
            tls.finish(decoder);
            mode
        });
        let listener = Self {
            name: fields.required_string(decoder, "name"),
            hostname: fields.string(decoder, "hostname"),
            port: fields.required_port(decoder, "port"),
            protocol: fields.required_string(decoder, "protocol"),
            tls_mode,
            allowed_from,
            allowed_labels,
            certificate_refs,
        };
        fields.finish(decoder);
        listener
    }
}

impl CertificateRef {
    fn read(node: &Node) -> Option<Self> {
        let is_secret = node.get("kind").and_then(Node::as_str).is_none_or(|kind| kind == "Secret");
        let is_core = node.get("group").and_then(Node::as_str).is_none_or(str::is_empty);
        let name = spanned(node.get("name")?)?;
        (is_secret && is_core).then(|| Self { name, namespace: node.get("namespace").and_then(spanned) })
    }
}

fn spanned(node: &Node) -> Option<Spanned<String>> {
    Some(Spanned::new(node.as_str()?.to_owned(), node.span))
}
