//! Kinds that no current control plane reads.

use crate::diag::Finding;
use crate::lint::DocumentView;
use crate::lint::Rule;

/// Says that an object of one of these kinds is not read; of any kind of the group when none is named.
pub(super) fn unread(rule: &Rule, view: &DocumentView<'_>, group: &str, kinds: &[&str], help: &str) -> Option<Finding> {
    let kind = &view.header.kind;
    let is_meant = view.group == group && (kinds.is_empty() || kinds.contains(&kind.value.as_str()));
    is_meant.then(|| {
        rule.at(kind.span, format!("no current control plane reads a `{}` of `{group}`", kind.value))
            .with_label("without effect")
            .with_help(help)
    })
}
