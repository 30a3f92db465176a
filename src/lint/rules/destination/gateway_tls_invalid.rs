use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::server::Complaint;
use crate::lint::rules::destination::server::Tls;
use crate::lint::rules::destination::server::is_http;
use crate::lint::rules::destination::server::is_tls;
use crate::lint::rules::destination::server::protocol;
use crate::lint::rules::destination::server::refusals;
use crate::lint::rules::destination::server::refusals_of_schema;
use crate::lint::rules::destination::server::servers;

pub(super) const RULE: Rule = Rule {
    code: Code("MS414"),
    name: "gateway-tls-invalid",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "TLS settings of a Gateway that istiod's webhook refuses.",
    why: "The object does not reach the cluster; an update leaves the old version in force.",
    example: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: ISTIO_MUTUAL, credentialName: shop-tls}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: shop-tls}}
",
    specification: "Gateway reference, ServerTLSSettings",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for server in servers(view) {
        let refused = server.tls.map(|tls| refusals(Tls::of(tls))).unwrap_or_default();
        for Complaint { span, text, help } in refused {
            found.push(RULE.at(span, text).with_help(help).with_note("istiod refuses the object"));
        }
        for Complaint { span, text, help } in server.tls.map(|tls| refusals_of_schema(Tls::of(tls))).unwrap_or_default() {
            found.push(
                RULE.at(span, text).with_help(help).with_note("the API server refuses the object; istiod alone would take it"),
            );
        }
        let Some((word, protocol)) = server.protocol().and_then(|word| Some((word, protocol(word)?))) else { continue };
        let written = word.as_str().unwrap_or_default();
        let refusal = match server.tls.map(Tls::of) {
            None if is_tls(protocol) => {
                Some((format!("protocol {written} without `tls`"), "say with `tls` what is done with TLS"))
            }
            None => None,
            Some(_) if is_tls(protocol) => None,
            Some(tls) if is_http(protocol) => {
                let files = ["caCertificates", "privateKey", "serverCertificate"].iter().any(|name| tls.field(name).is_some());
                let redirects_only = matches!(tls.mode, "PASSTHROUGH" | "AUTO_PASSTHROUGH") && !files;
                let help = "use protocol HTTPS; beside plain HTTP only `httpsRedirect` may stand";
                (!redirects_only).then(|| (format!("protocol {written} cannot have TLS settings"), help))
            }
            Some(_) => Some((format!("protocol {written} cannot have TLS settings"), "use protocol TLS")),
        };
        if let Some((text, help)) = refusal {
            found.push(RULE.at(word.span, text).with_help(help).with_note("istiod refuses the object"));
        }
    }
}
