//! What istiod checks of a `PeerAuthentication`.

use crate::admission::Cause;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::report::Report;
use crate::admission::istiod::selector;

const MODES: &str = "portLevelMtls";

/// Checks a policy.
pub(super) fn check(policy: &Message<'_>, report: &mut Report) {
    let selected = policy.message("selector");
    let has_labels = selected.is_some_and(|selector| !selector.labels("matchLabels").is_empty());
    let modes = policy.ports(MODES);
    if policy.has(MODES) && modes.is_empty() {
        let message = "`portLevelMtls` is empty";
        report.refuse_with(Cause::PortModesEmpty, policy.place_of(MODES), message, "remove it, or give a port a mode");
    }
    if !modes.is_empty() && !has_labels {
        let message = "ports belong to workloads, so `portLevelMtls` needs a selector with labels";
        let help = "select the workloads with `selector: {matchLabels: {..}}`";
        report.refuse_with(Cause::PortModesWithoutSelector, policy.place_of(MODES), message, help);
    }
    for (port, mode) in modes {
        if !(1..=65_535).contains(port) {
            let message = format!("there is no port {port}");
            report.refuse_with(Cause::PortModeRange, &mode.place, message, "write a number from 1 to 65535");
        }
    }
    selector::selector(selected, report);
}
