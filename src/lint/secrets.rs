//! Certificates, keys and revocation lists in Secrets and `ConfigMaps`, read once for every rule.
//!
//! Of a private key only its kind and its public half are kept.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::diag::Span;
use crate::lint::tree;
use crate::manifest::Header;
use crate::manifest::yaml::Node;
use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::PemReader;
use crate::pki::container;
use crate::pki::container::FoundKey;
use crate::pki::container::KeyState;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Layout;

/// The data of one object.
#[derive(Debug)]
pub(super) struct SecretData<'d> {
    pub(super) parts: Vec<Part<'d>>,
    /// A Secret, not a `ConfigMap`.
    pub(super) is_secret: bool,
    /// It is named as the Secret that istiod takes its authority from, and holds files of it.
    pub(super) is_plugged_ca: bool,
    is_of_type_tls: bool,
}

/// One key of the data.
#[derive(Debug)]
pub(super) struct Part<'d> {
    pub(super) name: &'d str,
    /// Where the name stands: the value is nothing to show.
    pub(super) span: Span,
    pub(super) state: State,
    pub(super) blocks: Vec<Block>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Empty,
    /// Encrypted, or filled in later.
    Sealed,
    /// It should be base64.
    NotBase64,
    /// Too short to be anything.
    Placeholder,
    Bytes(Form),
}

/// What the bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// PEM, whole blocks.
    Pem,
    /// Begun and not ended, or not at the start of a line.
    BrokenPem,
    /// PEM in base64 once more.
    DoublyEncoded,
    /// The binary form.
    Der,
    /// A private key or secret as JSON Web Key, or a set with one.
    PrivateJwk,
    Other,
}

/// One PEM block.
pub(super) enum Block {
    Certificate(Box<Certificate>),
    Key(FoundKey),
    List(Box<Crl>),
    /// Its label, and why it cannot be read.
    Unreadable(String, String),
    Other,
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate(_) => "Certificate",
            Self::Key(_) => "Key",
            Self::List(_) => "List",
            Self::Unreadable(..) => "Unreadable",
            Self::Other => "Other",
        })
    }
}

/// Bytes below which nothing is a key or a certificate.
const SHORTEST: usize = 64;

/// The data of a Secret or `ConfigMap`; `None` of anything else.
pub(super) fn read<'d>(node: &'d Node, header: &Header) -> Option<SecretData<'d>> {
    let is_secret = match (header.group(), header.kind.value.as_str()) {
        ("", "Secret") => true,
        ("", "ConfigMap") => false,
        _ => return None,
    };
    let mut parts: Vec<Part<'d>> = Vec::new();
    // What stands in `stringData` wins.
    for (field, is_encoded) in [("stringData", false), ("data", is_secret)] {
        if field == "stringData" && !is_secret {
            continue;
        }
        for (key, value) in node.get(field).map(tree::entries).unwrap_or_default() {
            if let Some(text) = value.as_str()
                && parts.iter().all(|part| part.name != key.value)
                && (is_secret || text.contains("-----BEGIN ") || text.contains("\"kty\""))
            {
                parts.push(Part::read(&key.value, key.span, text, is_encoded));
            }
        }
    }
    let is_file = |part: &Part<'_>| FileName::from_name(part.name).is_some();
    Some(SecretData {
        is_plugged_ca: is_secret && header.name.value == "cacerts" && parts.iter().any(is_file),
        is_of_type_tls: tree::text(node, "type") == Some("kubernetes.io/tls"),
        is_secret,
        parts,
    })
}

impl<'d> Part<'d> {
    fn read(name: &'d str, span: Span, text: &str, is_encoded: bool) -> Self {
        let (state, blocks) = if text.trim().is_empty() {
            (State::Empty, Vec::new())
        } else if text.starts_with("ENC[") || text.contains("${") || text.contains("{{") || text.trim().starts_with('<') {
            (State::Sealed, Vec::new())
        } else {
            match bytes(text, is_encoded) {
                None => (State::NotBase64, Vec::new()),
                Some(bytes) if bytes.trim_ascii().is_empty() => (State::Empty, Vec::new()),
                Some(bytes) => look(&bytes),
            }
        };
        Self { name, span, state, blocks }
    }

