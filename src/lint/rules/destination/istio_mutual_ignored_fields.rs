use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::settings;
use crate::lint::rules::destination::client::written;
use crate::manifest::kinds::ClientTlsMode;

pub(super) const RULE: Rule = Rule {
    code: Code("MS440"),
    name: "istio-mutual-ignored-fields",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "Certificates or authorities in TLS settings of mode ISTIO_MUTUAL.",
    why: "In this mode the proxy uses its own certificate and the authorities of the mesh; what is named here is not looked at, and nobody says so.",
    example: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, caCertificates: /etc/ssl/partner.pem}}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
",
    specification: "DestinationRule reference, ClientTLSSettings.TLSmode",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(rule) = view.destination_rule() else { return };
    for setting in settings(rule).into_iter().filter(|setting| setting.mode() == ClientTlsMode::IstioMutual) {
        let tls = setting.tls;
        let fields = [
            ("clientCertificate", &tls.client_certificate),
            ("privateKey", &tls.private_key),
            ("caCertificates", &tls.ca_certificates),
            ("credentialName", &tls.credential_name),
        ];
        for (name, value) in fields {
            let Some(value) = written(value.as_ref()) else { continue };
            found.push(
                RULE.at(value.span, format!("`{name}` is ignored in mode ISTIO_MUTUAL"))
                    .with_label("the proxy uses the certificates of the mesh")
                    .with_secondary(setting.span(), "because of this mode")
                    .with_help(format!("remove `{name}`, or use mode MUTUAL")),
            );
        }
    }
}
