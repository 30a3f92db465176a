//! TLS of a server, of a Gateway or of a Sidecar's `ingress`, as written, and what istiod's webhook says of it.

use std::collections::BTreeSet;

use crate::diag::Span;
use crate::lint::DocumentView;
use crate::lint::tree;
use crate::manifest::yaml::Node;
use crate::mesh::Protocol;

pub(super) const NETWORKING: &str = "networking.istio.io";

/// What a Gateway's server says about TLS.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server<'n> {
    /// The whole server.
    pub(super) node: &'n Node,
    /// Its `tls`.
    pub(super) tls: Option<&'n Node>,
}

/// The servers of a Gateway.
pub(super) fn servers<'n>(view: &DocumentView<'n>) -> impl Iterator<Item = Server<'n>> + use<'n> {
    let spec = view.raw(NETWORKING, "Gateway").and_then(|node| node.get("spec"));
    let servers = spec.map(|spec| tree::items(spec, "servers")).unwrap_or_default();
    servers.iter().map(|node| Server { node, tls: node.get("tls") })
}

impl<'n> Server<'n> {
    /// The word of `port.protocol`.
    pub(super) fn protocol(&self) -> Option<&'n Node> {
        tree::at(self.node, &["port", "protocol"])
    }

    /// `tls` with a mode that ends TLS here.
    pub(super) fn terminating(&self) -> Option<Tls<'n>> {
        let tls = Tls::of(self.tls?);
        matches!(tls.mode, "SIMPLE" | "MUTUAL" | "OPTIONAL_MUTUAL" | "ISTIO_MUTUAL").then_some(tls)
    }
}

/// TLS settings with their mode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tls<'n> {
    pub(super) node: &'n Node,
    /// The mode; `PASSTHROUGH` when none is written.
    pub(super) mode: &'n str,
}

impl<'n> Tls<'n> {
    pub(super) fn of(node: &'n Node) -> Self {
        Self { node, mode: tree::text(node, "mode").unwrap_or("PASSTHROUGH") }
    }

    /// Where the mode stands, or else the settings.
    pub(super) fn span(&self) -> Span {
        self.node.get("mode").map_or(self.node.span, |mode| mode.span)
    }

    /// A text field and its place.
    pub(super) fn field(&self, name: &str) -> Option<(&'n str, Span)> {
        let node = self.node.get(name)?;
        node.as_str().filter(|text| !text.is_empty()).map(|text| (text, node.span))
    }

    fn has_list(&self, name: &str) -> bool {
        !tree::items(self.node, name).is_empty()
    }

    /// Certificates come from a Secret.
    pub(super) fn has_credential(&self) -> bool {
        self.field("credentialName").is_some() || self.has_list("credentialNames")
    }

    pub(super) fn verifies_clients(&self) -> bool {
        matches!(self.mode, "MUTUAL" | "OPTIONAL_MUTUAL")
    }
}

/// Something istiod refuses or warns of.
#[derive(Debug)]
pub(super) struct Complaint {
    pub(super) span: Span,
    pub(super) text: String,
    pub(super) help: &'static str,
}

fn complaint(span: Span, text: impl Into<String>, help: &'static str) -> Complaint {
    Complaint { span, text: text.into(), help }
}

/// What istiod refuses in TLS settings.
pub(super) fn refusals(tls: Tls<'_>) -> Vec<Complaint> {
    let mut found = Vec::new();
    let place = |name: &str| tree::key(tls.node, name).unwrap_or(tls.node.span);
    let fields = [
        ("serverCertificate", tls.field("serverCertificate").is_some()),
        ("privateKey", tls.field("privateKey").is_some()),
        ("caCertificates", tls.field("caCertificates").is_some()),
        ("tlsCertificates", tls.has_list("tlsCertificates")),
        ("credentialName", tls.field("credentialName").is_some()),
        ("credentialNames", tls.has_list("credentialNames")),
    ];
    let has = |name: &str| fields.iter().any(|(field, is_set)| *field == name && *is_set);
    if tls.mode == "ISTIO_MUTUAL" {
        for (name, _) in fields.iter().filter(|(_, is_set)| *is_set) {
            let text = format!("mode ISTIO_MUTUAL takes no `{name}`");
            found.push(complaint(place(name), text, "remove it: the gateway uses its own certificate of the mesh"));
        }
        return found;
    }
    let sources = [
        ("serverCertificate", has("serverCertificate") && has("privateKey")),
        ("credentialName", has("credentialName")),
        ("credentialNames", has("credentialNames")),
        ("tlsCertificates", has("tlsCertificates")),
    ];
    let given: Vec<&str> = sources.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| *name).collect();
    if let [first, second, ..] = given.as_slice() {
        found.push(complaint(
            place(second),
            format!("`{second}` beside `{first}`: certificates come from one place"),
            "keep one",
        ));
    }
    let terminates = tls.mode == "SIMPLE" || tls.verifies_clients();
    if terminates && tls.has_credential() {
        return found;
    }
    if terminates {
        found.extend(missing(tls, place("mode")));
    }
    if tls.field("caCrl").is_some() {
        if has("credentialName") {
            found.push(complaint(place("caCrl"), "`caCrl` beside `credentialName`", "put the list into the Secret, as `ca.crl`"));
        }
        if tls.mode == "SIMPLE" {
            let text = "mode SIMPLE asks for no client certificate, so there is nothing for `caCrl` to revoke";
            found.push(complaint(place("caCrl"), text, "remove it, or use mode MUTUAL"));
        }
    }
    found
}

