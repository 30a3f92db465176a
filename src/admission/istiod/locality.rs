//! What istiod checks of load balancing between localities.

use std::collections::BTreeSet;

use crate::admission::Cause;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::report::Placed;
use crate::admission::istiod::report::Report;

const CAUSE: Cause = Cause::LoadBalancerInvalid;

/// Labels that stand for the levels of a locality.
const TOPOLOGY: &[&str] = &["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];

/// Checks `localityLbSetting`.
pub(super) fn check(setting: &Message<'_>, has_detection: bool, report: &mut Report) {
    let has_failover = setting.has("failover");
    if setting.has("distribute") && has_failover {
        let message = "`distribute` and `failover` exclude each other";
        report.refuse_with(CAUSE, setting.place_of("failover"), message, "remove one of them");
    }
    if has_failover {
        topology_label(setting, "excludes `failover`", report);
    }
    for entry in setting.messages("distribute") {
        distribution(entry, report);
    }
    let sources = setting.messages("distribute");
    let froms: Vec<_> = sources.iter().map(|entry| entry.text("from")).collect();
    if let Err((index, problem)) = localities(&froms) {
        let place = sources.get(index).map_or(&setting.place, |entry| entry.place_of("from"));
        refuse_locality(froms.get(index).copied().unwrap_or_default(), problem, place, report);
    }
    failover(setting, has_detection, report);
}

/// Checks `zoneAwareLbSetting`.
pub(super) fn check_zone_aware(setting: &Message<'_>, has_detection: bool, report: &mut Report) {
    topology_label(setting, "is taken into account anyway", report);
    failover(setting, has_detection, report);
}

fn topology_label(setting: &Message<'_>, why: &str, report: &mut Report) {
    for label in setting.texts("failoverPriority").iter().filter(|label| TOPOLOGY.contains(&label.value)) {
        let message = format!("`{}` in `failoverPriority` {why}", label.value);
        report.refuse_with(CAUSE, &label.place, message, "remove the label");
    }
}

fn failover(setting: &Message<'_>, has_detection: bool, report: &mut Report) {
    let wanted = ["failover", "failoverPriority"].into_iter().find(|name| setting.has(name));
    if let Some(name) = wanted.filter(|_| !has_detection) {
        report.warn(
            Cause::FailoverWithoutOutlierDetection,
            setting.place_of(name),
            "outlier detection policy must be provided for failover",
        );
    }
    for entry in setting.messages("failover") {
        let (from, to) = (entry.text("from"), entry.text("to"));
        if from == to {
            let message = format!("failover from `{from}` to itself");
            report.refuse_with(CAUSE, &entry.place, message, "name two regions");
        }
        for (name, region) in [("from", from), ("to", to)] {
            if region.contains('/') {
                let message = format!("failover is between regions, and `{region}` is more than a region");
                report.refuse_with(CAUSE, entry.place_of(name), message, "write the region alone");
            }
            if region.contains('*') {
                let message = format!("failover is between regions, and `{region}` is a pattern");
                report.refuse_with(CAUSE, entry.place_of(name), message, "name the region");
            }
        }
    }
}

fn distribution(entry: &Message<'_>, report: &mut Report) {
    let mut weights: Vec<&(&str, Placed<'_, i128>)> = entry.weights("to").iter().collect();
    let mut total = 0;
    for (locality, weight) in &weights {
        total += weight.value;
        if !(1..=100).contains(&weight.value) {
            let message = format!("`{locality}` has the weight {}", weight.value);
            report.refuse_with(CAUSE, &weight.place, message, "write a number from 1 to 100");
        }
    }
    if total != 100 {
        let message = format!("the weights add up to {total}");
        report.refuse_with(CAUSE, entry.place_of("to"), message, "they must add up to 100");
    }
    // istiod takes them in no order in particular. What it refuses in one order is not safe to apply.
    weights.sort_by_key(|(locality, _)| (!locality.ends_with('*'), locality.matches('/').count()));
    let names: Vec<_> = weights.iter().map(|(locality, _)| *locality).collect();
    if let Err((index, problem)) = localities(&names)
        && let Some((locality, weight)) = weights.get(index)
    {
        refuse_locality(locality, problem, &weight.place, report);
    }
}

/// What is wrong with a locality in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    Star,
    EmptyPart,
    Overlap,
}

fn refuse_locality(locality: &str, problem: Problem, place: &crate::admission::istiod::report::Place<'_>, report: &mut Report) {
    let (message, help) = match problem {
        Problem::Star => (format!("`{locality}` has a `*` that does not end it"), "write one `*`, at the end"),
        Problem::EmptyPart => (format!("`{locality}` has an empty part"), "write `region/zone/subzone`, or only its beginning"),
        Problem::Overlap => (format!("`{locality}` overlaps with another locality here"), "remove one of them"),
    };
    report.refuse_with(CAUSE, place, message, help);
}

/// The first locality that is malformed or overlaps with one before it, by its index.
fn localities(list: &[&str]) -> Result<(), (usize, Problem)> {
    /// The region, zone and subzone of a locality; `*` where it covers all.
    type Parts<'l> = (&'l str, &'l str, &'l str);
    let mut seen: BTreeSet<Parts<'_>> = BTreeSet::new();
    for (index, locality) in list.iter().enumerate() {
        let problem = |problem| Err((index, problem));
        let stars = locality.matches('*').count();
        if stars > 1 || (stars == 1 && !locality.ends_with('*')) {
            return problem(Problem::Star);
        }
        if seen.iter().any(|(region, _, _)| *region == "*") {
            return problem(Problem::Overlap);
        }
        let parts: Vec<_> = locality.splitn(3, '/').collect();
        if parts.contains(&"") {
            return problem(Problem::EmptyPart);
        }
        let has = |covers: &dyn Fn(&Parts<'_>) -> bool| seen.iter().any(covers);
        let (is_covered, parts) = match parts.as_slice() {
            [region] => (has(&|seen| seen.0 == *region), (*region, "*", "*")),
            [region, zone] => (has(&|seen| seen.0 == *region && (seen.1 == "*" || seen.1 == *zone)), (*region, *zone, "*")),
            [region, zone, subzone] => (
                has(&|seen| seen.0 == *region && (seen.1 == "*" || (seen.1 == *zone && (seen.2 == "*" || seen.2 == *subzone)))),
                (*region, *zone, *subzone),
            ),
            _ => (false, ("", "", "")),
        };
        if is_covered {
            return problem(Problem::Overlap);
        }
        seen.insert(parts);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Problem::EmptyPart;
    use super::Problem::Overlap;
    use super::Problem::Star;
    use super::localities;

    #[test]
    fn a_locality_may_not_be_covered_by_one_before_it() {
        for list in [
            &["a", "b"][..],
            &["a/b", "a/c"],
            &["a/b/c", "a/b/d", "a/c"],
            &["a/b", "a/*"],
            &["a/b/c", "a/b/*"],
            &["a", "*"],
            &["a*", "ab"],
            &["a/b/c/d"],
            &[],
        ] {
            assert_eq!(localities(list), Ok(()), "{list:?}");
        }
        for (list, expected) in [
            (&["a", "a"][..], (1, Overlap)),
            (&["a", "a/b"], (1, Overlap)),
            (&["a/b", "a"], (1, Overlap)),
            (&["a/*", "a/b"], (1, Overlap)),
            (&["a/b", "a/b/c"], (1, Overlap)),
            (&["a/b/c", "a/b"], (1, Overlap)),
            (&["a/b/*", "a/b/c"], (1, Overlap)),
            (&["*", "a"], (1, Overlap)),
            (&["*", "**"], (1, Star)),
            (&["*a"], (0, Star)),
            (&["a//c"], (0, EmptyPart)),
            (&["a/"], (0, EmptyPart)),
            (&[""], (0, EmptyPart)),
        ] {
            assert_eq!(localities(list), Err(expected), "{list:?}");
        }
    }
}
