//! One request put to the mesh, as written: flags, a line of JSON, or YAML. The same keys everywhere.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::simulate::scenario_line;

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

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
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

macro_rules! text_or_map {
    ($type:ident, $text:expr, $map:expr, $expecting:literal) => {
        impl<'de: 'a, 'a> Deserialize<'de> for $type<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Either;
                impl<'de> Visitor<'de> for Either {
                    type Value = $type<'de>;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                        $text(Text(Cow::Borrowed(text)))
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                        $text(Text(Cow::Owned(text.to_owned())))
                    }
                    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
                        $map(map)
                    }
                }
                deserializer.deserialize_any(Either)
            }
        }
    };
}

fn parts<'de, T: Deserialize<'de>, M: MapAccess<'de>>(map: M) -> Result<T, M::Error> {
    T::deserialize(de::value::MapAccessDeserializer::new(map))
}

text_or_map!(
    SourceRef,
    |text| Ok(SourceRef::Short(text)),
    |map| parts(map).map(SourceRef::Long),
    "`namespace/workload` or an object"
);
text_or_map!(
    DestinationRef,
    |text| Ok(DestinationRef::Short(text)),
    |map| parts(map).map(DestinationRef::Long),
    "`service.namespace:port`, `namespace/workload:port` or an object"
);
text_or_map!(Token, |text| Ok(Token::Compact(text)), minted, "a compact JWS or an object with `signedBy`");
text_or_map!(
    KeySet,
    |text| Ok(KeySet::Named(text)),
    |map| parts(map).map(KeySet::Inline),
    "a file name, `unreachable` or a key set"
);
text_or_map!(
    ExtAuthz,
    |text: Text<'de>| answer(text.as_str()).map(ExtAuthz::All),
    by_provider,
    "`allow`, `deny`, `error`, `undetermined` or an object"
);
text_or_map!(Expect, |text| Ok(Expect { verdict: Some(text), ..Expect::default() }), expectation, "a verdict or an object");

/// Words for [`ExtAuthzAnswer`].
const ANSWERS: &[&str] = &["allow", "deny", "error", "undetermined"];

fn answer<E: de::Error>(text: &str) -> Result<ExtAuthzAnswer, E> {
    match text {
        "allow" => Ok(ExtAuthzAnswer::Allow),
        "deny" => Ok(ExtAuthzAnswer::Deny),
        "error" => Ok(ExtAuthzAnswer::Error),
        "undetermined" => Ok(ExtAuthzAnswer::Undetermined),
        other => Err(E::unknown_variant(other, ANSWERS)),
    }
}

fn by_provider<'de, M: MapAccess<'de>>(mut map: M) -> Result<ExtAuthz<'de>, M::Error> {
    let mut answers = Vec::new();
    while let Some(name) = map.next_key()? {
        answers.push((name, map.next_value()?));
    }
    Ok(ExtAuthz::ByProvider(answers))
}

fn minted<'de, M: MapAccess<'de>>(map: M) -> Result<Token<'de>, M::Error> {
    let mut claims: serde_json::Map<String, serde_json::Value> = parts(map)?;
    let mut take = |name: &str| match claims.shift_remove(name) {
        None => Ok(None),
        Some(serde_json::Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(de::Error::custom(format_args!("`{name}` of a token is text"))),
    };
    let signed_by = take("signedBy")?.ok_or_else(|| de::Error::missing_field("signedBy"))?;
    let key_id = take("kid")?;
    let algorithm = take("alg")?;
    let claims = match claims.shift_remove("claims") {
        Some(serde_json::Value::Object(nested)) if claims.is_empty() => nested,
        Some(other) => {
            claims.insert("claims".to_owned(), other);
            claims
        }
        None => claims,
    };
    Ok(Token::Mint(Box::new(MintedToken { signed_by, key_id, algorithm, claims })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectParts<'a> {
    #[serde(borrow, default)]
    verdict: Option<Text<'a>>,
    #[serde(default)]
    http_status: Option<u16>,
    #[serde(borrow, default)]
    policy: Option<Text<'a>>,
    #[serde(default)]
    rule: Option<usize>,
    #[serde(borrow, default)]
    reason: Option<Text<'a>>,
}

fn expectation<'de, M: MapAccess<'de>>(map: M) -> Result<Expect<'de>, M::Error> {
    let ExpectParts { verdict, http_status, policy, rule, reason } = parts(map)?;
    Ok(Expect { verdict, http_status, policy, rule, reason })
}

impl<'de: 'a, 'a> Deserialize<'de> for HeaderList<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = HeaderList<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of header names and values")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut list = Vec::new();
                while let Some(name) = map.next_key::<Text<'de>>()? {
                    match map.next_value()? {
                        OneOrMany::One(value) => list.push((name, value)),
                        OneOrMany::Many(values) => list.extend(values.into_iter().map(|value| (name.clone(), value))),
                    }
                }
                Ok(HeaderList(list))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A value, or a list of them for a header that is sent several times.
