use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::server::servers;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS452"),
    name: "gateway-client-cert-unverified",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A Gateway that asks for client certificates and does not verify them.",
    why: "A certificate that anyone made for himself completes the handshake and is passed on as the client's identity; a principal of this gateway proves nothing.",
    example: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: MUTUAL, credentialName: shop-tls, insecureSkipVerify: true, subjectAltNames: [partner.example.com]}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: MUTUAL, credentialName: shop-tls, subjectAltNames: [partner.example.com]}}
",
    specification: "Gateway reference, ServerTLSSettings.insecureSkipVerify",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for server in servers(view) {
        let Some(tls) =
            server.terminating().filter(|tls| tls.verifies_clients() && tree::is_true(tls.node, "insecureSkipVerify"))
        else {
            continue;
        };
        let span = tree::key(tls.node, "insecureSkipVerify").unwrap_or_else(|| tls.span());
        found.push(
            RULE.at(span, "client certificates are asked for and not verified")
                .with_secondary(tls.span(), "asks for them")
                .with_help("remove `insecureSkipVerify`"),
        );
    }
}
