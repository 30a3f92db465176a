use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Operation;

pub(super) const RULE: Rule = Rule {
    code: Code("MS166"),
    name: "split-rule",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "Two neighbouring rules, the first with only `from`, the second with only `to` or `when`.",
    why: "Rules are alternatives. A stray dash turns `from these callers to this path` into two grants: these callers to everything, and everyone to this path.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
  - to: [{operation: {methods: [GET]}}]
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
    to: [{operation: {methods: [GET]}}]
",
    specification: "AuthorizationPolicy reference, Rule",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    let rules = policy.rules.as_deref().unwrap_or_default();
    for (first, second) in rules.iter().zip(rules.iter().skip(1)) {
        let (Some(first), Some(second)) = (first, second) else { continue };
        let is_only_from = !first.from.is_empty() && first.to.is_empty() && first.when.is_empty();
        let is_without_from = second.from.is_empty() && !(second.to.is_empty() && second.when.is_empty());
        if !is_only_from || !is_without_from || is_public(&second.to) {
            continue;
        }
        let finding = RULE
            .at(second.place.span, "this is a rule of its own, for every caller")
            .with_label("no `from`: it holds whoever calls")
            .with_secondary(first.place.span, "and this one holds whatever is asked")
            .with_help("remove the dash to join both, or say in both rules who may do what")
            .likely();
        found.push(match dash_before(view, second.place.span) {
            Some(dash) => finding.with_edit(Safety::Unsafe, dash, " "),
            None => finding,
        });
    }
}

/// Whether the operations are only such as are usually open to everyone: health checks, public files, preflights of browsers.
fn is_public(operations: &[Option<Operation>]) -> bool {
    const OPEN: &[&str] = &["health", "ready", "live", "ping", "metrics", "public", "static", ".well-known", "version", "favicon"];
    let is_open = |path: &Spanned<String>| OPEN.iter().any(|word| path.value.contains(word));
    let is_preflight = |operation: &Operation| {
        !operation.methods.is_empty() && operation.methods.iter().all(|method| method.as_str() == "OPTIONS")
    };
    !operations.is_empty()
        && operations.iter().all(|operation| {
            operation.as_ref().is_some_and(|operation| {
                is_preflight(operation) || (!operation.paths.is_empty() && operation.paths.iter().all(is_open))
            })
        })
}

/// The dash that starts a list item, when it stands alone before the item.
fn dash_before(view: &DocumentView<'_>, item: Span) -> Option<Span> {
    let before = view.text.get(..item.offset as usize)?;
    let line = before.rsplit('\n').next()?;
    let at = line.find('-')?;
    if !line.replacen('-', " ", 1).trim().is_empty() {
        return None;
    }
    let back = u32::try_from(line.len() - at).ok()?;
    Some(Span { offset: item.offset.checked_sub(back)?, column: item.column.saturating_sub(back), length: 1, ..item })
}
