use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS503"),
    name: "injection-labels-conflict",
    severity: Severity::Warning,
    peers: &["IST0123"],
    needs: Needs::Document,
    finds: "A namespace that asks for a sidecar in two ways, or for a sidecar and the ambient mesh at once.",
    why: "`istio-injection` wins over `istio.io/rev`, so pods get a proxy of another revision than the label says; of a sidecar and the ambient mesh a pod gets the sidecar.",
    example: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled, istio.io/rev: canary}}
",
    instead: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/rev: canary}}
",
    specification: "Istio sidecar injection, labels of namespaces",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    if view.raw("", "Namespace").is_none() {
        return;
    }
    let label = |name: &str| view.header.labels.get(name).filter(|value| !value.value.is_empty());
    let injection = label("istio-injection");
    let revision = label("istio.io/rev");
    let ambient = label("istio.io/dataplane-mode").filter(|mode| mode.value == "ambient");
    if let (Some(injection), Some(revision)) = (injection, revision) {
        found.push(
            RULE.at(revision.span, format!("revision `{}` does not count: `istio-injection` decides", revision.value))
                .with_secondary(injection.span, "decides")
                .with_help("keep one of the two labels"),
        );
    }
    let sidecar = injection.filter(|injection| injection.value == "enabled").or(revision.filter(|_| injection.is_none()));
    if let (Some(sidecar), Some(ambient)) = (sidecar, ambient) {
        found.push(
            RULE.at(ambient.span, "pods get a sidecar, so they do not join the ambient mesh")
                .with_secondary(sidecar.span, "asks for the sidecar")
                .with_help("keep one of the two labels"),
        );
    }
}
