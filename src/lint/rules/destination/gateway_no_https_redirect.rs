use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::server::is_http;
use crate::lint::rules::destination::server::protocol;
use crate::lint::rules::destination::server::servers;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS446"),
    name: "gateway-no-https-redirect",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A server for plain HTTP beside one for HTTPS that does not redirect.",
    why: "Whoever types the name without `https://` sends cookies and tokens in clear, and nothing corrects that.",
    example: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: shop-tls}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com], tls: {httpsRedirect: true}}
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: shop-tls}}
",
    specification: "Gateway reference, ServerTLSSettings.httpsRedirect",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let has_https = servers(view).any(|server| server.terminating().is_some());
    for server in servers(view).filter(|_| has_https) {
        let Some(word) = server.protocol().filter(|word| protocol(word).is_some_and(is_http)) else { continue };
        let on_80 = tree::at(server.node, &["port"]).and_then(|port| tree::integer(port, "number")) == Some(80);
        if on_80 && !server.tls.is_some_and(|tls| tree::is_true(tls, "httpsRedirect")) {
            found.push(
                RULE.at(word.span, "port 80 answers in plain HTTP beside HTTPS")
                    .with_help("add `tls: {httpsRedirect: true}` to this server"),
            );
        }
    }
}