/// What the API server refuses in TLS settings, and istiod would not.
pub(super) fn refusals_of_schema(tls: Tls<'_>) -> Vec<Complaint> {
    let mut found = Vec::new();
    for name in ["tlsCertificates", "credentialNames"] {
        let count = tree::items(tls.node, name).len();
        let Some(span) = tree::key(tls.node, name).filter(|_| tls.node.get(name).is_some()) else { continue };
        if count > 2 {
            found.push(complaint(
                span,
                format!("{count} entries in `{name}`, at most 2 are allowed"),
                "keep one of RSA and one of ECDSA",
            ));
        } else if count == 0 {
            found.push(complaint(span, format!("`{name}` is there and empty"), "remove it"));
        } else if name == "credentialNames" && tls.node.get("credentialName").is_some() && tls.field("credentialName").is_none() {
            found.push(complaint(span, "`credentialNames` beside `credentialName`", "keep one"));
        }
    }
    found
}

/// What a server that ends TLS with files lacks.
fn missing(tls: Tls<'_>, mode: Span) -> Vec<Complaint> {
    let mut found = Vec::new();
    if tls.verifies_clients() && tls.field("caCertificates").is_none() {
        let text = format!("mode {} without `caCertificates`: no authority for client certificates", tls.mode);
        found.push(complaint(mode, text, "name it, or use a Secret with `credentialName`"));
    }
    let listed = tree::items(tls.node, "tlsCertificates");
    let certificates = if listed.is_empty() { std::slice::from_ref(tls.node) } else { listed };
    for certificate in certificates {
        for name in ["serverCertificate", "privateKey"] {
            if tree::text(certificate, name).is_none() {
                let span = if listed.is_empty() { mode } else { certificate.span };
                let text = format!("mode {} without `{name}`", tls.mode);
                found.push(complaint(span, text, "name it, or use a Secret with `credentialName`"));
            }
        }
    }
    found
}

/// The cipher suites that the proxy knows.
const CIPHERS: [&str; 15] = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA",
    "AES256-SHA",
    "DES-CBC3-SHA",
];

fn is_known_cipher(name: &str) -> bool {
    // What starts with a sign may be an expression, which is not taken apart.
    name.is_empty() || name == "ALL" || !name.starts_with(char::is_alphanumeric) || CIPHERS.contains(&name)
}

/// What istiod warns of in TLS settings.
pub(super) fn warnings(tls: Tls<'_>) -> Vec<Complaint> {
    let mut found = Vec::new();
    if let Some((version @ ("TLSV1_0" | "TLSV1_1"), span)) = tls.field("minProtocolVersion")
        && !tls.has_list("cipherSuites")
    {
        let text = format!("the default cipher suites do not work with {version}");
        found.push(complaint(span, text, "write TLSV1_2, or list cipher suites that older clients know"));
    }
    let mut seen = BTreeSet::new();
    for (cipher, span) in tree::texts(tls.node, "cipherSuites") {
        if !is_known_cipher(cipher) {
            let text = format!("cipher suite `{cipher}` is not known and ignored");
            found.push(complaint(span, text, "remove it; suites of TLS 1.3 cannot be chosen"));
        } else if !seen.insert(cipher) {
            found.push(complaint(span, format!("cipher suite `{cipher}` is listed twice"), "remove one"));
        }
    }
    if matches!(tls.mode, "PASSTHROUGH" | "AUTO_PASSTHROUGH") {
        let names = [
            "credentialName",
            "credentialNames",
            "serverCertificate",
            "privateKey",
            "caCertificates",
            "tlsCertificates",
            "caCrl",
        ];
        let given = names.iter().find(|name| tls.field(name).is_some() || tls.has_list(name));
        if let Some(name) = given {
            let text = format!("mode {} does not use certificates: `{name}` is ignored", tls.mode);
            let span = tree::key(tls.node, name).unwrap_or(tls.node.span);
            found.push(complaint(span, text, "use mode SIMPLE to end TLS here, or remove the certificates"));
        }
    }
    found
}

/// The protocol a word names; `None` for no word of istiod's.
pub(super) fn protocol(word: &Node) -> Option<Protocol> {
    let word = word.as_str()?;
    let protocol = Protocol::parse(word);
    (protocol != Protocol::Unset).then_some(protocol)
}

pub(super) fn is_tls(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Https | Protocol::Tls)
}

pub(super) fn is_http(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Http | Protocol::Http2 | Protocol::HttpProxy | Protocol::Grpc | Protocol::GrpcWeb)
}
