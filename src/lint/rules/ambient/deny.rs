//! What is left of a DENY rule when ztunnel has blanked what it does not know: an entry without anything left matches nothing.

use crate::lint::rules::ambient::bits;
use crate::lint::rules::ambient::bits::Entry;
use crate::lint::rules::ambient::bits::Part;
use crate::lint::rules::ambient::bits::Unknown;
use crate::manifest::kinds::Rule as PolicyRule;

/// Why a rule never matches: a part of which nothing is left. Conditions of connections are another matter.
pub(super) fn dead(rule: &PolicyRule) -> Option<Unknown<'_>> {
    bits::parts(rule).into_iter().find_map(|part| match part {
        Part::Entries(entries) if entries.iter().any(|entry| entry.has_known) => None,
        Part::Entries(entries) => entries.into_iter().find_map(|entry| entry.unknown),
        Part::Condition(unknown) => Some(unknown).filter(|unknown| !bits::is_connection_key(unknown.name)),
    })
}

/// Fields that are left out of entries that match without them, in a rule that can match.
pub(super) fn widened(rule: &PolicyRule) -> Vec<Unknown<'_>> {
    of_entries(rule, |entry| entry.has_known)
}

/// Fields of entries that match nothing, in a rule that can match.
pub(super) fn left_aside(rule: &PolicyRule) -> Vec<Unknown<'_>> {
    of_entries(rule, |entry| !entry.has_known)
}

fn of_entries(rule: &PolicyRule, is_wanted: impl Fn(&Entry<'_>) -> bool) -> Vec<Unknown<'_>> {
    if dead(rule).is_some() {
        return Vec::new();
    }
    let entries = |part| match part {
        Part::Entries(entries) => entries,
        Part::Condition(_) => Vec::new(),
    };
    let parts = bits::parts(rule);
    if parts.iter().any(|part| matches!(part, Part::Condition(_))) {
        return Vec::new();
    }
    parts.into_iter().flat_map(entries).filter(|entry| is_wanted(entry)).filter_map(|entry| entry.unknown).collect()
}
