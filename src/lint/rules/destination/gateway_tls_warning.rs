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
use crate::lint::rules::destination::server::protocol;
use crate::lint::rules::destination::server::servers;
use crate::lint::rules::destination::server::warnings;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS415"),
    name: "gateway-tls-warning",
    severity: Severity::Warning,
    peers: &["istiod-warn"],
    needs: Needs::Document,
    finds: "TLS settings of a Gateway that istiod takes with a warning, because they have no effect or do not work.",
    why: "The object is accepted and does something else than it says.",
    example: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: shop-tls, cipherSuites: [RC4-MD5]}}
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
        let Some(tls) = server.tls else { continue };
        for Complaint { span, text, help } in warnings(Tls::of(tls)) {
            found.push(RULE.at(span, text).with_help(help).with_note("istiod accepts the object with a warning"));
        }
        let is_plain = server.protocol().is_none_or(|word| !protocol(word).is_some_and(is_http));
        if is_plain && tree::is_true(tls, "httpsRedirect") {
            let span = tree::key(tls, "httpsRedirect").unwrap_or(tls.span);
            found.push(
                RULE.at(span, "`httpsRedirect` on a server that does not speak plain HTTP")
                    .with_help("put it on the server of port 80")
                    .with_note("istiod accepts the object with a warning"),
            );
        }
    }
}
