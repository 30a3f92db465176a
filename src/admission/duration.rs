//! Go's durations, such as `1h30m` or `1.5s`, and what istiod asks of them.

/// What may follow the digits, with its length in nanoseconds.
const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", MILLISECOND.unsigned_abs()),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Nanoseconds.
pub(super) const MILLISECOND: i64 = 1_000_000;

/// The largest magnitude, which only a negative duration reaches.
const LIMIT: u64 = 1 << 63;

/// The nanoseconds of a duration; `None` when Go does not read it.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let (is_negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (part, after) = one(rest)?;
        total = total.checked_add(part).filter(|total| *total <= LIMIT)?;
        rest = after;
    }
    if is_negative { 0_i64.checked_sub_unsigned(total) } else { i64::try_from(total).ok() }
}

/// The first number with its unit, and what follows.
fn one(text: &str) -> Option<(u64, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, mut rest) = text.split_at_checked(digits(text))?;
    let mut fraction = "";
    if let Some(after) = rest.strip_prefix('.') {
        (fraction, rest) = after.split_at_checked(digits(after))?;
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest.find(|letter: char| letter == '.' || letter.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(end)?;
    let unit = UNITS.iter().find(|(name, _)| *name == unit)?.1;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok().filter(|whole| *whole <= LIMIT)? };
    let whole = whole.checked_mul(unit).filter(|nanoseconds| *nanoseconds <= LIMIT)?;
    let nanoseconds = whole.checked_add(fraction_of(fraction, unit)).filter(|nanoseconds| *nanoseconds <= LIMIT)?;
    Some((nanoseconds, rest))
}

/// A decimal fraction of a unit, computed in floating point as Go does. Digits that no longer fit are dropped.
fn fraction_of(digits: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1.0_f64);
    for digit in digits.bytes() {
        let next = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(u64::from(digit - b'0')))
            .filter(|next| value <= (LIMIT - 1) / 10 && *next <= LIMIT);
        let Some(next) = next else { break };
        (value, scale) = (next, scale * 10.0);
    }
    #[expect(clippy::cast_precision_loss, reason = "the computation to repeat is one in floating point")]
    let nanoseconds = value as f64 * (unit as f64 / scale);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most one unit, rounded down")]
    let whole = nanoseconds as u64;
    whole
}

/// What is wrong with a duration that istiod wants to be whole milliseconds, at least one.
pub(super) fn problem(nanoseconds: i64) -> Option<&'static str> {
    if nanoseconds < MILLISECOND {
        Some("is shorter than a millisecond")
    } else if nanoseconds % MILLISECOND != 0 {
        Some("has a part shorter than a millisecond")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use super::problem;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("5s", Some(5_000_000_000)),
            ("+5s", Some(5_000_000_000)),
            ("-1.5s", Some(-1_500_000_000)),
            ("0", Some(0)),
            ("+0", Some(0)),
            ("-0", Some(0)),
            ("0s", Some(0)),
            ("1h2m3s4ms5us6ns", Some(3_723_004_005_006)),
            ("1s1s", Some(2_000_000_000)),
            (".5s", Some(500_000_000)),
            ("5.s", Some(5_000_000_000)),
            ("1\u{b5}s", Some(1_000)),
            ("1\u{3bc}s", Some(1_000)),
            ("0.3333333333333333333h", Some(1_200_000_000_000)),
            ("0.9223372036854775807h", Some(3_320_413_933_267)),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("9223372036854775808ns", None),
            ("2562047h47m16.854775807s", Some(i64::MAX)),
            ("9999999h", None),
            ("18446744073709551616ns", None),
            ("", None),
            ("+", None),
            ("5", None),
            ("1d", None),
            ("1S", None),
            ("s", None),
            (".s", None),
            ("-.s", None),
            ("1 s", None),
            (" 1s", None),
            ("1s ", None),
            ("--1s", None),
            ("1e3s", None),
            ("1.2.3s", None),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_timeout_is_whole_milliseconds() {
        for (text, is_fine) in
            [("1ms", true), ("1000us", true), ("1.5s", true), ("999us", false), ("1500us", false), ("0s", false), ("-1s", false)]
        {
            assert_eq!(parse(text).map(|time| problem(time).is_none()), Some(is_fine), "{text}");
        }
    }
}
