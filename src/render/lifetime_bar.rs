use jiff::Timestamp;

/// A lifetime as a bar of this many cells between brackets, filled as far as it is used up.
pub(super) fn lifetime_bar(not_before: Timestamp, not_after: Timestamp, at: Timestamp, cells: usize) -> String {
    let whole = i128::from(not_after.as_second()) - i128::from(not_before.as_second());
    let used = (i128::from(at.as_second()) - i128::from(not_before.as_second())).clamp(0, whole.max(0));
    let cells_wide = i128::try_from(cells).unwrap_or_default();
    let filled = if whole > 0 { used * cells_wide / whole } else { cells_wide };
    let filled = usize::try_from(filled).unwrap_or_default().min(cells);
    format!("[{}{}]", "#".repeat(filled), "-".repeat(cells - filled))
}

/// How far a time lies ahead or back, in the largest unit that it fills: `in 3 days`, `12 minutes ago`.
pub(super) fn distance(from: Timestamp, to: Timestamp) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let seconds = to.as_second().abs_diff(from.as_second());
    let (size, unit) = UNITS.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let count = seconds / size;
    let plural = if count == 1 { "" } else { "s" };
    if to < from { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_as_time_passes() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for (second, bar) in [(-5, "[----]"), (0, "[----]"), (49, "[#---]"), (50, "[##--]"), (100, "[####]"), (900, "[####]")] {
            assert_eq!(lifetime_bar(at(0), at(100), at(second), 4), bar, "{second}");
        }
        assert_eq!(lifetime_bar(at(7), at(7), at(7), 4), "[####]", "no lifetime at all");
    }

    #[test]
    fn distances_are_told_in_one_unit() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for (to, words) in
            [(0, "in 0 seconds"), (1, "in 1 second"), (119, "in 1 minute"), (-7_200, "2 hours ago"), (864_000, "in 10 days")]
        {
            assert_eq!(distance(at(0), at(to)), words, "{to}");
        }
    }
}
