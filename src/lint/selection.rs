//! Selectors that match nothing, and lists of names in messages.

use crate::diag::Finding;
use crate::lint::MeshView;
use crate::lint::Rule;
use crate::manifest::kinds::Selector;

/// How many names of a list are written out.
const NAMED: usize = 3;

/// A list of names in a message: the first three, then how many more.
pub(super) fn first_few(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A finding of the rule when the selector of a policy in this namespace matches no workload.
pub(super) fn unmatched_selector(view: &MeshView<'_>, rule: &Rule, namespace: &str, selector: &Selector) -> Option<Finding> {
    let labels: Vec<(&str, &str)> =
        selector.match_labels.iter().map(|(name, value)| (name.as_str(), value.value.as_str())).collect();
    if labels.is_empty() || !view.selected(namespace, &labels).is_empty() {
        return None;
    }
    let wanted: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let wanted = wanted.join(",");
    let is_root = namespace == view.mesh.settings.root_namespace;
    let scope = if is_root { "of the mesh".to_owned() } else { format!("of namespace `{namespace}`") };
    // The label that nothing has is the one to point at.
    let candidates = || {
        view.mesh.workloads.iter().filter(|workload| is_root || workload.namespace == *namespace).map(|workload| &workload.labels)
    };
    let missed = selector
        .match_labels
        .iter()
        .find(|(name, value)| !candidates().any(|labels| labels.get(*name).is_some_and(|own| *own == value.value)))
        .or_else(|| selector.match_labels.iter().next());
    let span = missed.map_or(selector.place.span, |(_, value)| value.span);
    let mut finding = rule.at(span, format!("no workload {scope} has the labels `{wanted}`"));
    let near = missed.and_then(|(name, value)| {
        let values = candidates().filter_map(|labels| labels.get(name)).map(String::as_str);
        Some((name, crate::simulate::scenario::nearest(&value.value, values.filter(|own| *own != value.value))?))
    });
    finding = finding.with_help(match near {
        Some((name, value)) => format!("did you mean `{name}: {value}`"),
        None => "write the labels of the pods it is meant for, or remove the policy".to_owned(),
    });
    let is_known = if is_root { view.has_workloads() } else { view.knows_namespace(namespace) };
    Some(if is_known { finding.likely() } else { finding.cannot_tell(format!("the manifests of namespace `{namespace}`")) })
}
