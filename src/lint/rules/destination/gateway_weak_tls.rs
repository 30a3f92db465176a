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
    code: Code("MS447"),
    name: "gateway-weak-tls",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A Gateway that takes TLS below 1.2 or cipher suites without forward secrecy or authenticated encryption; or a choice of suites that has no effect.",
    why: "A client, or someone on its path, can bring the connection down to a version or suite with known attacks.",
    example: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: shop-tls, minProtocolVersion: TLSV1_0, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256]}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: shop-tls, minProtocolVersion: TLSV1_2}}
",
    specification: "Gateway reference, ServerTLSSettings.minProtocolVersion",
    check: Check::Document(check),
};

/// Suites without forward secrecy, or with a block cipher in CBC mode.
const WEAK: [&str; 9] = [
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA",
    "AES256-SHA",
    "DES-CBC3-SHA",
];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for server in servers(view) {
        let Some(tls) = server.terminating() else { continue };
        let least = tls.field("minProtocolVersion");
        if let Some((version @ ("TLSV1_0" | "TLSV1_1"), span)) = least {
            let finding = RULE.at(span, format!("clients may use {version}"));
            found.push(finding.with_help("write TLSV1_2 or TLSV1_3"));
        }
        if least.is_some_and(|(version, _)| version == "TLSV1_3") {
            if let Some(span) = tree::key(tls.node, "cipherSuites") {
                let finding = RULE.at(span, "`cipherSuites` has no effect with TLS 1.3 only");
                found.push(finding.with_help("remove it: the suites of TLS 1.3 cannot be chosen"));
            }
            continue;
        }
        for (cipher, span) in tree::texts(tls.node, "cipherSuites").filter(|(cipher, _)| WEAK.contains(cipher)) {
            let why = if cipher.starts_with("ECDHE") { "uses CBC mode" } else { "has no forward secrecy" };
            let finding = RULE.at(span, format!("cipher suite `{cipher}` {why}"));
            found.push(
                finding.with_help("keep the suites that start with `ECDHE` and end in `GCM-SHA256`, `GCM-SHA384` or `POLY1305`"),
            );
        }
    }
}
