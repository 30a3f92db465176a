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
    code: Code("MS438"),
    name: "san-wildcard-literal",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A `*` in `subjectAltNames`.",
    why: "The names are compared exactly with those in the certificate, so a pattern matches none and every handshake fails.",
    example: r#"apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem, subjectAltNames: ["*.example.com"]}}}
"#,
    instead: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem, subjectAltNames: [api.example.com]}}}
",
    specification: "DestinationRule reference, ClientTLSSettings.subjectAltNames",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(rule) = view.destination_rule() else { return };
    for setting in settings(rule).into_iter().filter(|setting| setting.mode() != ClientTlsMode::Disable) {
        for name in setting.tls.subject_alt_names.iter().filter(|name| name.value.contains('*')) {
            let finding = RULE.at(name.span, format!("`{}` is compared literally, so no certificate matches", name.value));
            // The one certificate it fits is the one with this very name.
            let help = "list the names as the certificate has them; a wildcard certificate is matched by the wildcard name only if it is written there";
            found.push(finding.with_label("patterns are not known here").with_help(help));
        }
    }
}
