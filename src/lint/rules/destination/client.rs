//! What a `DestinationRule` says about TLS, setting by setting.

use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::kinds::ClientTls;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::Subset;
use crate::manifest::kinds::TrafficPolicy;

/// One `tls` of a rule and where it counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) tls: &'a ClientTls,
    /// The subset it is about; `None` for all.
    pub(super) subset: Option<&'a Subset>,
    /// The service port it is about; `None` for all.
    pub(super) port: Option<u32>,
}

/// Every `tls` of a rule, in the order of the API: of the whole, of its ports, then subset by subset.
pub(super) fn settings(rule: &DestinationRule) -> Vec<Setting<'_>> {
    let mut settings = Vec::new();
    for (subset, policy) in policies(rule) {
        settings.extend(policy.tls.iter().map(|tls| Setting { tls, subset, port: None }));
        let of_ports = policy.port_level.iter().filter_map(|entry| Some((entry.tls.as_ref()?, entry.port.value)));
        settings.extend(of_ports.map(|(tls, port)| Setting { tls, subset, port: Some(port) }));
    }
    settings
}

/// The traffic policies of a rule: its own, then those of its subsets.
pub(super) fn policies(rule: &DestinationRule) -> impl Iterator<Item = (Option<&Subset>, &TrafficPolicy)> {
    let own = rule.traffic_policy.iter().map(|policy| (None, policy));
    own.chain(rule.subsets.iter().filter_map(|subset| Some((Some(subset), subset.traffic_policy.as_ref()?))))
}

impl Setting<'_> {
    pub(super) fn mode(&self) -> ClientTlsMode {
        self.tls.mode.value
    }

    /// TLS with a server whose certificate is not one of the mesh.
    pub(super) fn is_origination(&self) -> bool {
        matches!(self.mode(), ClientTlsMode::Simple | ClientTlsMode::Mutual)
    }

    /// The mode's own place, or that of the settings.
    pub(super) fn span(&self) -> Span {
        span(self.tls)
    }
}

/// The mode's own place, or that of the settings.
pub(super) fn span(tls: &ClientTls) -> Span {
    if tls.mode.span.line == 0 { tls.place.span } else { tls.mode.span }
}

/// A text that is there and not empty.
pub(super) fn written(text: Option<&Spanned<String>>) -> Option<&Spanned<String>> {
    text.filter(|text| !text.value.is_empty())
}
