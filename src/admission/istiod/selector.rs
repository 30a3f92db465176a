//! What a policy applies to: `selector`, `targetRef` and `targetRefs`.

use crate::admission::Cause;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::report::Report;

/// Group (empty for the core group) and kind of what a policy can attach to.
const TARGETS: &[(&str, &str)] = &[
    ("", "Service"),
    ("networking.istio.io", "ServiceEntry"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "GatewayClass"),
];

/// Checks the three fields of a policy that say what it applies to.
pub(super) fn check(policy: &Message<'_>, report: &mut Report) {
    let ways = ["selector", "targetRef", "targetRefs"];
    let mut given = ways.iter().filter(|name| policy.has(name));
    if let (Some(first), Some(second)) = (given.next(), given.next()) {
        let message = format!("`{first}` and `{second}` exclude each other");
        report.refuse_with(Cause::SelectorAndTarget, policy.place_of(second), message, "keep one of them, or write two policies");
    }
    selector(policy.message("selector"), report);
    let targets = policy.message("targetRef").into_iter().chain(policy.messages("targetRefs"));
    targets.for_each(|reference| target(reference, report));
}

/// Checks a workload selector.
pub(super) fn selector(selector: Option<&Message<'_>>, report: &mut Report) {
    let Some(selector) = selector else { return };
    let labels = selector.labels("matchLabels");
    for (key, value) in labels {
        if key.is_empty() {
            let help = "name the label";
            report.refuse_with(Cause::SelectorEmptyKey, &value.place, "a label needs a key", help);
        }
        if key.contains('*') || value.value.contains('*') {
            let message = format!("labels are compared as they stand, so `{key}={}` cannot hold a `*`", value.value);
            report.refuse_with(Cause::SelectorWildcard, &value.place, message, "select by a label that all workloads share");
        }
    }
    if labels.is_empty() {
        report.warn(Cause::SelectorWithoutLabels, &selector.place, "workload selector specified without labels");
    }
}

fn target(target: &Message<'_>, report: &mut Report) {
    if target.text("name").is_empty() {
        report.refuse_with(Cause::TargetNameEmpty, target.place_of("name"), "a target needs a name", "write `name`");
    }
    if !target.text("namespace").is_empty() {
        let message = "a target cannot be in another namespace, so none may be given";
        report.refuse_with(Cause::TargetNamespaceSet, target.place_of("namespace"), message, "remove `namespace`");
    }
    let (group, kind) = (target.text("group"), target.text("kind"));
    let wanted = if group == "core" { "" } else { group };
    if TARGETS.contains(&(wanted, kind)) {
        return;
    }
    let near = TARGETS.iter().find(|(_, name)| name.eq_ignore_ascii_case(kind));
    let help = match near {
        Some(("", name)) => format!("write `kind: {name}` with an empty `group`"),
        Some((group, name)) => format!("write `kind: {name}` with `group: {group}`"),
        None => "a target is a Service, a ServiceEntry, a Gateway or a GatewayClass".to_owned(),
    };
    let shown = if group.is_empty() { kind.to_owned() } else { format!("{group}/{kind}") };
    let message = format!("no policy can be attached to `{shown}`");
    let field = if near.is_some_and(|(_, name)| *name == kind) { "group" } else { "kind" };
    report.refuse_with(Cause::TargetKindNotAllowed, target.place_of(field), message, help);
}
