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
    code: Code("MS450"),
    name: "gateway-mutual-any-client",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A Gateway that demands client certificates and does not say whose.",
    why: "Every certificate of the authority enters, also those issued for something else; with the authorities of the operating system that is everyone.",
    example: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: MUTUAL, credentialName: shop-tls}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: MUTUAL, credentialName: shop-tls, subjectAltNames: [partner.example.com]}}
",
    specification: "Gateway reference, ServerTLSSettings.subjectAltNames",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for server in servers(view) {
        let Some(tls) = server.terminating().filter(|tls| tls.mode == "MUTUAL") else { continue };
        let is_bound = ["subjectAltNames", "verifyCertificateHash", "verifyCertificateSpki"]
            .iter()
            .any(|name| !tree::items(tls.node, name).is_empty());
        if !is_bound {
            found.push(
                RULE.at(tls.span(), "every client certificate of the authority is accepted")
                    .with_label("no `subjectAltNames` beside mode MUTUAL")
                    .with_help(
                        "list the clients in `subjectAltNames`, or decide by principal in an AuthorizationPolicy for the gateway",
                    ),
            );
        }
    }
}
