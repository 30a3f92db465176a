//! One request put to the mesh, as written: flags, a line of JSON, or YAML. The same keys everywhere.

mod decode;
mod line;
mod owned;
mod read;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

pub use read::ScenarioError;
pub(crate) use read::nearest;

/// Text that borrows from the line it was read from when it holds no escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Text<'_> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A copy that borrows from nothing.
    #[must_use]
    pub fn into_owned(self) -> Text<'static> {
        Text(Cow::Owned(self.0.into_owned()))
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

/// A scenario: who asks what of whom, and how.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario<'a> {
    /// A name to find the answer by.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// The caller; absent means someone outside the mesh.
    #[serde(borrow, default)]
    pub from: Option<SourceRef<'a>>,
    /// The destination.
    #[serde(borrow)]
    pub to: DestinationRef<'a>,
    /// Application protocol; by the port when absent.
    #[serde(default)]
    pub protocol: Option<RequestProtocol>,
    /// Method; GET when absent, POST for gRPC.
    #[serde(borrow, default)]
    pub method: Option<Text<'a>>,
    /// Request target with its query; `/` when absent.
    #[serde(borrow, default)]
    pub path: Option<Text<'a>>,
    /// Host; the service's own name when absent.
    #[serde(borrow, default)]
    pub host: Option<Text<'a>>,
    /// Request headers.
    #[serde(borrow, default)]
    pub headers: HeaderList<'a>,
    /// Bearer token.
    #[serde(borrow, default)]
    pub token: Option<Token<'a>>,
    /// Original client address as authorization sees it.
    #[serde(borrow, default)]
    pub remote_ip: Option<Text<'a>>,
    /// The client's side of the connection.
    #[serde(borrow, default)]
    pub tls: Tls<'a>,
    /// Evaluation time, RFC 3339; now when absent.
    #[serde(borrow, default)]
    pub at: Option<Text<'a>>,
    /// What external authorization providers would answer.
    #[serde(borrow, default)]
    pub ext_authz: Option<ExtAuthz<'a>>,
    /// Key sets by `jwksUri` or issuer.
    #[serde(borrow, default)]
    pub jwks: BTreeMap<Text<'a>, KeySet<'a>>,
    /// What the answer should be.
    #[serde(borrow, default)]
    pub expect: Option<Expect<'a>>,
}

/// The caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SourceRef<'a> {
    /// `namespace/workload`.
    Short(Text<'a>),
    /// The long form.
    Long(Box<SourceParts<'a>>),
}

/// Long form of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceParts<'a> {
    /// `namespace/name` of a workload.
    #[serde(borrow, default)]
    pub workload: Option<Text<'a>>,
    /// `namespace/name` of a service account.
    #[serde(borrow, default)]
    pub service_account: Option<Text<'a>>,
    /// A SPIFFE ID, or the identity as a policy writes it.
    #[serde(borrow, default)]
    pub principal: Option<Text<'a>>,
    /// Namespace of a caller that is no known workload.
    #[serde(borrow, default)]
    pub namespace: Option<Text<'a>>,
    /// Whether a sidecar sends for it.
    #[serde(default)]
    pub sidecar: Option<bool>,
    /// Source address as the destination's proxy sees it.
    #[serde(borrow, default)]
    pub ip: Option<Text<'a>>,
    /// A probe from the node.
    #[serde(default)]
    pub kubelet: bool,
}

/// The destination.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DestinationRef<'a> {
    /// `service.namespace[:port]` or `namespace/workload[:port]`.
    Short(Text<'a>),
    /// The long form.
    Long(Box<DestinationParts<'a>>),
}

impl Default for DestinationRef<'_> {
    fn default() -> Self {
        Self::Short(Text::default())
    }
}

/// Long form of the destination.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DestinationParts<'a> {
    /// `service.namespace`, or a host of a ServiceEntry.
    #[serde(borrow, default)]
    pub service: Option<Text<'a>>,
    /// `namespace/name`.
    #[serde(borrow, default)]
    pub workload: Option<Text<'a>>,
    /// Service port when a service is given, workload port otherwise.
    #[serde(default)]
    pub port: Option<u16>,
    /// Destination address.
    #[serde(borrow, default)]
    pub ip: Option<Text<'a>>,
    /// Subset of the DestinationRule.
    #[serde(borrow, default)]
    pub subset: Option<Text<'a>>,
    /// The application behind the port.
    #[serde(default)]
    pub app: App,
}

/// The application behind a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct App {
    /// It speaks TLS itself.
    #[serde(default)]
    pub tls: bool,
}

/// Application protocol of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestProtocol {
    /// HTTP/1.1.
    Http,
    /// HTTP/2.
    Http2,
    /// gRPC over HTTP/2.
    Grpc,
    /// Bytes.
    Tcp,
}

