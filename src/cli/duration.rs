use jiff::SignedDuration;

/// Units, the longest first, and their seconds.
const UNITS: [(&str, i64); 6] = [("y", 365 * 86_400), ("w", 7 * 86_400), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

/// Reads a time span as it is typed: numbers with a unit of `y w d h m s`, the longest unit first, each once: `90s`, `24h`, `1d12h`, `2y`. A
/// year has 365 days.
///
/// # Errors
/// A text for the user when it is something else, zero, or longer than any clock counts.
pub(in crate::cli) fn parse_ttl(text: &str) -> Result<SignedDuration, String> {
    let shape = "write a number and a unit of y, w, d, h, m or s, such as 90s, 24h, 1d12h or 2y";
    let mut rest = text;
    let mut seconds: i64 = 0;
    let mut units = UNITS.iter();
    if rest.is_empty() {
        return Err(format!("it is empty: {shape}"));
    }
    if rest.starts_with('-') {
        return Err("a time span cannot be negative".to_owned());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits).unwrap_or((rest, ""));
        if number.is_empty() {
            return Err(format!("`{rest}` begins with no number: {shape}"));
        }
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at_checked(letters).unwrap_or((after, ""));
        let Some((_, factor)) = units.find(|(name, _)| *name == unit) else {
            return Err(match (unit, UNITS.iter().any(|(name, _)| *name == unit)) {
                ("", _) => format!("`{number}` has no unit: {shape}"),
                (_, true) => format!("`{unit}` comes after a unit that is not longer: write the longest first, each once"),
                (_, false) => format!("there is no unit `{unit}`: {shape}"),
            });
        };
        let part = number.parse::<i64>().ok().and_then(|number| number.checked_mul(*factor));
        let sum = part.and_then(|part| seconds.checked_add(part)).filter(|sum| *sum <= LONGEST);
        seconds = sum.ok_or_else(|| "it is longer than 1000 years".to_owned())?;
        rest = after;
    }
    if seconds == 0 {
        return Err("a time span cannot be zero".to_owned());
    }
    Ok(SignedDuration::from_secs(seconds))
}

/// A thousand years, in seconds: more is a slip of the finger.
const LONGEST: i64 = 1000 * 365 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_is_read_or_refused_with_the_reason() {
        for (text, expected) in [
            ("", Err("it is empty")),
            ("0s", Err("cannot be zero")),
            ("0d0h", Err("cannot be zero")),
            ("-5m", Err("cannot be negative")),
            ("+5m", Err("begins with no number")),
            ("24", Err("`24` has no unit")),
            ("h", Err("begins with no number")),
            ("5m 3s", Err("begins with no number")),
            (" 5m", Err("begins with no number")),
            ("5min", Err("no unit `min`")),
            ("5M", Err("no unit `M`")),
            ("1.5h", Err("has no unit")),
            ("1h1d", Err("write the longest first")),
            ("1h1h", Err("write the longest first")),
            ("5µs", Err("has no unit")),
            ("1001y", Err("longer than 1000 years")),
            ("1000y1s", Err("longer than 1000 years")),
            ("9223372036854775807y", Err("longer than 1000 years")),
            ("99999999999999999999s", Err("longer than 1000 years")),
            ("90s", Ok(90)),
            ("15m", Ok(900)),
            ("24h", Ok(86_400)),
            ("7d", Ok(604_800)),
            ("2w", Ok(1_209_600)),
            ("2y", Ok(63_072_000)),
            ("1d12h", Ok(129_600)),
            ("1y1w1d1h1m1s", Ok(31_536_000 + 604_800 + 86_400 + 3661)),
            ("0h5m", Ok(300)),
            ("1000y", Ok(LONGEST)),
        ] {
            match (parse_ttl(text), expected) {
                (Ok(found), Ok(seconds)) => assert_eq!(found.as_secs(), seconds, "{text}"),
                (Err(found), Err(reason)) => assert!(found.contains(reason), "{text}: {found}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