enum OneOrMany<'a> {
    One(Text<'a>),
    Many(Vec<Text<'a>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for OneOrMany<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;
        impl<'de> Visitor<'de> for Values {
            type Value = OneOrMany<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header value or a list of them")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(OneOrMany::One(Text(Cow::Borrowed(text))))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(OneOrMany::One(Text(Cow::Owned(text.to_owned()))))
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut values: S) -> Result<Self::Value, S::Error> {
                let mut list = Vec::new();
                while let Some(value) = values.next_element()? {
                    list.push(value);
                }
                Ok(OneOrMany::Many(list))
            }
        }
        deserializer.deserialize_any(Values)
    }
}

/// Why a text is no scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScenarioError {
    /// What is wrong, with its line and column when the text has several lines.
    pub message: String,
    /// The known key nearest to an unknown one.
    pub suggestion: Option<String>,
}

/// Every key a scenario may hold, at any level.
const KEYS: &[&str] = &[
    "name",
    "from",
    "to",
    "protocol",
    "method",
    "path",
    "host",
    "headers",
    "token",
    "remoteIp",
    "tls",
    "at",
    "extAuthz",
    "jwks",
    "expect",
    "workload",
    "serviceAccount",
    "principal",
    "namespace",
    "sidecar",
    "ip",
    "kubelet",
    "service",
    "port",
    "subset",
    "app",
    "mode",
    "sni",
    "verdict",
    "httpStatus",
    "policy",
    "rule",
    "reason",
];

impl<'a> Scenario<'a> {
    /// Reads one line of JSON.
    ///
    /// # Errors
    /// The line is no JSON object of the known keys.
    pub fn from_json(line: &'a str) -> Result<Self, ScenarioError> {
        if let Some(scenario) = scenario_line::read(line) {
            return Ok(scenario);
        }
        serde_json::from_str(line).map_err(|error| ScenarioError::new(error.to_string()))
    }

    /// Reads a YAML document.
    ///
    /// # Errors
    /// The text is no YAML mapping of the known keys.
    pub fn from_yaml(text: &str) -> Result<Scenario<'static>, ScenarioError> {
        serde_saphyr::from_str::<OwnedScenario>(text)
            .map(|owned| owned.0)
            .map_err(|error| ScenarioError::new(error.without_snippet().to_string()))
    }
}

impl Scenario<'_> {
    /// The first value that cannot be sent as HTTP at all: its key, the value and why.
    #[must_use]
    pub fn unsendable(&self) -> Option<(&'static str, &str, &'static str)> {
        const CONTROL: &str = "holds a control character, which cannot be sent";
        let texts = [("method", &self.method), ("path", &self.path), ("host", &self.host)];
        // Looks at every byte, so that many are looked at at once.
        let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\t';
        let control = |text: &str| text.bytes().fold(false, |found, byte| found | is_control(byte));
        for (field, text) in texts {
            if let Some(text) = text.as_ref().map(Text::as_str).filter(|text| control(text)) {
                return Some((field, text, CONTROL));
            }
        }
        if let Some(Token::Compact(token)) = &self.token
            && control(token.as_str())
        {
            return Some(("token", token.as_str(), CONTROL));
        }
        for (name, value) in &self.headers.0 {
            if name.as_str().is_empty() || !name.as_str().bytes().all(is_token_byte) {
                return Some(("headers", name.as_str(), "is no header name"));
            }
            if control(value.as_str()) {
                return Some(("headers", value.as_str(), CONTROL));
            }
        }
        self.method
            .as_ref()
            .map(Text::as_str)
            .filter(|method| method.is_empty() || method.contains(' '))
            .map(|method| ("method", method, "is no method"))
    }
}