    /// Its certificates, in order.
    pub(super) fn certificates(&self) -> Vec<&Certificate> {
        let certificates = self.blocks.iter().filter_map(|block| match block {
            Block::Certificate(certificate) => Some(&**certificate),
            Block::Key(_) | Block::List(_) | Block::Unreadable(..) | Block::Other => None,
        });
        certificates.collect()
    }

    /// Its private keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &FoundKey> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Key(key) => Some(key),
            Block::Certificate(_) | Block::List(_) | Block::Unreadable(..) | Block::Other => None,
        })
    }

    /// Its revocation lists.
    pub(super) fn lists(&self) -> impl Iterator<Item = &Crl> {
        self.blocks.iter().filter_map(|block| match block {
            Block::List(list) => Some(&**list),
            Block::Certificate(_) | Block::Key(_) | Block::Unreadable(..) | Block::Other => None,
        })
    }

    fn has_something(&self) -> bool {
        self.state != State::Empty
    }
}

impl<'d> SecretData<'d> {
    /// A key by name.
    pub(super) fn part(&self, name: &str) -> Option<&Part<'d>> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// The certificate and the key that a gateway serves with: of two pairs, `cert` and `key`.
    pub(super) fn served(&self) -> Option<(&Part<'d>, Option<&Part<'d>>)> {
        if self.is_plugged_ca || !self.is_secret {
            return None;
        }
        let pair = |certificate: &str, key: &str| {
            let has = |name: &str| self.part(name).filter(|part| part.has_something());
            Some((has(certificate)?, has(key)?))
        };
        if let Some((certificate, key)) = pair("cert", "key") {
            return Some((certificate, Some(key)));
        }
        self.part("tls.crt").map(|certificate| (certificate, self.part("tls.key")))
    }

    /// The certificates of authorities by which clients, or servers, are verified.
    pub(super) fn bundle(&self) -> Option<&Part<'d>> {
        if self.is_plugged_ca || !self.is_secret {
            return None;
        }
        self.part("cacert").filter(|part| part.has_something()).or_else(|| self.part("ca.crt"))
    }

    /// The names that count in the Secret of the mesh's authority; `None` of any other.
    pub(super) fn layout(&self) -> Option<Layout> {
        let is_tls = self.part(FileName::TlsCert.name()).is_some();
        self.is_plugged_ca.then_some(if is_tls { Layout::Tls } else { Layout::Istio })
    }

    /// The first certificate of the mesh's authority, with its key of the data.
    pub(super) fn signer(&self) -> Option<(&Part<'d>, &Certificate)> {
        let part = self.part(self.layout()?.signer().name())?;
        Some((part, part.certificates().first().copied()?))
    }

    /// Whom the mesh trusts, by the Secret of its authority.
    pub(super) fn roots(&self) -> Option<&Part<'d>> {
        self.part(self.layout()?.roots().name())
    }

    /// Every certificate that has a use known here, with its key of the data and its number in it.
    pub(super) fn certificates(&self) -> Vec<(&Part<'d>, usize, &Certificate)> {
        let parts: Vec<&Part<'d>> = if self.is_plugged_ca {
            self.parts.iter().filter(|part| FileName::from_name(part.name).is_some()).collect()
        } else {
            self.served().map(|(part, _)| part).into_iter().chain(self.bundle()).collect()
        };
        let mut all = Vec::new();
        for part in parts {
            all.extend(part.certificates().into_iter().enumerate().map(|(index, certificate)| (part, index, certificate)));
        }
        all
    }

    /// Whether a key must hold PEM.
    pub(super) fn must_be_pem(&self, name: &str) -> bool {
        let has_pair = self.part("cert").is_some() && self.part("key").is_some();
        match name {
            "tls.crt" | "tls.key" | "ca.crt" => true,
            "cert" | "key" | "cacert" => has_pair,
            _ => self.is_plugged_ca && FileName::from_name(name).is_some_and(|file| file != FileName::IstioGenerated),
        }
    }

    /// What the API server demands of its type and is not there.
    pub(super) fn missing_of_type(&self) -> impl Iterator<Item = &'static str> {
        ["tls.crt", "tls.key"].into_iter().filter(|name| self.is_of_type_tls && self.part(name).is_none())
    }
}

