use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS023"),
    name: "misspelt-istio-annotation",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "An annotation or label of a policy that is almost one of Istio's, or an annotation that is a label.",
    why: "It is ignored: a policy meant to be tried is enforced, one meant for another revision counts in this one.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop, annotations: {istio.io/dryRun: "true"}}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop, annotations: {istio.io/dry-run: "true"}}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "Istio annotations and labels reference",
    check: Check::Document(check),
};

const DRY_RUN: &str = "istio.io/dry-run";
const REVISION: &str = "istio.io/rev";

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    if view.group != "security.istio.io" {
        return;
    }
    for (field, own, other, elsewhere) in
        [("annotations", DRY_RUN, REVISION, "a label"), ("labels", REVISION, DRY_RUN, "an annotation")]
    {
        let Some(mapping) = tree::at(view.node, &["metadata", field]) else { continue };
        for (key, _) in tree::entries(mapping) {
            if key.value == other {
                found.push(
                    RULE.at(key.span, format!("`{other}` is {elsewhere}"))
                        .with_label(format!("ignored among the {field}"))
                        .with_help(format!("write it as {elsewhere}")),
                );
            } else if let Some(meant) = [own, other].into_iter().find(|known| is_almost(&key.value, known)) {
                let has_own = tree::entry(mapping, own).is_some();
                found.push(misspelt(view, key, meant, meant == own && !has_own));
            }
        }
    }
}

fn misspelt(view: &DocumentView<'_>, key: &Spanned<String>, meant: &str, is_repairable: bool) -> Finding {
    let finding = RULE
        .at(key.span, format!("`{}` is not known, so it is ignored", key.value))
        .with_label(format!("Istio reads `{meant}`"))
        .with_help(format!("write `{meant}`"));
    match edits::rewritten(view.text, key.span, &key.value, meant) {
        Some(text) if is_repairable => finding.with_edit(Safety::Safe, key.span, text),
        _ => finding,
    }
}

/// Whether a key is a known one in other letters, or one slip away from it.
fn is_almost(key: &str, known: &str) -> bool {
    if key == known || !key.contains("istio") {
        return false;
    }
    let plain = |text: &str| text.chars().filter(|c| !matches!(c, '-' | '_' | '.' | '/')).collect::<String>().to_lowercase();
    let (key, known_plain) = (plain(key), plain(known));
    let key = key.trim_start_matches("security");
    key == known_plain
        || (known == REVISION && key == "istioiorevision")
        || (known == DRY_RUN && strsim::damerau_levenshtein(key, &known_plain) == 1)
}
