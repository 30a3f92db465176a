use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::Setting;
use crate::lint::rules::destination::client::settings;
use crate::lint::rules::destination::client::written;

pub(super) const RULE: Rule = Rule {
    code: Code("MS409"),
    name: "client-tls-without-ca",
    severity: Severity::Info,
    peers: &["IST0128", "IST0129"],
    needs: Needs::Document,
    finds: "TLS to a server without saying which authority the server's certificate must come from.",
    why: "Every authority of the operating system is trusted then; istiod before 1.21 checked nothing at all. That is right for a public server and wrong for one with a private authority.",
    example: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, subjectAltNames: [api.example.com]}}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem, subjectAltNames: [api.example.com]}}}
",
    specification: "DestinationRule reference, ClientTLSSettings.caCertificates",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(rule) = view.destination_rule() else { return };
    for setting in settings(rule).into_iter().filter(Setting::is_origination) {
        let tls = setting.tls;
        let has_authority = [&tls.ca_certificates, &tls.credential_name].iter().any(|name| written(name.as_ref()).is_some());
        if has_authority || tls.insecure_skip_verify {
            continue;
        }
        let headline = format!("mode {} names no authority for the server's certificate", setting.mode().as_str());
        found.push(
            RULE.at(setting.span(), headline)
                .with_label("any authority of the proxy's operating system will do")
                .with_help("name it with `caCertificates`; `caCertificates: system` says that the operating system's are meant")
                .with_note("istiod before 1.21 did not verify the server's certificate in this case"),
        );
    }
}
