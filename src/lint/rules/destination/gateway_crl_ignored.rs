use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::server::servers;

pub(super) const RULE: Rule = Rule {
    code: Code("MS451"),
    name: "gateway-crl-ignored",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A revocation list in `caCrl` of a server whose certificates come from a Secret.",
    why: "istiod accepts the field and never reads it in this case: revoked clients stay welcome.",
    example: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: MUTUAL, credentialName: shop-tls, caCrl: /etc/istio/crl.pem, subjectAltNames: [partner.example.com]}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: MUTUAL, credentialName: shop-tls, subjectAltNames: [partner.example.com]}}
",
    specification: "Gateway reference, ServerTLSSettings.caCrl",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for server in servers(view) {
        let Some(tls) = server.terminating().filter(|tls| tls.mode != "ISTIO_MUTUAL" && tls.has_credential()) else { continue };
        let Some((_, span)) = tls.field("caCrl") else { continue };
        found.push(
            RULE.at(span, "this revocation list is never read")
                .with_label("with a credential from a Secret the field is ignored")
                .with_help("put the list into the Secret, under the key `ca.crl`"),
        );
    }
}
