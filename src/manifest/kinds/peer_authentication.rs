use std::collections::BTreeMap;

use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Selector;

/// `PeerAuthentication` of security.istio.io, v1 and v1beta1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeerAuthentication {
    /// `selector`.
    pub selector: Option<Selector>,
    /// `mtls.mode`; `None` when `mtls` is absent or holds no mode.
    pub mode: Option<Spanned<MutualTlsMode>>,
    /// `portLevelMtls`: workload port to mode. An entry without a mode is [`MutualTlsMode::Unset`].
    pub port_level: BTreeMap<u32, Spanned<MutualTlsMode>>,
    /// Where the keys of `portLevelMtls` stand.
    pub port_keys: BTreeMap<u32, Place>,
}

/// What a server demands of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum MutualTlsMode {
    /// Inherited from the level above.
    #[default]
    Unset,
    /// Plaintext only.
    Disable,
    /// Plaintext or mutual TLS.
    Permissive,
    /// Mutual TLS only.
    Strict,
}

impl MutualTlsMode {
    /// The word as written in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "UNSET",
            Self::Disable => "DISABLE",
            Self::Permissive => "PERMISSIVE",
            Self::Strict => "STRICT",
        }
    }
}

const MODES: &[(&str, MutualTlsMode)] = &[
    ("UNSET", MutualTlsMode::Unset),
    ("DISABLE", MutualTlsMode::Disable),
    ("PERMISSIVE", MutualTlsMode::Permissive),
    ("STRICT", MutualTlsMode::Strict),
];

impl PeerAuthentication {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let selector = fields.fields(decoder, "selector").map(|selector| Selector::decode(selector, decoder));
        let mode = fields.fields(decoder, "mtls").and_then(|mtls| mtls_mode(mtls, decoder));
        let (mut port_level, mut port_keys) = (BTreeMap::new(), BTreeMap::new());
        if let Some(ports) = fields.fields(decoder, "portLevelMtls") {
            for (key, node) in ports.entries() {
                let Some(port) = port_key(&key.value, key.span, decoder) else { continue };
                let port_mode = if node.is_null() {
                    None
                } else {
                    decoder.fields(node, "portLevelMtls").and_then(|mtls| mtls_mode(mtls, decoder))
                };
                port_keys.insert(port, key.span.into());
                port_level.insert(port, port_mode.unwrap_or(Spanned::new(MutualTlsMode::Unset, key.span)));
            }
        }
        fields.finish(decoder);
        Self { selector, mode, port_level, port_keys }
    }
}

fn mtls_mode(mut mtls: Fields<'_>, decoder: &mut Decoder) -> Option<Spanned<MutualTlsMode>> {
    let mode = mtls.word(decoder, "mode", MODES);
    mtls.finish(decoder);
    mode
}

fn port_key(key: &str, span: Span, decoder: &mut Decoder) -> Option<u32> {
    let port = key.parse::<u16>().ok().filter(|port| *port != 0 && !key.starts_with('+'));
    if port.is_none() {
        decoder.bad_value(
            format!("`{key}` is no port number"),
            span,
            "the keys of `portLevelMtls` are workload ports from 1 to 65535",
        );
    }
    port.map(u32::from)
}
