use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::gateways;

pub(super) const RULE: Rule = Rule {
    code: Code("MS455"),
    name: "sidecar-ingress-tls-ignored",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "TLS in the `ingress` of a Sidecar while istiod does not carry it out.",
    why: "Without the flag `ENABLE_TLS_ON_SIDECAR_INGRESS`, which is off by default, the port is served as if nothing was written.",
    example: "apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: example, namespace: shop}
spec:
  workloadSelector: {labels: {app: cart}}
  ingress: [{port: {number: 8443, name: https, protocol: HTTPS}, defaultEndpoint: 127.0.0.1:8080, tls: {mode: SIMPLE, serverCertificate: /etc/ssl/tls.crt, privateKey: /etc/ssl/tls.key}}]
",
    instead: "apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: example, namespace: shop}
spec:
  workloadSelector: {labels: {app: cart}}
  ingress: [{port: {number: 8443, name: https, protocol: HTTPS}, defaultEndpoint: 127.0.0.1:8080}]
",
    specification: "Sidecar reference, IstioIngressListener.tls",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let settings = &view.mesh.settings;
    if settings.feature("ENABLE_TLS_ON_SIDECAR_INGRESS", false) {
        return;
    }
    for listener in view.mesh.sidecars.iter().flat_map(|sidecar| &sidecar.spec.ingress) {
        // What istiod refuses is another finding.
        let Some(tls) = listener.tls.as_ref().filter(|tls| gateways::credentials(tls).next().is_none()) else { continue };
        if matches!(gateways::mode(tls), "ISTIO_MUTUAL" | "AUTO_PASSTHROUGH")
            || tls.https_redirect
            || !tls.subject_alt_names.is_empty()
        {
            continue;
        }
        let finding = RULE
            .at(listener.port.span, format!("the TLS settings of port {} are ignored", listener.port.value))
            .with_label("the port is served without them")
            .with_help("set `ENABLE_TLS_ON_SIDECAR_INGRESS=true` for istiod, or let a gateway end TLS")
            .with_note("the flag is off unless istiod's environment turns it on");
        found.push(if settings.features.is_empty() { finding.likely() } else { finding });
    }
}
