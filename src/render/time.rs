//! Times in words.

use jiff::Timestamp;

/// How long it is until a moment, in its largest unit that counts at least two: `in 89d`, `in 23h`, `3m ago`.
pub(super) fn remaining(until: Timestamp, now: Timestamp) -> String {
    let seconds = until.as_second() - now.as_second();
    let words = amount(seconds.abs());
    if seconds < 0 { format!("{words} ago") } else { format!("in {words}") }
}

/// A length of time in its largest unit that counts at least two.
pub(super) fn amount(seconds: i64) -> String {
    let units = [(365 * 86_400, "y"), (86_400, "d"), (3600, "h"), (60, "m")];
    units
        .into_iter()
        .find(|(length, _)| seconds >= 2 * length)
        .map_or_else(|| format!("{seconds}s"), |(length, unit)| format!("{}{unit}", seconds / length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_that_counts_two_is_used() {
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        for (seconds, words) in [
            (0, "in 0s"),
            (119, "in 119s"),
            (120, "in 2m"),
            (86_400, "in 24h"),
            (3 * 86_400, "in 3d"),
            (730 * 86_400, "in 2y"),
            (-90, "90s ago"),
        ] {
            assert_eq!(remaining(Timestamp::from_second(1_000_000_000 + seconds).unwrap(), now), words);
        }
    }
}
