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
    code: Code("MS162"),
    name: "contradictory-values",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "Values of an operation or of conditions that exclude each other, so that nothing matches.",
    why: "The rule is dead: an ALLOW never opens, and a DENY never fires.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/items/list], notPaths: [/items/*]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/items/list]}}]}]}
",
    specification: "AuthorizationPolicy reference, Operation",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for Found { contradiction, action, witness } in contradiction::elsewhere(view) {
        let (_, against) = contradiction.against;
        let name = contradiction.against_name();
        let (text, consequence) = (&against.written.value, consequence(action));
        let finding = match contradiction.wanted {
            None => RULE
                .at(contradiction.span(), format!("`{name}` excludes every request: {consequence}"))
                .with_label("every request has this")
                .with_help("remove the value, or name what is really to be excluded"),
            Some((asking, value)) if contradiction.is_negated => RULE
                .at(contradiction.span(), format!("`{name}` excludes all that `{}` asks for: {consequence}", asking.field))
                .with_label(format!("`{text}` covers `{}`", value.written.value))
                .with_secondary(value.written.span, "asked for here")
                .with_help("remove one of the two"),
            Some((asking, value)) => RULE
                .at(contradiction.span(), format!("`{}` and `{name}` cannot both hold: {consequence}", asking.field))
                .with_label(format!("no request has `{text}` here and `{}` there", value.written.value))
                .with_secondary(value.written.span, "conditions of a rule must all hold")
                .with_help("join the values in one list if either is enough"),
        };
        found.push(match witness {
            Some(witness) => finding.with_witness(witness),
            None => finding,
        });
    }
}
