use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::contradiction;
use crate::lint::rules::authorization::contradiction::Found;
use crate::lint::rules::authorization::contradiction::consequence;

pub(super) const RULE: Rule = Rule {
    code: Code("MS139"),
    name: "source-fields-contradict",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "Fields of one source that exclude each other.",
    why: "All fields of a source must match. An ALLOW with such a source never opens, and a DENY never fires.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/web/sa/front], namespaces: [shop]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/web/sa/front]}}, {source: {namespaces: [shop]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for Found { contradiction, action, witness } in contradiction::in_sources(view) {
        let Some((test, value)) = contradiction.wanted else { continue };
        let (_, against) = contradiction.against;
        let name = contradiction.against_name();
        let help = if contradiction.is_negated {
            format!("remove one of the two, or correct `{name}`")
        } else {
            "write two `from` entries if either is enough".to_owned()
        };
        let (field, consequence) = (&test.field, consequence(action));
        let relation = if contradiction.is_negated { "other than" } else { "also" };
        let finding = RULE
            .at(contradiction.span(), format!("`{field}` and `{name}` of this source exclude each other: {consequence}"))
            .with_label(format!("no caller of `{}` is {relation} `{}`", value.written.value, against.written.value))
            .with_secondary(value.written.span, "every field of a source must match")
            .with_help(help);
        found.push(match witness {
            Some(witness) => finding.with_witness(witness),
            None => finding,
        });
    }
}