/// Whether it is the private key itself, not one that is encrypted.
pub(super) fn is_in_the_clear(key: &FoundKey) -> bool {
    match key.state {
        KeyState::Read(_) => true,
        KeyState::Unreadable(_) | KeyState::Encrypted | KeyState::Redacted => false,
    }
}

/// A certificate in words: which of a file, and its name.
pub(super) fn named(part: &Part<'_>, index: usize, certificate: &Certificate) -> String {
    let subject = certificate.subject();
    match (index, subject.is_empty()) {
        (0, true) => format!("the certificate in `{}`", part.name),
        (0, false) => format!("the certificate `{subject}` in `{}`", part.name),
        (_, true) => format!("certificate {} of `{}`", index + 1, part.name),
        (_, false) => format!("certificate {} of `{}`, `{subject}`,", index + 1, part.name),
    }
}

fn bytes(text: &str, is_encoded: bool) -> Option<Zeroizing<Vec<u8>>> {
    if !is_encoded {
        return Some(Zeroizing::new(text.as_bytes().to_vec()));
    }
    let compact: Cow<'_, str> = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        text.split_ascii_whitespace().collect::<String>().into()
    } else {
        text.into()
    };
    STANDARD.decode(compact.as_bytes()).ok().map(Zeroizing::new)
}

fn look(bytes: &[u8]) -> (State, Vec<Block>) {
    let mut blocks = Vec::new();
    for block in PemReader::new(bytes) {
        let text = bytes.get(block.offset..block.end).unwrap_or_default();
        blocks.push(match block.label.as_str() {
            "CERTIFICATE" => match Certificate::from_der(&block.der) {
                Ok(certificate) => Block::Certificate(Box::new(certificate)),
                Err(error) => Block::Unreadable(block.label, error.to_string()),
            },
            "X509 CRL" => match Crl::from_der(&block.der) {
                Ok(list) => Block::List(Box::new(list)),
                Err(error) => Block::Unreadable(block.label, error.to_string()),
            },
            label if label.ends_with("PRIVATE KEY") => {
                let found = container::read(text, None).ok().and_then(|found| found.entries.into_iter().next());
                found.and_then(|entry| entry.keys.into_iter().next()).map_or(Block::Other, Block::Key)
            }
            _ => Block::Other,
        });
    }
    let contains = |what: &[u8]| memchr::memmem::find(bytes, what).is_some();
    let form = if !blocks.is_empty() {
        Form::Pem
    } else if contains(b"-----BEGIN ") {
        Form::BrokenPem
    } else if bytes.trim_ascii().starts_with(b"LS0tLS1CRUdJTi") {
        Form::DoublyEncoded
    } else if bytes.len() < SHORTEST {
        return (State::Placeholder, blocks);
    } else if bytes.starts_with(&[0x30, 0x82]) || bytes.starts_with(&[0x30, 0x81]) {
        let found = container::read(bytes, None).map(|found| found.entries).unwrap_or_default();
        blocks.extend(found.into_iter().flat_map(|entry| entry.keys).map(Block::Key));
        Form::Der
    } else if is_private_jwk(bytes) {
        Form::PrivateJwk
    } else {
        Form::Other
    };
    (State::Bytes(form), blocks)
}

/// Whether it is a JSON Web Key, or a set with one, that holds what must stay secret.
fn is_private_jwk(bytes: &[u8]) -> bool {
    if !bytes.trim_ascii().starts_with(b"{") || memchr::memmem::find(bytes, b"\"kty\"").is_none() {
        return false;
    }
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else { return false };
    let is_private = |key: &serde_json::Value| {
        let has = |name: &str| key.get(name).and_then(serde_json::Value::as_str).is_some_and(|text| !text.is_empty());
        key.get("kty").is_some_and(serde_json::Value::is_string) && (has("d") || has("k"))
    };
    let keys = value.get("keys").and_then(serde_json::Value::as_array);
    keys.map_or_else(|| is_private(&value), |keys| keys.iter().any(is_private))
}