/// Whether a header name may hold a byte (RFC 9110 5.6.2).
fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'#' | b'$' | b'%')
        || matches!(byte, b'&' | b'\'' | b'*' | b'+' | b'^' | b'`' | b'|' | b'~')
}

struct OwnedScenario(Scenario<'static>);

impl<'de> Deserialize<'de> for OwnedScenario {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scenario = Scenario::deserialize(deserializer)?;
        Ok(Self(scenario.into_owned()))
    }
}

impl ScenarioError {
    fn new(message: String) -> Self {
        let unknown =
            message.split_once("unknown field `").and_then(|(_, rest)| rest.split_once('`')).map(|(name, _)| name.to_owned());
        let suggestion = unknown.and_then(|name| nearest(&name, KEYS.iter().copied()));
        Self { message, suggestion }
    }
}

/// The candidate most like a name, when one is close enough to be meant.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

fn own(text: Option<Text<'_>>) -> Option<Text<'static>> {
    text.map(Text::into_owned)
}

impl Scenario<'_> {
    /// A copy that borrows from nothing.
    #[must_use]
    pub fn into_owned(self) -> Scenario<'static> {
        let Scenario {
            name,
            from,
            to,
            protocol,
            method,
            path,
            host,
            headers,
            token,
            remote_ip,
            tls,
            at,
            ext_authz,
            jwks,
            expect,
        } = self;
        Scenario {
            name: own(name),
            from: from.map(|from| match from {
                SourceRef::Short(text) => SourceRef::Short(text.into_owned()),
                SourceRef::Long(parts) => {
                    let SourceParts { workload, service_account, principal, namespace, sidecar, ip, kubelet } = *parts;
                    SourceRef::Long(Box::new(SourceParts {
                        workload: own(workload),
                        service_account: own(service_account),
                        principal: own(principal),
                        namespace: own(namespace),
                        sidecar,
                        ip: own(ip),
                        kubelet,
                    }))
                }
            }),
            to: match to {
                DestinationRef::Short(text) => DestinationRef::Short(text.into_owned()),
                DestinationRef::Long(parts) => {
                    let DestinationParts { service, workload, port, ip, subset, app } = *parts;
                    DestinationRef::Long(Box::new(DestinationParts {
                        service: own(service),
                        workload: own(workload),
                        port,
                        ip: own(ip),
                        subset: own(subset),
                        app,
                    }))
                }
            },
            protocol,
            method: own(method),
            path: own(path),
            host: own(host),
            headers: HeaderList(headers.0.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()),
            token: token.map(|token| match token {
                Token::Compact(text) => Token::Compact(text.into_owned()),
                Token::Mint(minted) => Token::Mint(minted),
            }),
            remote_ip: own(remote_ip),
            tls: Tls { mode: tls.mode, sni: own(tls.sni) },
            at: own(at),
            ext_authz: ext_authz.map(|answers| match answers {
                ExtAuthz::All(answer) => ExtAuthz::All(answer),
                ExtAuthz::ByProvider(answers) => {
                    ExtAuthz::ByProvider(answers.into_iter().map(|(name, answer)| (name.into_owned(), answer)).collect())
                }
            }),
            jwks: jwks
                .into_iter()
                .map(|(name, keys)| {
                    let keys = match keys {
                        KeySet::Named(text) => KeySet::Named(text.into_owned()),
                        KeySet::Inline(value) => KeySet::Inline(value),
                    };
                    (name.into_owned(), keys)
                })
                .collect(),
            expect: expect.map(|expect| {
                let Expect { verdict, http_status, policy, rule, reason } = expect;
                Expect { verdict: own(verdict), http_status, policy: own(policy), rule, reason: own(reason) }
            }),
        }
    }
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
