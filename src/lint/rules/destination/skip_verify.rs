use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::server::NETWORKING;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS439"),
    name: "skip-verify",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "TLS whose server certificate is not verified.",
    why: "Anyone on the path can answer in place of the server, with any certificate.",
    example: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem}}}
",
    specification: "DestinationRule reference, ClientTLSSettings.insecureSkipVerify",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    // Where it contradicts other fields the object is refused.
    if view.verdict.is_some_and(|verdict| !verdict.is_accepted()) {
        return;
    }
    let Some(spec) = view.raw(NETWORKING, "DestinationRule").and_then(|node| node.get("spec")) else { return };
    for tls in tree::holders(spec, "insecureSkipVerify") {
        let is_used = matches!(tree::text(tls, "mode"), Some("SIMPLE" | "MUTUAL"));
        if !is_used || !tree::is_true(tls, "insecureSkipVerify") {
            continue;
        }
        let host = tree::text(spec, "host").unwrap_or_default();
        let span = tree::key(tls, "insecureSkipVerify").unwrap_or(tls.span);
        found.push(
            RULE.at(span, format!("the certificate of `{host}` is not verified"))
                .with_label("every certificate is accepted")
                .with_help("remove `insecureSkipVerify` and name the server's authority with `caCertificates`"),
        );
    }
}
