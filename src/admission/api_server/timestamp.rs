//! Times as the API server reads them: RFC 3339, with what Go tolerates beyond it.

/// Whether a text is a time: `2023-05-01T09:30:00Z`, with a fraction if you like (after a point or a comma), an hour of one digit,
/// and an offset of up to `24:60`.
pub(super) fn is_valid(text: &str) -> bool {
    read(text).is_some()
}

fn read(text: &str) -> Option<()> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let rest = rest.strip_prefix('T')?;
    let (hour, rest) = digits(rest, 2).or_else(|| digits(rest, 1))?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let is_in_range =
        (1..=12).contains(&month) && day >= 1 && day <= days(year, month) && hour < 24 && minute < 60 && second < 60;
    let fraction = rest.strip_prefix(['.', ',']).map(|rest| rest.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    let has_fraction = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let zone = fraction.filter(|_| has_fraction).unwrap_or(rest);
    (is_in_range && is_zone(zone)).then_some(())
}

fn is_zone(text: &str) -> bool {
    let offset = || {
        let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 2)?;
        let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
        Some(rest.is_empty() && hours <= 24 && minutes <= 60)
    };
    text == "Z" || offset() == Some(true)
}

/// The number in so many leading digits, and what follows.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    let is_number = number.bytes().all(|digit| digit.is_ascii_digit());
    Some((number.parse().ok().filter(|_| is_number)?, rest))
}

fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn times_are_read_as_the_api_server_reads_them() {
        for text in [
            "2023-05-01T09:30:00Z",
            "2024-02-29T09:30:00+01:00",
            "2023-05-01T9:30:00Z",
            "2023-05-01T09:30:00.5Z",
            "2023-05-01T09:30:00,123456789012Z",
            "0000-01-01T00:00:00-24:60",
        ] {
            assert!(is_valid(text), "{text}");
        }
        for text in [
            "",
            "2023-05-01",
            "2023-02-29T09:30:00Z",
            "2023-13-01T09:30:00Z",
            "2023-05-01T24:30:00Z",
            "2023-05-01T09:60:00Z",
            "2023-05-01t09:30:00Z",
            "2023-05-01T09:30:00z",
            "2023-05-01T09:30:00",
            "2023-05-01T09:30:00.Z",
            "2023-05-01T09:30:00+0100",
            "2023-05-01T09:30:00+25:00",
            "2023-05-01T09:30:00Zx",
            " 2023-05-01T09:30:00Z",
            "2023-5-01T09:30:00Z",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
