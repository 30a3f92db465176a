use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::server::Tls;
use crate::lint::rules::destination::server::servers;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS444"),
    name: "gateway-any-host",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A server of a Gateway whose hosts are `*` or `*/*`.",
    why: "Every namespace may attach any name to it: a route of another team can take over paths of a host that you serve, or serve names you never meant to.",
    example: r#"apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"], tls: {httpsRedirect: true}}
"#,
    instead: "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com], tls: {httpsRedirect: true}}
",
    specification: "Istio security best practices, Gateways",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for server in servers(view) {
        let passes_all = server.tls.is_some_and(|tls| Tls::of(tls).mode == "AUTO_PASSTHROUGH");
        for (host, span) in tree::texts(server.node, "hosts").filter(|(host, _)| matches!(*host, "*" | "*/*") && !passes_all) {
            found.push(
                RULE.at(span, format!("host `{host}` lets every namespace attach any name"))
                    .with_help("list the hosts, with the namespace that may serve them: `team/api.example.com`"),
            );
        }
    }
}
