use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::legacy::kinds;

pub(super) const RULE: Rule = Rule {
    code: Code("MS705"),
    name: "mixer-kinds",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "Configuration of Mixer: handlers, instances, rules and adapters of `config.istio.io`.",
    why: "Nothing reads it any more: denials and lists of that time let everything through.",
    example: r"apiVersion: config.istio.io/v1alpha2
kind: listchecker
metadata: {name: blocked, namespace: istio-system}
spec: {overrides: [10.57.0.0/16], blacklist: true, entryType: IP_ADDRESSES}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Istio 1.8 upgrade notes",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let help = "write an AuthorizationPolicy for what was denied, or ask an external provider";
    found.extend(kinds::unread(&RULE, view, "config.istio.io", &[], help));
}
