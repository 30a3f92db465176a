//! What istiod checks of a `DestinationRule`.

use std::collections::BTreeSet;

use crate::admission::Cause;
use crate::admission::istiod::fqdn;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::report::Placed;
use crate::admission::istiod::report::Report;
use crate::admission::istiod::selector;
use crate::admission::istiod::traffic_policy;

/// Checks a rule of a namespace.
pub(super) fn check(rule: &Message<'_>, namespace: &str, report: &mut Report) {
    let host = rule.text("host");
    if let Err(problem) = fqdn::check_wildcard(host) {
        let message = if host.is_empty() { "a rule needs a host".to_owned() } else { format!("`{host}` {}", problem.words()) };
        let help = "write the DNS name of a service; `*` may only begin it";
        report.refuse_with(Cause::DestinationHostInvalid, rule.place_of("host"), message, help);
    }
    traffic_policy::check(rule.message("trafficPolicy"), namespace, report);
    let mut names = BTreeSet::new();
    for subset in rule.messages("subsets") {
        let name = subset.text("name");
        if !names.insert(name) {
            let message = format!("there are two subsets `{name}`");
            report.refuse_with(Cause::SubsetInvalid, subset.place_of("name"), message, "give each subset a name of its own");
        }
        check_subset(subset, namespace, report);
    }
    check_export(rule, namespace, report);
    selector::selector(rule.message("workloadSelector"), report);
}

fn check_subset(subset: &Message<'_>, namespace: &str, report: &mut Report) {
    let name = subset.text("name");
    if !fqdn::is_label(name) {
        let message =
            if name.is_empty() { "a subset needs a name".to_owned() } else { format!("`{name}` is not a name for a subset") };
        let help = "use letters, digits and `-`, at most 63";
        report.refuse_with(Cause::SubsetInvalid, subset.place_of("name"), message, help);
    }
    for (key, value) in subset.labels("labels") {
        if !fqdn::is_label_key(key) {
            let message = format!("no workload can have a label `{key}`");
            report.refuse_with(Cause::SubsetInvalid, &value.place, message, "write the key of a label of the workloads");
        }
        if !fqdn::is_label_value(value.value) {
            let message = format!("no label can have the value `{}`", value.value);
            report.refuse_with(Cause::SubsetInvalid, &value.place, message, "write the value of a label of the workloads");
        }
    }
    // istiod drops what it would warn about here.
    let warnings = report.warnings.len();
    traffic_policy::check(subset.message("trafficPolicy"), namespace, report);
    report.warnings.truncate(warnings);
}

fn check_export(rule: &Message<'_>, namespace: &str, report: &mut Report) {
    let entries = rule.texts("exportTo");
    let mut exported: BTreeSet<&str> = BTreeSet::new();
    for entry in entries {
        // Its own namespace counts as written out.
        let target = if entry.value == "." { namespace } else { entry.value };
        if exported.contains(target) {
            let message = if target == entry.value {
                format!("`{target}` stands in `exportTo` twice")
            } else {
                format!("`.` is the namespace `{namespace}`, which stands in `exportTo` already")
            };
            refuse(entry, message, "remove one of them", report);
        } else if matches!(target, "." | "*") || fqdn::is_label(target) {
            exported.insert(target);
        } else {
            let message = match entry.value {
                "~" => "a rule cannot be exported to no one".to_owned(),
                "." => format!("`.` stands for the namespace `{namespace}`, which has no valid name"),
                other => format!("`{other}` is not a namespace"),
            };
            refuse(entry, message, "write `.`, `*` or the name of a namespace", report);
        }
    }
    let Some(last) = entries.last() else { return };
    if rule.has("workloadSelector") && !exported.is_empty() && (exported.len() > 1 || !exported.contains(namespace)) {
        let message = "a rule with a workload selector cannot leave its namespace";
        refuse(last, message.to_owned(), "write `exportTo: [\".\"]`, or remove `workloadSelector`", report);
    }
    if exported.contains("*") && entries.len() > 1 {
        refuse(
            last,
            "`*` exports to every namespace, so nothing can stand beside it".to_owned(),
            "keep `*` alone, or remove it",
            report,
        );
    }
}

fn refuse(entry: &Placed<'_, &str>, message: String, help: &str, report: &mut Report) {
    report.refuse_with(Cause::ExportInvalid, &entry.place, message, help);
}
