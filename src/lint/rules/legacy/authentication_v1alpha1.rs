use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::legacy::kinds;

pub(super) const RULE: Rule = Rule {
    code: Code("MS702"),
    name: "authentication-v1alpha1",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A Policy or MeshPolicy of the first authentication API.",
    why: "No current control plane reads them: neither mutual TLS nor tokens are demanded.",
    example: r"apiVersion: authentication.istio.io/v1alpha1
kind: MeshPolicy
metadata: {name: default}
spec: {peers: [{mtls: {}}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
",
    specification: "Istio 1.6 upgrade notes",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let help = "write a PeerAuthentication for `peers`; for `origins` a RequestAuthentication and an AuthorizationPolicy that demands a token";
    found.extend(kinds::unread(&RULE, view, "authentication.istio.io", &["Policy", "MeshPolicy"], help));
}
