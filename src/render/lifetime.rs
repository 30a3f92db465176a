//! How much of a lifetime is left, as a bar and in words.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::render::Style;

/// Cells of the bar at most, and at least.
const CELLS: (usize, usize) = (10, 30);

/// `[#####-----] 12h of 24h left`, as wide as the style allows.
pub(super) fn lifetime_bar(begin: Timestamp, end: Timestamp, at: Timestamp, style: Style) -> String {
    let cells = (usize::from(style.width) / 4).clamp(CELLS.0, CELLS.1);
    let whole = end.duration_since(begin);
    if at < begin {
        return format!("{} {}", bar(cells, cells), style.warning(&format!("begins in {}", in_words(begin.duration_since(at)))));
    }
    if at > end {
        return format!("{} {}", bar(0, cells), style.error(&format!("expired {} ago", in_words(at.duration_since(end)))));
    }
    let left = end.duration_since(at);
    let text = format!("{} of {} left", in_words(left), in_words(whole));
    let filled = filled(left, whole, cells);
    let text = if filled * 5 <= cells { style.warning(&text) } else { style.success(&text) };
    format!("{} {text}", bar(filled, cells))
}

/// Cells for what is left; one as long as there is anything left.
fn filled(left: SignedDuration, whole: SignedDuration, cells: usize) -> usize {
    let cells_wide = i128::try_from(cells).unwrap_or(i128::MAX);
    let share = left.as_nanos().saturating_mul(cells_wide).checked_div(whole.as_nanos()).unwrap_or_default();
    usize::try_from(share).unwrap_or_default().clamp(usize::from(!left.is_zero()), cells)
}

fn bar(filled: usize, cells: usize) -> String {
    format!("[{}{}]", "#".repeat(filled), "-".repeat(cells.saturating_sub(filled)))
}

/// How long it is until a moment, or since: `in 89d 4h`, `45s ago`.
#[cfg(feature = "store")]
pub(super) fn remaining(until: Timestamp, now: Timestamp) -> String {
    let distance = until.duration_since(now);
    if distance.is_negative() { format!("{} ago", in_words(distance.abs())) } else { format!("in {}", in_words(distance)) }
}

/// The two largest units that count: `89d 4h`, `23h 58m`, `45s`.
pub(super) fn in_words(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let units = [(86_400 * 365, "y"), (86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let Some(first) = units.iter().position(|(size, _)| seconds >= *size) else { return "0s".to_owned() };
    let mut rest = seconds;
    let mut words = Vec::new();
    for (size, unit) in units.iter().skip(first).take(2) {
        let count = rest / size;
        rest -= count * size;
        if count > 0 {
            words.push(format!("{count}{unit}"));
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_says_what_is_left() {
        let begin: Timestamp = "2026-11-26T00:00:00Z".parse().unwrap();
        let end: Timestamp = "2026-11-27T00:00:00Z".parse().unwrap();
        let style = Style { color: false, width: 40 };
        for (at, text) in [
            ("2026-11-25T22:00:00Z", "[##########] begins in 2h"),
            ("2026-11-26T00:00:00Z", "[##########] 1d of 1d left"),
            ("2026-11-26T12:00:00Z", "[#####-----] 12h of 1d left"),
            ("2026-11-26T23:59:59Z", "[#---------] 1s of 1d left"),
            ("2026-11-27T00:00:00Z", "[----------] 0s of 1d left"),
            ("2026-11-27T03:04:05Z", "[----------] expired 3h 4m ago"),
        ] {
            assert_eq!(lifetime_bar(begin, end, at.parse().unwrap(), style), text, "{at}");
        }
    }

    #[test]
    fn durations_have_two_units_at_most() {
        for (seconds, words) in
            [(0, "0s"), (-5, "0s"), (59, "59s"), (3600, "1h"), (86_400 * 365 * 10 + 86_400, "10y 1d"), (3601, "1h")]
        {
            assert_eq!(in_words(SignedDuration::from_secs(seconds)), words, "{seconds}");
        }
    }
}
