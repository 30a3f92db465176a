use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS711"),
    name: "ext-authz-old-fields",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "The field `includeHeadersInCheck` of an external authorization provider.",
    why: "It is deprecated: its name is `includeRequestHeadersInCheck`.",
    example: r"apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: istio, namespace: istio-system}
spec: {meshConfig: {extensionProviders: [{name: opa, envoyExtAuthzHttp: {service: opa.shop.svc.cluster.local, port: 8000, timeout: 1s, includeHeadersInCheck: [x-user]}}]}}
",
    instead: r"apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: istio, namespace: istio-system}
spec: {meshConfig: {extensionProviders: [{name: opa, envoyExtAuthzHttp: {service: opa.shop.svc.cluster.local, port: 8000, timeout: 1s, includeRequestHeadersInCheck: [x-user]}}]}}
",
    specification: "Global mesh options reference, EnvoyExternalAuthorizationHttpProvider",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(operator) = view.raw("install.istio.io", "IstioOperator") else { return };
    for provider in tree::items_at(operator, &["spec", "meshConfig", "extensionProviders"]) {
        let Some((key, _)) = provider.get("envoyExtAuthzHttp").and_then(|http| tree::entry(http, "includeHeadersInCheck")) else {
            continue;
        };
        let current = "includeRequestHeadersInCheck";
        let finding = RULE.at(key.span, format!("`{}` is the old name of `{current}`", key.value)).with_help(format!("write `{current}`"));
        found.push(match edits::rewritten(view.text, key.span, &key.value, current) {
            Some(text) => finding.with_edit(Safety::Safe, key.span, text),
            None => finding,
        });
    }
}
