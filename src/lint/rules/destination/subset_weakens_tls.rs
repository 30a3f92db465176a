use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::settings;
use crate::lint::rules::destination::client::span;
use crate::manifest::kinds::ClientTlsMode;

pub(super) const RULE: Rule = Rule {
    code: Code("MS436"),
    name: "subset-weakens-tls",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A subset whose TLS is weaker than that of its rule.",
    why: "Requests that a route sends to this subset travel without the protection that all others have.",
    example: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec:
  host: api.example.com
  trafficPolicy: {tls: {mode: MUTUAL, credentialName: partner}}
  workloadSelector: {matchLabels: {app: web}}
  subsets: [{name: canary, labels: {version: canary}, trafficPolicy: {tls: {mode: DISABLE}}}]
",
    instead: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec:
  host: api.example.com
  trafficPolicy: {tls: {mode: MUTUAL, credentialName: partner}}
  workloadSelector: {matchLabels: {app: web}}
  subsets: [{name: canary, labels: {version: canary}}]
",
    specification: "DestinationRule reference, Subset.trafficPolicy",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(rule) = view.destination_rule() else { return };
    let Some(whole) = rule.traffic_policy.as_ref().and_then(|policy| policy.tls.as_ref()) else { return };
    for setting in settings(rule) {
        let Some(subset) = setting.subset else { continue };
        let what = match (whole.mode.value, setting.mode()) {
            (ClientTlsMode::Simple | ClientTlsMode::Mutual | ClientTlsMode::IstioMutual, ClientTlsMode::Disable) => {
                "in plaintext"
            }
            (ClientTlsMode::Mutual | ClientTlsMode::IstioMutual, ClientTlsMode::Simple) => "without a client certificate",
            _ if setting.is_origination() && setting.tls.insecure_skip_verify && !whole.insecure_skip_verify => {
                "without a check of the server"
            }
            _ => continue,
        };
        found.push(
            RULE.at(setting.span(), format!("subset `{}` is called {what}, the rest of the host is not", subset.name.value))
                .with_secondary(span(whole), "mode of the rule")
                .with_help("leave `tls` out of the subset, or give the subset a host of its own"),
        );
    }
}
