use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::policies;
use crate::lint::rules::destination::client::span;
use crate::manifest::kinds::ClientTlsMode;

pub(super) const RULE: Rule = Rule {
    code: Code("MS435"),
    name: "port-level-drops-tls",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "Settings of one port without `tls`, in a policy that has `tls`.",
    why: "Settings of a port replace those of the policy as a whole, nothing is inherited: the port is called in plaintext although TLS stands right above.",
    example: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec:
  host: api.example.com
  trafficPolicy:
    tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem}
    portLevelSettings: [{port: {number: 443}, loadBalancer: {simple: ROUND_ROBIN}}]
",
    instead: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec:
  host: api.example.com
  trafficPolicy:
    tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem}
    portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem}, loadBalancer: {simple: ROUND_ROBIN}}]
",
    specification: "DestinationRule reference, TrafficPolicy.portLevelSettings",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(rule) = view.destination_rule() else { return };
    for (subset, policy) in policies(rule) {
        // A subset without TLS of its own goes by that of the whole.
        let whole = rule.traffic_policy.as_ref().and_then(|policy| policy.tls.as_ref());
        let Some(tls) = policy.tls.as_ref().or(subset.and(whole)) else { continue };
        for entry in policy.port_level.iter().filter(|entry| entry.tls.is_none()) {
            let port = entry.port.value;
            let (severity, effect) = match tls.mode.value {
                // Plaintext on all ports either way.
                ClientTlsMode::Disable => continue,
                ClientTlsMode::Simple | ClientTlsMode::Mutual => (Severity::Error, "it is called in plaintext"),
                // Automatic mutual TLS takes over where it is on.
                ClientTlsMode::IstioMutual => (Severity::Info, "it is left to automatic mutual TLS"),
            };
            let mut finding = RULE
                .at(entry.port.span, format!("port {port} does not inherit `tls`: {effect}"))
                .with_label("settings of a port replace the policy's")
                .with_secondary(span(tls), "does not count for this port")
                .with_help("repeat `tls` in the settings of the port");
            finding.severity = severity;
            found.push(finding);
        }
    }
}
