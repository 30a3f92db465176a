use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::server::Complaint;
use crate::lint::rules::destination::server::NETWORKING;
use crate::lint::rules::destination::server::Tls;
use crate::lint::rules::destination::server::is_tls;
use crate::lint::rules::destination::server::protocol;
use crate::lint::rules::destination::server::refusals;
use crate::lint::rules::destination::server::refusals_of_schema;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS419"),
    name: "sidecar-ingress-tls-invalid",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "TLS settings of a Sidecar's `ingress` that istiod's webhook refuses.",
    why: "The object does not reach the cluster; only files of the pod and a few modes can be used there.",
    example: "apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: example, namespace: shop}
spec:
  workloadSelector: {labels: {app: cart}}
  ingress: [{port: {number: 8443, name: https, protocol: HTTPS}, defaultEndpoint: 127.0.0.1:8080, tls: {mode: SIMPLE, credentialName: shop-tls}}]
",
    instead: "apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: example, namespace: shop}
spec:
  workloadSelector: {labels: {app: cart}}
  ingress: [{port: {number: 8443, name: https, protocol: HTTPS}, defaultEndpoint: 127.0.0.1:8080}]
",
    specification: "Sidecar reference, IstioIngressListener.tls",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(spec) = view.raw(NETWORKING, "Sidecar").and_then(|node| node.get("spec")) else { return };
    for listener in tree::items(spec, "ingress") {
        let Some(tls) = listener.get("tls").map(Tls::of) else { continue };
        let place = |name: &str| tree::key(tls.node, name).unwrap_or(tls.node.span);
        let mut refuse = |span: Span, text: String, help: &str| {
            found.push(RULE.at(span, text).with_help(help).with_note("istiod refuses the object"));
        };
        for name in ["subjectAltNames", "credentialName", "credentialNames", "tlsCertificates"] {
            if tls.field(name).is_some() || !tree::items(tls.node, name).is_empty() {
                refuse(
                    place(name),
                    format!("a Sidecar's `tls` takes no `{name}`"),
                    "name files of the pod: `serverCertificate`, `privateKey`",
                );
            }
        }
        if tree::is_true(tls.node, "httpsRedirect") {
            refuse(place("httpsRedirect"), "a Sidecar cannot redirect".to_owned(), "remove `httpsRedirect`");
        }
        if matches!(tls.mode, "ISTIO_MUTUAL" | "AUTO_PASSTHROUGH") {
            refuse(
                tls.span(),
                format!("a Sidecar's `tls` cannot have mode {}", tls.mode),
                "mutual TLS of the mesh is set with PeerAuthentication",
            );
        }
        let word = tree::at(listener, &["port", "protocol"]);
        if !word.and_then(protocol).is_some_and(is_tls) {
            let span = word.map_or(listener.span, |word| word.span);
            refuse(span, "`tls` needs a port of protocol HTTPS or TLS".to_owned(), "change the protocol, or remove `tls`");
        }
        let told = |complaint: &Complaint| tls.mode == "ISTIO_MUTUAL" && complaint.text.starts_with("mode ISTIO_MUTUAL");
        for Complaint { span, text, help } in refusals(tls).into_iter().filter(|complaint| !told(complaint)) {
            refuse(span, text, help);
        }
        for Complaint { span, text, help } in refusals_of_schema(tls) {
            let note = "the API server refuses the object; istiod alone would take it";
            found.push(RULE.at(span, text).with_help(help).with_note(note));
        }
    }
}
