//! RFC 3339 times as Go reads them.

/// Whether Go reads a text as a time. It takes one digit for the hour, a comma before the fraction, and offsets up to 24:60.
pub(super) fn is_valid(text: &str) -> bool {
    read(text.as_bytes()).is_some()
}

fn read(text: &[u8]) -> Option<()> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    separator(&mut rest, b'-')?;
    let month = digits(&mut rest, 2)?;
    separator(&mut rest, b'-')?;
    let day = digits(&mut rest, 2)?;
    separator(&mut rest, b'T')?;
    let hour_length = if rest.get(1).is_some_and(u8::is_ascii_digit) { 2 } else { 1 };
    let hour = digits(&mut rest, hour_length)?;
    separator(&mut rest, b':')?;
    let minute = digits(&mut rest, 2)?;
    separator(&mut rest, b':')?;
    let second = digits(&mut rest, 2)?;
    if let [b'.' | b',', fraction @ ..] = rest {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length > 0 {
            rest = fraction.get(length..)?;
        }
    }
    if rest == b"Z" {
        rest = &[];
    } else {
        let [b'+' | b'-', offset @ ..] = rest else { return None };
        rest = offset;
        let hours = digits(&mut rest, 2)?;
        separator(&mut rest, b':')?;
        let minutes = digits(&mut rest, 2)?;
        if hours > 24 || minutes > 60 {
            return None;
        }
    }
    let is_day = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    (rest.is_empty() && is_day && hour < 24 && minute < 60 && second < 60).then_some(())
}

fn digits(rest: &mut &[u8], count: usize) -> Option<u32> {
    let (number, after) = rest.split_at_checked(count)?;
    *rest = after;
    number.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}

fn separator(rest: &mut &[u8], byte: u8) -> Option<()> {
    *rest = rest.strip_prefix(&[byte])?;
    Some(())
}

fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn times_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("2030-01-31T12:00:00Z", true),
            ("2030-01-31T12:00:00.123456789Z", true),
            ("2030-01-31T12:00:00,5Z", true),
            ("2030-01-31T12:00:00+01:00", true),
            ("2030-01-31T12:00:00-24:60", true),
            ("2030-01-31T1:00:00Z", true),
            ("2028-02-29T00:00:00Z", true),
            ("2030-02-29T00:00:00Z", false),
            ("2030-13-01T00:00:00Z", false),
            ("2030-00-01T00:00:00Z", false),
            ("2030-01-00T00:00:00Z", false),
            ("2030-01-31T24:00:00Z", false),
            ("2030-01-31T12:00:60Z", false),
            ("2030-01-31T12:00:00", false),
            ("2030-01-31T12:00:00.Z", false),
            ("2030-01-31T12:00:00+25:00", false),
            ("2030-01-31T12:00:00+0100", false),
            ("2030-01-31t12:00:00z", false),
            ("2030-01-31 12:00:00Z", false),
            ("2030-01-31", false),
            ("", false),
        ] {
            assert_eq!(is_valid(text), expected, "{text}");
        }
    }
}
