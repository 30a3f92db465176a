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
}