/// The client's side of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tls<'a> {
    /// What the client does.
    #[serde(default)]
    pub mode: TlsMode,
    /// Server name it sends.
    #[serde(borrow, default)]
    pub sni: Option<Text<'a>>,
}

/// What the client does to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// What the manifests say.
    #[default]
    Auto,
    /// Plaintext.
    Disable,
    /// TLS without a client certificate.
    Simple,
    /// Mutual TLS with the caller's certificate, without Istio's ALPN.
    Mutual,
    /// Mutual TLS as a sidecar does it.
    IstioMutual,
}

/// Headers in the order they are sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderList<'a>(pub Vec<(Text<'a>, Text<'a>)>);

/// A bearer token.
#[derive(Debug, Clone, PartialEq)]
pub enum Token<'a> {
    /// The token itself.
    Compact(Text<'a>),
    /// Claims to mint one from.
    Mint(Box<MintedToken>),
}

/// Claims and the key to sign them with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MintedToken {
    /// File of the private key.
    pub signed_by: String,
    /// `kid` of the header.
    pub key_id: Option<String>,
    /// `alg` of the header; by the key when absent.
    pub algorithm: Option<String>,
    /// Claims.
    pub claims: serde_json::Map<String, serde_json::Value>,
}

/// What external authorization providers would answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtAuthz<'a> {
    /// Every provider.
    All(ExtAuthzAnswer),
    /// By provider name; unnamed ones are undetermined.
    ByProvider(Vec<(Text<'a>, ExtAuthzAnswer)>),
}

/// One provider's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExtAuthzAnswer {
    /// Go on.
    Allow,
    /// Refused.
    Deny,
    /// It cannot be reached, or fails.
    Error,
    /// Not known.
    #[default]
    Undetermined,
}

impl ExtAuthzAnswer {
    /// The word in scenarios and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Error => "error",
            Self::Undetermined => "undetermined",
        }
    }
}

/// Where a key set comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum KeySet<'a> {
    /// A file, or the word `unreachable`.
    Named(Text<'a>),
    /// The set itself.
    Inline(serde_json::Value),
}

/// What the answer should be. A field that is absent is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expect<'a> {
    /// The verdict.
    pub verdict: Option<Text<'a>>,
    /// The status the caller sees.
    pub http_status: Option<u16>,
    /// `namespace/name` of the deciding policy.
    pub policy: Option<Text<'a>>,
    /// Index of the deciding rule.
    pub rule: Option<usize>,
    /// Part of the reason.
    pub reason: Option<Text<'a>>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_key_is_read_from_json_and_yaml_alike() {
        let yaml = "name: n\nfrom: {principal: spiffe://td/ns/a/sa/b, sidecar: false, ip: 10.0.0.1}\nto: {service: api.shop, port: 80, subset: v1, app: {tls: true}}\n\
                    protocol: grpc\nmethod: POST\npath: /x\nhost: h\nheaders: {a: b, many: [c, d]}\ntoken: {signedBy: k.pem, kid: one, iss: i}\nremoteIp: 1.2.3.4\n\
                    tls: {mode: istio-mutual, sni: s}\nat: 2026-01-01T00:00:00Z\nextAuthz: {p: deny}\njwks: {u: unreachable}\nexpect: {verdict: denied, httpStatus: 403}\n";
        let json = r#"{"name":"n","from":{"principal":"spiffe://td/ns/a/sa/b","sidecar":false,"ip":"10.0.0.1"},"to":{"service":"api.shop","port":80,"subset":"v1","app":{"tls":true}},
            "protocol":"grpc","method":"POST","path":"/x","host":"h","headers":{"a":"b","many":["c","d"]},"token":{"signedBy":"k.pem","kid":"one","iss":"i"},"remoteIp":"1.2.3.4",
            "tls":{"mode":"istio-mutual","sni":"s"},"at":"2026-01-01T00:00:00Z","extAuthz":{"p":"deny"},"jwks":{"u":"unreachable"},"expect":{"verdict":"denied","httpStatus":403}}"#;
        let from_yaml = Scenario::from_yaml(yaml).unwrap();
        assert_eq!(from_yaml, Scenario::from_json(json).unwrap());
        assert_eq!(from_yaml.headers.0.len(), 3);
        assert!(
            matches!(from_yaml.token, Some(Token::Mint(minted)) if minted.claims.len() == 1 && minted.key_id.as_deref() == Some("one"))
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion() {
        let error = Scenario::from_json(r#"{"to":"a.b","methd":"GET"}"#).unwrap_err();
        assert_eq!(error.suggestion.as_deref(), Some("method"));
        let error = Scenario::from_yaml("to: a.b\nfrom: {principle: x}\n").unwrap_err();
        assert_eq!(error.suggestion.as_deref(), Some("principal"), "{error}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,60}") {
            let _ = Scenario::from_json(&text);
            let _ = Scenario::from_yaml(&text);
        }
    }
}
