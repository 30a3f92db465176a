use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::settings;
use crate::manifest::kinds::ClientTlsMode;

pub(super) const RULE: Rule = Rule {
    code: Code("MS442"),
    name: "wildcard-host-weakens",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule for every service of the mesh that turns mutual TLS off.",
    why: "One line removes encryption and identity from all calls for which no more specific rule exists, those of other teams included.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: istio-system}
spec: {host: "*.local", trafficPolicy: {tls: {mode: DISABLE}}}
"#,
    instead: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: istio-system}
spec: {host: legacy.shop.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
",
    specification: "DestinationRule reference, DestinationRule.host",
    check: Check::Document(check),
};

/// Hosts that stand for every service of the mesh.
const EVERYTHING: [&str; 5] = ["*", "*.local", "*.cluster.local", "*.svc.cluster.local", "*.svc"];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(rule) = view.destination_rule() else { return };
    if !EVERYTHING.contains(&rule.host.value.as_str()) {
        return;
    }
    for setting in settings(rule) {
        let effect = match setting.mode() {
            ClientTlsMode::Disable => "sends plaintext",
            ClientTlsMode::Simple => "uses no client certificate",
            ClientTlsMode::Mutual if setting.tls.insecure_skip_verify => "verifies no server",
            ClientTlsMode::Mutual | ClientTlsMode::IstioMutual => continue,
        };
        found.push(
            RULE.at(setting.span(), format!("mode {} {effect} to every service", setting.mode().as_str()))
                .with_secondary(rule.host.span, "stands for all services of the mesh")
                .with_help("name the services that need it, one rule each, and leave the others to automatic mutual TLS"),
        );
    }
}
